"""Opening scans: every kind of good file gives upright pixels."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import docx
import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter
from scan_files import every_page, marked_picture, minimal_pdf

from gouji_layout.scan import open_scan
from gouji_layout.scan_docx import chart_sheets


def corner_with_the_mark(image: np.ndarray) -> str:
    height, width = image.shape[:2]
    corners = {
        "top left": image[: height // 8, : width // 8],
        "top right": image[: height // 8, -width // 8 :],
        "bottom left": image[-height // 8 :, : width // 8],
        "bottom right": image[-height // 8 :, -width // 8 :],
    }
    return min(corners, key=lambda name: float(corners[name][..., 1].mean()))


def test_a_scanned_pdf_page_is_taken_at_its_own_resolution(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    marked_picture(600, 400).save(path, resolution=150)
    page = open_scan(path).page(1)
    assert page.image.shape == (400, 600, 3)
    assert page.origin == "embedded"
    assert page.dpi == pytest.approx(150, abs=0.5)


@pytest.mark.parametrize(
    ("turn", "corner"), [(0, "top left"), (90, "top right"), (180, "bottom right"), (270, "bottom left")]
)
def test_the_rotation_a_pdf_asks_for_is_applied(tmp_path: Path, turn: int, corner: str) -> None:
    path = tmp_path / "scan.pdf"
    marked_picture().save(path, resolution=150)
    document = pdfium.PdfDocument(path)
    document[0].set_rotation(turn)
    turned = tmp_path / "turned.pdf"
    document.save(turned)
    assert corner_with_the_mark(open_scan(turned).page(1).image) == corner


def test_a_pdf_page_with_visible_text_is_rendered(tmp_path: Path) -> None:
    path = tmp_path / "text.pdf"
    path.write_bytes(minimal_pdf(b"BT /F1 24 Tf 72 700 Td (Total 42) Tj ET"))
    page = open_scan(path).page(1)
    assert page.origin == "rendered"
    assert page.dpi == 200
    assert page.image.min() < 100


def test_every_page_of_a_tiff_is_read_with_its_own_dpi(tmp_path: Path) -> None:
    path = tmp_path / "volume.tif"
    first, second = marked_picture(), marked_picture(500, 100).convert("1")
    first.save(path, save_all=True, append_images=[second], dpi=(300, 300))
    pages = every_page(path)
    assert [page.image.shape for page in pages] == [(200, 300, 3), (100, 500, 3)]
    assert pages[0].dpi == 300


def write_tiff(path: Path, frames: Sequence[tuple[Image.Image, int]]) -> None:
    """A TIFF of frames, each with what it is to the others (NewSubfileType)."""
    with AppendingTiffWriter(str(path), new=True) as out:
        for picture, kind in frames:
            picture.save(out, format="TIFF", tiffinfo={254: kind})
            out.newFrame()


def test_thumbnails_and_masks_of_a_tiff_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "camera.tif"
    small, mask = marked_picture(150, 100), Image.new("1", (300, 200))
    write_tiff(path, [(small, 1), (marked_picture(), 0), (mask, 4), (marked_picture(400, 100), 2)])
    assert [page.image.shape[:2] for page in every_page(path)] == [(200, 300), (100, 400)]


def test_a_tiff_that_calls_all_its_frames_thumbnails_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "odd.tif"
    write_tiff(path, [(marked_picture(), 1), (marked_picture(400, 100), 1)])
    assert open_scan(path).page_count == 2


def test_the_preview_in_a_photograph_is_no_page(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    marked_picture().save(path, format="MPO", save_all=True, append_images=[marked_picture(150, 100)])
    with Image.open(path) as stored:
        assert getattr(stored, "n_frames", 1) == 2
    assert [page.image.shape[:2] for page in every_page(path)] == [(200, 300)]


def test_exif_orientation_is_honoured(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn
    marked_picture().save(path, exif=exif, quality=95)
    assert corner_with_the_mark(open_scan(path).page(1).image) == "top right"


def test_transparent_and_sixteen_bit_pictures_become_ink_on_white_paper(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    clear.save(tmp_path / "clear.png")
    deep = Image.fromarray(np.full((100, 100), 60000, dtype=np.uint16))
    deep.save(tmp_path / "deep.png")
    assert open_scan(tmp_path / "clear.png").page(1).image.min() == 255
    assert open_scan(tmp_path / "deep.png").page(1).image.min() > 220


@pytest.mark.parametrize(
    ("name", "white", "kind"),
    [
        ("sixteen.tif", 65535, np.uint16),
        ("twelve.tif", 4095, np.uint16),
        ("ten.png", 1023, np.uint16),
        ("eight.tif", 255, np.int32),
        ("real.tif", 1.0, np.float32),
    ],
)
def test_paper_is_light_and_ink_dark_whatever_part_of_their_range_deep_samples_fill(
    tmp_path: Path, name: str, white: float, kind: type[np.generic]
) -> None:
    samples = np.full((100, 100), 0.9 * white).astype(kind)
    samples[:50] = 0.1 * white
    Image.fromarray(samples).save(tmp_path / name)
    image = open_scan(tmp_path / name).page(1).image
    assert 15 < image[:50].min() <= image[:50].max() < 35
    assert image[50:].min() > 220


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_ink_is_dark_in_a_tiff_file_whose_zero_is_white(tmp_path: Path, kind: type[np.generic]) -> None:
    white = np.iinfo(kind).max
    samples = np.full((100, 100), 0.1 * white).astype(kind)
    samples[:50] = 0.9 * white
    path = tmp_path / "negative.tif"
    Image.fromarray(samples).save(path)
    black_is_zero, white_is_zero = (struct.pack("<HHII", 262, 3, 1, value) for value in (1, 0))
    assert black_is_zero in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(black_is_zero, white_is_zero))
    image = open_scan(path).page(1).image
    assert image[:50].max() < 35
    assert image[50:].min() > 220


def test_the_pictures_of_a_docx_are_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)  # as on a machine without LibreOffice
    path = tmp_path / "report.docx"
    document = docx.Document()
    for size in ((800, 600), (640, 480)):
        stream = io.BytesIO()
        marked_picture(*size).save(stream, "PNG")
        document.add_picture(io.BytesIO(stream.getvalue()))
    document.save(str(path))
    assert [page.image.shape[:2] for page in every_page(path)] == [(600, 800), (480, 640)]


def test_a_file_without_charts_has_no_chart_sheets(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    marked_picture().save(path)
    assert chart_sheets(path) == []
