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
_MOST = 2  # rows of a title, or of paper: more may be a table of which little is seen
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


def paper_rows(upright: Floats) -> list[int]:
    """Rows of a grid that are paper between two tables, above or below one: no edge of them is drawn.

    A row merged over its full width has borders as the rows around it have, if they have any.

    Args:
        upright: how likely each upright edge is drawn, (rows, cols + 1).
    """
    drawn = upright >= _DRAWN
    framed = drawn[:, 0] & drawn[:, -1]
    empty = np.asarray(~drawn.any(axis=1), dtype=np.bool_)
    found: list[int] = []
    for block in np.split(np.flatnonzero(empty), np.flatnonzero(np.diff(np.flatnonzero(empty)) > 1) + 1):
        if 0 < len(block) <= _MOST:
            sides = [side for side in (framed[: block[0]], framed[block[-1] + 1 :]) if len(side)]
            if sides and all(side.mean() > _FRAMED for side in sides):
                found += block.tolist()
    return found


def is_title(upright: Floats) -> bool:
    """Whether rows have no inner edge: a title that something joins to a table, or one in its frame.

    Args:
        upright: as in `paper_rows`.
    """
    return len(upright) <= _MOST and not bool((upright[:, 1:-1] >= _DRAWN).any())
