"""A rule lost between two texts: where one row lacks an upright edge that stands above or below it.

Ink and network see nothing where a rule is worn away in one tight row. But two texts, each in the middle
of its own cell, are two cells: the text of a merged cell stands in the middle of the whole, and a
heading with wide spaces has its characters nearer to the middle than that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import Ints, blobs
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
    margin = max(round(_MARGIN * unit), 1)
    for row, line in zip(*np.nonzero(_lone_gaps(drawn, chances, worn=worn)), strict=True):
        before, after = np.flatnonzero(drawn[row, :line]), np.flatnonzero(drawn[row, line + 1 :])
        if not before.size or not after.size:
            continue
        bounds = before[-1], line, line + 1 + after[0]
        merged = bounds[2] - bounds[0] > 2  # either text may stand in a cell of several columns
        if merged and chances[row, line] < _UNLIKELY:
            continue
        left, middle, right = (round(grid.xs[at]) for at in bounds)
        top, bottom = round(grid.ys[row]) + margin, round(grid.ys[row + 1]) - margin
        glyphs = _glyphs(text[max(top, 0) : bottom], (left, middle, right), margin, unit)
        own, other = glyphs[glyphs.end <= middle], glyphs[glyphs.start > middle]
        two_lines = min(own.height, other.height) >= _TWO_LINES * unit and chances[row, line] >= _POSSIBLE
        gutter = max(round((_NARROW if worn or two_lines else _GUTTER) * unit), 1)
        apart = ((glyphs.end <= middle - gutter) | (glyphs.start > middle + gutter)).all()
        farthest = _FARTHEST * unit if merged else np.inf
        if apart and own.centred((left, middle), farthest) and other.centred((middle, right), farthest):
            closed[row, line] = 1.0
    return closed


def _lone_gaps(drawn: NDArray[np.bool_], chances: Floats, *, worn: bool) -> NDArray[np.bool_]:
    """Inner upright edges that are not drawn while the one above or below is; of worn grids the possible."""
    none = np.zeros((1, drawn.shape[1]), dtype=bool)
    gaps: NDArray[np.bool_] = ~drawn & (np.vstack([none, drawn[:-1]]) | np.vstack([drawn[1:], none]))
    gaps[:, [0, -1]] = False
    if worn:
        gaps &= chances >= _ABSENT
    return gaps


@dataclass(frozen=True, eq=False)
class _Glyphs:
    """Where characters begin and end in a row of the grid, in pixels; one entry for each."""

    start: Ints
    end: Ints
    top: Ints
    bottom: Ints

    def __getitem__(self, which: NDArray[np.bool_]) -> _Glyphs:
        return _Glyphs(self.start[which], self.end[which], self.top[which], self.bottom[which])

    @property
    def height(self) -> int:
        """From the top of the highest to the bottom of the lowest; 0 without any."""
        return int(self.bottom.max() - self.top.min()) if self.top.size else 0

    def centred(self, rules: tuple[int, int], farthest: float) -> bool:
        """Whether they stand in the middle between two rules; False without any."""
        if not self.start.size:
            return False
        off = (int(self.start.min()) + int(self.end.max()) - sum(rules)) / 2
        return abs(off) < min(_OFF * (rules[1] - rules[0]), farthest)


def _glyphs(row: Mask, rules: tuple[int, int, int], margin: int, unit: float) -> _Glyphs:
    """What is high enough for a character between the outer rules and is no remnant of any of the three."""
    left, middle, right = rules
    first = max(left + margin, 0)
    pieces = blobs(row[:, first : max(right - margin, 0)])
    start, end = pieces.left + first, pieces.left + pieces.width + first
    beside = (start < left + _BESIDE * unit) | (end > right - _BESIDE * unit)
    beside |= (np.abs(start + end - 2 * middle) < unit) & (pieces.height > unit)
    remnants = beside & (pieces.width < _THIN * unit)
    found = _Glyphs(start, end, pieces.top, pieces.top + pieces.height)
    return found[(pieces.height >= _GLYPH * unit) & ~remnants]
