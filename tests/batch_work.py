"""Cheap pages for tests of the batch run: real files, real store and ledger, but nothing is recognised.

What a page does is told by its file's name: hang, bomb (memory), crash, raise, slow. The step runs in
worker processes, which find this module through PYTHONPATH.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from gouji.batch.page_work import PageWork
from gouji.batch.work_kind import Made, Opened
from gouji.document import Document, PageRecord, SourceRecord, StraighteningRecord
from gouji.inputs import DocumentInput
from gouji.ledger_claims import Claim
from gouji.options import reading_key
from gouji.records import PageReading
from gouji_layout.facts import fingerprint
from gouji_layout.geometry import Straightening
from gouji_layout.page import IntakeFacts, ScanPage

WORK = "batch_work:CheapWork"
SECONDS = "GOUJI_TEST_PAGE_SECONDS"
READ_LOG = "GOUJI_TEST_READ_LOG"  # a file that gets one line a page, whenever a page is really read


class CheapWork(PageWork):
    """`PageWork` with the recognition taken out."""

    def load(self) -> Any:
        return None

    def open(self, claim: Claim) -> Opened:
        if "crashopen" in claim.name:
            os.kill(os.getpid(), signal.SIGSEGV)
        scan = self.copies.scan(claim.location)
        return Opened(
            scan.sha256, tuple(reading_key(scan.sha256, n, "cheap") for n in range(1, scan.page_count + 1))
        )

    def read(self, claim: Claim) -> dict[str, object]:
        if self.store.load_page(claim.key) is None:
            with Path(os.environ[READ_LOG]).open("a", encoding="utf-8") as file:
                file.write(f"{claim.name} {claim.number}\n")
            self._scan(claim)
        _misbehave(claim)
        return super().read(claim)

    def read_page(self, scan_page: ScanPage) -> PageReading:
        time.sleep(float(os.environ.get(SECONDS, "0")))
        height, width = scan_page.image.shape[:2]
        gray = scan_page.image.mean(axis=2).astype(np.uint8)
        return PageReading(
            number=scan_page.number,
            width=width,
            height=height,
            dpi=200.0,
            straightening=Straightening((width, height), (width, height)),
            facts=IntakeFacts(blank=bool(gray.min() > 250), fingerprint=fingerprint(gray)),
            tables=(),
            readings=(),
        )

    def decide_document(self, claim: Claim, given: DocumentInput) -> Made:
        if "undecidable" in claim.name:
            raise ValueError("no sense in these figures")
        document = Document(
            name=given.name,
            source=SourceRecord(path=given.path, sha256=given.sha256),
            pages=tuple(_record(page, given.keys[page.number]) for page in given.pages),
            tables=(),
            errors=given.errors,
        )
        self.store.save_document(document)
        return Made(document, whole=Path(claim.location).exists())


def _misbehave(claim: Claim) -> None:
    name = claim.name.rsplit("/", 1)[-1]
    if "hang" in name:
        time.sleep(3600)
    if "bomb" in name:
        hoard = []
        while True:
            hoard.append(np.ones(8_000_000))  # 64 MB of touched memory at a time
            time.sleep(0.02)
    if "crash" in name and "crashopen" not in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "raise" in name:
        raise ValueError("this page makes no sense")


def _record(page: PageReading, key: str) -> PageRecord:
    return PageRecord(
        number=page.number,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        quarter_turns=0,
        degrees=0.0,
        key=key,
        straightening=StraighteningRecord(scan_size=(page.width, page.height)),
    )
