"""Pictures of pages and cells, made from the original scan when asked for and kept for a while in memory.

OUT keeps no pictures; the scan stays where it was read. A scan that has moved is looked for below
the folders given with `--scans`; one that has other bytes than those read is not shown.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import cv2
import numpy as np

from gouji.document import CellRecord, Document, PageRecord, TableRecord
from gouji.exits import NothingToReadError
from gouji.review.errors import PictureGoneError
from gouji.review.numbering import meaning
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Rgb
from gouji_layout.scan import Scan, ScanError, open_scan
from gouji_layout.stand import stand

_PAGES_KEPT = 6  # decoded, about 25 MB each at 300 dpi
_JPEGS_KEPT = 40
_SCANS_KEPT = 8  # opened and hashed, no picture decoded
_JPEG_QUALITY = 85
_CROP_HEIGHT = 220  # pixels of an enlarged crop; two to six times the print
_CROP_WIDTH = 900


T = TypeVar("T")


@dataclass(eq=False)
class _Recent(Generic[T]):
    """The last few values; each is made once even when several requests ask for it at the same time."""

    size: int
    _values: OrderedDict[object, T] = field(default_factory=OrderedDict)
    _locks: dict[object, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: object, make: Callable[[], T]) -> T:
        with self._lock:
            making = self._locks.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    return self._values[key]
            value = make()
            with self._lock:
                self._values[key] = value
                while len(self._values) > self.size:
                    old, _ = self._values.popitem(last=False)
                    self._locks.pop(old, None)
            return value


@dataclass(eq=False)
class Pictures:
    """Gives pictures of upright pages and of cells; safe to share between threads."""

    folders: Sequence[Path]  # where scans may lie, in the order they are tried
    _pages: _Recent[Rgb] = field(default_factory=lambda: _Recent(_PAGES_KEPT))
    _jpegs: _Recent[bytes] = field(default_factory=lambda: _Recent(_JPEGS_KEPT))
    _scans: _Recent[Scan] = field(default_factory=lambda: _Recent(_SCANS_KEPT))

    def page(self, document: Document, number: int) -> bytes:
        """An upright page as JPEG, in page pixels.

        Raises:
            PictureGoneError: the scan is gone or changed.
            ScanError: the scan cannot be opened.
        """
        return self._jpegs.get(
            (document.source.sha256, number, _upright_key(_page_record(document, number))),
            lambda: _encoded(
                ".jpg", self.upright(document, number), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
            ),
        )

    def crop(
        self, document: Document, table: TableRecord, cell: CellRecord, *, margin: float = 0.25
    ) -> bytes:
        """A cell, enlarged, as PNG; a sideways table stands upright.

        Args:
            document: the document it is in.
            table: the table it is in.
            cell: the cell.
            margin: how much around it is shown, as a share of its shorter side, so that a rule or a
                neighbour can be judged.

        Raises:
            PictureGoneError: the scan is gone or changed.
            ScanError: the scan cannot be opened.
        """
        page = self.upright(document, table.page)
        box = Box(*cell.box)
        box = box.padded(margin * min(box.height, box.width))
        piece = page[box.slices(page.shape)]
        if piece.size == 0:
            piece = np.full((20, 40, 3), 255, dtype=np.uint8)
        piece = np.rot90(piece, table.quarter_turns)
        factor = min(_CROP_HEIGHT / piece.shape[0], _CROP_WIDTH / piece.shape[1], 6.0)
        size = (max(round(piece.shape[1] * factor), 1), max(round(piece.shape[0] * factor), 1))
        how = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        larger = cv2.resize(np.ascontiguousarray(piece), size, interpolation=how)
        return _encoded(".png", np.asarray(larger, dtype=np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 3])

    def trouble(self, document: Document, number: int) -> str:
        """Why a page cannot be shown; empty where it can."""
        try:
            self.upright(document, number)
        except (PictureGoneError, ScanError, NothingToReadError) as error:
            return str(error)
        return ""

    def upright(self, document: Document, number: int) -> Rgb:
        """An upright page as it was read."""
        record = _page_record(document, number)
        key = (document.source.sha256, number, _upright_key(record))
        return self._pages.get(key, lambda: self._stand(document, record))

    def _stand(self, document: Document, record: PageRecord) -> Rgb:
        page = self._scan(document).page(record.number)
        return stand(page, straightening_of(record), dpi=record.dpi).image

    def _scan(self, document: Document) -> Scan:
        """The file that was read; one of the same name in an earlier folder may be another."""
        shown = document.source.path
        looked = ", ".join(map(str, self.folders)) or "no folder"
        trouble: Exception = PictureGoneError(
            f"the scan {shown} is not there any more (looked in {looked}); "
            "start gouji review with --scans FOLDER"
        )
        for path in self._candidates(shown):
            try:
                scan = self._opened(path)
            except ScanError as error:
                trouble = error
                continue
            if scan.sha256 == document.source.sha256:
                return scan
            trouble = PictureGoneError(
                f"{shown} has changed since it was read; read it again with gouji read"
            )
        raise trouble

    def _opened(self, path: Path) -> Scan:
        try:
            status = path.stat()
        except OSError as error:
            raise ScanError(f"cannot read {path.name}: {error.strerror or error}") from error
        return self._scans.get((path, status.st_size, status.st_mtime_ns), lambda: open_scan(path))

    def _candidates(self, relative: str) -> Iterator[Path]:
        parts = Path(relative)
        if parts.is_absolute() or ".." in parts.parts:
            raise PictureGoneError(f"{relative} leads outside the folders of the scans")
        for folder in self.folders:
            # A run over single files records the files themselves as its inputs.
            for path in (folder / parts, folder):
                if path.is_file() and path.name == parts.name:
                    yield path


def crop_address(item: int, document: Document, cell: CellRecord) -> str:
    """Where a browser gets a cell: another address as soon as another picture belongs there."""
    page = CellRef.parse(cell.ref).page
    return f"/crop/{item}.png?of={_mark(document, page, *cell.box)}"


def page_address(number: int, document: Document, page: int) -> str:
    """The same of a page; `number` is that of the document in the index."""
    return f"/page/{number}/{page}.jpg?of={_mark(document, page)}"


def _mark(document: Document, page: int, *box: float) -> str:
    keys = [record.key for record in document.pages if record.number == page]
    return meaning(document.source.sha256, keys, page, box)


def straightening_of(record: PageRecord) -> Straightening:
    """The way back to the scan of a page in a document."""
    way = record.straightening
    return Straightening(
        scan_size=way.scan_size,
        page_size=(record.width, record.height),
        quarter_turns=record.quarter_turns,
        degrees=record.degrees,
        page_to_turned=None if way.page_to_turned is None else np.array(way.page_to_turned, dtype=np.float64),
        mesh=None if way.mesh is None else np.array(way.mesh, dtype=np.float32),
    )


def _upright_key(record: PageRecord) -> int:
    return hash(record.straightening.model_dump_json())


def _page_record(document: Document, number: int) -> PageRecord:
    for page in document.pages:
        if page.number == number:
            return page
    raise NothingToReadError(f"{document.name} has no page {number}")


def _encoded(suffix: str, image: Rgb, options: list[int]) -> bytes:
    done, encoded = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ScanError("the picture cannot be encoded")
    return encoded.tobytes()
