"""Figures of charts beside the tables: the sheet embedded in a DOCX, without Word's filler series."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind, parse_amount
from gouji_postprocess.rule import Verdict

_FILLER_NAME = re.compile(r"^\s*(?:系列|series|类别|category)\s*\d+\s*$", re.IGNORECASE)
FILLER = (
    ("4.3", "2.5", "3.5", "4.5"),
    ("2.4", "4.4", "1.8", "2.8"),
    ("2", "2", "3", "5"),
)
"""What Word and Excel put into a new chart."""
_COUNTED = frozenset({"", "件", "宗"})  # units of a single case: 0.7万件 beside 7000 is no contradiction
_MEANINGS = (
    (
        re.compile(r"办件|申请|收到|受理|新收"),
        (("applications.received.total",), ("applications.received.total", "applications.carried_in.total")),
    ),
    (re.compile(r"复议"), (("disputes.review.total",),)),
    (re.compile(r"诉讼"), (("disputes.litigation.direct.total", "disputes.litigation.after_review.total"),)),
)


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """One series of a chart: its name, its categories and their values as written in the sheet."""

    name: str
    categories: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartFinding:
    """One chart figure beside the table, or a series that was left out and why."""

    series: str
    category: str
    verdict: Verdict
    reason: str  # one Chinese sentence
    cells: tuple[CellRef, ...] = ()


def is_filler(series: ChartSeries) -> bool:
    """Whether a series is what the word processor puts into a new chart, untouched.

    >>> is_filler(ChartSeries("系列 2", ("2017", "2018", "2019", "2020"), ("2.4", "4.4", "1.8", "2.8")))
    True
    """
    plain = tuple(_plain(value) for value in series.values)
    known = any(plain and plain == filler[: len(plain)] for filler in FILLER)
    return known if not _FILLER_NAME.match(series.name) else known or all("." in v or not v for v in plain)


def check_chart(
    series: Sequence[ChartSeries],
    cells: Mapping[str, CellRef],
    values: Mapping[CellRef, Amount | None],
    *,
    year: int | None,
) -> list[ChartFinding]:
    """Compare each series' figure of the report's year with the table it speaks of."""
    findings: list[ChartFinding] = []
    for one in series:
        if is_filler(one):
            findings.append(
                ChartFinding(
                    one.name, "", Verdict.NOT_ASSESSABLE, f"“{one.name}”是制图软件的默认数据，已忽略"
                )
            )
            continue
        sums = next((sums for words, sums in _MEANINGS if words.search(one.name)), None)
        for category, value in zip(one.categories, one.values, strict=False):
            if sums is None or year is None or str(year) not in category:
                continue
            findings.append(_compared(one.name, category, value, sums=sums, cells=cells, values=values))
    return findings


def _compared(
    name: str,
    category: str,
    value: str,
    *,
    sums: Sequence[Sequence[str]],
    cells: Mapping[str, CellRef],
    values: Mapping[CellRef, Amount | None],
) -> ChartFinding:
    found: list[tuple[Decimal, tuple[CellRef, ...]]] = []
    for keys in sums:
        amounts = [values.get(cells[key]) for key in keys if key in cells]
        if len(amounts) == len(keys) and all(a is not None and a.kind is AmountKind.FIGURE for a in amounts):
            total = sum((Decimal(a.value).scaleb(-a.decimals) for a in amounts if a is not None), Decimal(0))
            found.append((total, tuple(cells[key] for key in keys)))
    if not found:
        return ChartFinding(name, category, Verdict.NOT_ASSESSABLE, "表中没有可以对照的数字")
    shown = value.strip()
    amount = parse_amount(shown)
    if amount is None or amount.kind is not AmountKind.FIGURE or amount.unit not in _COUNTED or amount.note:
        said = f"为“{shown}”，不是单纯的数字" if shown else "没有数字"
        return ChartFinding(name, category, Verdict.NOT_ASSESSABLE, f"图中{category}{said}，未作对照")
    for total, refs in found:
        if total == Decimal(amount.value).scaleb(-amount.decimals):
            return ChartFinding(name, category, Verdict.HOLDS, f"图中{category}为{shown}，与表中相符", refs)
    return ChartFinding(
        name,
        category,
        Verdict.SOURCE_INCONSISTENT,
        f"图中{category}为{shown}，表中{found[0][0]}，不一致",
        found[0][1],
    )


def _plain(value: str) -> str:
    text = value.strip()
    return text.rstrip("0").rstrip(".") if "." in text else text
