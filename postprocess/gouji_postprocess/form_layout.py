"""A form laid out as an empty or filled grid, as it would be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum

from gouji_layout.form_grid import FormGrid
from gouji_layout.spans import Span
from gouji_postprocess.form import Block, FigureType, Line, TableForm


class Joined(Enum):
    """A grid place that belongs to the merged cell on its left or above it."""

    LEFT = "left"
    ABOVE = "above"


Grid = list[list[str | Joined]]
"""Texts by row and column."""


def lay_out(form: TableForm, values: Mapping[str, str] | None = None) -> Grid:
    """The grid of a table form with `values` by quantity key.

    Bands stand one below the other over the full width, lanes side by side.
    """
    say = (values or {}).get
    if any(block.beside for block in form.blocks):
        return _side_by_side([_block(form, block, say) for block in form.blocks])
    grids = [_block(form, block, say) for block in form.blocks]
    width = max(len(row) for grid in grids for row in grid)
    return [[*row, *[Joined.LEFT] * (width - len(row))] for grid in grids for row in grid]


def form_grids(forms: Iterable[TableForm]) -> tuple[FormGrid, ...]:
    """What the rules of these forms are printed like, each structure once with the names of its forms.

    Left out are forms into which rows may be inserted, as there is no telling how many they have.
    """
    named: dict[tuple[Span, ...], list[str]] = {}
    for form in forms:
        cells = _cells(lay_out(form))
        if cells and not form.open_rows:
            named.setdefault(cells, []).append(form.id)
    return tuple(FormGrid.of("、".join(names), cells) for cells, names in named.items())


def _cells(grid: Grid) -> tuple[Span, ...]:
    """The cells of a grid in reading order; none where joined places make no rectangle."""
    places: dict[tuple[int, int], list[tuple[int, int]]] = {}
    first: dict[tuple[int, int], tuple[int, int]] = {}
    for row, texts in enumerate(grid):
        for col, text in enumerate(texts):
            if isinstance(text, Joined):
                first[row, col] = first[(row, col - 1) if text is Joined.LEFT else (row - 1, col)]
            else:
                first[row, col] = row, col
            places.setdefault(first[row, col], []).append((row, col))
    cells = []
    for (row, col), own in places.items():
        last_row, last_col = (max(place[axis] for place in own) for axis in (0, 1))
        cells.append(Span(row, col, last_row - row + 1, last_col - col + 1))
        if len(own) != cells[-1].rows * cells[-1].cols:
            return ()
    return tuple(cells)


def _block(form: TableForm, block: Block, say: Callable[[str], str | None]) -> Grid:
    stub = max((len(line.merged) + bool(line.label) for line in block.rows), default=0)
    header = max((len(line.path) for line in block.columns), default=0)
    corner = block.corner or (form.notes[0] if form.notes else "")
    grid: Grid = []
    if block.heading:
        grid.append([block.heading, *[Joined.LEFT] * (stub + len(block.columns) - 1)])
    for level in range(header):
        left: list[str | Joined] = [Joined.LEFT if level == 0 else Joined.ABOVE] * stub
        if level == 0 and stub:
            left[0] = corner
        grid.append(left + _header_row(block.columns, level))
    above: Line | None = None
    for line in block.rows:
        figures = [_figure(form, block, line, column, say) for column in block.columns]
        grid.append([*_stub_row(line, above, stub), *figures])
        above = line
    return grid


def _header_row(columns: Sequence[Line], level: int) -> list[str | Joined]:
    row: list[str | Joined] = []
    for i, column in enumerate(columns):
        if level >= len(column.path):
            row.append(Joined.ABOVE)
            continue
        before = columns[i - 1].path if i else ()
        shared = level < len(column.path) - 1 and before[: level + 1] == column.path[: level + 1]
        row.append(Joined.LEFT if shared else column.path[level].partition("|")[0])
    return row


def _stub_row(line: Line, above: Line | None, width: int) -> list[str | Joined]:
    shown = (*line.merged, line.label) if line.label else line.merged
    before = above.merged if above is not None else ()
    row: list[str | Joined] = []
    for level in range(width):
        if level >= len(shown):
            row.append(Joined.LEFT if shown else "")
        elif level < len(line.merged) and before[: level + 1] == line.merged[: level + 1]:
            row.append(Joined.ABOVE)
        else:
            row.append(shown[level].partition("|")[0])
    return row


def _figure(form: TableForm, block: Block, line: Line, column: Line, say: Callable[[str], str | None]) -> str:
    text = say(form.quantity(block, line, column))
    if text is None and (line.type or column.type or block.type) is FigureType.TEXT:
        return line.unit if line.figures else "——"
    return text or ("" if line.figures else "——")


def _side_by_side(lanes: Sequence[Grid]) -> Grid:
    height = max(map(len, lanes))
    empty: list[Grid] = [[[""] * len(lane[0])] * (height - len(lane)) for lane in lanes]
    return [
        [text for lane, rest in zip(lanes, empty, strict=True) for text in (*lane, *rest)[i]]
        for i in range(height)
    ]
