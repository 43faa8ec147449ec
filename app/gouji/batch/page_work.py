"""What a worker does with a claim: open a file, read a page, decide a document. Results go to the store."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gouji.batch.fingerprints import fingerprints
from gouji.batch.local_copy import LocalCopies
from gouji.batch.renamed import follow_renamed
from gouji.batch.replaced import set_aside_answers
from gouji.batch.settings import BatchSettings
from gouji.batch.sources import is_remote, out_path
from gouji.batch.work_kind import FileChangedError, Made, Opened, Unread
from gouji.chart_input import read_charts
from gouji.document import Document, ErrorRecord
from gouji.exits import SettingsError
from gouji.inputs import DocumentInput
from gouji.ledger import Ledger
from gouji.ledger_claims import Claim
from gouji.ledger_progress import pages_of
from gouji.records import PageReading
from gouji.store import Store
from gouji_layout.page import Page, ScanPage
from gouji_layout.scan import Scan, ScanError
from gouji_layout.stand import stand
from gouji_ocr.steps import StepClock

if TYPE_CHECKING:
    from gouji.decide_document import Decided
    from gouji.pipeline import Pipeline


class PageWork:
    """The real work; loads engines once. Tests put cheaper pages in its place."""

    def __init__(self, settings: BatchSettings, ledger: Ledger) -> None:
        self.settings = settings
        self.ledger = ledger
        self.store = Store(out_path(settings.out))
        self.copies = LocalCopies(settings.options.limits)
        self.clock = StepClock()
        self.pipeline = self.load()

    def load(self) -> Pipeline:
        """Load engines, forms and calibration; one thread, because there are many workers.

        Raises:
            SettingsError: this gouji would give other results than the one that started the run.
        """
        mine = fingerprints(self.settings.options, self.settings.limits)
        if mine != self.settings.wanted:
            # Pages would be kept under keys that the run does not look for.
            raise SettingsError(
                f"gouji, its weights or its forms on {platform.node()} are not those of the run; "
                "install the same version everywhere, or start the run again"
            )
        from gouji.pipeline import Pipeline  # noqa: PLC0415 - engines are loaded by workers alone

        return Pipeline.load(self.settings.options, threads=1)

    def open(self, claim: Claim) -> Opened:
        """Hash the file and count its pages.

        Raises:
            ScanError: it cannot be used.
        """
        with self.clock.step("open"):
            scan = self.copies.scan(claim.location)
        keys = tuple(self.pipeline.key(scan.sha256, number) for number in range(1, scan.page_count + 1))
        return Opened(scan.sha256, keys)

    def read(self, claim: Claim) -> dict[str, object]:
        """Read one page and keep its readings; nothing is read that is kept already.

        Returns:
            What the ledger notes of the page.

        Raises:
            ScanError: the page cannot be used.
            FileChangedError: the file is another one by now.
            OutputError: the readings cannot be kept.
        """
        start = time.monotonic()
        page = self.store.load_page(claim.key)
        if page is None:
            with self.clock.step("open"):
                picture = self._scan(claim).page(claim.number)
            page = self.read_page(picture)
            for step, seconds in page.seconds.items():
                self.clock.add(step, seconds)
            with self.clock.step("write"):
                self.store.save_page(claim.key, page)
        return {
            "seconds": round(time.monotonic() - start, 3),
            "blank": page.facts.blank,
            "fingerprint": page.facts.fingerprint or None,
        }

    def spent(self) -> dict[str, float]:
        """Processor seconds by step since this was asked last."""
        seconds, self.clock = self.clock.seconds, StepClock()
        return seconds

    def read_page(self, scan_page: ScanPage) -> PageReading:
        """The expensive half."""
        return self.pipeline.read_page(scan_page)[1]

    def decide(self, claim: Claim) -> Made | Unread:
        """Decide all figures of a document and write it.

        Raises:
            OutputError: the document cannot be written.
        """
        pages: list[PageReading] = []
        errors: list[ErrorRecord] = []
        keys: dict[int, str] = {}
        gone: list[str] = []
        for row in pages_of(self.ledger, claim.sha256, self.settings.wanted.reading):
            if row.failed:
                errors.append(ErrorRecord(page=row.number, kind=row.error_kind, message=row.error))
                continue
            page = self.store.load_page(row.key)
            if page is None:
                gone.append(row.key)
                continue
            pages.append(page)
            keys[row.number] = row.key
        if gone:
            return Unread(tuple(gone))
        set_aside_answers(self.store, self.ledger, claim.name, claim.sha256)
        follow_renamed(self.store, self.ledger, claim)
        given = DocumentInput(claim.name, claim.shown, claim.sha256, tuple(pages), keys, tuple(errors))
        return self.decide_document(claim, given)

    def decide_document(self, claim: Claim, given: DocumentInput) -> Made:
        """Decide, with a second look at the pictures where the file can still be opened."""
        opener = None
        try:
            scan = self._scan(claim)
        except ScanError as error:  # it has gone since its pages were read; they are decided as they are
            given = _with_error(given, error, "原扫描件无法打开，未作二次识别，图表未与表格核对")
        else:
            opener = page_opener(scan, given.pages)
            given = _with_charts(given, scan)
        answers = self.ledger.answers_of(claim.name)
        decided = self.pipeline.decide(given, open_page=opener, answers=answers, clock=self.clock)
        with self.clock.step("write"):
            document = self._keep(given, decided)
        from gouji.batch.answered import with_answers  # noqa: PLC0415 - loads the stages
        from gouji.review.resolving import ReadingsResolver  # noqa: PLC0415

        line = self.pipeline
        resolver = ReadingsResolver(self.store, line.packs, line.calibration, line.options)
        answered = with_answers(document, self.ledger, resolver)
        if answered is not document:
            self.store.save_document(answered)
        return Made(answered, whole=opener is not None)

    def _keep(self, given: DocumentInput, decided: Decided) -> Document:
        """Write the document; second looks are kept beside the first readings, never over them.

        Deciding again, after a kill or with other settings, so starts from the same readings.
        """
        keys = dict(given.keys)
        for before, after in zip(given.pages, decided.pages, strict=True):
            if after is not before:
                keys[after.number] = _looked_key(keys[after.number], self.settings.wanted.deciding)
                self.store.save_page(keys[after.number], after)
        pages = tuple(
            page.model_copy(update={"key": keys[page.number]}) if page.number in keys else page
            for page in decided.document.pages
        )
        document = decided.document.model_copy(update={"pages": pages})
        self.store.save_document(document)
        return document

    def _scan(self, claim: Claim) -> Scan:
        if not is_remote(claim.location) and not Path(claim.location).exists():
            raise FileChangedError(f"{claim.shown} was taken away while it was being read")
        scan = self.copies.scan(claim.location)
        if scan.sha256 != claim.sha256:
            self.copies.forget(claim.location)
            raise FileChangedError(f"{claim.shown} was replaced while it was being read")
        return scan


def _with_charts(given: DocumentInput, scan: Scan) -> DocumentInput:
    try:
        charts = read_charts(scan.path)
    except ScanError as error:
        return _with_error(given, error, "图表无法读取，未与表格核对")
    return replace(given, charts=charts.series, errors=(*given.errors, *charts.errors))


def _with_error(given: DocumentInput, error: ScanError, lost: str) -> DocumentInput:
    """Say in the document what it has to do without, and why."""
    record = ErrorRecord(kind=type(error).__name__, message=f"{lost}：{error}")
    return replace(given, errors=(*given.errors, record))


def _looked_key(key: str, deciding: str) -> str:
    return hashlib.sha256(f"{key} looked at again under {deciding}".encode()).hexdigest()


def page_opener(scan: Scan, pages: Sequence[PageReading]) -> Callable[[int], Page]:
    """Gives upright pictures of pages that were read before, the last few from memory."""
    read = {page.number: page for page in pages}

    @lru_cache(maxsize=2)
    def open_page(number: int) -> Page:
        known = read[number]
        return stand(scan.page(number), known.straightening, dpi=known.dpi, facts=known.facts)

    return open_page
