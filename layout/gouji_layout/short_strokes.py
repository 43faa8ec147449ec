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
_PAPER = 0.4  # of the darkness of a stroke: its ends have less
_RULE, _END = 0.13, 0.12  # text heights: half of a rule, and what of an edge is looked at beside it
_OFF = 3  # pixels a stroke may lie off the middle of its rule
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
        top, bottom = round(grid.ys[row]), round(grid.ys[row + 1])
        at = round(grid.xs[line])
        if ends_early(evened[max(at - _OFF, 0) : at + _OFF + 1, max(top, 0) : bottom + 1], unit):
            kept[row, line] = 0.0
    return kept


def ends_early(band: Gray, unit: float) -> bool:
    """Whether the stroke along axis 1 of a band between two rules leaves paper beside both of them."""
    margin, end = max(round(_RULE * unit), 1), max(round(_END * unit), 2)
    length = band.shape[1]
    if length < 4 * (margin + end) or not band.shape[0]:
        return False
    dark = cv2.blur(255 - band, (1, 3)).max(axis=0).astype(np.float64)
    stroke = float(np.percentile(dark[length // 4 : -(length // 4)], 60))
    ends = dark[margin : margin + end].min(), dark[length - margin - end : length - margin].min()
    return stroke > _FAINT and max(ends) < _PAPER * stroke
