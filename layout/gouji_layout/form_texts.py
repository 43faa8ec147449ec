"""Texts that stand where a form has an edge that is hardly seen: then it is not the form, or a changed one.

A rule is worn away, text is not: the figure of a merged cell stands in the middle of the whole, across the
place of the edge or beside it, while each of two cells has its own figure in its own middle.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.form_grid import FormGrid
from gouji_layout.grid import Grid
from gouji_layout.page import Gray, Mask
from gouji_layout.place_texts import beside_lines, standing_out

_MARGIN = 0.2  # text heights beside the rules around, where their own remnants lie
_GLYPH = 0.65  # text heights of a digit; lower ink is dirt, or a dash
_THIN = 0.3  # text heights: thinner ink is a remnant of a rule, if it does not look like a 1
_ONE, _OFF = (0.7, 1.25), 0.25  # text heights of a 1, and how far it stands off the middle of its row
_FIGURE = 4.0  # text heights of a short text; longer ones may begin anywhere
_CENTRED = 0.35  # of the way to the middle of one cell: nearer to the middle of both is in the middle of both
_SEEN = 0.4  # chance above that of an edge just drawn, from which it is seen beyond doubt


def text_denies(grid: Grid, evened: Gray, unit: float) -> bool:
    """Whether text denies an edge that is drawn in the form of a table, and hardly seen in the picture.

    Args:
        grid: laid on a form.
        evened: the picture it was found in.
        unit: text height in pixels.
    """
    form = FormGrid.of(grid.form, grid.cells)
    top, left = max(round(grid.ys[0]), 0), max(round(grid.xs[0]), 0)
    ys, xs = np.round(grid.ys).astype(int) - top, np.round(grid.xs).astype(int) - left
    table = evened[top : top + ys[-1] + 1, left : left + xs[-1] + 1]
    dark = standing_out(table, beside_lines(table.shape, ys, xs, unit), unit)
    upright = _unseen(ys, xs, form.upright, grid.upright < grid.seen + _SEEN)
    level = _unseen(xs, ys, form.level.T, grid.seen + _SEEN > grid.level.T)
    return any(
        _denied(mask[max(first, 0) : last], places, unit)
        for mask, edges in ((dark, upright), (np.asarray(cv2.transpose(dark), dtype=np.uint8), level))
        for (first, last), places in edges
    )


def _unseen(
    ys: NDArray[np.int_], xs: NDArray[np.int_], drawn: NDArray[np.bool_], unseen: NDArray[np.bool_]
) -> Iterator[tuple[tuple[int, int], tuple[int, int, int]]]:
    """The row of each inner upright edge that is drawn but not seen; the rules before, on and after it."""
    for row, line in zip(*np.nonzero((drawn & unseen)[:, 1:-1]), strict=True):
        before, after = np.flatnonzero(drawn[row, : line + 1]), np.flatnonzero(drawn[row, line + 2 :])
        around = before[-1], line + 1, line + 2 + after[0]
        left, middle, right = (int(xs[at]) for at in around)
        yield (int(ys[row]), int(ys[row + 1])), (left, middle, right)


def _denied(row: Mask, places: tuple[int, int, int], unit: float) -> bool:
    """Whether the only text between two rules is a short one in the middle, with a place for a rule in it."""
    left, middle, right = places
    margin = max(round(_MARGIN * unit), 1)
    first = max(left + margin, 0)
    part = np.ascontiguousarray(row[margin : max(len(row) - margin, margin), first : right - margin])
    pieces = blobs(part)
    right_of, bottom = pieces.left + pieces.width, pieces.top + pieces.height
    high = pieces.height >= _GLYPH * unit
    inside = (pieces.top > 0) & (bottom < len(part))
    off = np.abs(pieces.top + bottom - len(part)) / 2
    one = (pieces.height > _ONE[0] * unit) & (pieces.height < _ONE[1] * unit) & (off < _OFF * unit)
    glyphs = high & inside & ((pieces.width >= _THIN * unit) | one)
    if not glyphs.any():
        return False
    start, end = int(pieces.left[glyphs].min()) + first, int(right_of[glyphs].max()) + first
    text, both = (start + end) / 2, (left + right) / 2
    own = (left + middle) / 2 if text < middle else (middle + right) / 2
    return end - start <= _FIGURE * unit and abs(text - both) < _CENTRED * abs(own - both)
