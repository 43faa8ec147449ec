"""Edges that ring or star of a seal hide: what is drawn on both sides of them is drawn beneath them.

Where a ring runs along a rule nothing is left of the rule once the ring is taken out, and two cells became
one. A merged cell that ends on both sides just where a ring touches its place is not to be expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import Grid
from gouji_layout.ring_seals import HALF_RING, Ring
from gouji_layout.spans import spans

Flags = NDArray[np.bool_]
_STAR = 0.4  # of the radius: what a star covers
_HIDDEN = 0.5  # of an edge that the ring or the star covers
_POINTS = np.linspace(0.0, 1.0, 25)  # along an edge


def with_edges_under_rings(grid: Grid, rings: Sequence[Ring]) -> Grid:
    """The grid with edges drawn that a ring or its star hides, if their rule is drawn on both sides of them.

    Args:
        grid: of one table.
        rings: of seals, in pixels of the picture it was found in.
    """
    hidden = hidden_edges(grid, rings)
    level = _between(grid.level, hidden[0], grid.seen)
    upright = _between(grid.upright.T, hidden[1].T, grid.seen).T
    if (level == grid.level).all() and (upright == grid.upright).all():
        return grid
    cells, _, _ = spans(level, upright, grid.seen)
    return replace(grid, level=level, upright=upright, cells=tuple(cells))


def hidden_edges(grid: Grid, rings: Sequence[Ring]) -> tuple[Flags, Flags]:
    """Which level (rows + 1, cols) and upright (rows, cols + 1) edges lie below a ring or its star."""
    xs, ys = np.asarray(grid.xs), np.asarray(grid.ys)
    return (
        _hidden(ys, xs, [(ring.y, ring.x, ring.radius) for ring in rings]),
        _hidden(xs, ys, [(ring.x, ring.y, ring.radius) for ring in rings]).T,
    )


def _hidden(
    lines: NDArray[np.float64], cuts: NDArray[np.float64], rings: Sequence[tuple[float, float, float]]
) -> Flags:
    """Which edges lie below a ring or its star, (lines, cuts - 1).

    `rings` are places across the lines and along them of their middles, and radii.
    """
    along = cuts[:-1, None] + np.diff(cuts)[:, None] * _POINTS
    hidden = np.zeros((len(lines), len(cuts) - 1), dtype=np.bool_)
    for across, middle, radius in rings:
        away = np.hypot(lines[:, None, None] - across, along - middle) / radius
        hidden |= ((np.abs(away - 1) < HALF_RING) | (away < _STAR)).mean(axis=2) >= _HIDDEN
    return hidden


def _between(edges: NDArray[np.float64], hidden: Flags, seen: float) -> NDArray[np.float64]:
    """Edges along axis 1, raised to drawn where they are hidden and both beside them are drawn."""
    drawn = np.pad(edges >= seen, ((0, 0), (1, 1)))
    return np.where(hidden & drawn[:, :-2] & drawn[:, 2:], np.maximum(edges, seen), edges)
