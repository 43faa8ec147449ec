"""PDF pages as pictures: embedded scans unresampled, everything else rendered by poppler."""

from __future__ import annotations

from collections.abc import Callable
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
"""For pages that are not one picture; PP-OCR and the figures network were measured at 200."""

_POINTS_PER_INCH = 72.0
_FILLS = 0.9  # share of the page an only picture must cover to stand for it


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
                embedded = _only_picture(page, size, limits)
            except (pdfium.PdfiumError, MemoryError, ValueError) as error:
                raise DamagedScanError(f"page {number} of {path.name} is damaged: {error}") from error
        if embedded is not None:
            image, dpi = embedded
            return ScanPage(number, image, dpi, origin="embedded")
        return _render(path, number, size, limits)

    return count, load


class _document:  # noqa: N801 - reads as a function
    """An open PdfDocument that is closed again, with pdfium's errors in our words."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> pdfium.PdfDocument:
        try:
            self._pdf = pdfium.PdfDocument(self._path)
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                raise EncryptedScanError(
                    f"{self._path.name} asks for a password; save a copy without one (qpdf --decrypt)"
                ) from error
            raise DamagedScanError(f"{self._path.name} is not a whole PDF: {error}") from error
        return self._pdf

    def __exit__(self, *_: object) -> None:
        self._pdf.close()


def _only_picture(
    page: pdfium.PdfPage, size: tuple[float, float], limits: ScanLimits
) -> tuple[Rgb, float] | None:
    """The picture that alone fills the page, with its own dpi; None if the page is anything else."""
    pictures = []
    for shape in page.get_objects(max_depth=3):
        if shape.type == pdfium.raw.FPDF_PAGEOBJ_IMAGE:
            pictures.append(shape)
        elif shape.type == pdfium.raw.FPDF_PAGEOBJ_TEXT:
            # An invisible text layer from an earlier OCR run does not make the page less of a scan.
            mode = pdfium.raw.FPDFTextObj_GetTextRenderMode(shape)
            if mode != pdfium.raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                return None
        elif shape.type != pdfium.raw.FPDF_PAGEOBJ_FORM:
            return None
    if len(pictures) != 1:
        return None
    picture = pictures[0]
    a, b, c, d, *_ = picture.get_matrix().get()
    width_points, height_points = size if page.get_rotation() % 180 == 0 else size[::-1]
    # Only upright placements are taken as they are; a picture laid in sideways, mirrored or
    # sheared is left to the renderer.
    if a <= 0 or d <= 0 or abs(b) > 0.01 * a or abs(c) > 0.01 * d:
        return None
    if a < _FILLS * width_points or d < _FILLS * height_points:
        return None
    check_pixels(picture.get_px_size(), limits, "the embedded picture")
    image = picture.get_bitmap(render=False).to_pil()
    pixels = np.rot90(to_rgb(image), k=-(page.get_rotation() // 90))
    return np.ascontiguousarray(pixels), image.width / (a / _POINTS_PER_INCH)


def _render(path: Path, number: int, size: tuple[float, float], limits: ScanLimits) -> ScanPage:
    inches = (size[0] / _POINTS_PER_INCH, size[1] / _POINTS_PER_INCH)
    expected = (round(inches[0] * RENDER_DPI), round(inches[1] * RENDER_DPI))
    check_pixels(expected, limits, f"page {number} of {path.name} at {RENDER_DPI:.0f} dpi")
    try:
        images = convert_from_path(
            path,
            dpi=int(RENDER_DPI),
            first_page=number,
            last_page=number,
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
    return ScanPage(number, to_rgb(image), RENDER_DPI, origin="rendered")
