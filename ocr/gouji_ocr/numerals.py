"""The numeral 一, which looks like a long dash: only its place in a list of numerals tells them apart."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gouji_ocr.reading import Candidate, Reading, ReadingKind
from gouji_ocr.views import CellView

_STROKES = frozenset("一-")
_NUMERALS = frozenset("二三四五六七八九十")
_ALIKE = 1.35  # times wider or narrower than the numeral after it
_READ = math.log(0.9)  # the numerals that show what is missing
_KNOWN = math.log(0.98)  # a stroke as wide as the numerals, just where one is missing


def with_first_numerals(views: Sequence[CellView], readings: Sequence[Reading]) -> list[Reading]:
    """Readings of a table; the one stroke before 二 in a column or row that goes on with 三 is 一.

    Where there are two strokes, or one that is not as wide as the numerals, nothing is changed.

    Args:
        views: the cells of the table.
        readings: what they were read as, in the same order.
    """
    settled = list(readings)
    if not any(reading.text == "三" for reading in readings):
        return settled
    for line in _columns_and_rows(views):
        for i in _first_numerals(line, views, readings):
            settled[i] = _as_numeral(readings[i])
    return settled


def _columns_and_rows(views: Sequence[CellView]) -> Iterator[list[int]]:
    columns, rows = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for i in sorted(range(len(views)), key=lambda i: (views[i].cell.row, views[i].cell.col)):
        columns[views[i].cell.col].append(i)
        rows[views[i].cell.row].append(i)
    yield from columns.values()
    yield from rows.values()


def _first_numerals(
    line: Sequence[int], views: Sequence[CellView], readings: Sequence[Reading]
) -> Iterator[int]:
    """Of the cells of a column or row, those that can only be 一."""
    if not {"二", "三"} <= {readings[i].text for i in line if _is_surely_text(readings[i])}:
        return
    strokes: list[int] = []
    for i in line:
        if readings[i].text in _STROKES:
            strokes.append(i)
        elif readings[i].text in _NUMERALS:
            if readings[i].text == "二" and len(strokes) == 1 and not readings[strokes[0]].doubted:
                yield from (one for one in strokes if _as_wide(views[one], views[i]))
            strokes = []


def _is_surely_text(reading: Reading) -> bool:
    return reading.kind is ReadingKind.TEXT and reading.log_probability >= _READ


def _as_wide(one: CellView, other: CellView) -> bool:
    widths = [view.ink.lines[0].width for view in (one, other) if len(view.ink.lines) == 1]
    return len(widths) == 2 and max(widths) <= _ALIKE * min(widths)


def _as_numeral(reading: Reading) -> Reading:
    """The reading as 一; readers that did not know its place only say how they would spell a stroke."""
    others = tuple(candidate for candidate in reading.candidates if candidate.text != "一")
    candidates = (Candidate("一", max(reading.log_probability, _KNOWN)), *others)
    first, *further = reading.opinions
    opinions = (replace(first, candidates=candidates), *further)
    return replace(reading, kind=ReadingKind.TEXT, candidates=candidates, opinions=opinions)
