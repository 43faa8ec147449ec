"""Bad scans: every kind of bad file is one clear error, and limits hold before anything is decoded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scan_files import every_page, marked_picture, minimal_pdf

from gouji_layout.scan import (
    DamagedScanError,
    EncryptedScanError,
    NotAScanError,
    OversizedScanError,
    ScanError,
    ScanLimits,
    open_scan,
)


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
        every_page(path)
    message = str(caught.value)
    assert word in message
    assert "\n" not in message


def test_a_pdf_without_pages_asks_for_no_password_after_one_that_does(tmp_path: Path) -> None:
    locked, hollow = tmp_path / "locked.pdf", tmp_path / "hollow.pdf"
    _password_pdf(locked)
    first, second = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj ",
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj ",
    )
    start = len(b"%PDF-1.3 ")
    places = b"".join(b"%010d 00000 n \n" % at for at in (start, start + len(first)))
    table = b"xref\n0 3\n0000000000 65535 f \n" + places + b"trailer<</Root 1 0 R/Size 3>>\nstartxref\n"
    body = b"%PDF-1.3 " + first + second
    hollow.write_bytes(body + table + b"%d\n%%%%EOF\n" % len(body))
    with pytest.raises(EncryptedScanError):
        every_page(locked)
    with pytest.raises(DamagedScanError, match=r"hollow\.pdf is not a whole PDF$"):
        every_page(hollow)


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
