"""Tables printed sideways on an upright page: found as they lie, then counted in their reading direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from gouji_layout.blobs import blobs
from gouji_layout.geometry import Box, CellRef
from gouji_layout.grid import Grid
from gouji_layout.page import Gray
from gouji_layout.paper import Paper
from gouji_layout.quarter_turns import CLEARLY_LONGER, LineScorer, clearly_best, mean_score, wide_lines
from gouji_layout.spans import Span
from gouji_layout.table import Cell

_STEP = 2  # the direction of text shows in a picture this much smaller
_LINE = 2.5  # times as long as high: a line, not a character
_LINES = 5  # read under each hypothesis
_LEAST_LINES = 2


def table_turns(box: Box, paper: Paper, unit: float, read_lines: LineScorer) -> int:
    """Counter-clockwise quarter turns that stand the text of a table upright; 0 on thin evidence.

    Nothing is read unless text clearly runs up or down the page rather than across it.

    Args:
        box: of the table, in pixels of the paper.
        paper: the upright page.
        unit: text height in pixels.
        read_lines: how well crops read.
    """
    if not _runs_sideways(paper.inked[box.slices(paper.inked.shape)], unit):
        return 0
    lying = paper.evened[box.slices(paper.evened.shape)]
    scores: dict[int, float] = {}
    for turns in (1, 3, 0):
        stood = np.ascontiguousarray(np.rot90(lying, turns))
        crops = [
            stood[max(y, 0) : y + height, max(x, 0) : x + width]
            for x, y, width, height in wide_lines(stood)[:_LINES]
        ]
        if turns and len(crops) < _LEAST_LINES:
            return 0
        if crops:
            scores[turns] = mean_score(read_lines(crops))
    return clearly_best(scores)


def _runs_sideways(inked: Gray, unit: float) -> bool:
    """Whether ink makes lines down the page far more than across it."""
    size = (max(inked.shape[1] // _STEP, 1), max(inked.shape[0] // _STEP, 1))
    small = (cv2.resize(inked * np.uint8(255), size, interpolation=cv2.INTER_AREA) > 80).astype(np.uint8)
    along, rule = max(round(0.45 * unit / _STEP), 2), round(3 * unit / _STEP)
    for kernel in (np.ones((1, rule), np.uint8), np.ones((rule, 1), np.uint8)):
        rules = cv2.morphologyEx(small, cv2.MORPH_OPEN, kernel)
        small[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    lengths = []
    for kernel in (np.ones((1, along), np.uint8), np.ones((along, 1), np.uint8)):
        found = blobs(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel))
        long, short = (found.width, found.height) if kernel.shape[0] == 1 else (found.height, found.width)
        line = (long > _LINE * short) & (short * _STEP > 0.5 * unit) & (short * _STEP < 2.5 * unit)
        lengths.append(int(long[line].sum()))
    across, down = lengths
    return down > CLEARLY_LONGER * across and down * _STEP > 10 * unit


def transposed(grid: Grid) -> Grid:
    """The grid mirrored at its diagonal: rows become columns."""
    return replace(
        grid,
        ys=grid.xs,
        xs=grid.ys,
        level=grid.upright.T,
        upright=grid.level.T,
        cells=tuple(sorted(Span(c.col, c.row, c.cols, c.rows) for c in grid.cells)),
        open_ys=grid.open_xs,
        open_xs=grid.open_ys,
    )


def in_reading_direction(cells: Sequence[Cell], turns: int) -> tuple[Cell, ...]:
    """Count rows and columns as a reader does who turns the page `turns` quarters counter-clockwise.

    Boxes stay where they are on the page.
    """
    rows = max(cell.row + cell.rowspan for cell in cells)
    cols = max(cell.col + cell.colspan for cell in cells)
    turned = []
    for cell in cells:
        below, right = rows - cell.row - cell.rowspan, cols - cell.col - cell.colspan
        place = ((cell.row, cell.col), (right, cell.row), (below, right), (cell.col, below))[turns % 4]
        spans = (cell.rowspan, cell.colspan) if turns % 2 == 0 else (cell.colspan, cell.rowspan)
        ref = CellRef(cell.ref.page, cell.ref.table, *place)
        turned.append(replace(cell, ref=ref, rowspan=spans[0], colspan=spans[1]))
    return tuple(sorted(turned, key=lambda cell: cell.ref))
