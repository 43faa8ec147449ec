"""Shares and growth in tables of no form: found where the numbers bear them out, only ever verified.

A column of shares (比重 占比 构成) is held against the figures beside it and their total, the row of 100 %; a
column of growth (增长 比上年±%) against the figures of two periods beside it. As with sums, what the heads
suggest is tried on all rows, and believed where it holds in most: by chance a share to one decimal is right
in one row of a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.check import Check
from gouji_postprocess.language import parse_formula
from gouji_postprocess.rule import RuleSource, Verdict
from gouji_postprocess.seen_grid import SeenGrid
from gouji_postprocess.table_lines import Lane, SeenLine, find_lanes

_SHARE = re.compile(r"比重|占比|构成|百分比|比例|^占|所占")
_GROWTH = re.compile(r"增长|增减|增幅|增速|升降|[±＋+][%％]|比上年|同比|较上年")
_PER_CENT = re.compile(r"[%％]|百分|率|幅|速|比重|占比|构成|比例")
_FEWEST = 3  # rows in which a ratio must hold
_MOST = 0.7  # of the rows that tell something
_WHOLE = 100
_BESIDE = 4  # columns to the left of a ratio among which its figures stand


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A ratio on one row: `shown ~ above / below * 100`, for growth less 100."""

    row: SeenLine
    shown: CellRef
    above: CellRef
    below: CellRef


def ratio_checks(grid: SeenGrid, *, prefix: str) -> list[Check]:
    """Checks of the columns of shares and of growth that the numbers bear out.

    Args:
        grid: a table of no form.
        prefix: of the checks' ids.
    """
    return [
        check
        for number, lane in enumerate(find_lanes(grid))
        for column in lane.columns
        for check in _of_column(lane, column, f"{prefix}/n{number}")
    ]


def _of_column(lane: Lane, column: SeenLine, prefix: str) -> Iterator[Check]:
    label = "".join(column.path)
    if not _PER_CENT.search(label):
        return
    left = [other for other in lane.columns if other.at < column.at and not other.ratio][-_BESIDE:]
    best: list[Check] = []
    most = 0
    for growth, ratios in _suggested(lane, column, left, label):
        checks = [_check(lane, column, ratio, growth=growth, prefix=prefix) for ratio in ratios]
        held = sum(check.assess(lane.amounts)[0] is Verdict.HOLDS for check in checks)
        if held > most and held >= max(_FEWEST, _MOST * len(checks)):
            best, most = checks, held
    yield from best


def _suggested(
    lane: Lane, column: SeenLine, left: Sequence[SeenLine], label: str
) -> Iterator[tuple[bool, list[_Ratio]]]:
    """Whether it is growth, and the ratio on every row that tells something; nearest columns first."""
    if _SHARE.search(label):
        wholes = [row for row in lane.rows if _value(lane.amount(lane.ref(row, column))) == _WHOLE]
        for values in reversed(left):
            for whole in wholes:
                yield False, _ratios(lane, column, (values, None), (values, whole))
    elif _GROWTH.search(label):
        for one, other in combinations(reversed(left), 2):
            for now, before in ((other, one), (one, other)):
                yield True, _ratios(lane, column, (now, None), (before, None))


def _ratios(
    lane: Lane,
    column: SeenLine,
    above: tuple[SeenLine, SeenLine | None],
    below: tuple[SeenLine, SeenLine | None],
) -> list[_Ratio]:
    """The ratio of two columns on every row, or of one column to its figure in a given row."""
    found = []
    for row in lane.rows:
        refs = lane.ref(row, column), lane.ref(above[1] or row, above[0]), lane.ref(below[1] or row, below[0])
        shown, over, under = map(lane.amount, refs)
        if refs[0] is None or refs[1] is None or refs[2] is None or refs[1] == refs[2]:
            continue
        if shown is not None and over is not None and under is not None and _tells(shown, over, under):
            found.append(_Ratio(row, refs[0], refs[1], refs[2]))
    return found


def _tells(shown: Amount, above: Amount, below: Amount) -> bool:
    """Whether all are figures, and their own rounding moves the ratio by no more than its last decimal."""
    if any(one.kind is not AmountKind.FIGURE for one in (shown, above, below)):
        return False
    top, bottom = _value(above), _value(below)
    if not top or not bottom:
        return False
    halves = Fraction(1, 2 * 10**above.decimals) / abs(top) + Fraction(1, 2 * 10**below.decimals) / abs(
        bottom
    )
    return _WHOLE * abs(top / bottom) * halves <= Fraction(1, 10**shown.decimals)


def _value(amount: Amount | None) -> Fraction | None:
    if amount is None or amount.kind is not AmountKind.FIGURE:
        return None
    return Fraction(amount.value, 10**amount.decimals)


def _check(lane: Lane, column: SeenLine, ratio: _Ratio, *, growth: bool, prefix: str) -> Check:
    parts = f"{ratio.above} / {ratio.below} * {_WHOLE}"
    words = {ref: _words(lane, ref, ratio.row) for ref in (ratio.above, ratio.below)}
    said = f"{words[ratio.above]} ÷ {words[ratio.below]} × {_WHOLE}"
    about = f"（{ratio.row.label}）" if ratio.row.label else ""
    return Check(
        id=f"{prefix}/ratio{column.at}r{ratio.row.at}",
        formula=parse_formula(
            f"{ratio.shown} ~ {parts} - {_WHOLE}" if growth else f"{ratio.shown} ~ {parts}"
        ),
        source=RuleSource.NUMBERS,
        words=f"{column.label} = {said} - {_WHOLE}{about}" if growth else f"{column.label} = {said}{about}",
    )


def _words(lane: Lane, ref: CellRef, row: SeenLine) -> str:
    """The column of a figure, and its row where that is another."""
    place = next(place for place, cell in lane.cells.items() if cell.ref == ref)
    column = next((line.label for line in lane.columns if line.at == place[1]), "")
    other = next((line.label for line in lane.rows if line.at == place[0]), "")
    return column if place[0] == row.at else f"{other}{column}"
