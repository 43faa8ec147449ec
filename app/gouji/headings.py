"""Row and column headings of a cell, taken from the text cells left of it and above it.

Rows in which numbers outweigh texts are rows of data, columns in which texts outweigh numbers hold
labels. Single cells do not count, so that a figure misread as a text never passes for a heading,
and a heading misread as a figure hides no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gouji.document import CellRecord, Document, TableRecord
from gouji_ocr.amounts import AmountKind, parse_amount
from gouji_ocr.reading import ReadingKind


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of one cell, outermost first."""

    row: tuple[str, ...]
    col: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TableHeadings:
    """Finds the headings of any cell of one table.

    Attributes:
        table: the table.
        before: the part that it continues, whose column headings hold for it where it prints none.
    """

    table: TableRecord
    before: TableHeadings | None = None

    @cached_property
    def _grid(self) -> dict[tuple[int, int], CellRecord]:
        return {
            (row, col): cell
            for cell in self.table.cells
            for row in range(cell.row, cell.row + cell.rowspan)
            for col in range(cell.col, cell.col + cell.colspan)
        }

    @cached_property
    def _data_rows(self) -> frozenset[int]:
        """Rows in which, from the first number on, no fewer numbers than texts stand."""
        rows: dict[int, list[bool]] = {}
        for cell in sorted(self.table.cells, key=lambda cell: (cell.row, cell.col)):
            if _is_number(cell):
                rows.setdefault(cell.row, []).append(True)
            elif _is_text(cell) and cell.row in rows:
                rows[cell.row].append(False)
        return frozenset(row for row, numbers in rows.items() if 2 * sum(numbers) >= len(numbers))

    @cached_property
    def _label_cols(self) -> frozenset[int]:
        """Columns in which more texts than numbers stand in rows of data."""
        surplus: Counter[int] = Counter()
        for (row, col), cell in self._grid.items():
            if row in self._data_rows:
                surplus[col] += _is_text(cell) - _is_number(cell)
        return frozenset(col for col, more in surplus.items() if more > 0)

    @property
    def corner(self) -> tuple[int, int]:
        """Rows of heads and columns of labels before the first figure; (0, 0) where all is text."""
        if not self._data_rows:
            return 0, 0
        first = next((col for col in range(self.table.cols) if col not in self._label_cols), 0)
        return min(self._data_rows), first

    def of(self, cell: CellRecord) -> Headings:
        """Headings of a cell; of a heading itself, those that stand above and left of it."""
        section = _texts(self._sections_above(cell))[:1] if cell.row in self._data_rows else ()
        return Headings((*section, *_texts(self._labels_of(cell))), self._heads_of(cell))

    def _labels_of(self, cell: CellRecord) -> list[CellRecord]:
        """The nearest labels left of a cell; in a table of two halves those of its own half."""
        found: list[CellRecord] = []
        for col in range(cell.col - 1, -1, -1):
            beside = self._grid.get((cell.row, col))
            if col in self._label_cols:
                if beside is not None and _is_text(beside):
                    found.append(beside)
            elif found:
                break
        return found[::-1]

    def _heads_of(self, cell: CellRecord) -> tuple[str, ...]:
        found = _texts(self._above(cell.row, cell.col, but=cell.ref))[::-1]
        return found or self._heads_before(cell.col)

    def _heads_before(self, col: int) -> tuple[str, ...]:
        before = self.before
        if before is None or before.table.cols != self.table.cols:
            return ()
        found = _texts(before._above(before.table.rows, col))[::-1]
        return found or before._heads_before(col)

    def _above(self, row: int, col: int, but: str = "") -> Iterator[CellRecord]:
        """The headings above a place, the nearest first, as far as the next row of data above them."""
        begun = False
        for above in range(row - 1, -1, -1):
            cell = self._grid.get((above, col))
            if above in self._data_rows:
                if begun:
                    return  # figures above a heading belong to another part of the table
            elif cell is not None and cell.ref != but and _is_text(cell) and not self._is_section(cell):
                begun = True
                yield cell

    def _sections_above(self, cell: CellRecord) -> Iterator[CellRecord]:
        for row in range(cell.row - 1, -1, -1):
            above = self._grid.get((row, cell.col))
            if above is not None and self._is_section(above):
                yield above

    def _is_section(self, cell: CellRecord) -> bool:
        """Whether a cell reaches across the whole table below rows of data: it heads the rows below it."""
        return (
            cell.colspan == self.table.cols > 1
            and cell.row not in self._data_rows
            and cell.row > min(self._data_rows, default=cell.row)
        )


def headings_by_table(document: Document) -> dict[tuple[int, int], TableHeadings]:
    """The headings of every table of a document, by page and index."""
    found: dict[tuple[int, int], TableHeadings] = {}
    for table in document.tables:
        before = found.get(table.continues) if table.continues else None
        found[table.page, table.index] = TableHeadings(table, before)
    return found


def _is_number(cell: CellRecord) -> bool:
    amount = parse_amount(cell.text) if cell.kind is ReadingKind.FIGURE else None
    return amount is not None and amount.kind is AmountKind.FIGURE


def _is_text(cell: CellRecord) -> bool:
    return cell.kind is ReadingKind.TEXT and bool(cell.text.strip())


def _texts(cells: Iterable[CellRecord]) -> tuple[str, ...]:
    return tuple({cell.ref: "".join(cell.text.split()) for cell in cells if _is_text(cell)}.values())
