"""PDF pages as pictures: embedded scans unresampled, everything else rendered by poppler.

A page is its picture where nothing else shows and the picture lies upright, opaque and unclipped over
all of it; the picture is then cut to what shows of the page (CropBox) and turned (/Rotate), pixel for
pixel. Any other page is rendered: at the resolution of its pictures where they cover it (strips, a
stencil over a background), else at RENDER_DPI.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from pdf2image import convert_from_path
from pdf2image.exceptions import (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
)
from PIL import Image

from gouji_layout.page import Rgb, ScanPage
from gouji_layout.scan import (
    DamagedScanError,
    EncryptedScanError,
    OversizedScanError,
    ScanError,
    ScanLimits,
    check_pixels,
    to_rgb,
)

RENDER_DPI = 200.0
"""For pages that are not scans; PP-OCR and the figures network were measured at 200."""

_POINTS_PER_INCH = 72.0
_FILLS = 0.9  # share of the page's width and height that pictures must cover to stand for it
_SHARPEST_DPI = 600.0  # to render at; a thin ornament may claim more than any scanner gives
_DEPTH = 3  # of forms within forms that are looked into


@dataclass(frozen=True, slots=True)
class _Placed:
    """A picture and where it lies, in points of the page before the page is turned."""

    picture: pdfium.PdfImage
    matrix: pdfium.PdfMatrix  # takes the unit square to its place
    plain: bool  # neither clipped nor drawn with transparency of the page

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of the upright rectangle around it."""
        left, bottom, right, top = self.matrix.on_rect(0, 0, 1, 1)
        return left, bottom, right, top

    @property
    def dpi(self) -> float:
        """Pixels per inch along the denser of its sides."""
        a, b, c, d, *_ = self.matrix.get()
        width, height = self.picture.get_px_size()
        return float(
            _POINTS_PER_INCH * max(width / (math.hypot(a, b) or 1), height / (math.hypot(c, d) or 1))
        )


def open_pdf(path: Path, limits: ScanLimits) -> tuple[int, Callable[[int], ScanPage]]:
    """Count the pages of a PDF and return a loader for them."""
    with _document(path) as document:
        count = len(document)
    if count == 0:
        raise DamagedScanError(f"{path.name} has no pages")

    def load(number: int) -> ScanPage:
        with _document(path) as document:
            try:
                page = document[number - 1]
                size = page.get_size()
                placed, others = _pictures(page)
                embedded = None if others or len(placed) != 1 else _as_page(page, placed[0], limits)
                dpi = _rendering_dpi(page, placed, limits)
            except (pdfium.PdfiumError, MemoryError, ValueError) as error:
                raise DamagedScanError(f"page {number} of {path.name} is damaged: {error}") from error
        if embedded is not None:
            image, own_dpi = embedded
            return ScanPage(number, image, own_dpi, origin="embedded")
        return _render(path, number, size, dpi, limits)

    return count, load


class _document:  # noqa: N801 - reads as a function
    """An open PdfDocument that is closed again, with pdfium's errors in our words."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> pdfium.PdfDocument:
        try:
            self._pdf = pdfium.PdfDocument(self._path)
        except pdfium.PdfiumError as error:
            # The library may still say what was wrong with the file before.
            if "password" not in str(error).lower():
                raise DamagedScanError(f"{self._path.name} is not a whole PDF: {error}") from error
            if not _is_encrypted(self._path):
                raise DamagedScanError(f"{self._path.name} is not a whole PDF") from error
            raise EncryptedScanError(
                f"{self._path.name} asks for a password; save a copy without one (qpdf --decrypt)"
            ) from error
        return self._pdf

    def __exit__(self, *_: object) -> None:
        self._pdf.close()


def _is_encrypted(path: Path) -> bool:
    """Whether a PDF file names its encryption, which no encryption hides."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(b"/Encrypt") >= 0


def _pictures(page: pdfium.PdfPage) -> tuple[list[_Placed], bool]:
    """The pictures of a page, and whether anything else shows on it."""
    placed = []
    others = False
    for shape in page.get_objects(max_depth=_DEPTH):
        if shape.type == pdfium.raw.FPDF_PAGEOBJ_IMAGE:
            placed.append(_placed(shape))
        elif shape.type == pdfium.raw.FPDF_PAGEOBJ_TEXT:
            # An invisible text layer from an earlier OCR run does not make the page less of a scan.
            mode = pdfium.raw.FPDFTextObj_GetTextRenderMode(shape)
            others = others or mode != pdfium.raw.FPDF_TEXTRENDERMODE_INVISIBLE
        elif shape.type != pdfium.raw.FPDF_PAGEOBJ_FORM or shape.level == _DEPTH - 1:
            others = True
    return placed, others


