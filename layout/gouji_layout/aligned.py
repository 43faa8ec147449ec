"""Tables without upright rules: columns are seen only by how the text of many rows lines up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gouji_layout.geometry import Box
from gouji_layout.grid import Grid
from gouji_layout.spans import Span

_LEAST_ROWS, _LEAST_COLUMNS = 4, 3
_LEAST_FILLED = 0.6  # of the places of an aligned table that hold text
_MOST_OVERLAP = 0.3  # text heights that one row may reach into the next
_NARROWEST_GAP = 0.9  # text heights of white between two columns


def aligned_grids(pieces: Sequence[Box], unit: float) -> list[Grid]:
    """Find tables among the pieces of text that lie in no ruled table.

    Prose never passes: its pieces do not leave the same gaps free in four lines on end.
    """
    rows = _rows(pieces)
    grids, start = [], 0
    while start <= len(rows) - _LEAST_ROWS:
        end = start
        best = None
        while end < len(rows) and (end == start or rows[end][0].top - rows[end - 1][0].bottom < 2.5 * unit):
            end += 1
            if end - start >= _LEAST_ROWS:
                columns = _columns(rows[start:end], unit)
                if columns is None:
                    if best is not None:
                        break
                else:
                    best = (end, columns)
        if best is None:
            start += 1
        else:
            grids.append(_grid(rows[start : best[0]], best[1], unit))
            start = best[0]
    return grids


def _rows(pieces: Sequence[Box]) -> list[list[Box]]:
    """Pieces that stand on one line, top to bottom."""
    rows: list[list[Box]] = []
    for piece in sorted(pieces, key=lambda box: box.centre[1]):
        if rows and abs(piece.centre[1] - np.mean([b.centre[1] for b in rows[-1]])) < 0.5 * piece.height:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row) for row in rows]


def _columns(rows: Sequence[Sequence[Box]], unit: float) -> list[tuple[float, float]] | None:
    """Left and right of each column; None when the rows are no table."""
    if sum(len(row) >= _LEAST_COLUMNS for row in rows) < max(_LEAST_ROWS - 1, 0.7 * len(rows)):
        return None
    if any(
        max(box.bottom for box in upper) - min(box.top for box in lower) > _MOST_OVERLAP * unit
        for upper, lower in pairwise(rows)
    ):
        return None
    columns: list[tuple[float, float]] = []
    for left, right in sorted((box.left, box.right) for row in rows for box in row):
        if columns and left - columns[-1][1] < _NARROWEST_GAP * unit:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    filled = sum(len(row) for row in rows)
    if len(columns) < _LEAST_COLUMNS or filled < _LEAST_FILLED * len(rows) * len(columns):
        return None
    return columns


def _grid(rows: Sequence[Sequence[Box]], columns: Sequence[tuple[float, float]], unit: float) -> Grid:
    pad = 0.4 * unit
    xs = [columns[0][0] - pad]
    xs += [(left[1] + right[0]) / 2 for left, right in pairwise(columns)]
    xs.append(columns[-1][1] + pad)
    tops = [min(box.top for box in row) for row in rows]
    bottoms = [max(box.bottom for box in row) for row in rows]
    ys = [tops[0] - pad]
    ys += [(above + below) / 2 for above, below in zip(bottoms[:-1], tops[1:], strict=True)]
    ys.append(bottoms[-1] + pad)
    cells = tuple(Span(r, c, 1, 1) for r in range(len(ys) - 1) for c in range(len(xs) - 1))
    return Grid(
        tuple(ys),
        tuple(xs),
        np.zeros((len(ys), len(xs) - 1)),
        np.zeros((len(ys) - 1, len(xs))),
        cells,
        open_xs=frozenset(xs),
        open_ys=frozenset(ys),
    )
