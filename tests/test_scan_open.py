"""Opening scans: every kind of good file gives upright pixels, every kind of bad one a clear error."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from gouji_layout.scan import (
    DamagedScanError,
    EncryptedScanError,
    NotAScanError,
    OversizedScanError,
    ScanError,
    ScanLimits,
    open_scan,
)
from gouji_layout.scan_docx import chart_sheets


def marked_picture(width: int = 300, height: int = 200) -> Image.Image:
    """White paper with a red block in the top-left corner, so that turns show."""
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    pixels[: height // 4, : width // 4] = (200, 0, 0)
    return Image.fromarray(pixels)


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


def minimal_pdf(content: bytes, media_box: str = "0 0 612 792") -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>" % media_box.encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n")
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    out.write(b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


def test_every_page_of_a_tiff_is_read_with_its_own_dpi(tmp_path: Path) -> None:
    path = tmp_path / "volume.tif"
    first, second = marked_picture(), marked_picture(500, 100).convert("1")
    first.save(path, save_all=True, append_images=[second], dpi=(300, 300))
    pages = list(open_scan(path).pages())
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
    assert [page.image.shape[:2] for page in open_scan(path).pages()] == [(200, 300), (100, 400)]


def test_a_tiff_that_calls_all_its_frames_thumbnails_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "odd.tif"
    write_tiff(path, [(marked_picture(), 1), (marked_picture(400, 100), 1)])
    assert open_scan(path).page_count == 2


def test_the_preview_in_a_photograph_is_no_page(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    marked_picture().save(path, format="MPO", save_all=True, append_images=[marked_picture(150, 100)])
    with Image.open(path) as stored:
        assert getattr(stored, "n_frames", 1) == 2
    assert [page.image.shape[:2] for page in open_scan(path).pages()] == [(200, 300)]


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


def test_the_pictures_of_a_docx_are_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)  # as on a machine without LibreOffice
    path = tmp_path / "report.docx"
    document = docx.Document()
    for size in ((800, 600), (640, 480)):
        stream = io.BytesIO()
        marked_picture(*size).save(stream, "PNG")
        document.add_picture(io.BytesIO(stream.getvalue()))
    document.save(str(path))
    assert [page.image.shape[:2] for page in open_scan(path).pages()] == [(600, 800), (480, 640)]


def test_a_file_without_charts_has_no_chart_sheets(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    marked_picture().save(path)
    assert chart_sheets(path) == []


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncated_pdf(path: Path) -> None:
    marked_picture().save(path, "PDF")
    path.write_bytes(path.read_bytes()[:400])


def _password_pdf(path: Path) -> None:
    path.write_bytes(ENCRYPTED_PDF)


def _text(path: Path) -> None:
    path.write_text("这不是图片")


def _one_pixel(path: Path) -> None:
    Image.new("L", (1, 1)).save(path, "PNG")


def _no_pixels(path: Path) -> None:
    good = io.BytesIO()
    Image.new("L", (40, 40)).save(good, "PNG")
    raw = bytearray(good.getvalue())
    raw[16:24] = bytes(8)  # width and height of the header
    path.write_bytes(raw)


def _huge(path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(path, "PNG")


def _huge_pdf_page(path: Path) -> None:
    path.write_bytes(minimal_pdf(b"BT /F1 24 Tf 72 700 Td (x) Tj ET", "0 0 1440000 1440000"))


def _truncated_jpeg(path: Path) -> None:
    stream = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(stream, "JPEG")
    path.write_bytes(stream.getvalue()[:9000])


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no document here")


def _docx_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<x/>")
        with archive.open("word/media/image1.png", "w", force_zip64=True) as entry:
            for _ in range(1100):
                entry.write(bytes(1 << 20))


# A one-page PDF of 200 x 200 points encrypted with the user password "secret" (RC4, 40 bits).
def _make_encrypted() -> bytes:
    import hashlib

    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")

    def rc4(key: bytes, data: bytes) -> bytes:
        state, j = list(range(256)), 0
        for i in range(256):
            j = (j + state[i] + key[i % len(key)]) % 256
            state[i], state[j] = state[j], state[i]
        out, i, j = bytearray(), 0, 0
        for byte in data:
            i = (i + 1) % 256
            j = (j + state[i]) % 256
            state[i], state[j] = state[j], state[i]
            out.append(byte ^ state[(state[i] + state[j]) % 256])
        return bytes(out)

    password = (b"secret" + pad)[:32]
    owner = rc4(hashlib.md5(password).digest()[:5], password)
    identity = bytes(16)
    key = hashlib.md5(password + owner + (-4).to_bytes(4, "little", signed=True) + identity).digest()[:5]
    user = rc4(key, pad)
    plain = minimal_pdf(b"", "0 0 200 200")
    trailer = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [<%s> <%s>]" % (
        owner.hex().encode(),
        user.hex().encode(),
        identity.hex().encode(),
        identity.hex().encode(),
    )
    return plain.replace(b"/Root 1 0 R", b"/Root 1 0 R " + trailer)


ENCRYPTED_PDF = _make_encrypted()


@pytest.mark.parametrize(
    ("name", "make", "error", "word"),
    [
        ("empty.png", _empty, DamagedScanError, "empty"),
        ("cut.pdf", _truncated_pdf, DamagedScanError, "not a whole PDF"),
        ("locked.pdf", _password_pdf, EncryptedScanError, "password"),
        ("letter.png", _text, NotAScanError, "not a picture"),
        ("dot.png", _one_pixel, DamagedScanError, "1 x 1"),
        ("nothing.png", _no_pixels, ScanError, "nothing.png"),
        ("huge.png", _huge, OversizedScanError, "400"),
        ("poster.pdf", _huge_pdf_page, OversizedScanError, "limit"),
        ("cut.jpg", _truncated_jpeg, DamagedScanError, "damaged"),
        ("pack.docx", _zip, NotAScanError, "no DOCX"),
        ("bomb.docx", _docx_bomb, OversizedScanError, "unpack"),
    ],
)
def test_bad_input_is_one_clear_error(
    tmp_path: Path, name: str, make: Callable[[Path], None], error: type[ScanError], word: str
) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(error) as caught:
        list(open_scan(path).pages())
    message = str(caught.value)
    assert word in message
    assert "\n" not in message


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"cannot read gone\.png"):
        open_scan(tmp_path / "gone.png")


def test_more_pages_than_the_limit_are_refused_before_any_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "volume.tif"
    pages = [marked_picture(64, 64) for _ in range(4)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    with pytest.raises(OversizedScanError, match="4 pages; the limit is 3"):
        open_scan(path, ScanLimits(pages=3))


def test_the_limit_of_pixels_that_counts_is_the_one_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)  # put back after the test
    path = tmp_path / "map.png"
    Image.new("1", (14_000, 14_000)).save(path)  # more than Pillow takes by itself
    assert open_scan(path, ScanLimits(pixels=200_000_000)).page_count == 1
    with pytest.raises(OversizedScanError, match="limit of 195,000,000"):
        open_scan(path, ScanLimits(pixels=195_000_000))


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        ScanLimits(pixels=0)
