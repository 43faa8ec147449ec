"""DOCX: embedded pictures in reading order, pages through LibreOffice, and the sheets behind charts."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
import psutil
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from PIL import Image

from gouji_layout.page import ScanPage
from gouji_layout.scan import (
    DamagedScanError,
    NotAScanError,
    OversizedScanError,
    ScanError,
    ScanLimits,
    check_pixels,
    to_rgb,
)

_SMALLEST_PICTURE = 200  # pixels on the longer side; smaller ones are icons and bullets
_UNPACKED_LIMIT = 1 << 30  # bytes a DOCX may unpack to
_SHEET_LIMIT = 4 << 20  # bytes a workbook behind a chart may unpack to; made-up styles take 100 times as much
_MOST_ROWS, _MOST_COLUMNS = 5_000, 100  # of the sheet behind a chart, empty rows among them
_FIGURE = re.compile(r"[-−—\s]*\d[\d\s,，.．]*%?\s*")  # digits alone, as they stand in a cell
_WHOLE = 100_000  # of a picture's side, in the thousandths of a percent that crops are given in
_UNDECODABLE = (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class _Embedded:
    """A picture of the body, as stored, and how much of each side the document hides."""

    blob: bytes
    hidden: tuple[int, int, int, int]  # left, top, right, bottom, of _WHOLE

    def shown(self, image: Image.Image) -> Image.Image:
        """The part of the decoded picture that the document shows; all of it where that is nothing."""
        left, top, right, bottom = (max(0, side) / _WHOLE for side in self.hidden)
        if left + right >= 1 or top + bottom >= 1:
            return image
        box = (
            round(left * image.width),
            round(top * image.height),
            round((1 - right) * image.width),
            round((1 - bottom) * image.height),
        )
        return image if box == (0, 0, *image.size) else image.crop(box)


@dataclass(frozen=True, slots=True)
class ChartSheet:
    """The sheet embedded behind a chart: a header row and rows of values, as stored."""

    name: str
    rows: tuple[tuple[object, ...], ...]
    problem: ScanError | None = None  # why it could not be read; it has no rows then


def open_docx(path: Path, limits: ScanLimits) -> tuple[int, Callable[[int], ScanPage]]:
    """List the pages of a DOCX: its own pages where LibreOffice is installed, then its pictures.

    A picture that fills a table's place is read at its own resolution, which the rendered page
    does not keep; both are read, and the rendered page says where the picture stood.
    """
    _check_archive(path)
    body, part = _body(path)
    pictures = _pictures(body, part)
    # Without LibreOffice, tables that would be lost beside the pictures cost a page with an error.
    wanted = shutil.which("soffice") or (pictures and _tables_hold_figures(body))
    rendered = _RenderedDocx(path, limits) if wanted else None
    rendered_pages = rendered.count() if rendered else 0
    if not pictures and not rendered_pages:
        raise NotAScanError(
            f"{path.name} holds no picture of a page; install LibreOffice (soffice) to read its own pages"
        )

    def load(number: int) -> ScanPage:
        if rendered is not None and number <= rendered_pages:
            return rendered.page(number)
        picture = pictures[number - rendered_pages - 1]
        try:
            with Image.open(io.BytesIO(picture.blob)) as image:
                check_pixels(image.size, limits, f"picture {number - rendered_pages}")
                return ScanPage(number, to_rgb(picture.shown(image)), None, origin="embedded")
        except _UNDECODABLE as error:
            raise DamagedScanError(f"picture {number - rendered_pages} of {path.name}: {error}") from error

    return rendered_pages + len(pictures), load


def chart_sheets(path: Path) -> list[ChartSheet]:
    """Read the sheets embedded behind a DOCX's charts; files that are no DOCX have none.

    Raises:
        ScanError: the DOCX itself cannot be opened; a sheet that cannot be read only says why.
    """
    if not _is_archive(path):
        return []
    _check_archive(path)
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.startswith("word/embeddings/") and n.endswith(".xlsx")]
        return [_sheet(archive, name) for name in sorted(names)]


def _sheet(archive: zipfile.ZipFile, name: str) -> ChartSheet:
    try:
        return ChartSheet(Path(name).name, _rows(archive, name))
    except OversizedScanError as error:
        return ChartSheet(Path(name).name, (), error)
    except Exception as error:  # noqa: BLE001 - a made-up workbook may fail in any way; it costs only itself
        return ChartSheet(Path(name).name, (), DamagedScanError(f"{type(error).__name__}: {error}"))


def _rows(archive: zipfile.ZipFile, name: str) -> tuple[tuple[object, ...], ...]:
    """The rows of a workbook's first sheet that hold anything."""
    if archive.getinfo(name).file_size > _SHEET_LIMIT:
        raise OversizedScanError(f"over {_SHEET_LIMIT:,} bytes")
    stored = io.BytesIO(archive.read(name))
    with zipfile.ZipFile(stored) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
    if unpacked > _SHEET_LIMIT:
        raise OversizedScanError(f"would unpack to {unpacked:,} bytes")
    rows: list[tuple[object, ...]] = []
    with contextlib.closing(openpyxl.load_workbook(stored, read_only=True, data_only=True)) as book:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what it says of its own size may be a million rows
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            held = [at for at, value in enumerate(row) if value is not None]
            if number > _MOST_ROWS or (held and held[-1] >= _MOST_COLUMNS):
                raise OversizedScanError(f"over {_MOST_ROWS} rows or {_MOST_COLUMNS} columns")
            if held:
                rows.append(tuple(row[: held[-1] + 1]))
    width = max(map(len, rows), default=0)
    return tuple(row + (None,) * (width - len(row)) for row in rows)


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise ScanError(f"cannot read {path.name}: {error.strerror or error}") from error


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if "word/document.xml" not in archive.namelist():
                raise NotAScanError(f"{path.name} is a ZIP archive but no DOCX; unpack it first")
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DamagedScanError(f"{path.name} is not a whole DOCX: {error}") from error
    if unpacked > _UNPACKED_LIMIT:
        raise OversizedScanError(f"{path.name} would unpack to {unpacked:,} bytes")


