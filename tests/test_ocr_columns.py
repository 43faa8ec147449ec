"""Headings in high narrow cells are read to their ends, stacked or on their side."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fixtures.make.fonts import Typesetter, typeface
from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.table import Cell
from gouji_ocr.cell_text import join_lines, read_text_cells
from gouji_ocr.engines import Engines
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

TEXT = "三、本年度办理结果"
EM = 20


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines.load()


def stacked(pitch: int) -> tuple[Gray, tuple[LineBox, ...]]:
    """Characters below each other, of which those of the list number were not found as lines."""
    image = Image.new("L", (60, 700), PAPER)
    setter = Typesetter(typeface("song", 0), EM, 0)
    for at, char in enumerate(TEXT):
        setter.draw(ImageDraw.Draw(image), 20, 200 + at * pitch, char)
    tops = [200 + at * pitch - EM // 2 for at in range(2, len(TEXT))]
    return np.asarray(image, dtype=np.uint8), tuple(LineBox(20, top, 40, top + EM) for top in tops)


def on_its_side() -> tuple[Gray, tuple[LineBox, ...]]:
    """A line that runs upwards, of which what is left without its list number was cut into pieces."""
    image = Image.new("L", (700, 60), PAPER)
    Typesetter(typeface("song", 0), EM, 0).draw(ImageDraw.Draw(image), 200, 30, TEXT)
    picture = np.ascontiguousarray(np.rot90(np.asarray(image, dtype=np.uint8)))
    end = 700 - 200 - 2 * EM
    cuts = [end - round(share * EM) for share in (7, 6.3, 5.6, 4.5, 3.9, 2.6, 1.4, 0)]
    return picture, tuple(LineBox(20, top, 40, bottom - 1) for top, bottom in pairwise(cuts))


@pytest.mark.parametrize("shown", [stacked(24), stacked(37), on_its_side()], ids=["close", "apart", "side"])
def test_a_heading_keeps_its_list_number(shown: tuple[Gray, tuple[LineBox, ...]], engines: Engines) -> None:
    picture, lines = shown
    view = CellView(Cell(CellRef(1, 0, 0, 0), Box(0, 0, 60, 700)), CellInk(picture, lines, EM))
    (found,) = read_text_cells([view], engines.lines, engines.worn)
    assert join_lines([line.text for line in found]) == TEXT
