"""Opens scan files: PDF, TIFF, PNG, JPEG and DOCX in, pages as RGB pictures out.

The file is untrusted. Its kind is told from its first bytes, not its name; sizes are checked
before pixels are decoded; a page that one picture fills is taken at that picture's own
resolution, never resampled. Nothing is kept open longer than it takes to load one page, and
pages are loaded one at a time, so that a thousand-page volume needs the memory of one page.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from gouji_layout.page import Rgb, ScanPage

SCAN_SUFFIXES = frozenset(
    {".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".webp", ".jp2", ".docx"}
)
"""File names that a folder walk takes for scans."""

_SMALLEST_SIDE = 32  # pixels; a table cell alone is larger
_SUBFILE_TYPE = 254  # the TIFF tag that says what a frame is to the others
_REDUCED, _MASK = 1, 4  # its bits for another frame made smaller, and for what of another frame shows
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0  # the TIFF tag that says what samples mean


class ScanError(Exception):
    """A scan file, or one page of it, cannot be used; the message says what to do about it."""


class NotAScanError(ScanError):
    """The file is not of a kind that can hold scanned pages."""


class DamagedScanError(ScanError):
    """The file is empty, cut short or broken inside."""


class EncryptedScanError(ScanError):
    """The file asks for a password."""


class OversizedScanError(ScanError):
    """The file claims more pixels or pages than the limits allow."""


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """Guards against files that claim too much.

    Raises:
        ValueError: a limit is not positive.
    """

    pixels: int = 120_000_000  # a page; A3 at 600 dpi has 70 million
    pages: int = 5_000
    seconds: float = 120.0  # for one call of an outside program: a page of a PDF, or a whole DOCX laid out

    def __post_init__(self) -> None:
        if self.pixels <= 0 or self.pages <= 0 or self.seconds <= 0:
            raise ValueError(f"limits must be positive: {self}")


@dataclass(frozen=True, eq=False)
class Scan:
    """An opened scan file; pages are decoded when asked for."""

    path: Path
    sha256: str
    page_count: int
    load: Callable[[int], ScanPage]

    def page(self, number: int) -> ScanPage:
        """Decode page `number`, from 1.

        Raises:
            ScanError: this page cannot be decoded; others may still be.
        """
        if not 1 <= number <= self.page_count:
            raise ValueError(f"page {number} of {self.page_count}")
        page = self.load(number)
        height, width = page.image.shape[:2]
        if min(height, width) < _SMALLEST_SIDE:
            raise DamagedScanError(f"page {number} is only {width} x {height} pixels; scan it again")
        return page


def open_scan(path: Path, limits: ScanLimits | None = None) -> Scan:
    """Open a scan file and count its pages, decoding none.

    Raises:
        ScanError: the file cannot be read, is of no known kind, is damaged, asks for a password
            or claims more than the limits allow.
    """
    # Imported here: each needs a library that the other kinds of file do without.
    from gouji_layout.scan_docx import open_docx  # noqa: PLC0415
    from gouji_layout.scan_pdf import open_pdf  # noqa: PLC0415

    limits = limits or ScanLimits()
    _lift_pillow_limit(limits)
    try:
        digest = sha256_of(path)
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise ScanError(f"cannot read {path.name}: {error.strerror or error}") from error
    if not head:
        raise DamagedScanError(f"{path.name} is empty (0 bytes)")
    if b"%PDF-" in head:
        count, load = open_pdf(path, limits)
    elif head.startswith(b"PK\x03\x04"):
        count, load = open_docx(path, limits)
    else:
        count, load = _open_picture(path, limits)
    if count > limits.pages:
        raise OversizedScanError(f"{path.name} has {count} pages; the limit is {limits.pages}")
    return Scan(path, digest, count, load)


def sha256_of(path: Path) -> str:
    """Hash a file's bytes, hexadecimal, without loading it whole."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lift_pillow_limit(limits: ScanLimits) -> None:
    """Keep Pillow's own limit from coming before ours, in pictures of PDF and DOCX files too.

    It belongs to the process, so it is only ever raised: scans may be open in several threads.
    """
    if Image.MAX_IMAGE_PIXELS is not None:
        Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, limits.pixels)


