"""Short words above columns, units, and names of columns like 甲, 乙, 丙, 丁, 1, 2, 3 are read as printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fixtures.make.fonts import Typesetter, typeface
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Page
from gouji_layout.table import Cell, Table
from gouji_ocr.engines import Engines
from gouji_ocr.reader import read_table
from gouji_ocr.reading import Reading, ReadingKind

NAMES = "甲乙丙丁123/"
WIDTH = 120


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines.load()


def read_row(names: Sequence[str], style: str, engines: Engines) -> list[Reading]:
    image = Image.new("RGB", (WIDTH * len(names), 80), (255, 255, 255))
    setter = Typesetter(typeface(style, 0), 28, 0)
    for at, name in enumerate(names):
        setter.draw(ImageDraw.Draw(image), at * WIDTH + 30, 40, name)
    size = image.width, image.height
    page = Page(1, np.asarray(image, dtype=np.uint8), 200.0, Straightening(size, size))
    cells = tuple(
        Cell(CellRef(1, 0, 0, at), Box(at * WIDTH, 0, (at + 1) * WIDTH, 80)) for at in range(len(names))
    )
    return read_table(page, Table(1, 0, Box(0, 0, *size), cells), engines)


@pytest.mark.parametrize("style", ["song", "hei", "kai"])
def test_a_short_word_that_is_clear_is_no_dirt(style: str, engines: Engines) -> None:
    readings = [read_row([word, "男", "12"], style, engines)[0] for word in ("年龄", "户数", "工种")]
    assert [reading.text for reading in readings] == ["年龄", "户数", "工种"]


@pytest.mark.parametrize("style", ["song", "hei", "kai"])
def test_the_names_of_columns_are_neither_slashes_nor_dirt(style: str, engines: Engines) -> None:
    readings = read_row(NAMES, style, engines)
    assert "".join(reading.text for reading in readings) == NAMES
    assert [reading.kind for reading in readings[:4]] == [ReadingKind.TEXT] * 4
    assert readings[-1].kind is ReadingKind.FIGURE


@pytest.mark.parametrize("style", ["song", "hei", "kai"])
def test_units_and_headings_of_the_letters_of_figures_are_words(style: str, engines: Engines) -> None:
    words = ["件", "元", "万元", "亿元", "%", "增减", "增减%"]
    readings = read_row([*words, "12件"], style, engines)
    assert [reading.text for reading in readings] == [*words, "12件"]
    assert [reading.kind for reading in readings] == [ReadingKind.TEXT] * len(words) + [ReadingKind.FIGURE]
