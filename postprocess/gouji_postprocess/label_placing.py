"""Finding one block of a form in a table: where its row labels stand, and which columns its headers name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gouji_layout.geometry import CellRef
from gouji_postprocess.alignment import ALIKE, Alignment, align, path_likeness
from gouji_postprocess.form import Block, Line, TableForm
from gouji_postprocess.labels import is_label, similarity
from gouji_postprocess.seen_grid import SeenGrid

WIDEST_STUB = 4  # columns that row labels may take up
TALLEST_HEADER = 6
LABEL_COLUMN = 0.3  # a column with a smaller share of labels is not tried as the start of row labels


@dataclass(frozen=True, slots=True)
class Placed:
    """A block found in a table: its lines by grid row and column, and what fitted nothing."""

    rows: dict[Line, int]
    columns: dict[Line, int]
    row_likeness: float
    col_likeness: float
    seen_rows: int  # rows with labels that the block should account for
    bottom: int  # first grid row below the block
    right: int  # first grid column to the right of it
    used: tuple[CellRef, ...] = ()
    unmatched: tuple[CellRef, ...] = ()
    guessed: frozenset[str] = field(default_factory=frozenset)  # row keys placed between matched neighbours
    by_position: bool = False


@dataclass(frozen=True, slots=True)
class _Stub:
    first: int
    last: int  # first column after the row labels
    alignment: Alignment
    paths: tuple[tuple[str, ...], ...]
    grid_rows: tuple[int, ...]


def _like(seen: tuple[str, ...], known: tuple[str, ...]) -> float:
    return path_likeness(seen, known, similarity)


def place_block(grid: SeenGrid, block: Block, *, top: int, left: int, lone: bool) -> Placed | None:
    """Find the block at or below grid row `top`, at or right of column `left`; None when nothing fits."""
    if not any(line.path for line in block.rows):
        return _place_unlabelled(grid, block, top=top)
    stub = _find_stub(grid, block, top=top, left=left)
    if stub is None or not stub.alignment.pairs:
        return None
    rows = {block.rows[k]: stub.grid_rows[s] for s, k in stub.alignment.pairs}
    first_row = min(rows.values())
    guessed = _guess_between(block, stub, rows)
    header_top = _header_top(grid, block, top, first_row, lone=lone)
    columns, likeness, by_position = _place_columns(grid, block, stub.last, header_top, first_row)
    last_row = max(rows.values())
    bottom = last_row + 1
    if lone:
        seen = [s for s, row in enumerate(stub.grid_rows) if row >= first_row]
    else:
        seen = [s for s, row in enumerate(stub.grid_rows) if first_row <= row <= last_row]
    matched = {s for s, _ in stub.alignment.pairs} | {s for s in seen if stub.grid_rows[s] in rows.values()}
    unmatched = [
        cell.ref
        for s in seen
        if s not in matched
        for cell in grid.cells_of_row(stub.grid_rows[s], stub.first, stub.last)
        if is_label(grid.text(cell)) and cell.row == stub.grid_rows[s]
    ]
    right = max(columns.values(), default=stub.last - 1) + 1
    return Placed(
        rows=rows,
        columns=columns,
        row_likeness=stub.alignment.total,
        col_likeness=likeness,
        seen_rows=len(seen),
        bottom=bottom,
        right=right,
        used=tuple(
            cell.ref for row in rows.values() for cell in grid.cells_of_row(row, stub.first, stub.last)
        ),
        unmatched=tuple(unmatched),
        guessed=guessed,
        by_position=by_position,
    )


def _find_stub(grid: SeenGrid, block: Block, *, top: int, left: int) -> _Stub | None:
    best: _Stub | None = None
    known = [line.shown for line in block.rows]
    for first in range(left, grid.cols):
        if grid.label_share[first] < LABEL_COLUMN:
            continue
        for last in range(first + 1, min(first + WIDEST_STUB, grid.cols - 1) + 1):
            numbered = [
                (row, path) for row in range(top, grid.rows) if (path := grid.row_labels(row, first, last))
            ]
            paths = tuple(path for _, path in numbered)
            found = align(paths, known, _like)
            if best is None or found.total > best.alignment.total + 1e-9:
                best = _Stub(first, last, found, paths, tuple(row for row, _ in numbered))
        if best is not None and best.alignment.total >= 0.9 * len(known):
            break
    return best


def _guess_between(block: Block, stub: _Stub, rows: dict[Line, int]) -> frozenset[str]:
    """Place lines between two matched neighbours when exactly as many grid rows are left there."""
    guessed = set()
    pairs = [(stub.grid_rows[s], k) for s, k in stub.alignment.pairs]
    for (row_a, a), (row_b, b) in pairwise(pairs):
        if b - a > 1 and b - a == row_b - row_a:
            for step in range(1, b - a):
                line = block.rows[a + step]
                rows[line] = row_a + step
                guessed.add(line.key)
    return frozenset(guessed)


def _header_top(grid: SeenGrid, block: Block, top: int, first_row: int, *, lone: bool) -> int:
    if lone or not block.heading:
        return max(top, first_row - TALLEST_HEADER)
    like = [
        (similarity("".join(grid.row_labels(row, 0, grid.cols)), block.heading), row)
        for row in range(top, first_row)
    ]
    good = [row for score, row in like if score >= ALIKE]
    return good[-1] + 1 if good else max(top, first_row - 1)


def _place_columns(
    grid: SeenGrid, block: Block, first_col: int, top: int, bottom: int
) -> tuple[dict[Line, int], float, bool]:
    cols = range(first_col, grid.cols)
    paths = [grid.col_labels(col, top, bottom) for col in cols]
    known = [line.shown for line in block.columns]
    found = align(paths, known, _like)
    columns = {block.columns[k]: cols[s] for s, k in found.pairs}
    if columns:
        _fill_columns(block, columns, found, cols)
        return columns, found.total, False
    if len(cols) == len(block.columns) and not any(paths):
        return dict(zip(block.columns, cols, strict=True)), 0.0, True
    return {}, 0.0, False


def _fill_columns(block: Block, columns: dict[Line, int], found: Alignment, cols: Sequence[int]) -> None:
    """Columns whose header could not be read, between matched neighbours or at an end, when they just fit."""
    pairs = [(-1, -1), *found.pairs, (len(cols), len(block.columns))]
    for (seen_a, a), (seen_b, b) in pairwise(pairs):
        if b - a > 1 and b - a == seen_b - seen_a and len(found.pairs) * 2 >= len(block.columns):
            for step in range(1, b - a):
                columns[block.columns[a + step]] = cols[seen_a + step]


def _place_unlabelled(grid: SeenGrid, block: Block, *, top: int) -> Placed | None:
    """A block whose rows have no labels (table 四): headers, then the first row of figures."""
    best: tuple[float, int, dict[Line, int]] | None = None
    for bottom in range(top + 1, min(top + TALLEST_HEADER, grid.rows - 1) + 1):
        columns, likeness, by_position = _place_columns(grid, block, 0, top, bottom)
        if columns and not by_position and (best is None or likeness > best[0] + 1e-9):
            best = (likeness, bottom, columns)
    if best is None:
        return None
    likeness, bottom, columns = best
    figures = [
        row
        for row in range(bottom, grid.rows)
        if sum(grid.is_figure_place(grid.places.get((row, col))) for col in columns.values()) * 2
        > len(columns)
    ]
    if len(figures) < len(block.rows):
        return None
    rows = dict(zip(block.rows, figures, strict=False))
    extra = [cell.ref for row in figures[len(rows) :] for cell in grid.cells_of_row(row, 0, grid.cols)]
    return Placed(
        rows=rows,
        columns=columns,
        row_likeness=0.0,
        col_likeness=likeness,
        seen_rows=0,
        bottom=max(rows.values()) + 1,
        right=max(columns.values()) + 1,
        unmatched=tuple(extra),
    )


def known_texts(
    grid: SeenGrid, form: TableForm, placed: Sequence[tuple[Block, Placed]]
) -> dict[CellRef, str]:
    """The text of the form for every label cell that a matched line runs through."""
    known: dict[CellRef, tuple[float, str]] = {}

    def offer(ref: CellRef, seen: str, labels: Sequence[str]) -> None:
        for label in labels:
            score = similarity(seen, label)
            if score >= ALIKE and score > known.get(ref, (0.0, ""))[0]:
                known[ref] = (score, label)

    for block, found in placed:
        left = min(found.columns.values(), default=grid.cols)
        top = min(found.rows.values(), default=0)
        for line, row in found.rows.items():
            for cell in grid.cells_of_row(row, 0, left):
                offer(cell.ref, grid.text(cell), line.path)
        for line, col in found.columns.items():
            for cell in grid.cells_of_col(col, max(0, top - TALLEST_HEADER), top):
                offer(cell.ref, grid.text(cell), line.path)
        for row in range(max(0, top - TALLEST_HEADER), top):
            for cell in grid.cells_of_row(row, 0, grid.cols):
                offer(cell.ref, grid.text(cell), [t for t in (block.heading, block.corner, *form.notes) if t])
    return {ref: label for ref, (_, label) in known.items()}
