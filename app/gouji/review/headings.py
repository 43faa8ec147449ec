"""Row and column headings of a cell, taken from the text cells left of it and above it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from gouji.document import CellRecord, TableRecord
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

    def of(self, cell: CellRecord) -> Headings:
        """Headings of a cell; of a heading itself, those that stand above and left of it."""
        left = [self._grid.get((cell.row, col)) for col in range(cell.col)]
        above = []
        for row in range(cell.row - 1, -1, -1):
            found = self._grid.get((row, cell.col))
            if found is None:
                continue
            if found.kind is ReadingKind.TEXT:
                above.append(found)
            elif above:
                break  # figures above a heading belong to another part of the table
        return Headings(_texts(left), tuple(reversed(_texts(above))))


def _texts(cells: Iterable[CellRecord | None]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for cell in cells:
        if cell is not None and cell.kind is ReadingKind.TEXT and cell.text.strip():
            seen.setdefault(cell.ref, "".join(cell.text.split()))
    return tuple(seen.values())
