"""A form laid out as an empty (or filled) grid, as it would be printed: for `gouji forms show` and for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gouji_postprocess.form import Block, FigureType, Line, TableForm

Grid = list[list[str | None]]
"""Texts by row and column; None continues the cell to the left or above."""


def lay_out(form: TableForm, values: Mapping[str, str] | None = None) -> Grid:
    """The grid of a table form with `values` by quantity key; a `None` belongs to its merged neighbour.

    Bands stand one below the other over the full width, lanes side by side.
    """
    say = (values or {}).get
    if any(block.beside for block in form.blocks):
        return _side_by_side([_block(form, block, say) for block in form.blocks])
    grids = [_block(form, block, say) for block in form.blocks]
    width = max(len(row) for grid in grids for row in grid)
    return [_widened(row, width) for grid in grids for row in grid]


def _block(form: TableForm, block: Block, say: Callable[[str], str | None]) -> Grid:
    stub = max((len(line.path) for line in block.rows), default=0)
    header = max((len(line.path) for line in block.columns), default=0)
    corner = block.corner or (form.notes[0] if form.notes else "")
    grid: Grid = []
    if block.heading:
        grid.append([block.heading, *[None] * (stub + len(block.columns) - 1)])
    for level in range(header):
        left: list[str | None] = [corner, *[None] * (stub - 1)] if level == 0 else [None] * stub
        grid.append(left[:stub] + _header_row(block.columns, level, header))
    above: Line | None = None
    for line in block.rows:
        figures = [_figure(form, block, line, column, say) for column in block.columns]
        grid.append(_stub_row(line, above, stub) + figures)
        above = line
    return grid


def _header_row(columns: Sequence[Line], level: int, height: int) -> list[str | None]:
    row: list[str | None] = []
    for i, column in enumerate(columns):
        own = column.path[level] if level < len(column.path) else None
        before = columns[i - 1].path[: level + 1] if i else ()
        shared = own is not None and level < len(column.path) - 1 and before == column.path[: level + 1]
        row.append(None if shared else own)
    return row


def _stub_row(line: Line, above: Line | None, width: int) -> list[str | None]:
    if not line.path:
        return [""] * width if width else []
    row: list[str | None] = []
    for level in range(width):
        if level >= len(line.path):
            row.append(None)
        elif (
            level < len(line.path) - 1
            and above is not None
            and above.path[: level + 1] == line.path[: level + 1]
        ):
            row.append(None)
        else:
            row.append(line.path[level])
    return row


def _figure(form: TableForm, block: Block, line: Line, column: Line, say: Callable[[str], str | None]) -> str:
    if (line.type or column.type or block.type) is FigureType.TEXT:
        return say(form.quantity(block, line, column)) or line.unit
    if not line.figures:
        return ""
    return say(form.quantity(block, line, column)) or ""


def _widened(row: list[str | None], width: int) -> list[str | None]:
    return [*row, *[None] * (width - len(row))]


def _side_by_side(lanes: Sequence[Grid]) -> Grid:
    height = max(map(len, lanes))
    return [
        [text for lane in lanes for text in (lane[i] if i < len(lane) else [""] * len(lane[0]))]
        for i in range(height)
    ]
