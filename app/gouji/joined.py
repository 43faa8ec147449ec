"""Tables that go on over pages: rules are looked for in the whole, every cell keeps its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gouji.records import PageReading
from gouji_layout.geometry import CellRef
from gouji_layout.join import JoinedTable, join_tables
from gouji_layout.table import Table
from gouji_ocr.reading import Reading
from gouji_postprocess.check import Check
from gouji_postprocess.rule import Rule, Term
from gouji_postprocess.rule_binding import on_cells

_HEADER_ROWS = 4  # first rows whose texts tell a repeated header from a continued body


@dataclass(frozen=True, eq=False)
class WholeTable:
    """A table over several pages as one grid; `origins` takes its cells back to the pages."""

    table: Table
    readings: tuple[Reading, ...]
    origins: Mapping[CellRef, CellRef]

    def on_pages(self, rule: Rule) -> Rule:
        """A rule over the whole, with the names its cells have on their pages."""
        terms = tuple(Term(term.coefficient, self.origins[term.cell]) for term in rule.terms)
        return replace(rule, terms=terms)

    def checked_on_pages(self, check: Check) -> Check:
        """The same for a check."""
        names = {str(ref): origin for ref, origin in self.origins.items()}
        return replace(check, formula=on_cells(check.formula, names))


def joined_tables(pages: Sequence[PageReading]) -> list[JoinedTable]:
    """Every table of the document once, alone or as a part of one that goes on."""
    return join_tables(
        [table for page in pages for table in page.tables],
        {page.number: (page.width, page.height) for page in pages},
        {
            (table.page, table.index): _first_rows(table, readings)
            for page in pages
            for table, readings in zip(page.tables, page.readings, strict=True)
        },
    )


def _first_rows(table: Table, readings: Sequence[Reading]) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(min(_HEADER_ROWS, table.rows))]
    for cell, reading in zip(table.cells, readings, strict=True):
        if cell.row < len(rows):
            rows[cell.row].append(reading.text)
    return rows


def whole_table(joined: JoinedTable, readings: Mapping[CellRef, Reading]) -> WholeTable:
    """One grid of all parts, named like the first; repeated header rows are left out."""
    first = joined.parts[0]
    cells, renamed = [], []
    origins: dict[CellRef, CellRef] = {}
    for place in joined.cells:
        ref = CellRef(first.page, first.index, place.row, place.col)
        cells.append(replace(place.cell, ref=ref))
        renamed.append(replace(readings[place.cell.ref], ref=ref))
        origins[ref] = place.cell.ref
    return WholeTable(replace(first, cells=tuple(cells)), tuple(renamed), origins)
