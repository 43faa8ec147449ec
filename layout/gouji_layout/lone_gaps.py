"""A rule lost between two texts: where one row lacks an upright edge that stands above or below it.

Ink and network see nothing where a rule is worn away in one tight row. But two texts, each in the middle
of its own cell, are two cells: the text of a merged cell stands in the middle of the whole, and a
heading with wide spaces has its characters nearer to the middle than that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.grid import Grid
from gouji_layout.page import Mask

Floats = NDArray[np.float64]
_OFF = 0.13  # of its column that a text may stand off the middle
_FARTHEST = 1.0  # text heights that it may stand off the middle of several columns
_UNLIKELY = 0.02  # chance of an edge below which no two cells of several columns are told apart
_GLYPH = 0.4  # text heights of a character; lower ink is dirt, or a dash
_GUTTER, _NARROW = 1.0, 0.2  # text heights to either side of the place of the rule without any text
_TWO_LINES = 1.6  # text heights of two lines of text, which hardly part in one place by chance
_POSSIBLE = 0.1  # chance of the edge from which such lines may be two cells
_ABSENT = 0.04  # chance of an edge of a worn grid below which no two texts beside it make it one
_THIN, _BESIDE = 0.3, 0.5  # text heights: what is thinner, and so near to a rule, is a piece of that rule
_MARGIN = 0.15  # text heights: nearer to a rule its own remnants lie


def with_lone_gaps_closed(
    grid: Grid, upright: Floats, chances: Floats, text: Mask, unit: float, *, worn: bool
) -> Floats:
    """Drawn shares of upright edges, raised to drawn where two centred texts stand on both sides of a gap.

    Args:
        grid: of one table; its places are used, not its edges.
        upright: (rows, cols + 1) drawn share of each upright edge.
        chances: how likely each of them is drawn, laid alike.
        text: ink that is neither rule nor speck, of the whole picture.
        unit: text height in pixels.
        worn: whether the rules are; where they are not, more white between texts of one line is asked for.
    """
    drawn, closed = upright >= grid.seen, upright.copy()
    above = np.vstack([np.zeros((1, drawn.shape[1]), dtype=bool), drawn[:-1]])
    below = np.vstack([drawn[1:], np.zeros((1, drawn.shape[1]), dtype=bool)])
    gaps = ~drawn & (above | below)
    gaps[:, [0, -1]] = False
    if worn:
        gaps &= chances >= _ABSENT
    margin = max(round(_MARGIN * unit), 1)
    wide, narrow = (max(round(share * unit), 1) for share in (_GUTTER, _NARROW))
    for row, line in zip(*np.nonzero(gaps), strict=True):
        before, after = np.flatnonzero(drawn[row, :line]), np.flatnonzero(drawn[row, line + 1 :])
        if not before.size or not after.size:
            continue
        bounds = before[-1], line, line + 1 + after[0]
        wide_cells = bounds[2] - bounds[0] > 2  # either text may stand in a cell of several columns
        if wide_cells and chances[row, line] < _UNLIKELY:
            continue
        left, middle, right = (round(grid.xs[at]) for at in bounds)
        pieces = blobs(
            text[
                max(round(grid.ys[row]) + margin, 0) : round(grid.ys[row + 1]) - margin,
                max(left + margin, 0) : max(right - margin, 0),
            ]
        )
        start, end = pieces.left + max(left + margin, 0), pieces.left + pieces.width + max(left + margin, 0)
        remains = (start < left + _BESIDE * unit) | (end > right - _BESIDE * unit)
        remains |= (np.abs(start + end - 2 * middle) < unit) & (pieces.height > unit)
        glyphs = (pieces.height >= _GLYPH * unit) & ~(remains & (pieces.width < _THIN * unit))
        start, end, top = start[glyphs], end[glyphs], pieces.top[glyphs]
        bottom = top + pieces.height[glyphs]
        high = min(
            np.ptp(np.concatenate([top[side], bottom[side]])) if side.any() else 0
            for side in (end <= middle, start > middle)
        )
        two_lines = high >= _TWO_LINES * unit and chances[row, line] >= _POSSIBLE
        gutter = narrow if worn or two_lines else wide
        own, other = end <= middle - gutter, start > middle + gutter
        if not (own | other).all():
            continue
        far = _FARTHEST * unit if wide_cells else np.inf
        if _centred(start[own], end[own], (left, middle), far) and _centred(
            start[other], end[other], (middle, right), far
        ):
            closed[row, line] = 1.0
    return closed


def _centred(
    starts: NDArray[np.int32], ends: NDArray[np.int32], rules: tuple[int, int], farthest: float
) -> bool:
    """Whether characters that reach so far stand in the middle between two rules; False without any."""
    if not starts.size:
        return False
    off = (int(starts.min()) + int(ends.max()) - sum(rules)) / 2
    return abs(off) < min(_OFF * (rules[1] - rules[0]), farthest)
