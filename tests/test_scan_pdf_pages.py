"""PDF pages that hold scans: what shows of a page is read, pixel for pixel where one picture is the page."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gouji_layout.scan import ScanLimits, open_scan

WIDE, HIGH = 300, 200  # pixels; at 150 dpi, 144 x 96 points
_STRIP_OFFSETS, _STRIP_LENGTHS = 273, 279  # tags of TIFF
_PAGE = "/MediaBox [0 0 144 96]"
_FULL = "q 144 0 0 96 0 0 cm /I0 Do Q"


def scan() -> np.ndarray:
    """Grey levels that are all different along a row and down a column, so that every shift shows."""
    rows, columns = np.mgrid[0:HIGH, 0:WIDE]
    return np.asarray((rows * 7 + columns * 3) % 200 + 20, dtype=np.uint8)


def write_pdf(
    path: Path, pictures: Sequence[tuple[str, bytes]], content: str = _FULL, page: str = _PAGE
) -> Path:
    """A page of pictures, each with its dictionary; the first is object 5."""
    resources = " ".join(f"/I{index} {index + 5} 0 R" for index in range(len(pictures)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %s /Resources << /XObject << %s >> >> >>"
        % (page.encode(), resources.encode()),
        _stream("", content.encode()),
        *(_stream(f"/Type /XObject {entries}", data) for entries, data in pictures),
    ]
    out = b"%PDF-1.6\n"
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)
    path.write_bytes(out)
    return path


def _stream(entries: str, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries.encode(), len(data), data)


def gray(pixels: np.ndarray, more: str = "") -> tuple[str, bytes]:
    height, width = pixels.shape
    entries = f"/Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 /ColorSpace /DeviceGray"
    return f"{entries} {more}", pixels.tobytes()


def bits(ink: np.ndarray, more: str) -> tuple[str, bytes]:
    """One bit a pixel, 1 where there is ink."""
    height, width = ink.shape
    entries = f"/Subtype /Image /Width {width} /Height {height} /BitsPerComponent 1"
    return f"{entries} {more}", np.packbits(ink, axis=1).tobytes()


def ink() -> np.ndarray:
    """A block of ink in the upper left quarter."""
    drawn = np.zeros((HIGH, WIDE), dtype=np.uint8)
    drawn[20:80, 30:140] = 1
    return drawn


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_only_what_the_crop_box_shows_of_a_picture_is_its_page(tmp_path: Path, turn: int) -> None:
    left, bottom, right, top = 48, 12, 120, 84  # points, half a point a pixel
    page = f"{_PAGE} /CropBox [{left} {bottom} {right} {top}] /Rotate {turn}"
    taken = open_scan(write_pdf(tmp_path / "spread.pdf", [gray(scan())], page=page)).page(1)
    shown = scan()[25:175, 100:250]
    assert taken.origin == "embedded"
    assert taken.dpi == pytest.approx(150)
    assert np.array_equal(taken.image[..., 0], np.rot90(shown, k=-(turn // 90)))


def test_a_crop_box_larger_than_the_media_box_shows_no_more_than_that(tmp_path: Path) -> None:
    page = f"{_PAGE} /CropBox [-50 -50 500 500]"
    taken = open_scan(write_pdf(tmp_path / "large.pdf", [gray(scan())], page=page)).page(1)
    assert np.array_equal(taken.image[..., 0], scan())


def test_a_cropped_page_that_is_drawn_is_rendered_in_its_crop_box(tmp_path: Path) -> None:
    page = "/MediaBox [0 0 216 216] /CropBox [36 36 180 132] /Rotate 90"
    drawn = open_scan(write_pdf(tmp_path / "bleed.pdf", [], "36 36 72 48 re f", page)).page(1)
    assert drawn.image.shape[:2] == (400, 267)
    assert drawn.image[10:190, 10:120].max() == 0  # the lower left quarter, turned to the upper left
    assert drawn.image[210:].min() == 255


@pytest.mark.parametrize(
    ("kind", "painted"),
    [
        ("/ImageMask true", 0),
        ("/ImageMask true /Decode [1 0]", 1),
        ("/ColorSpace /DeviceGray", 0),
        ("/ColorSpace /DeviceGray /Decode [1 0]", 1),
        ("/ColorSpace [/Indexed /DeviceRGB 1 <FFFFFF000000>]", 1),
    ],
)
def test_ink_is_dark_however_a_bilevel_scan_is_stored(tmp_path: Path, kind: str, painted: int) -> None:
    stored = ink() if painted else 1 - ink()
    image = open_scan(write_pdf(tmp_path / "fax.pdf", [bits(stored, kind)])).page(1).image[..., 0]
    high, wide = image.shape
    assert image[high * 25 // 200 : high * 75 // 200, wide * 35 // 300 : wide * 135 // 300].max() == 0
    assert image[high // 2 :].min() == 255


def group_4(ink: np.ndarray) -> bytes:
    """Two levels as faxes and JBIG2 files code them (ITU-T T.6)."""
    file = io.BytesIO()
    Image.fromarray(ink > 0).save(file, "TIFF", compression="group4", strip_size=1 << 20)
    with Image.open(file) as tiff:
        tags = dict(tiff.tag_v2)  # type: ignore[attr-defined]
    start, length = (int(np.ravel(tags[tag])[0]) for tag in (_STRIP_OFFSETS, _STRIP_LENGTHS))
    return file.getvalue()[start : start + length]


def jbig2(ink: np.ndarray) -> bytes:
    """A page of one generic region in Group 4 code, without the header of a file as in PDF (ITU-T T.88)."""
    height, width = ink.shape
    information = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\x01" + group_4(ink)
    segments = ((0, 48, information), (1, 38, region))
    return b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data for number, kind, data in segments
    )


def jpeg_2000(ink: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.asarray(255 - 255 * ink, dtype=np.uint8)).save(file, "JPEG2000")
    return file.getvalue()


@pytest.mark.parametrize(
    ("filters", "depth", "code"),
    [
        ("/CCITTFaxDecode /DecodeParms << /K -1 /Columns 300 /Rows 200 >>", 1, group_4),
        ("/JBIG2Decode", 1, jbig2),
        ("/JPXDecode", 8, jpeg_2000),
    ],
)
def test_scans_in_the_codes_of_copiers_are_their_pages(
    tmp_path: Path, filters: str, depth: int, code: Callable[[np.ndarray], bytes]
) -> None:
    entries = (
        f"/Subtype /Image /Width {WIDE} /Height {HIGH} /BitsPerComponent {depth} /ColorSpace /DeviceGray "
        f"/Filter {filters}"
    )
    page = open_scan(write_pdf(tmp_path / "copier.pdf", [(entries, code(ink()))])).page(1)
    assert page.origin == "embedded"
    assert np.array_equal(page.image[..., 0], 255 - 255 * ink())


def test_what_a_soft_mask_hides_is_paper(tmp_path: Path) -> None:
    mask = gray(ink() * 255)
    picture = gray(np.zeros((HIGH, WIDE), dtype=np.uint8), "/SMask 6 0 R")
    image = open_scan(write_pdf(tmp_path / "masked.pdf", [picture, mask])).page(1).image[..., 0]
    high, wide = image.shape
    assert image[high * 25 // 200 : high * 75 // 200, wide * 35 // 300 : wide * 135 // 300].max() == 0
    assert image[high // 2 :].min() == 255


def test_what_a_clip_hides_is_paper(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "clip.pdf", [gray(scan())], f"0 0 72 96 re W n {_FULL}")
    image = open_scan(path).page(1).image[..., 0]
    assert image[:, image.shape[1] // 2 + 2 :].min() == 255
    assert image[:, : image.shape[1] // 2 - 2].max() < 255


def test_a_picture_is_laid_where_the_form_around_it_says(tmp_path: Path) -> None:
    form = (
        "/Subtype /Form /BBox [0 0 144 96] /Resources << /XObject << /I 6 0 R >> >>",
        b"q 144 0 0 96 0 0 cm /I Do Q",
    )
    pixels = (1 - ink()) * np.uint8(255)
    path = write_pdf(tmp_path / "mirror.pdf", [form, gray(pixels)], "q -1 0 0 1 144 0 cm /I0 Do Q")
    image = open_scan(path).page(1).image[..., 0]
    assert image[:, image.shape[1] // 2 :].min() == 0
    assert image[:, : image.shape[1] // 2 - 2].min() == 255


def test_a_scan_in_strips_is_rendered_at_the_resolution_of_its_strips(tmp_path: Path) -> None:
    pixels = np.repeat(np.repeat(scan(), 2, axis=0), 2, axis=1)  # 300 dpi
    content = "q 144 0 0 48 0 48 cm /I0 Do Q q 144 0 0 48 0 0 cm /I1 Do Q"
    path = write_pdf(tmp_path / "strips.pdf", [gray(pixels[:200]), gray(pixels[200:])], content)
    page = open_scan(path).page(1)
    assert page.dpi == 300
    assert page.image.shape == (400, 600, 3)
    assert np.median(np.abs(page.image[..., 0].astype(int) - pixels)) < 10


def test_a_sharp_logo_does_not_raise_the_resolution_of_a_page(tmp_path: Path) -> None:
    content = "q 12 0 0 8 4 80 cm /I0 Do Q 10 10 40 20 re f"
    assert open_scan(write_pdf(tmp_path / "logo.pdf", [gray(scan())], content)).page(1).dpi == 200


def test_a_page_too_large_at_the_resolution_of_its_picture_is_rendered_at_the_usual_one(
    tmp_path: Path,
) -> None:
    pixels = np.repeat(np.repeat(scan(), 2, axis=0), 2, axis=1)
    path = write_pdf(tmp_path / "stamped.pdf", [gray(pixels)], f"{_FULL} 10 10 40 20 re f")
    assert open_scan(path).page(1).dpi == 300
    assert open_scan(path, ScanLimits(pixels=200_000)).page(1).dpi == 200
