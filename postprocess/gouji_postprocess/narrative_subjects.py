"""What prose calls the quantities of the national forms, and the sums of them it may mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ORGANISATION = ("company", "research", "public_welfare", "legal_service", "other")
Sum = tuple[str, ...]
"""Quantity keys (or patterns) that are added."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Words that name a quantity in prose, and the sums of quantities they may mean, likeliest first."""

    words: re.Pattern[str]
    meanings: tuple[Sum, ...]
    name: str
    weak: bool = False  # gives way to any other subject of the clause


def totals(*rows: str) -> Sum:
    """Keys of the totals of some rows of the applications table."""
    return tuple(f"applications.{row}.total" for row in rows)


_GROUPS = {
    "予以公开": totals("outcome.granted"),
    "部分公开": totals("outcome.partly_granted"),
    "不予公开": totals("outcome.refused.*"),
    "无法提供": totals("outcome.unavailable.*"),
    "不予处理": totals("outcome.not_processed.*"),
    "其他处理": totals("outcome.other", "outcome.other.*"),
}
SUBJECTS: tuple[Subject, ...] = (
    Subject(
        re.compile(r"予以公开(?:及|和|、|或)部分公开"),
        ((*_GROUPS["予以公开"], *_GROUPS["部分公开"]),),
        "予以公开与部分公开",
    ),
    *(Subject(re.compile(re.escape(word)), (sum_,), word) for word, sum_ in _GROUPS.items()),
    Subject(
        re.compile(r"结转(?:至|到)?下(?:一)?年|转下(?:一)?年|下(?:一)?年度?继续办理|顺延"),
        (totals("carried_out"),),
        "结转下年度继续办理",
    ),
    Subject(re.compile(r"上(?:一)?年度?结转|结转上年"), (totals("carried_in"),), "上年结转"),
    Subject(
        re.compile(r"自然人"),
        (
            ("applications.received.natural_person", "applications.carried_in.natural_person"),
            ("applications.received.natural_person",),
        ),
        "自然人申请",
    ),
    Subject(
        re.compile(r"法人"),
        (
            tuple(
                f"applications.{row}.organisation.{c}"
                for row in ("received", "carried_in")
                for c in _ORGANISATION
            ),
            tuple(f"applications.received.organisation.{c}" for c in _ORGANISATION),
        ),
        "法人或其他组织申请",
    ),
    Subject(
        re.compile(r"(?:办结|答复|办理完?结?)(?!.{0,6}(?:建议|提案))"),
        (totals("outcome.total"),),
        "本年度办理结果总计",
        weak=True,
    ),
    Subject(
        re.compile(
            r"(?:新收|收到|受理|收办|接到|接收|共收|办理).{0,14}申请|申请.{0,6}(?:数量|总数)?|(?:新收|收到|受理|收办)$"
        ),
        (totals("received"), totals("received", "carried_in")),
        "收到申请",
        weak=True,
    ),
    Subject(
        re.compile(r"复议诉讼|复议、诉讼|复议和诉讼|复议及诉讼"),
        (
            (
                "disputes.review.total",
                "disputes.litigation.direct.total",
                "disputes.litigation.after_review.total",
            ),
        ),
        "行政复议与行政诉讼",
    ),
    Subject(re.compile(r"行政复议|复议案件"), (("disputes.review.total",),), "行政复议"),
    Subject(
        re.compile(r"(?<!复议)(?<!复议[、和及])(?:行政诉讼|诉讼案件)"),
        (("disputes.litigation.direct.total", "disputes.litigation.after_review.total"),),
        "行政诉讼",
    ),
)
