"""Readings beside what is printed, for calibrating the readers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gouji.evaluate import page_of, read_documents, read_truths
from gouji.found_tables import FoundTable, pair_tables
from gouji.store import Store
from gouji_layout.geometry import CellRef
from gouji_ocr.reading import Reading
from gouji_postprocess.calibrate import Sample


def samples(truth_dir: Path, out: Path) -> Iterator[Sample]:
    """Every figure of the truth whose cell was found, with its stored reading.

    Only tables whose grid is exactly that of the truth count: in others a reading may be beside
    its cell, and the reader would be blamed for the structure.

    Raises:
        TruthError: no truth files, or one that is not in the format or could be of several scans.
        ResultError: no documents, or one that cannot be read.
    """
    store = Store(out)
    documents = list(read_documents(out))
    for name, truth in read_truths(truth_dir):
        match = page_of(name, truth, documents)
        if match is None:
            continue
        document, record = match
        page = store.load_page(record.key)
        if page is None:
            continue
        tables = [FoundTable.of(table) for table in document.tables if table.page == record.number]
        readings: dict[CellRef, Reading] = {
            reading.ref: reading for table in page.readings for reading in table
        }
        for expected, found in pair_tables(truth.tables, tables).items():
            shapes = {(c.row, c.col, c.rowspan, c.colspan) for c in truth.tables[expected]}
            if shapes != {(c.row, c.col, c.rowspan, c.colspan) for c in tables[found].cells}:
                continue
            refs = {(c.row, c.col): CellRef.parse(c.ref) for c in tables[found].cells}
            for cell in truth.tables[expected]:
                if cell.numeric and not cell.ignore and refs[cell.row, cell.col] in readings:
                    yield Sample(readings[refs[cell.row, cell.col]], cell.text)
