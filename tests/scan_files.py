"""Files for the tests of opening scans: a picture that shows which way it is up, and a PDF of one page."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from gouji_layout.page import ScanPage
from gouji_layout.scan import open_scan


def every_page(path: Path) -> list[ScanPage]:
    scan = open_scan(path)
    return [scan.page(number) for number in range(1, scan.page_count + 1)]


def marked_picture(width: int = 300, height: int = 200) -> Image.Image:
    """White paper with a red block in the top-left corner, so that turns show."""
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    pixels[: height // 4, : width // 4] = (200, 0, 0)
    return Image.fromarray(pixels)


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
