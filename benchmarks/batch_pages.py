"""Small pages with real tables and exact sums for batch measurements, and the real work with a counter.

A page is one ruled table of a few figures, drawn and roughened by its seed: the whole chain reads it,
at a fraction of the cost of a report page, so that thousands of them can be run.
"""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gouji.batch.page_work import PageWork
from gouji.ledger_claims import Claim
from gouji.records import PageReading
from gouji_layout.page import ScanPage

COUNT_FILE = "GOUJI_BENCH_COUNT"
_FONT = "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"
_ROWS, _COLUMNS = 4, 4


def small_page(seed: int) -> Image.Image:
    """A table of 4 x 4 figures whose last column is the sum of the others, 200 dpi."""
    rng = np.random.default_rng(seed)
    body = rng.integers(1, 900, (_ROWS, _COLUMNS - 1))
    figures = np.hstack([body, body.sum(axis=1, keepdims=True)])
    width, height, left, top = 150, 60, 60, 60
    sheet = Image.new("L", (left * 2 + width * _COLUMNS, top * 2 + height * _ROWS), 255)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(_FONT, 32)
    for row in range(_ROWS + 1):
        pen.line(
            [(left, top + row * height), (left + width * _COLUMNS, top + row * height)], fill=20, width=3
        )
    for column in range(_COLUMNS + 1):
        pen.line(
            [(left + column * width, top), (left + column * width, top + height * _ROWS)], fill=20, width=3
        )
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            words = str(figures[row, column])
            at = (left + column * width + 40, top + row * height + 12)
            pen.text(at, words, fill=int(rng.integers(0, 60)), font=font)
    noisy = np.asarray(sheet, dtype=np.float64) + rng.normal(0, 6, (sheet.height, sheet.width))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def small_pages(place: Path, count: int, seed: int, a_file: int = 5) -> None:
    """Write pages in TIFF files of `a_file` pages each."""
    place.mkdir(parents=True, exist_ok=True)
    for first in range(0, count, a_file):
        sheets = [small_page(seed * 1_000_000 + n) for n in range(first, min(first + a_file, count))]
        path = place / f"{first // a_file + 1:05d}.tif"
        sheets[0].save(path, save_all=True, append_images=sheets[1:], dpi=(200, 200), compression="tiff_lzw")


class CountedWork(PageWork):
    """The real work; whenever a page is really read, a line is written that no kill can take back."""

    def read(self, claim: Claim) -> dict[str, object]:
        """Read one page."""
        name = claim.name.rsplit("/", 1)[-1]
        if "hang" in name:
            time.sleep(3600)
        if "greedy" in name:
            hoard = []
            while True:
                hoard.append(np.ones(16_000_000))  # 128 MB of touched memory at a time
        return super().read(claim)

    def read_page(self, scan_page: ScanPage) -> PageReading:
        """Count and read."""
        handle = os.open(os.environ[COUNT_FILE], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{scan_page.number} {zlib.crc32(scan_page.image.tobytes()):08x}\n".encode())
        os.close(handle)
        return super().read_page(scan_page)
