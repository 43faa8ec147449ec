"""What stands beside a table and was taken for a part of it: text above or below, a shade at its side.

Strokes of a heading's characters that stand above one another, or beside one another on one line, look
like rules that go on beyond the border. A row behind a border that is hardly drawn is believed only when
rules part it or fence it, or when the picture ends there and may have cut the border off. The shade of a
binding or a fold is as long as a border, but no level rule reaches it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gouji_layout.grid import Grid
from gouji_layout.spans import Span
from gouji_layout.turned import transposed

_CUT_OFF = 1.5  # text heights from the side of the picture within which a border may have been cut off
_DRAWN = 0.5  # share of the width of a table that its border must be drawn to be believed without more
_LEAST_INNER = 2  # upright edges inside a row that the outer borders do not fence
_SHARE_OF_NEXT = 0.5  # of the upright edges in the row beside it
_FEWEST_ROWS = 3  # a table of two rows has no row that could vouch for the other
_REACHING = 3  # level edges drawn in the column beside one that none reaches


def without_foreign_parts(grid: Grid, height: int, unit: float) -> Grid:
    """Leave out first and last rows and columns that no rule of the table reaches.

    Args:
        grid: of one table.
        height: of the picture, in its pixels.
        unit: text height in pixels.
    """
    while len(grid.ys) > _FEWEST_ROWS and _foreign(grid, 0, 1, grid.ys[0] / unit):
        grid = _without(grid, 0)
    while len(grid.ys) > _FEWEST_ROWS:
        last = len(grid.ys) - 2
        if not _foreign(grid, last, last - 1, (height - grid.ys[-1]) / unit):
            break
        grid = _without(grid, last)
    for at, beside in ((0, 1), (-1, -2)):
        while len(grid.xs) > _FEWEST_ROWS and _unreached(grid, at, beside):
            turned = transposed(grid)
            grid = transposed(_without(turned, 0 if at == 0 else len(turned.ys) - 2))
    return grid


def _unreached(grid: Grid, column: int, beside: int) -> bool:
    """Whether no level rule reaches into an outermost column, though some are drawn in the one beside it."""
    drawn = grid.level >= grid.seen
    return not drawn[:, column].any() and int(drawn[:, beside].sum()) >= _REACHING


def _foreign(grid: Grid, row: int, beside: int, margin: float) -> bool:
    """Whether an outermost row is only text: its border, its sides and its inner rules are all missing.

    `margin` is what lies between the border and the side of the picture, in text heights.
    """
    border = grid.level[row if row < beside else row + 1] >= grid.seen
    widths = np.diff(grid.xs)
    if margin < _CUT_OFF or widths[border].sum() > _DRAWN * widths.sum():
        return False
    drawn, drawn_beside = grid.upright[row] >= grid.seen, grid.upright[beside] >= grid.seen
    if drawn[0] and drawn[-1] and not grid.open_xs & {grid.xs[0], grid.xs[-1]}:
        return False
    inner, inner_beside = int(drawn[1:-1].sum()), int(drawn_beside[1:-1].sum())
    return inner < max(_LEAST_INNER, _SHARE_OF_NEXT * inner_beside)


def _without(grid: Grid, row: int) -> Grid:
    """The grid less its first or last row; cells that reached into it become shorter."""
    first = row == 0
    cells = []
    for cell in grid.cells:
        rows = cell.rows - (cell.row <= row < cell.row + cell.rows)
        if rows:
            cells.append(Span(max(cell.row - first, 0), cell.col, rows, cell.cols))
    kept = slice(1, None) if first else slice(None, -1)
    ys = grid.ys[kept]
    return replace(
        grid,
        ys=ys,
        level=grid.level[kept],
        upright=grid.upright[kept],
        cells=tuple(sorted(cells)),
        open_ys=grid.open_ys & frozenset(ys),
    )
