"""Tables of an upright page: ruled ones first, then those whose columns are only aligned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from gouji_layout.geometry import Box, CellRef
from gouji_layout.grid import Grid, find_grid
from gouji_layout.page import Gray, Page
from gouji_layout.paper import even, text_height
from gouji_layout.rules import Segment, level_rules, rule_ink, segments
from gouji_layout.seals import ink
from gouji_layout.table import Cell, Table, TableKind

_WORK_TEXT = 22.0  # text height in pixels at which rules are looked for when the scan is coarser
_LARGEST_ENLARGEMENT = 3.0


def find_tables(page: Page) -> list[Table]:
    """Find every table of a page, top to bottom."""
    evened = even(ink(page))
    unit = table_text_height(evened)
    scale = 1.0
    if unit < 0.75 * _WORK_TEXT:
        scale = min(_WORK_TEXT / unit, _LARGEST_ENLARGEMENT)
        evened = np.asarray(
            cv2.resize(evened, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), dtype=np.uint8
        )
        unit *= scale
    grids = _ruled_grids(evened, unit)
    grids.sort(key=lambda grid: (grid.ys[0], grid.xs[0]))
    return [_table(grid, page.number, index, 1 / scale) for index, grid in enumerate(grids)]


def table_text_height(evened: Gray) -> float:
    """Height of the text between level rules, which is often smaller than that of the prose around."""
    unit = text_height(evened)
    rules = level_rules(evened, unit)
    between = np.zeros(evened.shape[0] + 1, dtype=bool)
    starts = sorted(rules, key=lambda rule: rule.at)
    for upper, lower in pairwise(starts):
        shared = min(upper.end, lower.end) - max(upper.start, lower.start)
        if lower.at - upper.at < 4 * unit and shared > 6 * unit:
            between[int(upper.at) : int(lower.at)] = True
    if between.sum() < 4 * unit:
        return unit
    return text_height(evened[between[:-1]])


def _ruled_grids(evened: Gray, unit: float) -> list[Grid]:
    level_ink, upright_ink = rule_ink(evened, unit)
    level, upright = segments(level_ink, 3.0), segments(upright_ink, 2.0)
    grids = []
    for own_level, own_upright in _groups(level, upright, 0.8 * unit):
        grid = find_grid(level_ink, upright_ink, own_level, own_upright)
        if grid is not None:
            grids.append(grid)
    return grids


def _groups(
    level: Sequence[Segment], upright: Sequence[Segment], near: float
) -> list[tuple[list[Segment], list[Segment]]]:
    """Segments that touch each other, directly or through others, with a gap of at most `near`."""
    leader = list(range(len(level) + len(upright)))

    def find(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    if level and upright:
        y, x0, x1 = (np.array([getattr(s, name) for s in level])[:, None] for name in ("at", "start", "end"))
        x, y0, y1 = (np.array([getattr(s, name) for s in upright])[None] for name in ("at", "start", "end"))
        touch = (x >= x0 - near) & (x <= x1 + near) & (y >= y0 - near) & (y <= y1 + near)
        for i, j in zip(*np.nonzero(touch), strict=True):
            leader[find(int(i))] = find(len(level) + int(j))
    groups: dict[int, tuple[list[Segment], list[Segment]]] = {}
    for i, segment in enumerate(level):
        groups.setdefault(find(i), ([], []))[0].append(segment)
    for j, segment in enumerate(upright):
        groups.setdefault(find(len(level) + j), ([], []))[1].append(segment)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _table(grid: Grid, page: int, index: int, scale: float) -> Table:
    rows = sorted({s.row for s in grid.cells} | {s.row + s.rows for s in grid.cells})
    cols = sorted({s.col for s in grid.cells} | {s.col + s.cols for s in grid.cells})
    row_of, col_of = {v: i for i, v in enumerate(rows)}, {v: i for i, v in enumerate(cols)}
    cells = tuple(
        Cell(
            ref=CellRef(page, index, row_of[s.row], col_of[s.col]),
            box=Box(
                grid.xs[s.col] * scale,
                grid.ys[s.row] * scale,
                grid.xs[s.col + s.cols] * scale,
                grid.ys[s.row + s.rows] * scale,
            ),
            rowspan=row_of[s.row + s.rows] - row_of[s.row],
            colspan=col_of[s.col + s.cols] - col_of[s.col],
        )
        for s in grid.cells
    )
    box = Box(grid.xs[0] * scale, grid.ys[0] * scale, grid.xs[-1] * scale, grid.ys[-1] * scale)
    return Table(page=page, index=index, box=box, cells=cells, kind=TableKind.RULED)
