"""Tables as rules see them: a table printed over several pages is one view, its cells keep their pages.

A view renumbers the rows of later parts so that they follow the first part's; `forth` and `back`
translate cell names, so that every decision ends up on the page it belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gouji.records import PageReading
from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.reading import Reading


@dataclass(frozen=True, slots=True)
class Part:
    """One printed part of a view: which table, and how far its rows are moved down."""

    page: int  # position in the document's pages, from 0
    table: int  # position in that page's tables
    row_offset: int = 0
    rows_dropped: int = 0  # repeated header rows at its top that the view leaves out


@dataclass(frozen=True, eq=False)
class TableView:
    """One table of the report, whole: a grid, its readings, and where each cell really is."""

    parts: tuple[Part, ...]
    table: Table
    readings: tuple[Reading, ...]
    origins: tuple[CellRef, ...]  # real name of each reading's cell, in the same order

    @cached_property
    def _back(self) -> dict[CellRef, CellRef]:
        return {reading.ref: origin for reading, origin in zip(self.readings, self.origins, strict=True)}

    @cached_property
    def _forth(self) -> dict[CellRef, CellRef]:
        return {origin: reading.ref for reading, origin in zip(self.readings, self.origins, strict=True)}

    def holds(self, real: CellRef) -> bool:
        """Whether a cell of the document is in this view."""
        return real in self._forth

    def forth(self, real: CellRef) -> CellRef:
        """The name a real cell has in this view."""
        return self._forth[real]

    def back(self, ref: CellRef) -> CellRef:
        """The real name of a cell of this view."""
        return self._back[ref]

    def renamed(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """Readings under real names, as this view names them."""
        return tuple(replace(reading, ref=self._forth[reading.ref]) for reading in readings)


def table_views(pages: Sequence[PageReading]) -> list[TableView]:
    """Every table of the document as one view, in reading order."""
    return [_single(page, index, at) for at, page in enumerate(pages) for index in range(len(page.tables))]


def _single(page: PageReading, index: int, at: int) -> TableView:
    readings = page.readings[index]
    return TableView(
        (Part(at, index),), page.tables[index], readings, tuple(reading.ref for reading in readings)
    )
