"""Mends the structure of tables as persons ask: merge cells, split a cell, move a column; each can be undone.

Edits are kept as data and applied to the page readings before they are decided, so that they flow
into rules, document and exports. A cell keeps the name it had before all edits (its base name) in
the record of answers; only moved columns change the name it has in the document.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import reduce

from gouji.records import PageReading
from gouji.review.errors import StructureError
from gouji_layout.geometry import Box, CellRef
from gouji_layout.table import Cell, CellMark, Table
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import Candidate, Reading, ReadingKind


class EditKind(StrEnum):
    """What can be done to a table."""

    MERGE = "merge"
    SPLIT = "split"
    MOVE_COLUMN = "move_column"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit, in the names the table had when it was made.

    Merge takes the rectangle from (row, col) to (last_row, last_col); split the cell at (row, col);
    a moved column goes from `col` to where `last_col` is.
    """

    kind: EditKind
    page: int
    table: int
    row: int = 0
    col: int = 0
    last_row: int = 0
    last_col: int = 0

    def as_text(self) -> str:
        """The edit as the audit keeps it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def parse(cls, text: str) -> Edit:
        """Read an edit back."""
        plain = json.loads(text)
        return cls(EditKind(plain.pop("kind")), **plain)


@dataclass(frozen=True, eq=False)
class Edited:
    """Pages after all edits, and where the columns of edited tables were before them."""

    pages: tuple[PageReading, ...]
    columns: Mapping[tuple[int, int], tuple[int, ...]]  # (page, table) -> old column of each column

    def base(self, ref: CellRef) -> CellRef:
        """The name of a cell before all edits."""
        columns = self.columns.get((ref.page, ref.table))
        return replace(ref, col=columns[ref.col]) if columns and ref.col < len(columns) else ref

    def now(self, base: CellRef) -> CellRef:
        """The name a cell has after all edits."""
        columns = self.columns.get((base.page, base.table))
        if not columns or base.col not in columns:
            return base
        return replace(base, col=columns.index(base.col))

    def holds(self, ref: CellRef) -> bool:
        """Whether there is still a cell of this name; merging takes some away."""
        return any(
            cell.ref == ref
            for page in self.pages
            if page.number == ref.page
            for table in page.tables
            if table.index == ref.table
            for cell in table.cells
        )


@dataclass(frozen=True, eq=False)
class _Grid:
    """A table with its readings by cell."""

    table: Table
    readings: Mapping[CellRef, Reading]

    def replaced(self, cells: Iterable[Cell], readings: Iterable[Reading]) -> _Grid:
        ordered = tuple(sorted(cells, key=lambda cell: (cell.row, cell.col)))
        return _Grid(replace(self.table, cells=ordered), {reading.ref: reading for reading in readings})


def edit_pages(pages: Sequence[PageReading], edits: Iterable[Edit]) -> Edited:
    """Apply edits in order.

    Raises:
        StructureError: one does not fit its table.
    """
    grids = {
        (page.number, table.index): _Grid(table, {reading.ref: reading for reading in readings})
        for page in pages
        for table, readings in zip(page.tables, page.readings, strict=True)
    }
    columns: dict[tuple[int, int], tuple[int, ...]] = {}
    for edit in edits:
        place = (edit.page, edit.table)
        if place not in grids:
            raise StructureError("没有这张表")
        grid = grids[place]
        grids[place] = _DO[edit.kind](grid, edit)
        if edit.kind is EditKind.MOVE_COLUMN:
            order = _moved_order(grid.table.cols, edit.col, edit.last_col)
            before = columns.get(place, tuple(range(grid.table.cols)))
            columns[place] = tuple(before[col] for col in order)
    return Edited(tuple(_with_grids(page, grids) for page in pages), columns)


def _with_grids(page: PageReading, grids: Mapping[tuple[int, int], _Grid]) -> PageReading:
    own = [grids[page.number, table.index] for table in page.tables]
    return replace(
        page,
        tables=tuple(grid.table for grid in own),
        readings=tuple(tuple(grid.readings[cell.ref] for cell in grid.table.cells) for grid in own),
    )


def _merge(grid: _Grid, edit: Edit) -> _Grid:
    rows, cols = range(edit.row, edit.last_row + 1), range(edit.col, edit.last_col + 1)
    inside = [cell for cell in grid.table.cells if cell.row in rows and cell.col in cols]
    covered = sum(cell.rowspan * cell.colspan for cell in inside)
    fits = all(
        cell.row + cell.rowspan <= rows.stop and cell.col + cell.colspan <= cols.stop for cell in inside
    )
    if len(inside) < 2 or not fits or covered != len(rows) * len(cols):
        raise StructureError("所选单元格不成完整的矩形，不能合并")
    box = reduce(Box.union, (cell.box for cell in inside))
    marks = frozenset[CellMark]().union(*(cell.marks for cell in inside))
    ref = CellRef(edit.page, edit.table, edit.row, edit.col)
    merged = Cell(ref, box, len(rows), len(cols), marks)
    joined = _joined([grid.readings[cell.ref] for cell in inside], ref, box)
    names = {cell.ref for cell in inside}
    return grid.replaced(
        (*(cell for cell in grid.table.cells if cell.ref not in names), merged),
        (*(reading for name, reading in grid.readings.items() if name not in names), joined),
    )


def _joined(parts: Sequence[Reading], ref: CellRef, box: Box) -> Reading:
    inked = [part for part in parts if part.kind is not ReadingKind.BLANK]
    if len(inked) <= 1:
        only = inked[0] if inked else parts[0]
        return replace(only, ref=ref, box=box)
    if any(part.kind is ReadingKind.UNREADABLE for part in inked):
        return Reading(ref, box, ReadingKind.UNREADABLE, ())
    text = "".join(part.text for part in inked)
    kind = ReadingKind.TEXT if parse_amount(text) is None else ReadingKind.FIGURE
    return Reading(ref, box, kind, (Candidate(text, sum(part.log_probability for part in inked)),))


def _split(grid: _Grid, edit: Edit) -> _Grid:
    cell = grid.table.at(edit.row, edit.col)
    if cell is None or cell.rowspan * cell.colspan == 1:
        raise StructureError("这一格没有合并过，不能拆分")
    tops = _edges(grid.table, cell.row, cell.rowspan, cell.box.top, cell.box.bottom, upright=False)
    lefts = _edges(grid.table, cell.col, cell.colspan, cell.box.left, cell.box.right, upright=True)
    whole = grid.readings[cell.ref]
    texts = whole.text.split()
    count = cell.rowspan * cell.colspan
    pieces = texts if len(texts) == count else [whole.text]
    cells, readings = [], []
    for at in range(count):
        down, across = divmod(at, cell.colspan)
        ref = replace(cell.ref, row=cell.row + down, col=cell.col + across)
        box = Box(lefts[across], tops[down], lefts[across + 1], tops[down + 1])
        cells.append(Cell(ref, box, marks=cell.marks | {CellMark.GUESSED_EDGE}))
        readings.append(_piece(ref, box, pieces[at] if at < len(pieces) else None))
    return grid.replaced(
        (*(other for other in grid.table.cells if other.ref != cell.ref), *cells),
        (*(reading for name, reading in grid.readings.items() if name != cell.ref), *readings),
    )


def _piece(ref: CellRef, box: Box, text: str | None) -> Reading:
    """What a piece of a split cell holds was never read by itself: a person has to look."""
    if text is None:
        return Reading(ref, box, ReadingKind.UNREADABLE, ())
    kind = ReadingKind.TEXT if parse_amount(text) is None else ReadingKind.FIGURE
    return Reading(ref, box, kind, (Candidate(text, math.log(0.5)),))


def _edges(table: Table, first: int, span: int, start: float, end: float, *, upright: bool) -> list[float]:
    """Where the pieces of a split cell begin and end: as the rows or columns of the table do elsewhere."""
    edges = [start]
    for at in range(first + 1, first + span):
        seen = [
            other.box.left if upright else other.box.top
            for other in table.cells
            if (other.col if upright else other.row) == at
        ]
        even = start + (end - start) * (at - first) / span
        middle = sorted(seen)[len(seen) // 2] if seen else even
        edges.append(middle if edges[-1] + 1 < middle < end - 1 else even)
    return [*edges, end]


def _move_column(grid: _Grid, edit: Edit) -> _Grid:
    count = grid.table.cols
    if not (0 <= edit.col < count and 0 <= edit.last_col < count) or edit.col == edit.last_col:
        raise StructureError("没有这一列")
    place = {old: new for new, old in enumerate(_moved_order(count, edit.col, edit.last_col))}
    cells, readings = [], []
    for cell in grid.table.cells:
        taken = sorted(place[col] for col in range(cell.col, cell.col + cell.colspan))
        if taken != list(range(taken[0], taken[0] + cell.colspan)):
            raise StructureError("这一列被一个合并的表头跨着，不能移到它外面；请先拆分表头")
        ref = replace(cell.ref, col=taken[0])
        cells.append(replace(cell, ref=ref))
        readings.append(replace(grid.readings[cell.ref], ref=ref))
    return grid.replaced(cells, readings)


def _moved_order(count: int, source: int, target: int) -> list[int]:
    order = list(range(count))
    order.insert(target, order.pop(source))
    return order


_DO: Mapping[EditKind, Callable[[_Grid, Edit], _Grid]] = {
    EditKind.MERGE: _merge,
    EditKind.SPLIT: _split,
    EditKind.MOVE_COLUMN: _move_column,
}
