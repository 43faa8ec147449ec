"""Tables without upright rules: columns are seen only by how the text of many rows lines up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gouji_layout.aligned_columns import Column, columns_of, columns_reached
from gouji_layout.aligned_heads import Head, head_of
from gouji_layout.aligned_lines import Line, bottom_of, middle_of, top_of
from gouji_layout.aligned_rows import rows_of
from gouji_layout.bare_lines import head_lines, without_rules
from gouji_layout.geometry import Box
from gouji_layout.grid import Grid
from gouji_layout.rules import Segment
from gouji_layout.spans import Span
from gouji_layout.three_lines import Frame, frames_of

_PAD = 0.4  # text heights around a table that no rule bounds


def aligned_grids(words: Sequence[Box], rules: Sequence[Segment], unit: float) -> list[Grid]:
    """Find tables among the words that lie in no table with upright rules.

    Prose never passes: its words do not leave the same gaps free in several lines on end.

    Args:
        words: as `text_words` has them, in pixels.
        rules: level ones in no other table.
        unit: text height in pixels.
    """
    grids = [_grid(frame, unit) for frame in frames_of(words, rules, unit)]
    free = [word for word in words if not any(grid.box.overlap(word) > 0 for grid in grids)]
    return grids + [_grid(_bare(*lines), unit) for lines in without_rules(free, unit)]


def _bare(head: Sequence[Line], body: Sequence[Line]) -> Frame:
    """A table that no rule bounds."""
    words = [word for line in (*head, *body) for word in line]
    return Frame(tuple(head), tuple(body), min(w.left for w in words), max(w.right for w in words), (), ())


def _grid(frame: Frame, unit: float) -> Grid:
    """The cells of a table: heads over their columns, and a row for each line of the body, or for several."""
    above, body = frame.head, frame.body
    if not above and frame.bounds:
        heads = head_lines(body, unit)
        above, body = body[:heads], body[heads:]
    columns = columns_of(body, unit)
    rows = rows_of(body, columns, unit)
    head = head_of(above, columns, frame.short, unit) if above else Head((), None, (None,) * len(columns))
    ys = _levels(above, head, rows, frame.bounds, unit)
    xs = _uprights(columns, head.below, frame, unit)
    first = len(ys) - 1 - len(rows)
    cells = (
        *head.cells,
        *(cell for at, row in enumerate(rows) for cell in _cells(row, first + at, columns, unit)),
    )
    level = np.zeros((len(ys), len(columns)))
    level[[y in frame.bounds for y in ys]] = 1.0
    return Grid(
        tuple(ys),
        tuple(xs),
        level,
        np.zeros((len(ys) - 1, len(xs))),
        tuple(sorted(cells)),
        open_xs=frozenset(xs),
        open_ys=frozenset(ys) - frozenset(frame.bounds),
    )


def _levels(
    above: Sequence[Line], head: Head, rows: Sequence[Sequence[Line]], bounds: Sequence[float], unit: float
) -> list[float]:
    """Y of each border between rows: a rule where one lies there, else the middle of the white."""
    parts = [above, *rows] if above else list(rows)
    ends = [(min(map(top_of, part)), max(map(bottom_of, part))) for part in parts]
    ys = [bounds[0] if bounds else ends[0][0] - _PAD * unit]
    ys += [head.cut] if head.cut is not None else []
    for (upper, lower), (high, low) in zip(pairwise(parts), pairwise(ends), strict=True):
        between = [y for y in bounds if middle_of(upper[-1]) < y < middle_of(lower[0])]
        y = between[0] if between else (high[1] + low[0]) / 2
        ys.append(max(y, ys[-1] + 1))  # lines that reach into each other may leave a row no height
    ys.append(max(bounds[-1] if bounds else ends[-1][1] + _PAD * unit, ys[-1] + 1))
    return ys


def _uprights(
    columns: Sequence[Column], heads: Sequence[Box | None], frame: Frame, unit: float
) -> list[float]:
    """X of each border between columns: in the middle of the white, where that parts the heads, too."""
    own = [
        (min(left, head.left), max(right, head.right)) if head else (left, right)
        for (left, right), head in zip(columns, heads, strict=True)
    ]
    xs = [min(own[0][0] - _PAD * unit, frame.left)]
    for wide, narrow in zip(pairwise(own), pairwise(columns), strict=True):
        (_, left), (right, _) = wide if wide[0][1] < wide[1][0] else narrow
        xs.append((left + right) / 2)
    return [*xs, max(own[-1][1] + _PAD * unit, frame.right)]


def _cells(row: Sequence[Line], at: int, columns: Sequence[Column], unit: float) -> list[Span]:
    """Cells of a row; text over several columns is one of them."""
    cells, free = [], set(range(len(columns)))
    for word in (word for line in row for word in line):
        reached = columns_reached(word, columns, unit)
        if len(reached) > 1 and free.issuperset(reached):
            cells.append(Span(at, reached[0], 1, len(reached)))
            free.difference_update(reached)
    return [*cells, *(Span(at, col, 1, 1) for col in free)]
