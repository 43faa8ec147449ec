"""Finding one block of a form in a table: where its row labels stand, and which columns its headers name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import parse_amount
from gouji_postprocess.alignment import Alignment, align, path_likeness
from gouji_postprocess.form import Block, Line, TableForm
from gouji_postprocess.labels import is_label, similarity
from gouji_postprocess.seen_grid import SeenGrid

WIDEST_STUB = 4  # columns that row labels may take up
TALLEST_HEADER = 6
JOINED = 0.7  # likeness to two neighbouring labels written one after the other
CLEARLY = 0.08  # by so much it must be more like two labels than like one
NOT_ANOTHER = 0.35  # a label less like the expected one than this is another label, not a misread one
LABEL_COLUMN = 0.3  # a column with a smaller share of labels is not tried as the start of row labels


@dataclass(frozen=True, slots=True)
class Placed:
    """A block found in a table: its lines by grid row and column, and what fitted nothing."""

    rows: dict[Line, int]
    columns: dict[Line, int]
    row_likeness: float
    col_likeness: float
    seen_rows: int  # rows with labels that the block should account for
    header_end: int  # first grid row below the header
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


def place_blocks(grid: SeenGrid, form: TableForm) -> list[tuple[Block, Placed]]:
    """Find the blocks of a form; those for which nothing fits are left out.

    Bands are aligned together, so that a row of one band is not taken for a like one of another;
    lanes are looked for one after the other, from the left.
    """
    if not any(line.path for block in form.blocks for line in block.rows):
        found = _place_unlabelled(grid, form.blocks[0])
        return [] if found is None else [(form.blocks[0], found)]
    if any(block.beside for block in form.blocks):
        return _place_lanes(grid, form)
    known: list[tuple[str, ...]] = []
    owners: list[tuple[Block, Line | None]] = []
    for block in form.blocks:
        if block.heading:
            known.append((block.heading,))
            owners.append((block, None))
        known += [line.shown for line in block.rows]
        owners += [(block, line) for line in block.rows]
    stub = _find_stub(grid, known, left=0)
    if stub is None:
        return []
    placed: list[tuple[Block, Placed]] = []
    top = 0
    for block in form.blocks:
        mine = [(s, k) for s, k in stub.alignment.pairs if owners[k][0] is block]
        heading = next((stub.grid_rows[s] for s, k in mine if owners[k][1] is None), None)
        found = _place(grid, block, stub, [(s, owners[k][1]) for s, k in mine], heading=heading, top=top)
        if found is not None:
            placed.append((block, found))
            top = found.bottom
    return placed


def _place_lanes(grid: SeenGrid, form: TableForm) -> list[tuple[Block, Placed]]:
    placed: list[tuple[Block, Placed]] = []
    left = 0
    for block in form.blocks:
        stub = _find_stub(grid, [line.shown for line in block.rows], left=left)
        if stub is None:
            continue
        pairs: list[tuple[int, Line | None]] = [(s, block.rows[k]) for s, k in stub.alignment.pairs]
        found = _place(grid, block, stub, pairs, heading=None, top=0)
        if found is not None:
            placed.append((block, found))
            left = found.right
    return placed


def _place(
    grid: SeenGrid,
    block: Block,
    stub: _Stub,
    pairs: Sequence[tuple[int, Line | None]],
    *,
    heading: int | None,
    top: int,
) -> Placed | None:
    """One block whose rows are paired with seen rows: its columns, and what is left over."""
    rows = {line: stub.grid_rows[s] for s, line in pairs if line is not None}
    if not rows:
        return None
    first_row = min(rows.values())
    guessed = _guess_between(grid, block, stub, rows)
    header_end = first_row if block.heading else _header_end(grid, stub, top, first_row)
    if heading is not None:
        header_top = heading + 1
    else:
        header_top = max(top, header_end - (1 if block.heading else TALLEST_HEADER))
    columns, likeness, by_position = _place_columns(grid, block, stub.last, header_top, header_end)
    last_row = grid.rows - 1 if not block.heading else max(rows.values())
    seen = [s for s, row in enumerate(stub.grid_rows) if first_row <= row <= last_row]
    matched = set(rows.values())
    unmatched = [
        cell.ref
        for s in seen
        if stub.grid_rows[s] not in matched
        for cell in grid.cells_of_row(stub.grid_rows[s], stub.first, stub.last)
        if is_label(grid.text(cell)) and cell.row == stub.grid_rows[s]
    ]
    unmatched += _headers_left(grid, columns, (header_top, header_end), stub.last)
    likeness_of = dict(zip((s for s, _ in stub.alignment.pairs), stub.alignment.likeness, strict=True))
    return Placed(
        rows=rows,
        columns=columns,
        row_likeness=sum(likeness_of[s] for s, line in pairs if line is not None),
        col_likeness=likeness,
        seen_rows=len(seen),
        header_end=header_end,
        bottom=max(rows.values()) + 1,
        right=max(columns.values(), default=stub.last - 1) + 1,
        used=tuple(
            cell.ref for row in rows.values() for cell in grid.cells_of_row(row, stub.first, stub.last)
        ),
        unmatched=tuple(unmatched),
        guessed=guessed,
        by_position=by_position,
    )


def _header_end(grid: SeenGrid, stub: _Stub, top: int, first_row: int) -> int:
    """First row below the header: rows of figures may stand above the first that the form knows."""
    for row in range(top + 1, first_row):
        cells = [cell for cell in grid.cells_of_row(row, stub.last, grid.cols) if cell.row == row]
        figures = sum(parse_amount(text) is not None for cell in cells if (text := grid.text(cell)))
        if row in stub.grid_rows and 2 * figures > len(cells):
            return row
    return first_row


def _find_stub(grid: SeenGrid, known: Sequence[tuple[str, ...]], *, left: int) -> _Stub | None:
    """The columns whose row labels fit best, and how the known labels lie beside them."""
    best: _Stub | None = None
    for first in range(left, grid.cols):
        if grid.label_share[first] < LABEL_COLUMN:
            continue
        for last in range(first + 1, min(first + WIDEST_STUB, grid.cols - 1) + 1):
            numbered = [
                (row, path) for row in range(grid.rows) if (path := grid.row_labels(row, first, last))
            ]
            paths = tuple(path for _, path in numbered)
            found = align(paths, known, _like)
            if best is None or found.total > best.alignment.total + 1e-9:
                best = _Stub(first, last, found, paths, tuple(row for row, _ in numbered))
        if best is not None and best.alignment.total >= 0.9 * len(known):
            break
    return best


def _guess_between(grid: SeenGrid, block: Block, stub: _Stub, rows: dict[Line, int]) -> frozenset[str]:
    """Place lines between two matched neighbours when exactly as many grid rows are left there."""
    guessed = set()
    pairs = [(rows[line], k) for k, line in enumerate(block.rows) if line in rows]
    for (row_a, a), (row_b, b) in pairwise(pairs):
        if b - a > 1 and b - a == row_b - row_a:
            for step in range(1, b - a):
                line = block.rows[a + step]
                own = grid.places.get((row_a + step, stub.last - 1))
                if is_label(grid.text(own)) and similarity(grid.text(own), line.path[-1]) < NOT_ANOTHER:
                    continue  # the label can be read and says something else
                rows[line] = row_a + step
                guessed.add(line.key)
    return frozenset(guessed)


def _place_columns(
    grid: SeenGrid, block: Block, first_col: int, top: int, bottom: int
) -> tuple[dict[Line, int], float, bool]:
    cols = range(first_col, grid.cols)
    paths = [grid.col_labels(col, top, bottom) for col in cols]
    known = [line.shown for line in block.columns]
    found = align(paths, known, _like)
    pairs = _unjoined(found.pairs, paths, known)
    columns = {block.columns[k]: cols[s] for s, k in pairs}
    if len(pairs) < len(found.pairs):
        return columns, found.total, False  # with two columns in one nothing can be counted
    if columns:
        _fill_columns(block, columns, found, cols)
        return columns, found.total, False
    if len(cols) == len(block.columns) and not any(paths):
        return dict(zip(block.columns, cols, strict=True)), 0.0, True
    return {}, 0.0, False


def _headers_left(
    grid: SeenGrid, columns: dict[Line, int], rows: tuple[int, int], first_col: int
) -> list[CellRef]:
    """Innermost header cells of columns that are no column of the form."""
    left = []
    for col in range(first_col, grid.cols):
        cells = grid.cells_of_col(col, *rows)
        if col not in columns.values() and cells and cells[-1].col == col and is_label(grid.text(cells[-1])):
            left.append(cells[-1].ref)
    return left


def _unjoined(
    pairs: Sequence[tuple[int, int]], seen: Sequence[tuple[str, ...]], known: Sequence[tuple[str, ...]]
) -> list[tuple[int, int]]:
    """The pairs without those whose label is rather two labels of the form in one cell.

    Where a rule between two cells was lost their figures are joined as well, and belong to neither.
    """
    taken = {k for _, k in pairs}
    kept = []
    for s, k in pairs:
        alone = similarity(seen[s][-1], known[k][-1])
        others = [n for n in (k - 1, k + 1) if 0 <= n < len(known) and n not in taken and known[n]]
        both = [known[min(k, n)][-1] + known[max(k, n)][-1] for n in others if "|" not in known[n][-1]]
        if not any(similarity(seen[s][-1], label) >= max(JOINED, alone + CLEARLY) for label in both):
            kept.append((s, k))
    return kept


def _fill_columns(block: Block, columns: dict[Line, int], found: Alignment, cols: Sequence[int]) -> None:
    """Columns whose header could not be read, between matched neighbours or at an end, when they just fit."""
    pairs = [(-1, -1), *found.pairs, (len(cols), len(block.columns))]
    for (seen_a, a), (seen_b, b) in pairwise(pairs):
        if b - a > 1 and b - a == seen_b - seen_a and len(found.pairs) * 2 >= len(block.columns):
            for step in range(1, b - a):
                columns[block.columns[a + step]] = cols[seen_a + step]


def _place_unlabelled(grid: SeenGrid, block: Block) -> Placed | None:
    """A block whose rows have no labels (table 四): headers, then the first row of figures."""
    best: tuple[float, int, dict[Line, int]] | None = None
    for bottom in range(1, min(TALLEST_HEADER, grid.rows - 1) + 1):
        columns, likeness, by_position = _place_columns(grid, block, 0, 0, bottom)
        if columns and not by_position and (best is None or likeness > best[0] + 1e-9):
            best = (likeness, bottom, columns)
    if best is None:
        return None
    likeness, bottom, columns = best
    labelled = {
        row: sum(not grid.is_figure_place(grid.places.get((row, col))) for col in columns.values())
        for row in range(bottom, grid.rows)
    }
    # A row with a label of its own is not of this form; one misread figure does not make a label row.
    fewest = min(labelled.values(), default=0)
    figures = [row for row, count in labelled.items() if count == fewest and count * 2 < len(columns)]
    if len(figures) < len(block.rows):
        return None
    rows = dict(zip(block.rows, figures, strict=False))
    extra = [cell.ref for row in figures[len(rows) :] for cell in grid.cells_of_row(row, 0, grid.cols)]
    extra += _headers_left(grid, columns, (0, bottom), 0)
    return Placed(
        rows=rows,
        columns=columns,
        row_likeness=0.0,
        col_likeness=likeness,
        seen_rows=0,
        header_end=bottom,
        bottom=max(rows.values()) + 1,
        right=max(columns.values()) + 1,
        unmatched=tuple(extra),
    )
