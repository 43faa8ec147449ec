"""Negative figures keep their sign, whichever one is printed: without it they are others, surely read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Page
from gouji_layout.table import Cell, Table
from gouji_ocr import alphabet
from gouji_ocr.engines import Engines
from gouji_ocr.reader import read_table

SIZE, WIDTH, HEIGHT, COLUMNS = 29, 200, 64, 6  # pixels at 200 dpi, cells
NUMBERS = ("77", "153", "494", "0.1", "694", "48", "4,294", "38648", "454", "8,773", "105144", "90.0")
FONTS = (
    "arphic-gkai00mp/gkai00mp.ttf",  # the thinnest outlines
    "arphic/ukai.ttc",
    "wqy/wqy-zenhei.ttc",
)


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines.load()


def read_grid(texts: Sequence[str], font: str, engines: Engines) -> list[str]:
    rows = -(-len(texts) // COLUMNS)
    size = COLUMNS * WIDTH + 40, rows * HEIGHT + 40
    image = Image.new("RGB", size, (255, 255, 255))
    drawn, face = ImageDraw.Draw(image), ImageFont.truetype(f"/usr/share/fonts/truetype/{font}", SIZE)
    cells = []
    for at, text in enumerate(texts):
        row, column = divmod(at, COLUMNS)
        left, top = 20 + column * WIDTH, 20 + row * HEIGHT
        drawn.rectangle((left, top, left + WIDTH, top + HEIGHT), outline=0, width=2)
        drawn.text((left + 20, top + HEIGHT // 2), text, font=face, fill=0, anchor="lm")
        cells.append(Cell(CellRef(1, 0, row, column), Box(left, top, left + WIDTH, top + HEIGHT)))
    page = Page(1, np.asarray(image, dtype=np.uint8), 200.0, Straightening(size, size))
    table = Table(1, 0, Box(20, 20, size[0] - 20, size[1] - 20), tuple(cells))
    return [reading.text for reading in read_table(page, table, engines)]


@pytest.mark.parametrize("font", FONTS)
def test_no_sign_goes_with_what_is_cut_off_as_dirt(font: str, engines: Engines) -> None:
    texts = [form.format(number) for number in NUMBERS for form in ("△{}", "－{}", "（{}）")]
    assert read_grid(texts, font, engines) == [alphabet.fold(text) for text in texts]


@pytest.mark.parametrize("font", FONTS)
def test_permille_is_told_from_percent(font: str, engines: Engines) -> None:
    texts = [number + sign for number in ("5.28", "6.1", "-0.35", "12.40", "11", "8.08") for sign in "‰%"]
    assert read_grid(texts, font, engines) == texts
