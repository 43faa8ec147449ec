"""A clean grid of printed texts, read by the real engines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Page
from gouji_layout.table import Cell, Table
from gouji_ocr.engines import Engines
from gouji_ocr.reader import read_table
from gouji_ocr.reading import Reading

SIZE, WIDTH, HEIGHT, COLUMNS = 29, 200, 64, 6  # pixels at 200 dpi, cells
RAISED = "^"
"""What stands behind it in a text is printed smaller, at the head of the line."""


def read_grid(texts: Sequence[str], font: str, engines: Engines) -> list[Reading]:
    """Readings of the texts, printed in a font below /usr/share/fonts/truetype."""
    rows = -(-len(texts) // COLUMNS)
    size = COLUMNS * WIDTH + 40, rows * HEIGHT + 40
    image = Image.new("RGB", size, (255, 255, 255))
    drawn = ImageDraw.Draw(image)
    face, small = (ImageFont.truetype(f"/usr/share/fonts/truetype/{font}", s) for s in (SIZE, SIZE * 0.6))
    cells = []
    for at, text in enumerate(texts):
        row, column = divmod(at, COLUMNS)
        left, top = 20 + column * WIDTH, 20 + row * HEIGHT
        drawn.rectangle((left, top, left + WIDTH, top + HEIGHT), outline=0, width=2)
        plain, _, raised = text.partition(RAISED)
        drawn.text((left + 20, top + HEIGHT // 2), plain, font=face, fill=0, anchor="lm")
        if raised:
            behind = left + 21 + drawn.textlength(plain, face)
            drawn.text((behind, top + HEIGHT // 2 - SIZE // 2), raised, font=small, fill=0, anchor="lt")
        cells.append(Cell(CellRef(1, 0, row, column), Box(left, top, left + WIDTH, top + HEIGHT)))
    page = Page(1, np.asarray(image, dtype=np.uint8), 200.0, Straightening(size, size))
    table = Table(1, 0, Box(20, 20, size[0] - 20, size[1] - 20), tuple(cells))
    return read_table(page, table, engines)