def _placed(picture: pdfium.PdfImage) -> _Placed:
    """Follow a picture out of the forms that hold it."""
    matrix, plain = picture.get_matrix(), _is_plain(picture)
    form = picture.container
    while form is not None:
        matrix, plain = matrix.multiply(form.get_matrix()), plain and _is_plain(form)
        form = form.container
    return _Placed(picture, matrix, plain)


def _is_plain(shape: pdfium.PdfObject) -> bool:
    # pdfium forgets a clip that cuts nothing off, which many programs write.
    clips = pdfium.raw.FPDFClipPath_CountPaths(pdfium.raw.FPDFPageObj_GetClipPath(shape))
    return clips < 1 and not pdfium.raw.FPDFPageObj_HasTransparency(shape)


def _as_page(page: pdfium.PdfPage, placed: _Placed, limits: ScanLimits) -> tuple[Rgb, float] | None:
    """What shows of the picture, turned as the page, with its dpi; None where it is not the page."""
    a, b, c, d, *_ = placed.matrix.get()
    # A picture laid in sideways, mirrored or sheared is left to the renderer.
    if not placed.plain or a <= 0 or d <= 0 or abs(b) > 0.01 * a or abs(c) > 0.01 * d:
        return None
    page_left, page_bottom, page_right, page_top = page.get_bbox()
    left, bottom, right, top = placed.box
    width = min(right, page_right) - max(left, page_left)
    height = min(top, page_top) - max(bottom, page_bottom)
    if width < _FILLS * (page_right - page_left) or height < _FILLS * (page_top - page_bottom):
        return None
    across, down = placed.picture.get_px_size()
    check_pixels((across, down), limits, "the embedded picture")
    # Drawn one pixel to a pixel, with the masks that belong to it.
    placed.picture.set_matrix(pdfium.PdfMatrix(across, 0, 0, down, 0, 0))
    drawn = placed.picture.get_bitmap(render=True, scale_to_original=False).to_numpy()
    if drawn[..., 3].min() < 255:
        return None
    columns = slice(
        max(0, round((page_left - left) / (right - left) * across)),
        max(0, round((page_right - left) / (right - left) * across)),
    )
    rows = slice(
        max(0, round((top - page_top) / (top - bottom) * down)),
        max(0, round((top - page_bottom) / (top - bottom) * down)),
    )
    pixels = np.rot90(drawn[rows, columns, 2::-1], k=-(page.get_rotation() // 90))
    return np.ascontiguousarray(pixels), across / (a / _POINTS_PER_INCH)


def _rendering_dpi(page: pdfium.PdfPage, pictures: Sequence[_Placed], limits: ScanLimits) -> float:
    """The resolution of the pictures that cover a page together; RENDER_DPI where none do."""
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    area = 0.0
    dpi = RENDER_DPI
    for placed in pictures:
        own_left, own_bottom, own_right, own_top = placed.box
        across = min(own_right, right) - max(own_left, left)
        up = min(own_top, top) - max(own_bottom, bottom)
        if min(across, up) > 0 and (across >= _FILLS * width or up >= _FILLS * height):
            area += across * up
            dpi = max(dpi, min(placed.dpi, _SHARPEST_DPI))
    fits = width * height * (dpi / _POINTS_PER_INCH) ** 2 <= limits.pixels
    return round(dpi) if fits and area >= _FILLS**2 * width * height else RENDER_DPI


def _render(path: Path, number: int, size: tuple[float, float], dpi: float, limits: ScanLimits) -> ScanPage:
    inches = (size[0] / _POINTS_PER_INCH, size[1] / _POINTS_PER_INCH)
    expected = (round(inches[0] * dpi), round(inches[1] * dpi))
    check_pixels(expected, limits, f"page {number} of {path.name} at {dpi:.0f} dpi")
    try:
        images = convert_from_path(
            path,
            dpi=round(dpi),
            first_page=number,
            last_page=number,
            use_cropbox=True,
            timeout=int(limits.seconds),
            strict=False,
            thread_count=1,
        )
    except PDFInfoNotInstalledError as error:
        raise ScanError("poppler is missing: install poppler-utils (gouji doctor says more)") from error
    except PDFPopplerTimeoutError as error:
        raise ScanError(f"page {number} of {path.name} took over {limits.seconds:.0f} s to render") from error
    except (PDFPageCountError, PDFSyntaxError, Image.DecompressionBombError, OSError) as error:
        raise DamagedScanError(f"page {number} of {path.name} cannot be rendered: {error}") from error
    if not images:
        raise DamagedScanError(f"page {number} of {path.name} cannot be rendered")
    image = images[0]
    # poppler answers a page it cannot allocate with a 1 x 1 picture instead of an error.
    if abs(image.width - expected[0]) > 0.02 * expected[0] + 2:
        raise OversizedScanError(
            f"page {number} of {path.name} came out as {image.width} x {image.height} pixels "
            f"instead of {expected[0]} x {expected[1]}"
        )
    return ScanPage(number, to_rgb(image), dpi, origin="rendered")
