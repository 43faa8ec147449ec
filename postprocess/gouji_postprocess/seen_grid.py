"""The label grid of a recognised table: which text stands at, left of and above every grid place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gouji_layout.geometry import CellRef
from gouji_layout.table import Cell, Table
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import Reading
from gouji_postprocess.labels import is_label


@dataclass(frozen=True, eq=False)
class SeenGrid:
    """A table with its texts, by grid place."""

    table: Table
    texts: dict[CellRef, str]

    @classmethod
    def of(cls, table: Table, readings: Sequence[Reading]) -> SeenGrid:
        """Put the best reading of every cell in its place."""
        return cls(table, {reading.ref: reading.text for reading in readings})

    def with_texts(self, known: Mapping[CellRef, str]) -> SeenGrid:
        """The same table with these cells' texts replaced, e.g. by those of the form it was recognised as."""
        return SeenGrid(self.table, self.texts | dict(known))

    @cached_property
    def places(self) -> dict[tuple[int, int], Cell]:
        """Every grid place with the cell that covers it."""
        return {
            (row, col): cell
            for cell in self.table.cells
            for row in range(cell.row, cell.row + cell.rowspan)
            for col in range(cell.col, cell.col + cell.colspan)
        }

    @property
    def rows(self) -> int:
        """Grid rows."""
        return self.table.rows

    @property
    def cols(self) -> int:
        """Grid columns."""
        return self.table.cols

    def text(self, cell: Cell | None) -> str:
        """The best text of a cell, or nothing."""
        return "" if cell is None else self.texts.get(cell.ref, "")

    def cells_of_row(self, row: int, first: int, last: int) -> list[Cell]:
        """Distinct cells that cover this row between two columns (last one out), left to right."""
        return _distinct([self.places.get((row, col)) for col in range(first, last)])

    def cells_of_col(self, col: int, first: int, last: int) -> list[Cell]:
        """Distinct cells that cover this column between two rows (last one out), top down."""
        return _distinct([self.places.get((row, col)) for row in range(first, last)])

    def row_labels(self, row: int, first: int, last: int) -> tuple[str, ...]:
        """Label texts of a row between two columns, outermost first.

        Where only a merged label above reaches the row and its own cell is empty, the innermost text is
        empty: the row's label could not be read.
        """
        cells = self.cells_of_row(row, first, last)
        return self._labels(cells, [cell.rowspan > 1 for cell in cells])

    def col_labels(self, col: int, first: int, last: int) -> tuple[str, ...]:
        """Label texts of a column between two rows, outermost first; see `row_labels`."""
        cells = self.cells_of_col(col, first, last)
        return self._labels(cells, [cell.colspan > 1 for cell in cells])

    def _labels(self, cells: Sequence[Cell], shared: Sequence[bool]) -> tuple[str, ...]:
        texts = [self.text(cell) for cell in cells]
        labels = [i for i, text in enumerate(texts) if is_label(text)]
        found = tuple(texts[i] for i in labels)
        lost = (
            bool(labels) and shared[labels[-1]] and any(not text.strip() for text in texts[labels[-1] + 1 :])
        )
        return (*found, "") if lost else found

    @cached_property
    def label_share(self) -> tuple[float, ...]:
        """For each column, the share of rows whose cell begins there and reads as a label."""
        shares = []
        for col in range(self.cols):
            cells = [cell for cell in self.table.cells if cell.col <= col < cell.col + cell.colspan]
            labels = sum(is_label(self.text(cell)) for cell in cells)
            shares.append(labels / len(cells) if cells else 0.0)
        return tuple(shares)

    def is_figure_place(self, cell: Cell | None) -> bool:
        """Whether a figure, a blank or a mark for "nothing" stands in the cell (and not a label)."""
        return cell is not None and (
            parse_amount(self.text(cell)) is not None or not is_label(self.text(cell))
        )


def _distinct(cells: Sequence[Cell | None]) -> list[Cell]:
    seen: dict[CellRef, Cell] = {}
    for cell in cells:
        if cell is not None:
            seen.setdefault(cell.ref, cell)
    return list(seen.values())
