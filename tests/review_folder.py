"""An output folder for the review tests: made pages, readings with planted doubts, decided by gouji."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Row, select

from fixtures.make import make_page
from gouji.decide_document import decide_document
from gouji.document import Document
from gouji.inputs import DocumentInput
from gouji.options import ReadOptions
from gouji.records import PageReading
from gouji.review.desk import Desk
from gouji.review.opening import open_desk
from gouji.review.schema import documents, items
from gouji.store import Store
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import IntakeFacts
from gouji_layout.table import Cell, Table
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.packs import load_packs


@dataclass(frozen=True)
class Folder:
    """A made output folder with what is true."""

    out: Path
    scans: Path
    names: tuple[str, ...]
    truth: dict[tuple[str, str], str]  # (document, cell) -> printed text
    planted: dict[str, tuple[str, ...]]  # document -> doubtful cells


def make_folder(
    root: Path,
    *,
    seeds: Sequence[int] = (3,),
    squares: int = 2,
    published: str = "wendeng2020",
    form: str = "2019",
    dpi: int = 110,
) -> Folder:
    """Make scans, page readings and documents below `root`.

    Args:
        squares: doubts to plant in table 三 of each document. Each is four figures at the corners of a
            rectangle, read so that two sets of figures both add up: no rule can tell which is printed.
    """
    scans, out = root / "scans", root / "out"
    scans.mkdir(parents=True)
    store = Store(out)
    store.prepare()
    packs, calibration = load_packs(()), Calibration.bundled()
    truth: dict[tuple[str, str], str] = {}
    planted: dict[str, tuple[str, ...]] = {}
    for seed in seeds:
        name = f"{published}-{seed}"
        made = make_page(seed, 1, dpi, form, parts=("T3", "T4"), published=published)
        path = made.save(scans, name)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        rng = np.random.default_rng(seed)
        page, chosen, texts = _reading(made.truth, made.image.shape, dpi, rng, squares)
        truth |= {(name, ref): text for ref, text in texts.items()}
        planted[name] = chosen
        key = hashlib.sha256(f"{sha256}-1".encode()).hexdigest()
        store.save_page(key, page)
        given = DocumentInput(name, path.name, sha256, (page,), {1: key})
        options = ReadOptions(second_look=False)
        decided = decide_document(given, packs=packs, calibration=calibration, options=options).document
        store.save_document(decided.model_copy(update={"organ": "威海市文登区人民政府", "year": 2020}))
    (out / "summary.json").write_text(json.dumps({"inputs": [str(scans)]}), encoding="utf-8")
    return Folder(out, scans, tuple(planted), truth, planted)


def _reading(
    truth: dict[str, Any], shape: tuple[int, ...], dpi: int, rng: np.random.Generator, squares: int
) -> tuple[PageReading, tuple[str, ...], dict[str, str]]:
    width, height = truth["page_size"]
    tables, readings = [], []
    texts: dict[str, str] = {}
    doubts = _squares(truth["tables"][0]["cells"], rng, squares)
    for index, told in enumerate(truth["tables"]):
        cells = tuple(
            Cell(CellRef(1, index, c["row"], c["col"]), Box(*c["box"]), c["rowspan"], c["colspan"])
            for c in told["cells"]
        )
        tables.append(Table(1, index, Box(*told["box"]), cells))
        texts |= {str(cell.ref): c["text"] for cell, c in zip(cells, told["cells"], strict=True)}
        readings.append(
            tuple(
                _cell_reading(cell, c, doubts.get((c["row"], c["col"]), "") if index == 0 else "")
                for cell, c in zip(cells, told["cells"], strict=True)
            )
        )
    straightening = Straightening(
        scan_size=(shape[1], shape[0]),
        page_size=(width, height),
        quarter_turns=0,
        page_to_turned=np.array(truth["homography"]),
    )
    page = PageReading(1, width, height, dpi, straightening, IntakeFacts(), tuple(tables), tuple(readings))
    return page, tuple(sorted(str(CellRef(1, 0, *place)) for place in doubts)), texts


def _squares(
    cells: list[dict[str, Any]], rng: np.random.Generator, squares: int
) -> dict[tuple[int, int], str]:
    """Another text for the corners of rectangles in the body of table 三, such that all sums still hold."""
    values = {(c["row"], c["col"]): int(c["text"] or 0) for c in cells if c["numeric"]}
    last_col = max(col for _, col in values)
    rows = sorted({row for row, _ in values})[2:-2]  # not the received, the total and what is carried on
    cols = sorted({col for _, col in values} - {last_col})
    found: dict[tuple[int, int], str] = {}
    for _ in range(2000):
        if len(found) >= 4 * squares:
            break
        one, two = (int(row) for row in rng.choice(rows, size=2, replace=False))
        left, right = (int(col) for col in rng.choice(cols, size=2, replace=False))
        moved = {(one, left): 1, (one, right): -1, (two, left): -1, (two, right): 1}
        taken = {row for row, _ in found}
        if one not in taken and two not in taken and all(values[at] + by >= 0 for at, by in moved.items()):
            found |= {at: str(values[at] + by) for at, by in moved.items()}
    return found


def _cell_reading(cell: Cell, told: dict[str, Any], other: str) -> Reading:
    text = told["text"]
    if not text.strip():
        kind = ReadingKind.BLANK
    else:
        kind = ReadingKind.FIGURE if told["numeric"] else ReadingKind.TEXT
    if not other:
        listed = (_candidate(text, 0.9995),)
        return Reading(cell.ref, cell.box, kind, listed, opinions=(Opinion("figures-v1", listed),))
    first = (_candidate(other, 0.50), _candidate(text, 0.49))
    second = (_candidate(text, 0.5), _candidate(other, 0.49))
    opinions = (Opinion("figures-v1", first), Opinion("ppocr-v6", second))
    return Reading(cell.ref, cell.box, kind, first, opinions=opinions)


def document_of(folder: Folder, name: str) -> Document:
    """A document as it stands on disk."""
    return Store(folder.out).load_document(name)


def _candidate(text: str, probability: float) -> Candidate:
    return Candidate(text, round(math.log(probability), 4))  # as exact as stored readings are


def copy_of(folder: Folder, root: Path) -> Folder:
    """The same folder elsewhere, for a test that changes it."""
    shutil.copytree(folder.out, root / "out")
    (root / "out" / "summary.json").write_text(json.dumps({"inputs": [str(folder.scans)]}), encoding="utf-8")
    return replace(folder, out=root / "out")


@contextmanager
def desk_of(folder: Folder) -> Iterator[Desk]:
    """The desk of a folder, brought up to date; closed again afterwards."""
    desk = open_desk(folder.out)
    try:
        desk.sync(force=True)
        yield desk
    finally:
        desk.ledger.close()


def item_of(desk: Desk, name: str, ref: str) -> Row[Any]:
    """The row of a figure in the index."""
    with desk.ledger.view() as connection:
        asked = select(items).join(documents).where(documents.c.name == name, items.c.ref == ref)
        return connection.execute(asked).one()
