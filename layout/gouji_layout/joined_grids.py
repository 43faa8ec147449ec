"""Tables one below the other that were taken for one, as something joins their borders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import Grid
from gouji_layout.spans import spans

Floats = NDArray[np.float64]
_DRAWN = 0.5  # chance
_FRAMED = 0.8  # share of the rows above and below that have both borders


def cut_apart(grid: Grid, parts: Iterable[tuple[int, int]]) -> list[Grid]:
    """The tables between pairs of level lines of a grid; none where both are the same."""
    tables = []
    for first, last in parts:
        if last > first:
            ys, level, upright = (
                grid.ys[first : last + 1],
                grid.level[first : last + 1],
                grid.upright[first:last],
            )
            cells, _, _ = spans(level, upright, grid.seen)
            tables.append(replace(grid, ys=ys, level=level, upright=upright, cells=tuple(cells)))
    return tables


def between_tables(upright: Floats) -> list[int]:
    """Rows of a grid that are paper between two tables: nothing is drawn where both borders should be.

    A row merged over its full width has borders as the rows around it have, if they have any.

    Args:
        upright: how likely each upright edge is drawn, (rows, cols + 1).
    """
    drawn = upright >= _DRAWN
    framed = drawn[:, 0] & drawn[:, -1]
    return [
        row
        for row in np.flatnonzero(~drawn.any(axis=1)).tolist()
        if all(len(rows) and rows.mean() > _FRAMED for rows in (framed[:row], framed[row + 1 :]))
    ]
