"""This year's report beside last year's: what was carried over, and what is in force.

Works on stored documents (`document.json`), whose cells name their quantities. Reports are paired by
organ and year, both read from the title.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gouji_ocr.amounts import Amount, AmountKind, parse_amount
from gouji_postprocess.explain import in_units
from gouji_postprocess.report_title import ReportTitle, read_title, same_organ
from gouji_postprocess.rule import Verdict

_APPLICANTS = (
    ("natural_person", "自然人"),
    ("organisation.company", "商业企业"),
    ("organisation.research", "科研机构"),
    ("organisation.public_welfare", "社会公益组织"),
    ("organisation.legal_service", "法律服务机构"),
    ("organisation.other", "其他"),
    ("total", "总计"),
)
_DOCUMENTS = (("regulations", "规章"), ("normative_documents", "行政规范性文件"))


@dataclass(frozen=True, slots=True)
class YearFinding:
    """One equality between two years."""

    organ: str
    year: int  # the later of the two
    rule: str  # R6 or R7
    what: str  # e.g. 上年结转·自然人
    verdict: Verdict
    formula: str  # with the values in it
    reason: str  # one Chinese sentence
    cells: tuple[tuple[str, str], ...]  # (document, cell)


@dataclass(frozen=True, slots=True)
class _Report:
    document: str
    title: ReportTitle
    amounts: Mapping[str, tuple[str, Amount | None]]  # quantity -> cell name, amount
    forms: frozenset[str]


def check_archive(documents: Sequence[Mapping[str, Any]]) -> list[YearFinding]:
    """Check every pair of reports of one organ in consecutive years.

    Args:
        documents: stored documents as plain JSON, in any order.
    """
    reports = [_report(document) for document in documents]
    findings: list[YearFinding] = []
    for later in reports:
        if later.title.year is None or not later.title.organ:
            continue
        for earlier in reports:
            if earlier.title.year == later.title.year - 1 and same_organ(
                later.title.organ, earlier.title.organ
            ):
                findings += _carried(later, earlier)
                findings += _in_force(later, earlier)
    return findings


def unplaced(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    """Documents whose organ or year could not be read from the title, by path."""
    return [
        report.document
        for report in map(_report, documents)
        if not report.title.organ or report.title.year is None
    ]


def _report(document: Mapping[str, Any]) -> _Report:
    lines = [str(line["text"]) for page in document.get("pages", ()) for line in page.get("text", ())]
    amounts: dict[str, tuple[str, Amount | None]] = {}
    forms: set[str] = set()
    for table in document.get("tables", ()):
        if table.get("form"):
            forms.add(str(table["form"]))
        for cell in table.get("cells", ()):
            quantity = cell.get("quantity")
            if quantity:
                amounts.setdefault(str(quantity), (str(cell["ref"]), parse_amount(str(cell["text"]))))
    name = str(document.get("source", {}).get("path", ""))
    return _Report(name, read_title(lines), amounts, frozenset(forms))


def _carried(later: _Report, earlier: _Report) -> Iterator[YearFinding]:
    """R6: 上年结转 of this year is 结转下年度继续办理 of last year, for every kind of applicant."""
    for key, label in _APPLICANTS:
        now = later.amounts.get(f"applications.carried_in.{key}")
        before = earlier.amounts.get(f"applications.carried_out.{key}")
        if now is None or before is None:
            continue
        yield _finding(
            later,
            earlier,
            "R6",
            f"上年结转·{label}",
            now=now,
            parts=[(1, before)],
            words=f"{later.title.year}年上年结转 = {earlier.title.year}年结转下年度继续办理",
        )


def _in_force(later: _Report, earlier: _Report) -> Iterator[YearFinding]:
    """R7: 现行有效 is last year's, and what was issued, less what was abolished (2021 form)."""
    for key, label in _DOCUMENTS:
        base = f"proactive.article_1.{key}"
        now, made, gone = (later.amounts.get(f"{base}.{part}") for part in ("in_force", "made", "abolished"))
        before = earlier.amounts.get(f"{base}.in_force")
        if now is None or made is None or gone is None or before is None:
            continue
        if not any(form.startswith("2021/") for form in earlier.forms):
            continue  # 对外公开总数量 of the 2019 form counts something else
        yield _finding(
            later,
            earlier,
            "R7",
            f"现行有效·{label}",
            now=now,
            parts=[(1, before), (1, made), (-1, gone)],
            words=f"{later.title.year}年现行有效 = {earlier.title.year}年现行有效 + 制发 - 废止",
            own=2,
        )


def _finding(
    later: _Report,
    earlier: _Report,
    rule: str,
    what: str,
    *,
    now: tuple[str, Amount | None],
    parts: Sequence[tuple[int, tuple[str, Amount | None]]],
    words: str,
    own: int = 0,
) -> YearFinding:
    """`now` against the sum of parts; the last `own` parts stand in the later document too."""
    amounts = [now[1], *(amount for _, (_, amount) in parts)]
    shown = f"{_shown(now[1])} = " + "".join(
        (" - " if sign < 0 else " + " if k else "") + _shown(amount)
        for k, (sign, (_, amount)) in enumerate(parts)
    )
    cells = [(later.document, now[0])]
    for k, (_, (cell, _)) in enumerate(parts):
        cells.append(((later if k >= len(parts) - own else earlier).document, cell))
    if any(amount is None for amount in amounts):
        verdict, reason = Verdict.NOT_ASSESSABLE, "有一处不是数字，无法核对"
    else:
        known = [amount for amount in amounts if amount is not None]
        scale = max(amount.decimals for amount in known)
        gap = known[0].at_scale(scale) - sum(
            sign * amount.at_scale(scale) for (sign, _), amount in zip(parts, known[1:], strict=True)
        )
        nothing = [amount for amount in known if amount.kind is not AmountKind.FIGURE]
        if gap == 0:
            verdict, reason = Verdict.HOLDS, "两年衔接一致"
        elif nothing:
            verdict, reason = Verdict.NOT_ASSESSABLE, "有一处空白，作零也不衔接，无法核对"
        else:
            verdict, reason = Verdict.SOURCE_INCONSISTENT, f"两年不衔接，相差{in_units(abs(gap), scale)}"
    return YearFinding(
        later.title.organ,
        later.title.year or 0,
        rule,
        what,
        verdict,
        f"{words}：{shown}",
        reason,
        tuple(cells),
    )


def _shown(amount: Amount | None) -> str:
    if amount is None:
        return "？"
    if amount.kind is not AmountKind.FIGURE:
        return amount.note or "空"
    digits = str(abs(amount.value)).rjust(amount.decimals + 1, "0")
    text = f"{digits[: -amount.decimals]}.{digits[-amount.decimals :]}" if amount.decimals else digits
    return f"-{text}" if amount.value < 0 else text
