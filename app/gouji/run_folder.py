"""Reads a folder of scans to the end: one bad page costs that page, one bad file that file."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gouji.document import ErrorRecord
from gouji.exits import NothingToReadError
from gouji.inputs import DocumentInput
from gouji.naming import NamedScan, UnreadableFolder, find_scans
from gouji.options import ReadOptions
from gouji.pipeline import Pipeline
from gouji.records import PageReading
from gouji.store import Store
from gouji.summary import Failure, Tally
from gouji_layout.page import Page
from gouji_layout.scan import Scan, ScanError, open_scan
from gouji_layout.stand import stand

Progress = Callable[[str, int], None]
"""Told the document at hand and how many of its pages were just finished."""


@dataclass(frozen=True, eq=False)
class Run:
    """What came of a run."""

    tally: Tally
    seconds: float


def run_folder(
    paths: Sequence[Path], out: Path, options: ReadOptions, *, progress: Progress = lambda _name, _pages: None
) -> Run:
    """Read every scan below the paths into `out`; what is there already is not read again.

    Raises:
        NothingToReadError: there is no scan below the paths.
        OutputError: `out` cannot be written.
    """
    start = time.monotonic()
    found = list(find_scans(paths))
    if not found:
        raise NothingToReadError(f"no scan in {', '.join(map(str, paths))} (PDF, TIFF, PNG, JPEG, DOCX)")
    store = Store(out)
    store.prepare()
    pipeline = Pipeline.load(options)
    tally = Tally()
    for item in found:
        match item:
            case UnreadableFolder():
                tally.failures.append(Failure(str(item.path), None, "UnreadableFolder", item.message))
            case NamedScan():
                _run_scan(item, pipeline, store, tally, progress)
    seconds = time.monotonic() - start
    record = tally.as_record(
        inputs=[str(p.resolve()) for p in paths], settings=options.as_record(), seconds=seconds
    )
    store.write_json("summary.json", record)
    return Run(tally, seconds)


def _run_scan(item: NamedScan, pipeline: Pipeline, store: Store, tally: Tally, progress: Progress) -> None:
    try:
        scan = open_scan(item.path, pipeline.options.limits)
    except ScanError as error:
        tally.failures.append(Failure(item.shown, None, type(error).__name__, str(error)))
        return
    pages: list[PageReading] = []
    keys: dict[int, str] = {}
    errors: list[ErrorRecord] = []
    for number in range(1, scan.page_count + 1):
        key = pipeline.key(scan.sha256, number)
        page = store.load_page(key)
        if page is None:
            try:
                _, page = pipeline.read_page(scan.page(number))
            except ScanError as error:
                errors.append(ErrorRecord(page=number, kind=type(error).__name__, message=str(error)))
                continue
            store.save_page(key, page)
        pages.append(page)
        keys[number] = key
        progress(item.name, 1)
    given = DocumentInput(item.name, item.shown, scan.sha256, tuple(pages), keys, tuple(errors))
    decided = pipeline.decide(given, open_page=page_opener(scan, pages))
    for before, after in zip(pages, decided.pages, strict=True):
        if after is not before:
            store.save_page(keys[after.number], after)
    store.save_document(decided.document)
    tally.add(decided.document)


def page_opener(scan: Scan, pages: Sequence[PageReading]) -> Callable[[int], Page]:
    """Gives upright pictures of pages that were read before, the last few from memory."""
    read = {page.number: page for page in pages}

    @lru_cache(maxsize=2)
    def open_page(number: int) -> Page:
        known = read[number]
        return stand(scan.page(number), known.straightening, dpi=known.dpi, facts=known.facts)

    return open_page
