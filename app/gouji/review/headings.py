"""Row and column headings of a cell, taken from the text cells left of it and above it.

A row in which a figure begins is a row of data: what stands left of its first figure heads the row,
and nothing in it heads a column, so that misread figures never pass for headings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from gouji.document import CellRecord, TableRecord
from gouji_ocr.amounts import AmountKind, parse_amount
from gouji_ocr.reading import ReadingKind


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of one cell, outermost first."""

    row: tuple[str, ...]
    col: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TableHeadings:
    """Finds the headings of any cell of one table."""

    table: TableRecord

    @cached_property
    def _grid(self) -> dict[tuple[int, int], CellRecord]:
        return {
            (row, col): cell
            for cell in self.table.cells
            for row in range(cell.row, cell.row + cell.rowspan)
            for col in range(cell.col, cell.col + cell.colspan)
        }

    @cached_property
    def _first_figures(self) -> dict[int, int]:
        """The column of the first figure of each row of data."""
        first: dict[int, int] = {}
        for cell in self.table.cells:
            if cell.kind is ReadingKind.FIGURE and _is_number(cell.text):
                first[cell.row] = min(cell.col, first.get(cell.row, cell.col))
        return first

    def of(self, cell: CellRecord) -> Headings:
        """Headings of a cell; of a heading itself, those that stand above and left of it."""
        until = min(cell.col, self._first_figures.get(cell.row, cell.col))
        left = [self._grid.get((cell.row, col)) for col in range(until)]
        above: list[CellRecord | None] = []
        for row in range(cell.row - 1, -1, -1):
            found = self._grid.get((row, cell.col))
            if row in self._first_figures:
                if above:
                    break  # figures above a heading belong to another part of the table
            elif found is not None and found.ref != cell.ref:
                above.append(found)
        return Headings(_texts(left), tuple(reversed(_texts(above))))


def _is_number(text: str) -> bool:
    amount = parse_amount(text)
    return amount is not None and amount.kind is AmountKind.FIGURE


def _texts(cells: Iterable[CellRecord | None]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for cell in cells:
        if cell is not None and cell.kind is ReadingKind.TEXT and cell.text.strip():
            seen.setdefault(cell.ref, "".join(cell.text.split()))
    return tuple(seen.values())
