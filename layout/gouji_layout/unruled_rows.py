"""Rows that no rule parts: statistical tables often rule their head and columns only.

A tall row is taken apart only when every column holds the same number of lines at the same heights;
a cell of several lines beside one of fewer stays one cell.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import Grid
from gouji_layout.page import Gray
from gouji_layout.paper import ink_depth
from gouji_layout.rules import runs
from gouji_layout.spans import Span

_LEAST_LINES, _LEAST_COLUMNS = 3, 3


def split_rows(grid: Grid, evened: Gray, unit: float) -> Grid:
    """Part the rows of a grid whose columns all hold the same lines of text."""
    mask = np.asarray(cv2.blur(evened, (3, 3)) < 255 - 0.45 * ink_depth(evened), dtype=np.uint8)
    row = 0
    while row < len(grid.ys) - 1:
        cuts = _cuts(grid, mask, row, unit) if grid.ys[row + 1] - grid.ys[row] > 3.5 * unit else []
        if cuts:
            grid = _parted(grid, row, cuts)
        row += len(cuts) + 1
    return grid


def _cuts(grid: Grid, mask: NDArray[np.uint8], row: int, unit: float) -> list[float]:
    """Heights at which to part a row; empty when its columns disagree."""
    single = [cell for cell in grid.cells if cell.row == row and cell.rows == 1]
    if len(single) < _LEAST_COLUMNS:
        return []
    top, bottom = round(grid.ys[row] + 0.2 * unit), round(grid.ys[row + 1] - 0.2 * unit)
    middles = []
    for cell in single:
        left = round(grid.xs[cell.col] + 0.25 * unit)
        right = round(grid.xs[cell.col + cell.cols] - 0.25 * unit)
        lines = _lines(mask[top:bottom, max(left, 0) : max(right, 1)], unit)
        middles.append([top + (start + end) / 2 for start, end in lines])
    count = len(middles[0])
    if count < _LEAST_LINES or any(len(column) != count for column in middles):
        return []
    heights = np.array(middles)
    if np.abs(heights - np.median(heights, axis=0)).max() > 0.5 * unit:
        return []
    middle = np.median(heights, axis=0)
    return [float(value) for value in (middle[1:] + middle[:-1]) / 2]


def _lines(part: NDArray[np.uint8], unit: float) -> list[tuple[int, int]]:
    """Start and end of each line of text in a cell."""
    if not part.size:
        return []
    inked = part.sum(axis=1) > 0.08 * unit
    reach = max(round(0.3 * unit), 1)
    closed = cv2.morphologyEx(inked.astype(np.uint8)[:, None], cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    return [(start, end) for start, end in runs(closed[:, 0].astype(bool)) if end - start >= 0.4 * unit]


def _parted(grid: Grid, row: int, cuts: list[float]) -> Grid:
    more = len(cuts)
    cells = []
    for cell in grid.cells:
        if cell.row > row:
            cells.append(replace(cell, row=cell.row + more))
        elif cell.row == row and cell.rows == 1:
            cells += [Span(row + at, cell.col, 1, cell.cols) for at in range(more + 1)]
        elif cell.row + cell.rows > row:
            cells.append(replace(cell, rows=cell.rows + more))
        else:
            cells.append(cell)
    absent = np.zeros((more, grid.level.shape[1]))
    return replace(
        grid,
        ys=(*grid.ys[: row + 1], *cuts, *grid.ys[row + 1 :]),
        level=np.concatenate([grid.level[: row + 1], absent, grid.level[row + 1 :]]),
        upright=np.repeat(
            grid.upright, [more + 1 if at == row else 1 for at in range(len(grid.upright))], axis=0
        ),
        cells=tuple(sorted(cells)),
    )
