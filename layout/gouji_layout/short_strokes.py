"""Strokes of characters in line with a column, as of 上 or 计, which pass for a piece of its rule.

A rule reaches the rules above and below it. A stroke of a line of text is as dark, and in a tight row nearly
as long, but leaves paper at both of its ends.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import Grid
from gouji_layout.page import Gray

Floats = NDArray[np.float64]
_UNSURE = 0.96  # chance of an edge: of 14,858 true ones none was below it and left paper at both ends
_PAPER = 0.4  # of the darkness of a stroke: its ends are darker than what is beside them by less
_CLEAR = 0.3  # of the darkness of a stroke: what is beside its end is paper, and no part of the rule there
_RULE, _END = 0.13, 0.12  # text heights: half of a rule, and what of an edge is looked at beside it
_OFF = 3  # pixels a stroke may lie off the middle of its rule
_BESIDE = 0.35  # text heights from the middle of a stroke to the middle of what is beside it
_FAINT = 15.0  # grey levels; less than that is no stroke


def without_short_strokes(grid: Grid, upright: Floats, chances: Floats, evened: Gray, unit: float) -> Floats:
    """Drawn shares of upright edges, none left where a stroke ends before the rules it should reach.

    Args:
        grid: of one table; its places are used, not its edges.
        upright: (rows, cols + 1) drawn share of each upright edge.
        chances: how likely each of them is drawn among its neighbours, laid alike.
        evened: the picture, transposed.
        unit: text height in pixels.
    """
    kept = upright.copy()
    inner = np.zeros(upright.shape, dtype=np.bool_)
    inner[:, 1:-1] = True
    for row, line in zip(*np.nonzero(inner & (upright >= grid.seen) & (chances < _UNSURE)), strict=True):
        rows = evened[:, max(round(grid.ys[row]), 0) : max(round(grid.ys[row + 1]), 0) + 1]
        if ends_early(rows, round(grid.xs[line]), unit):
            kept[row, line] = 0.0
    return kept


def ends_early(row: Gray, at: int, unit: float) -> bool:
    """Whether the stroke at a place of axis 0, along axis 1 of a row of a table, leaves paper at both ends.

    What lies just beside the stroke is taken off: the soft border of a thick rule is no end that reaches it.
    """
    margin, end, off = (max(round(_RULE * unit), 1), max(round(_END * unit), 2), round(_BESIDE * unit))
    length = row.shape[1]
    if length < 4 * (margin + end) or at - off <= _OFF or at + off + _OFF >= row.shape[0]:
        return False
    dark = _darkest(row, at, _OFF)
    beside = np.minimum(_darkest(row, at - off, 1), _darkest(row, at + off, 1))
    stroke = float(np.percentile(dark[length // 4 : -(length // 4)], 60))
    if stroke <= _FAINT:
        return False
    ends = []
    for along, paper in ((dark, beside), (dark[::-1], beside[::-1])):
        clear = paper[margin : margin + end] < _CLEAR * stroke
        first = margin + (int(clear.argmax()) if clear.any() else end)
        ends.append((along - paper)[first : first + end].min())
    return bool(max(ends) < _PAPER * stroke)


def _darkest(row: Gray, at: int, reach: int) -> Floats:
    """Darkness along a place, of the darkest pixel within reach of it."""
    band = cv2.blur(255 - row[at - reach : at + reach + 1], (1, 3))
    return np.asarray(band.max(axis=0), dtype=np.float64)