def _body(path: Path) -> tuple[BaseOxmlElement, Part]:
    """The body of a DOCX and the part whose relations its pictures are found by."""
    try:
        document = docx.Document(str(path))
        body = document.element.body
    except Exception as error:  # those of XML, of ZIP and of packages have no class in common
        raise DamagedScanError(f"{path.name} is not a whole DOCX: {error}") from error
    if body is None:
        raise DamagedScanError(f"{path.name} is not a whole DOCX: it has no body")
    return body, document.part


def _pictures(body: BaseOxmlElement, part: Part) -> list[_Embedded]:
    pictures: list[_Embedded] = []
    for blip in body.iter(qn("a:blip")):
        relation = part.rels.get(blip.get(qn("r:embed")))
        if relation is None or relation.is_external:
            continue
        blob = relation.target_part.blob
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                size = Image.open(io.BytesIO(blob)).size
        except _UNDECODABLE:
            size = (_SMALLEST_PICTURE, 0)  # kept: its page will say what is wrong with it
        if max(size) >= _SMALLEST_PICTURE:
            crop = next(blip.itersiblings(qn("a:srcRect")), None)
            hidden = ("0",) * 4 if crop is None else (crop.get(side, "0") for side in "ltrb")
            left, top, right, bottom = map(_parts, hidden)
            pictures.append(_Embedded(blob, (left, top, right, bottom)))
    return pictures


def _parts(written: str) -> int:
    """A share of a side: thousandths of a percent, or a percentage in strict documents."""
    percent = written.endswith("%")
    try:
        return round(float(written.rstrip("%")) * (_WHOLE / 100 if percent else 1))
    except (ValueError, OverflowError):
        return 0


def _tables_hold_figures(body: BaseOxmlElement) -> bool:
    """Whether a cell of the document's own tables is a figure; tables also serve to place pictures."""
    return any(
        _FIGURE.fullmatch("".join(text.text or "" for text in cell.iter(qn("w:t"))))
        for cell in body.iter(qn("w:tc"))
    )


class _RenderedDocx:
    """The DOCX as LibreOffice lays it out: converted once, then read as a PDF."""

    def __init__(self, path: Path, limits: ScanLimits) -> None:
        self._path = path
        self._limits = limits
        # Removed with this object, so that a batch leaves no files behind.
        self._folder = tempfile.TemporaryDirectory(prefix="gouji-docx-")
        self._pdf: tuple[int, Callable[[int], ScanPage]] | None = None
        self._failure: tuple[type[ScanError], str] | None = None

    def count(self) -> int:
        """Pages laid out; one where the layout fails, so that its error costs a page, not the pictures."""
        try:
            return self._open()[0]
        except ScanError:
            return 1

    def page(self, number: int) -> ScanPage:
        return self._open()[1](number)

    def _open(self) -> tuple[int, Callable[[int], ScanPage]]:
        if self._failure is not None:  # trying again would take as long and fail as well
            kind, message = self._failure
            raise kind(message)
        if self._pdf is None:
            try:
                self._pdf = self._convert()
            except ScanError as error:
                self._failure = type(error), str(error)
                raise
        return self._pdf

    def _convert(self) -> tuple[int, Callable[[int], ScanPage]]:
        from gouji_layout.scan_pdf import open_pdf  # noqa: PLC0415 - pdfium only where it is needed

        folder = Path(self._folder.name)
        program = shutil.which("soffice")
        if program is None:
            raise ScanError(
                f"{self._path.name} has tables of its own, which were not read; install LibreOffice (soffice)"
            )
        profile = (folder / "profile").as_uri()  # never the user's own, which another run may hold
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
        try:
            status = _run([*command, "--outdir", str(folder), str(self._path)], self._limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise ScanError(
                f"LibreOffice took over {self._limits.seconds:.0f} s to lay out {self._path.name}"
            ) from error
        except OSError as error:
            raise ScanError(f"LibreOffice could not lay out {self._path.name}: {error}") from error
        pdf = folder / f"{self._path.stem}.pdf"
        if status != 0 or not pdf.exists():
            raise ScanError(f"LibreOffice made no pages of {self._path.name} (exit status {status})")
        return open_pdf(pdf, self._limits)


def _run(command: Sequence[str], seconds: float) -> int:
    """Run a program and return its exit status; all that it started ends with it when time is up.

    It stays in this process group: whoever ends the group of a worker ends its LibreOffice as well.

    Raises:
        TimeoutExpired: it took longer than that.
    """
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=null, stdout=null, stderr=null) as process:
        try:
            return process.wait(seconds)
        except BaseException:
            # `soffice` only starts the program proper, which would go on without it.
            starter = psutil.Process(process.pid)
            for started in (starter, *starter.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    started.kill()
            raise
