"""一 in a list of numerals is no dash; a dash beside numerals stays one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fixtures.make.fonts import Typesetter, typeface
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Page
from gouji_layout.table import Cell, Table
from gouji_ocr.engines import Engines
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.numerals import with_first_numerals
from gouji_ocr.reader import read_table
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

WIDTH, HEIGHT = 140, 48
WIDE, NARROW = 28, 12  # pixels: a numeral, a hyphen


def seen(row: int, text: str, width: int = WIDE, *, doubted: bool = False) -> tuple[CellView, Reading]:
    ref, box = CellRef(1, 0, row, 0), Box(0, row * HEIGHT, WIDTH, (row + 1) * HEIGHT)
    ink = CellInk(np.full((HEIGHT, WIDTH), PAPER, np.uint8), (LineBox(56, 10, 56 + width, 38),), 28)
    kind = ReadingKind.FIGURE if text == "-" or text.isdigit() else ReadingKind.TEXT
    candidates = (Candidate(text, math.log(0.99)),)
    opinions = (Opinion("figures-v6", candidates),)
    return CellView(Cell(ref, box), ink), Reading(ref, box, kind, candidates, None, opinions, doubted)


def settled(*cells: tuple[str, int] | str, doubted: int | None = None) -> list[str]:
    column = [
        seen(row, *((cell,) if isinstance(cell, str) else cell), doubted=row == doubted)
        for row, cell in enumerate(cells)
    ]
    return [one.text for one in with_first_numerals(*map(list, zip(*column, strict=True)))]


def test_the_only_stroke_before_the_second_numeral_is_the_first() -> None:
    assert settled("-", "1", "2", "二", "三") == ["一", "1", "2", "二", "三"]
    assert settled("序号", "-", "二", "三", "-", "二") == ["序号", "一", "二", "三", "一", "二"]


@pytest.mark.parametrize(
    "cells",
    [
        ["-", "1", "2", "3"],  # no numerals
        ["-", "二"],  # may be a dash and a dash with a speck above it
        [("-", NARROW), "二", "三"],
        ["-", "-", "二", "三"],  # which one?
        ["二", "三", "-", "四"],
        ["一", "二", "三", "-"],
    ],
)
def test_other_strokes_stay_as_they_were_read(cells: Sequence[tuple[str, int] | str]) -> None:
    assert settled(*cells) == [cell if isinstance(cell, str) else cell[0] for cell in cells]


def test_a_stroke_that_something_speaks_against_is_left_to_a_person() -> None:
    assert settled("-", "二", "三", doubted=0) == ["-", "二", "三"]


@pytest.mark.parametrize("style", ["song", "hei", "kai"])
def test_a_column_of_numerals_is_read_as_one(style: str) -> None:
    names = ["序号", "一", "1", "2", "二", "三", "四", "五"]
    image = Image.new("RGB", (2 * WIDTH, 60 * len(names)), (255, 255, 255))
    setter, drawn, cells = Typesetter(typeface(style, 0), 28, 0), ImageDraw.Draw(image), []
    for row, name in enumerate(names):
        setter.draw(drawn, 40, row * 60 + 30, name)
        setter.draw(drawn, WIDTH + 40, row * 60 + 30, str(row * 37))
        cells += [
            Cell(CellRef(1, 0, row, col), Box(col * WIDTH, row * 60, (col + 1) * WIDTH, row * 60 + 60))
            for col in (0, 1)
        ]
    size = image.width, image.height
    page = Page(1, np.asarray(image, dtype=np.uint8), 200.0, Straightening(size, size))
    readings = read_table(page, Table(1, 0, Box(0, 0, *size), tuple(cells)), Engines.load())
    assert [reading.text for reading in readings[::2]] == names
    assert readings[2].kind is ReadingKind.TEXT