def _open_picture(path: Path, limits: ScanLimits) -> tuple[int, Callable[[int], ScanPage]]:
    with _picture(path, limits) as image:
        try:
            frames = _frames(image)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise DamagedScanError(f"{path.name} is damaged: {error}") from error

    def load(number: int) -> ScanPage:
        with _picture(path, limits) as opened:
            try:
                opened.seek(frames[number - 1])
                check_pixels(opened.size, limits, f"page {number}")
                dpi = _dpi(opened)
                return ScanPage(number, to_rgb(opened), dpi)
            except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
                raise DamagedScanError(f"page {number} of {path.name} is damaged: {error}") from error

    return len(frames), load


def _frames(image: Image.Image) -> tuple[int, ...]:
    """The frames of a picture file that are pages: thumbnails, pyramids and masks of others are not."""
    # What a photograph holds beside itself is a preview, a gain map or a depth map.
    if image.format in {"JPEG", "MPO"}:
        return (0,)
    every = range(int(getattr(image, "n_frames", 1)))
    if not isinstance(image, TiffImageFile):
        return tuple(every)
    return tuple(frame for frame in every if not _is_companion(image, frame)) or tuple(every)


def _is_companion(image: TiffImageFile, frame: int) -> bool:
    image.seek(frame)
    kind = image.tag_v2.get(_SUBFILE_TYPE, 0)
    return isinstance(kind, int) and bool(kind & (_REDUCED | _MASK))


def _picture(path: Path, limits: ScanLimits) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # gouji's own limit, checked before decoding, replaces Pillow's warning.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path)
    except UnidentifiedImageError as error:
        raise NotAScanError(
            f"{path.name} is not a picture, PDF or DOCX, whatever its name says; remove it or convert it"
        ) from error
    except Image.DecompressionBombError as error:
        raise OversizedScanError(
            f"{path.name} claims too many pixels; scan it smaller or raise --max-pixels: {error}"
        ) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise DamagedScanError(f"{path.name} is damaged: {error}") from error
    check_pixels(image.size, limits, path.name)
    return image


def check_pixels(size: tuple[int, int], limits: ScanLimits, what: str) -> None:
    """Refuse a picture larger than the limit before it is decoded.

    Raises:
        OversizedScanError: it claims more pixels than `limits.pixels`.
        DamagedScanError: it claims none.
    """
    width, height = size
    if width <= 0 or height <= 0:
        raise DamagedScanError(f"{what} has no pixels ({width} x {height})")
    if width * height > limits.pixels:
        raise OversizedScanError(
            f"{what} is {width} x {height} pixels, over the limit of {limits.pixels:,}; "
            "scan it at a lower resolution or raise --max-pixels"
        )


def to_rgb(image: Image.Image) -> Rgb:
    """Decode a Pillow picture upright by its EXIF orientation, as (H, W, 3) bytes on white paper."""
    # Pillow turns 8 bits over where a TIFF file says that 0 is white, but not more.
    negative = getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    image = ImageOps.exif_transpose(image)
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        deep = np.asarray(image, dtype=np.float32)
        gray = np.clip(deep * (255 / _white(deep)), 0, 255).astype(np.uint8)
        return np.repeat((255 - gray if negative else gray)[:, :, None], 3, axis=2)
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        paper.alpha_composite(layered)
        image = paper
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _white(deep: NDArray[np.float32]) -> float:
    """The value of white in samples of more than 8 bits, or of none: files say 16 where scanners fill 12."""
    highest = float(deep.max())
    if not math.isfinite(highest):
        raise ValueError("samples that are no numbers")
    if highest <= 1 and np.any(deep % 1):
        return 1.0
    return float(2 ** max(8, int(highest).bit_length()) - 1)


def _dpi(image: Image.Image) -> float | None:
    horizontal, _ = image.info.get("dpi", (0, 0))
    value = float(horizontal)
    # 72 and 96 are what programs write when they do not know.
    plausible = 90 < value <= 2400 and value != 96
    return value if plausible else None
