"""Tables and their cells: where each cell is on the page and in the grid. No text is known here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gouji_layout.geometry import Box, CellRef


class TableKind(StrEnum):
    """How the structure of a table was found; the later ones are less sure."""

    RULED = "ruled"
    HALF_RULED = "half_ruled"
    ALIGNED = "aligned"


class CellMark(StrEnum):
    """What a reader or a reviewer should know about the place of a cell."""

    SEAL = "seal"  # a seal or stamp covers part of it
    DIAGONAL = "diagonal"  # a diagonal header cell
    GUESSED_EDGE = "guessed_edge"  # at least one side was not seen but inferred


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid; a merged cell counts once, named by its top-left corner."""

    ref: CellRef
    box: Box
    rowspan: int = 1
    colspan: int = 1
    marks: frozenset[CellMark] = frozenset()

    @property
    def row(self) -> int:
        """First grid row, from 0."""
        return self.ref.row

    @property
    def col(self) -> int:
        """First grid column, from 0."""
        return self.ref.col


@dataclass(frozen=True, slots=True)
class StructureCheck:
    """Something about a table's structure that a person may want to look at."""

    code: str  # e.g. "ink_outside_cells"
    detail: str  # one sentence in Chinese
    cells: tuple[CellRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells on one page.

    Rows and columns count in the table's own reading direction: a table printed sideways has
    `quarter_turns` other than zero (counter-clockwise turns, as `numpy.rot90`, that stand its
    crops upright), while all boxes stay in page pixels.
    """

    page: int
    index: int
    box: Box
    cells: tuple[Cell, ...]
    kind: TableKind = TableKind.RULED
    quarter_turns: int = 0
    checks: tuple[StructureCheck, ...] = ()

    @property
    def rows(self) -> int:
        """Number of grid rows."""
        return max((cell.row + cell.rowspan for cell in self.cells), default=0)

    @property
    def cols(self) -> int:
        """Number of grid columns."""
        return max((cell.col + cell.colspan for cell in self.cells), default=0)

    def at(self, row: int, col: int) -> Cell | None:
        """The cell that covers this grid place, spans included."""
        for cell in self.cells:
            if cell.row <= row < cell.row + cell.rowspan and cell.col <= col < cell.col + cell.colspan:
                return cell
        return None
