"""Tables of an upright page: ruled ones first, then those whose columns are only aligned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gouji_layout.aligned import aligned_grids
from gouji_layout.checks import structure_checks
from gouji_layout.diagonal import mark_diagonals
from gouji_layout.foreign_parts import without_foreign_parts
from gouji_layout.form_by_texts import forms_by_texts
from gouji_layout.form_fit import decided_by_form
from gouji_layout.form_grid import FormGrid
from gouji_layout.geometry import Box, CellRef
from gouji_layout.grid import Grid, find_grid
from gouji_layout.lines import text_words
from gouji_layout.page import Page
from gouji_layout.paper import Paper, believable_height
from gouji_layout.quarter_turns import LineScorer
from gouji_layout.rules import RuleInk, Segment, rule_ink, segments
from gouji_layout.second_look import is_worn, second_look
from gouji_layout.spans import Span
from gouji_layout.table import Cell, CellMark, StructureCheck, Table, TableKind
from gouji_layout.table_text import smaller_text_height, table_text_height, work_scale
from gouji_layout.touching import touching
from gouji_layout.turned import in_reading_direction, table_turns, transposed
from gouji_layout.under_rings import with_edges_under_rings
from gouji_layout.unruled_rows import split_rows

_FRAME = 0.85  # share of a picture side that a line along its very border spans to be its frame
_LOWEST = 1.2  # text heights of a table; lower ones are strokes of a line of prose
_LEAST_CELLS = 3  # of a table; fewer are strokes of characters on a page where rules are looked for as worn
_FEW = 8  # cells that must be framed to be a table
_BORDER, _FRAMED = 0.5, 0.45  # inked share of a drawn edge of the border; drawn share of the border
_SLIGHT = 8.0  # text heights across; what is narrower may be strokes of characters within an aligned table
_SEAL_SHARE = 0.08  # of a cell that a seal must cover to be worth a mark


def find_tables(
    page: Page,
    paper: Paper | None = None,
    *,
    read_lines: LineScorer | None = None,
    forms: Sequence[FormGrid] = (),
) -> list[Table]:
    """Find every table of a page, top to bottom; what is unsure is said in kind, marks and checks.

    Args:
        page: upright.
        paper: of the page, when it was looked at before.
        read_lines: how well crops read; without it no table is taken to lie on its side.
        forms: that tables may be: one that fits a table with doubtful rules decides its edges.
    """
    paper = paper or Paper.of(page)
    unit = table_text_height(paper)
    if not page.facts.dpi_guessed:
        unit = believable_height(unit, page.dpi)
    ruled = _ruled(paper, unit, forms)
    if ruled.worn and (own := smaller_text_height(paper, ruled.boxes, unit, page.dpi)):
        unit, ruled = own, _ruled(paper, own, forms)
    work, scale = ruled.work, ruled.scale
    found: list[tuple[Grid, TableKind, int]] = []
    for doubtful in ruled.grids:
        if doubtful.form:
            found.append((doubtful, TableKind.RULED if _fully_ruled(doubtful) else TableKind.HALF_RULED, 0))
            continue
        seen = with_edges_under_rings(doubtful, work.rings)
        turns = table_turns(seen.box, work, unit * scale, read_lines) if read_lines is not None else 0
        if turns % 2:
            aside = Paper(np.ascontiguousarray(work.evened.T))
            grid = transposed(split_rows(transposed(seen), aside, unit * scale))
        else:
            grid = split_rows(seen, work, unit * scale)
        found.append((grid, TableKind.RULED if _fully_ruled(grid) else TableKind.HALF_RULED, turns))
    taken = [grid.box for grid, _, _ in found if grid.form or grid.box.width >= _SLIGHT * unit * scale]
    words = text_words(work, unit * scale, taken)
    level = [rule for rule in segments(ruled.level, 3.0) if not _is_in(rule, taken, unit * scale)]
    aligned = [
        grid
        for grid in aligned_grids(words, level, unit * scale)
        if not any(grid.box.overlap(box) > 0 for box in taken)
    ]
    found = [one for one in found if not any(one[0].box.overlap(grid.box) > 0 for grid in aligned)]
    found += [(grid, TableKind.ALIGNED, 0) for grid in aligned]
    found.sort(key=lambda one: (one[0].ys[0], one[0].xs[0]))
    tables = []
    for index, (grid, kind, turns) in enumerate(found):
        cells = _cells(grid, CellRef(page.number, index, 0, 0), 1 / scale, paper.seals)
        cells = in_reading_direction(cells, turns) if turns else mark_diagonals(cells, paper, unit)
        box = _box(grid, 1 / scale)
        checks = structure_checks(box, cells, paper, unit) + _by_form(grid, cells)
        tables.append(Table(page.number, index, box, cells, kind, turns, checks))
    return tables


class _Ruled(NamedTuple):
    """Ruled tables as they were found at one scale."""

    grids: list[Grid]
    worn: bool
    work: Paper  # in which they were found
    scale: float
    level: RuleInk  # of level rules, in that picture

    @property
    def boxes(self) -> list[Box]:
        """Of the tables on the page."""
        return [_box(grid, 1 / self.scale) for grid in self.grids]


def _ruled(paper: Paper, unit: float, forms: Sequence[FormGrid]) -> _Ruled:
    """The ruled tables of a page whose text is `unit` pixels high."""
    scale = work_scale(unit, paper.evened.size)
    work = paper.scaled(scale)
    ink = rule_ink(work.evened, unit * scale)
    by_ink = ruled_grids(ink)
    worn = is_worn(by_ink)
    grids = second_look(by_ink, work, ink, forms)
    if worn and forms:
        grids = forms_by_texts(work, unit * scale, forms, grids)
    grids = [grid for grid in grids if grid.form or len(grid.cells) >= _LEAST_CELLS]
    return _Ruled(grids, worn, work, scale, ink[0])


def _is_in(rule: Segment, taken: Sequence[Box], unit: float) -> bool:
    """Whether a level rule belongs to a table that was found."""
    middle = (rule.start + rule.end) / 2
    return any(
        box.left < middle < box.right and box.top - unit < rule.at < box.bottom + unit for box in taken
    )


def ruled_grids(ink: tuple[RuleInk, RuleInk]) -> list[Grid]:
    """Grids of all ruled tables of a picture by the ink of its rules alone."""
    level_ink, upright_ink = ink
    unit = level_ink.unit
    height, width = level_ink.thin.shape
    level = _inside(segments(level_ink, 3.0), height, width, unit)
    upright = _inside(segments(upright_ink, 2.0), width, height, unit)
    grids = []
    for own_level, own_upright in touching(level, upright, unit):
        grid = find_grid(level_ink, upright_ink, own_level, own_upright)
        if grid is not None and _is_table(grid, unit):
            grids.append(without_foreign_parts(grid, height, unit))
    return grids


def _is_table(grid: Grid, unit: float) -> bool:
    """Whether a few cells are more than strokes of characters that happen to cross."""
    widths, heights = np.diff(grid.xs), np.diff(grid.ys)
    if heights.sum() < _LOWEST * unit:
        return False
    drawn = sum(widths[grid.level[side] >= _BORDER].sum() for side in (0, -1))
    drawn += sum(heights[grid.upright[:, side] >= _BORDER].sum() for side in (0, -1))
    return len(grid.cells) > _FEW or bool(drawn > _FRAMED * 2 * (widths.sum() + heights.sum()))


def _inside(found: Sequence[Segment], across: int, along: int, unit: float) -> list[Segment]:
    """Segments without those that frame the picture itself, as screen captures and lid shadows do.

    A table cut at the border of the picture loses nothing: its outer border is then an open side.
    """
    return [
        segment
        for segment in found
        if 0.4 * unit < segment.at < across - 0.4 * unit or segment.length < _FRAME * along
    ]


def _fully_ruled(grid: Grid) -> bool:
    """Whether all borders are drawn and every inner edge that parts cells was seen."""
    return (
        not grid.open_xs and not grid.open_ys and not any(_guessed(grid, span, 0.15) for span in grid.cells)
    )


def _guessed(grid: Grid, span: Span, least: float) -> bool:
    """Whether a side of a cell has less ink than `least` on some edge."""
    rows, cols = slice(span.row, span.row + span.rows), slice(span.col, span.col + span.cols)
    sides = (
        grid.level[span.row, cols],
        grid.level[span.row + span.rows, cols],
        grid.upright[rows, span.col],
        grid.upright[rows, span.col + span.cols],
    )
    return bool(min(side.min() for side in sides) < least)


def _by_form(grid: Grid, cells: Sequence[Cell]) -> tuple[StructureCheck, ...]:
    """Says which cells have edges that a known form decided, not the picture alone."""
    decided = {(span.row, span.col) for span in decided_by_form(grid)} if grid.form else set()
    if not decided:
        return ()
    detail = f"{len(decided)} 个单元格的边线看不清，按已知表式 {grid.form} 判定"
    return (
        StructureCheck("edges_by_form", detail, tuple(c.ref for c in cells if (c.row, c.col) in decided)),
    )


def _box(grid: Grid, scale: float = 1.0) -> Box:
    return Box(grid.xs[0] * scale, grid.ys[0] * scale, grid.xs[-1] * scale, grid.ys[-1] * scale)


def _cells(grid: Grid, first: CellRef, scale: float, seals: Sequence[Box]) -> tuple[Cell, ...]:
    rows = sorted({s.row for s in grid.cells} | {s.row + s.rows for s in grid.cells})
    cols = sorted({s.col for s in grid.cells} | {s.col + s.cols for s in grid.cells})
    row_of, col_of = {v: i for i, v in enumerate(rows)}, {v: i for i, v in enumerate(cols)}
    cells = []
    for s in grid.cells:
        box = Box(
            grid.xs[s.col] * scale,
            grid.ys[s.row] * scale,
            grid.xs[s.col + s.cols] * scale,
            grid.ys[s.row + s.rows] * scale,
        )
        marks = set()
        if any(box.overlap(seal) > _SEAL_SHARE * box.area for seal in seals):
            marks.add(CellMark.SEAL)
        if _guessed(grid, s, grid.seen):
            marks.add(CellMark.GUESSED_EDGE)
        cells.append(
            Cell(
                ref=CellRef(first.page, first.table, row_of[s.row], col_of[s.col]),
                box=box,
                rowspan=row_of[s.row + s.rows] - row_of[s.row],
                colspan=col_of[s.col + s.cols] - col_of[s.col],
                marks=frozenset(marks),
            )
        )
    return tuple(cells)
