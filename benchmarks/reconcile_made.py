"""Outcomes of reconciling on made pages that `gouji read` has read, against a plain confidence threshold.

Figures are compared by value (blank, dash and zero are equal), cell by cell at their place on the
paper, so that a table whose rows were miscounted is still held against the right truth. The threshold
sends every figure below some probability of its first reading to a person; it is set to leave no more
silent errors than reconciling does, and the two shares of review are compared.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gouji.document import CellRecord, Document, PageRecord, TableRecord
from gouji.evaluate import page_of, read_documents, read_truths
from gouji.found_tables import FoundTable, pair_tables
from gouji.same_place import same_place
from gouji.store import Store
from gouji.truth import CellTruth, PageTruth
from gouji_ocr.amounts import parse_amount
from gouji_postprocess.decision import State


@dataclass
class Counted:
    """Counts of one level or of all."""

    counts: Counter[str] = field(default_factory=Counter)
    sureness: list[tuple[float, bool]] = field(default_factory=list)  # log-probability read, right

    def record(self) -> dict[str, Any]:
        """Everything as JSON."""
        from benchmarks.reconcile import bounded  # noqa: PLC0415  each module is also a program

        c = self.counts
        review, kept = self._threshold(c["wrong_unflagged"])
        return {
            "counts": dict(sorted(c.items())),
            "wrong_unflagged": bounded(c["wrong_unflagged"], c["found"]),
            "bad_corrections": bounded(c["bad_corrections"], c["corrections"]),
            "review": c["review"] / max(1, c["found"]),
            "misprints_overwritten": bounded(c["misprint_overwritten"], c["misprints"]),
            "threshold": {"review": review, "silent": kept},
            "times_less_review": review / (c["review"] / c["found"]) if c["review"] else None,
        }

    def _threshold(self, silent: int) -> tuple[float, int]:
        """Least share of review by a confidence threshold that leaves at most so many silent errors."""
        ranked = sorted(self.sureness, key=lambda item: -item[0])
        errors = accepted = kept = 0
        for position, (score, right) in enumerate(ranked, start=1):
            errors += not right
            last_of_equals = position == len(ranked) or ranked[position][0] != score
            if errors > silent:
                break
            if last_of_equals:
                accepted, kept = position, errors
        return 1 - accepted / max(1, len(ranked)), kept


def made_pages(pages: Path, results: Path) -> dict[str, Any]:
    """Count all made pages below `pages` (its `truth` folder) that have a result below `results`."""
    store, total = Store(results), Counted()
    levels: dict[str, Counted] = {}
    whole = Counted()
    documents = list(read_documents(results))
    for name, truth in read_truths(pages / "truth"):
        match = page_of(name, truth, documents)
        if match is None:
            total.counts["pages_without_result"] += 1
            continue
        groups = [total, levels.setdefault(f"level {truth.level}", Counted())]
        _count_page(truth, *match, store, groups, whole)
    return {
        "benchmark": "reconcile_made",
        "total": total.record(),
        "by_level": {level: counted.record() for level, counted in sorted(levels.items())},
        "tables_with_exact_grid": whole.record(),
    }


def _count_page(
    truth: PageTruth,
    document: Document,
    record: PageRecord,
    store: Store,
    groups: list[Counted],
    whole: Counted,
) -> None:
    page = store.load_page(record.key)
    first: dict[str, float] = {}
    for readings in page.readings if page else ():
        for reading in readings:
            said = reading.opinions[0].candidates if reading.opinions else reading.candidates
            first[str(reading.ref)] = said[0].log_probability if said else -math.inf
    tables = [table for table in document.tables if table.page == record.number]
    partners = pair_tables(truth.tables, [FoundTable.of(table) for table in tables])
    for counted in groups:
        counted.counts["pages"] += 1
    for at, cells in enumerate(truth.tables):
        table = tables[partners[at]] if at in partners else None
        error = truth.source_error if truth.source_error and truth.source_error.table == at else None
        exact = table is not None and _shapes(cells) == _shapes(table.cells)
        for cell, found in _pairs(cells, table):
            misprinted = error is not None and (error.row, error.col) == (cell.row, cell.col)
            meant = error.right if error is not None and misprinted else None
            for counted in [*groups, *([whole] if exact else [])]:
                _count_cell(counted, cell, found, meant, first)


def _shapes(cells: Any) -> set[tuple[int, int, int, int]]:
    return {(cell.row, cell.col, cell.rowspan, cell.colspan) for cell in cells}


def _pairs(
    cells: tuple[CellTruth, ...], table: TableRecord | None
) -> Iterator[tuple[CellTruth, CellRecord | None]]:
    """Figures of the truth with the cell found at their place."""
    there: dict[int, int] = {}
    if table is not None:
        there = same_place(
            [cell.box for cell in cells],
            [cell.text for cell in cells],
            [cell.box for cell in table.cells],
            [cell.read for cell in table.cells],
        )
    for number, cell in enumerate(cells):
        if cell.numeric and not cell.ignore:
            yield cell, table.cells[there[number]] if table is not None and number in there else None


def _count_cell(
    counted: Counted,
    cell: CellTruth,
    found: CellRecord | None,
    meant: str | None,
    first: Mapping[str, float],
) -> None:
    counts = counted.counts
    counts["figures"] += 1
    counts["misprints"] += meant is not None
    if found is None:
        counts["not_found"] += 1
        counts["misprint_not_found"] += meant is not None
        return
    counts["found"] += 1
    right, state = same_value(found.text, cell.text), found.state
    counts["misread"] += not same_value(found.read, cell.text)
    counted.sureness.append((first.get(found.ref, -math.inf), same_value(found.read, cell.text)))
    counts[state.value] += 1
    if state is State.DOUBTFUL:
        counts["review"] += 1
    elif not right and not found.source_suspect:
        counts["wrong_unflagged"] += 1
        counts[f"wrong_{state.value}"] += 1
    if state is State.CORRECTED:
        counts["corrections"] += 1
        counts["bad_corrections"] += not right
        counts["mended"] += right and not same_value(found.read, cell.text)
    if meant is None:
        counts["false_suspects"] += found.source_suspect
    elif state is State.CORRECTED and same_value(found.text, meant):
        counts["misprint_overwritten"] += 1
    elif found.source_suspect:
        counts["misprint_flagged"] += 1
    else:
        counts["misprint_review" if state is State.DOUBTFUL else "misprint_missed"] += 1


def same_value(one: str, other: str) -> bool:
    """Whether two texts state the same amount; blank, dash and zero do."""
    a, b = parse_amount(one), parse_amount(other)
    if a is None or b is None:
        return "".join(one.split()) == "".join(other.split())
    scale = max(a.decimals, b.decimals)
    return a.at_scale(scale) == b.at_scale(scale)
