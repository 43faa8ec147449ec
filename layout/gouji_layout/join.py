"""Tables that go on over pages, joined as a view: no part is changed, every cell keeps its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from gouji_layout.geometry import Box
from gouji_layout.table import Cell, Table

_SAME_COLUMNS = 0.02  # of the table width that column edges may differ between parts
_AT_EDGE = 0.2  # share of the page height within which a part ends at the foot or starts at the head
_SAME_HEADER = 80  # likeness in percent of the texts of a header and its repetition, as both were read
_SIDE_BY_SIDE = 0.015  # of the height that row edges of two halves may differ


class JoinReason(StrEnum):
    """Why two parts belong together."""

    REPEATED_HEADER = "repeated_header"
    SAME_COLUMNS = "same_columns"  # the header is not repeated
    SIDE_BY_SIDE = "side_by_side"  # the right half stands on the next page


@dataclass(frozen=True, slots=True)
class JoinedCell:
    """A cell of the joined table and the cell of the part it is; places count in the joined table."""

    row: int
    col: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class JoinedTable:
    """One table over several parts. A table alone is a joined table of one part."""

    parts: tuple[Table, ...]
    cells: tuple[JoinedCell, ...]
    reasons: tuple[JoinReason, ...] = ()  # one for each join, in the order of the parts
    skipped_header_rows: int = 0  # rows at the head of each later part that repeat the first header


def join_tables(
    tables: Sequence[Table],
    page_sizes: Mapping[int, tuple[int, int]],
    headers: Mapping[tuple[int, int], Sequence[Sequence[str]]] | None = None,
) -> list[JoinedTable]:
    """Join tables that go on over pages.

    Args:
        tables: of a whole document, in page order.
        page_sizes: width and height of each page, by its number.
        headers: texts of the first rows of a table, by (page, index), where they are known. With
            them a repeated header is told from a continued body; layout itself reads nothing.

    Returns:
        Every table exactly once, alone or as a part.
    """
    joined: list[JoinedTable] = []
    for table in tables:
        if joined:
            reason, skip = _goes_on(joined[-1], table, page_sizes, headers or {})
            if reason is not None:
                joined[-1] = _with_part(joined[-1], table, reason, skip)
                continue
        joined.append(JoinedTable((table,), tuple(JoinedCell(c.row, c.col, c) for c in table.cells)))
    return joined


def _goes_on(
    before: JoinedTable,
    table: Table,
    page_sizes: Mapping[int, tuple[int, int]],
    headers: Mapping[tuple[int, int], Sequence[Sequence[str]]],
) -> tuple[JoinReason | None, int]:
    last = before.parts[-1]
    if table.page != last.page + 1 or table.quarter_turns != last.quarter_turns:
        return None, 0
    ends, starts = (_as_read(part.box, part.quarter_turns) for part in (last, table))
    foot, head = (_as_read(Box(0, 0, *page_sizes[part.page]), part.quarter_turns) for part in (last, table))
    meets = (
        ends.bottom > foot.bottom - _AT_EDGE * foot.height and starts.top < head.top + _AT_EDGE * head.height
    )
    first_of_page = table.index == 0
    if first_of_page and meets and _same_columns(last, table):
        repeated = _repeated_rows(before.parts[0], table, headers)
        return (JoinReason.REPEATED_HEADER, repeated) if repeated else (JoinReason.SAME_COLUMNS, 0)
    if (
        first_of_page
        and len(before.parts) == 1
        and _same_rows(last, table)
        and not _same_columns(last, table)
    ):
        return JoinReason.SIDE_BY_SIDE, 0
    return None, 0


def _columns(table: Table) -> list[float]:
    """Edges of the columns as shares of the table width."""
    whole = _as_read(table.box, table.quarter_turns)
    edges = {cell.col: _as_read(cell.box, table.quarter_turns).left for cell in table.cells}
    return [(edges[col] - whole.left) / whole.width for col in sorted(edges)]


def _as_read(box: Box, turns: int) -> Box:
    """The box after the page was turned for reading; only distances mean anything in it."""
    match turns % 4:
        case 0:
            return box
        case 1:
            return Box(box.top, -box.right, box.bottom, -box.left)
        case 2:
            return Box(-box.right, -box.bottom, -box.left, -box.top)
        case _:
            return Box(-box.bottom, box.left, -box.top, box.right)


def _same_columns(one: Table, other: Table) -> bool:
    first, second = _columns(one), _columns(other)
    return len(first) == len(second) and all(
        abs(a - b) < _SAME_COLUMNS for a, b in zip(first, second, strict=True)
    )


def _same_rows(one: Table, other: Table) -> bool:
    """Whether two tables have the same rows at the same heights, as halves of one spread have."""
    tops = [
        sorted(
            {
                round(_as_read(c.box, t.quarter_turns).top - _as_read(t.box, t.quarter_turns).top, 1)
                for c in t.cells
            }
        )
        for t in (one, other)
    ]
    if one.rows != other.rows or len(tops[0]) != len(tops[1]) or one.rows < 4:
        return False
    reach = _SIDE_BY_SIDE * _as_read(one.box, one.quarter_turns).height
    return all(abs(a - b) < reach for a, b in zip(*tops, strict=True))


def _repeated_rows(
    first: Table, table: Table, headers: Mapping[tuple[int, int], Sequence[Sequence[str]]]
) -> int:
    """How many rows at the head of a later part repeat the head of the first."""
    one, other = headers.get((first.page, first.index)), headers.get((table.page, table.index))
    if one is not None and other is not None:
        count = 0
        for upper, lower in zip(one, other, strict=False):
            if not any(upper) or not _repeats(upper, lower):
                break
            count += 1
        return count
    # Without texts: the same pattern of merged cells in the first rows, which a body does not have.
    count = 0
    for row in range(min(first.rows, table.rows)):
        pattern, repeated = (
            [(c.col, c.colspan, c.rowspan) for c in part.cells if c.row == row] for part in (first, table)
        )
        if pattern != repeated:
            break
        count = row + 1 if any(colspan > 1 or rowspan > 1 for _, colspan, rowspan in pattern) else count
        if count <= row:
            break
    if not count:
        return 0
    inside = [c.row + c.rowspan for c in first.cells if c.row < count]
    return max(inside, default=count)


def _repeats(header: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row says what the header does, but for a misread character; figures must be the same."""
    if list(header) == list(row) or len(header) != len(row):
        return list(header) == list(row)
    figures = any(text.strip().isdigit() for text in (*header, *row))
    return not figures and fuzz.ratio("".join(header), "".join(row)) >= _SAME_HEADER


def _with_part(before: JoinedTable, table: Table, reason: JoinReason, skip: int) -> JoinedTable:
    rows = max(cell.row + cell.cell.rowspan for cell in before.cells)
    cols = max(cell.col + cell.cell.colspan for cell in before.cells)
    if reason is JoinReason.SIDE_BY_SIDE:
        added = tuple(JoinedCell(c.row, c.col + cols, c) for c in table.cells)
    else:
        added = tuple(JoinedCell(c.row - skip + rows, c.col, c) for c in table.cells if c.row >= skip)
    return JoinedTable(
        (*before.parts, table),
        before.cells + added,
        (*before.reasons, reason),
        max(before.skipped_header_rows, skip),
    )
