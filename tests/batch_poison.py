"""Bad files of more than twenty kinds beside a few good ones, each with the error it must end in."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import test_scan_bad as bad
from PIL import Image
from scan_files import marked_picture

GOOD = ("good/001", "good/002", "good/turned", "good/sixteen")


def _random(path: Path) -> None:
    path.write_bytes(np.random.default_rng(3).bytes(50_000))


def _cut_tiff(path: Path) -> None:
    stream = io.BytesIO()
    marked_picture(900, 900).save(stream, "TIFF")
    path.write_bytes(stream.getvalue()[:20_000])


def _circular_tiff(path: Path) -> None:
    # A directory of no entries whose "next" points at itself.
    path.write_bytes(b"II*\0" + struct.pack("<IHI", 8, 0, 8) + bytes(100))


def _bad_checksum(path: Path) -> None:
    stream = io.BytesIO()
    noise = np.random.default_rng(5).integers(0, 255, (200, 300), np.uint8)
    Image.fromarray(noise).save(stream, "PNG")
    raw = bytearray(stream.getvalue())
    at = raw.index(b"IDAT") + 2000
    raw[at : at + 8] = bytes(byte ^ 0xFF for byte in raw[at : at + 8])
    path.write_bytes(raw)


def _two_gigabytes(path: Path) -> None:
    """A PNG of a few bytes whose header claims 2.1 gigapixels."""
    header = struct.pack(">IIBBBBB", 46_341, 46_341, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    body = struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body + end)


def _html(path: Path) -> None:
    path.write_text("<html><script>alert(1)</script></html>", encoding="utf-8")


def _no_pages(path: Path) -> None:
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
    )


def _garbled_pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n" + np.random.default_rng(4).bytes(5_000))


def _dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere.png")


def _cut_docx(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(300))


def _lines(path: Path) -> None:
    Image.new("L", (4000, 3)).save(path, "PNG")


def _bmp(path: Path) -> None:
    path.write_bytes(
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, -5, 7, 1, 24, 0, 0, 0, 0, 0, 0)
    )


def _jp2(path: Path) -> None:
    path.write_bytes(bytes.fromhex("0000000c6a5020200d0a870a") + bytes(200))


def _webp(path: Path) -> None:
    path.write_bytes(b"RIFF" + struct.pack("<I", 4000) + b"WEBPVP8 " + bytes(60))


# name -> (writer, the class of the error)
KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty.png": (bad._empty, "DamagedScanError"),
    "cut.pdf": (bad._truncated_pdf, "DamagedScanError"),
    "locked.pdf": (bad._password_pdf, "EncryptedScanError"),
    "letter.png": (bad._text, "NotAScanError"),
    "dot.png": (bad._one_pixel, "DamagedScanError"),
    "nothing.png": (bad._no_pixels, "ScanError"),
    "huge.png": (bad._huge, "OversizedScanError"),
    "poster.pdf": (bad._huge_pdf_page, "OversizedScanError"),
    "cut.jpg": (bad._truncated_jpeg, "DamagedScanError"),
    "pack.docx": (bad._zip, "NotAScanError"),
    "swollen.docx": (bad._docx_bomb, "OversizedScanError"),
    "two-gigabytes.png": (_two_gigabytes, "OversizedScanError"),
    "random.jpg": (_random, "NotAScanError"),
    "cut.tif": (_cut_tiff, "DamagedScanError"),
    "circular.tif": (_circular_tiff, "ScanError"),
    "checksum.png": (_bad_checksum, "DamagedScanError"),
    "page.pdf": (_html, "NotAScanError"),
    "no-pages.pdf": (_no_pages, "DamagedScanError"),
    "garbled.pdf": (_garbled_pdf, "DamagedScanError"),
    "cut.docx": (_cut_docx, "ScanError"),
    "lines.png": (_lines, "DamagedScanError"),
    "negative.bmp": (_bmp, "ScanError"),
    "broken.jp2": (_jp2, "ScanError"),
    "broken.webp": (_webp, "ScanError"),
    "a\x1b[31m<b>&\n.png": (_random, "NotAScanError"),
}


def poisoned_folder(place: Path) -> None:
    """Write all of them, and the good ones of GOOD."""
    (place / "bad").mkdir(parents=True)
    for name, (write, _) in KINDS.items():
        write(place / "bad" / name)
    _dangling(place / "bad" / "dangling.png")
    (place / "bad" / "folder.png").mkdir()
    (place / "good").mkdir()
    for number, name in enumerate(("001", "002", "turned")):
        picture = marked_picture(300 + number, 200)
        picture.rotate(90 * number, expand=True).save(place / "good" / f"{name}.png")
    deep = np.full((200, 300), 40_000, dtype=np.uint16)
    Image.fromarray(deep).save(place / "good" / "sixteen.tif")
