"""Tables one below the other that were taken for one, as something joins their borders; parts of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import Grid
from gouji_layout.spans import spans
from gouji_layout.worn_grid import Evidence, with_lines

Floats = NDArray[np.float64]
_SAME = 0.5  # text heights that lines of one rule may lie off each other
_CLOSE = 1.5  # times the highest row, of what lies between the parts of a table that was cut
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
            open_ys = grid.open_ys & frozenset(ys)
            tables.append(
                replace(grid, ys=ys, level=level, upright=upright, cells=tuple(cells), open_ys=open_ys)
            )
    return tables


def stacked(grids: Sequence[Grid], unit: float) -> Iterator[tuple[Grid, Grid]]:
    """Pairs of grids of the same width, one close below the other: they may be one that was cut.

    Args:
        grids: of a page.
        unit: text height in pixels.
    """
    ordered = sorted(grids, key=lambda grid: grid.ys[0])
    for above, below in combinations(ordered, 2):
        gap = below.ys[0] - above.ys[-1]
        highest = max(float(np.diff(grid.ys).max()) for grid in (above, below))
        sides = abs(above.xs[0] - below.xs[0]), abs(above.xs[-1] - below.xs[-1])
        if max(sides) < _SAME * unit and -_SAME * unit < gap < _CLOSE * highest:
            yield above, below


def joined(above: Grid, below: Grid, evidence: tuple[Evidence, Evidence]) -> Grid:
    """One grid of two, with the lines of both."""
    near = _SAME * evidence[0].unit
    xs, ys = (
        _merged([*first, *second], near) for first, second in ((above.xs, below.xs), (above.ys, below.ys))
    )
    return with_lines(above, ys, xs, evidence)


def _merged(lines: Sequence[float], near: float) -> list[float]:
    """Places of lines, ascending, those near one another as one."""
    ordered = np.sort(np.asarray(lines))
    groups = np.split(ordered, np.flatnonzero(np.diff(ordered) > near) + 1)
    return [float(group.mean()) for group in groups]


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
