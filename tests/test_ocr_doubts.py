"""A figure is not sure where something about its cell speaks against it, however sure the readers are."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Page
from gouji_layout.table import Cell, Table
from gouji_ocr.doubts import (
    doubted,
    is_below_a_spot,
    is_part_of_a_digit,
    is_part_of_more,
    is_several,
    with_broken_point,
)
from gouji_ocr.engines import Engines
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.second import second_look
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

CELL = Cell(CellRef(1, 0, 0, 0), Box(0, 0, 160, 40))


def opinion(text: str, probability: float, reader: str = "figures-v6") -> Opinion:
    return Opinion(reader, (Candidate(text, math.log(probability)),))


def figure(text: str, *opinions: Opinion) -> Reading:
    mine = opinions or (opinion(text, 0.999),)
    return Reading(CELL.ref, CELL.box, ReadingKind.FIGURE, mine[0].candidates, None, mine)


def inked(*digits: int, dark: int = 40, height: int = 20) -> CellInk:
    """A cell with a figure from 100 to 140, and further strokes that begin here."""
    picture = np.full((40, 160), PAPER, np.uint8)
    for left in (100, 115, 130):
        picture[10:30, left : left + 10] = 0
    for left in digits:
        picture[10 : 10 + height, left : left + 10] = dark
    return CellInk(picture, (LineBox(100, 10, 140, 30),), 20)


@pytest.mark.parametrize(
    ("ink", "text", "more"),
    [
        (inked(), "602", False),
        (inked(80), "602", True),
        (inked(80, dark=180), "602", True),  # pale, as print of another ink
        (inked(40), "602", False),  # too far away for the same number
        (inked(80, height=6), "602", False),  # a speck
        (inked(80), "6", False),  # beside a lone digit there is dirt much oftener than a digit
        (inked(145), "602", False),  # numbers lose their first digits
    ],
)
def test_a_figure_left_of_which_stands_a_digit_is_part_of_more(ink: CellInk, text: str, more: bool) -> None:
    assert is_part_of_more(figure(text), ink) is more


@pytest.mark.parametrize(
    ("left", "size", "below"),
    [
        (116, 9, True),
        (116, 4, False),  # as a point
        (60, 9, False),  # beside the figure
    ],
)
def test_a_figure_of_which_a_good_part_lay_below_a_spot_is_in_doubt(
    left: int, size: int, below: bool
) -> None:
    filled = np.zeros((40, 160), dtype=bool)
    filled[15 : 15 + size, left : left + size] = True
    assert is_below_a_spot(figure("602"), CellView(CELL, inked(), filled), 20.0) is below
    assert not is_below_a_spot(figure("602"), CellView(CELL, inked()), 20.0)


@pytest.mark.parametrize(
    ("specks", "part"),
    [
        ([], False),
        ([(20, 100), (20, 109), (25, 107)], True),  # what is left of a `2`
        ([(35, 104), (35, 108), (35, 106)], True),  # and of a `7`
        ([(20, 104)], False),  # one speck is dirt
        ([(20, 130), (20, 136), (25, 134)], False),  # beside it
    ],
)
def test_a_dash_with_specks_above_or_below_it_may_be_part_of_a_digit(
    specks: list[tuple[int, int]], part: bool
) -> None:
    picture = np.full((50, 160), PAPER, np.uint8)
    picture[30:33, 100:112] = 0
    for top, left in specks:
        picture[top : top + 3, left : left + 3] = 0
    ink = CellInk(picture, (LineBox(100, 30, 112, 33),), 3, flat=True)
    assert is_part_of_a_digit(ink, 20.0) is part


@pytest.mark.parametrize(
    ("gap", "text", "several"),
    [
        (5, "28305 15224", False),
        (14, "28305 15224", False),  # a wide space parts thousands
        (40, "2830515224", True),  # two columns between which no rule was found
        (5, "170490713098839021", True),
    ],
)
def test_figures_of_two_cells_that_were_taken_for_one_are_doubted(gap: int, text: str, several: bool) -> None:
    picture = np.full((40, 160), PAPER, np.uint8)
    picture[10:30, 30:60:3] = 0
    picture[10:30, 60 + gap : 90 + gap : 3] = 0
    ink = CellInk(picture, (LineBox(30, 10, 90 + gap, 30),), 20)
    assert is_several(figure(text), ink) is several
    assert not is_several(replace(figure(text), kind=ReadingKind.TEXT), ink)


def test_a_figure_may_wrap_once_but_no_column_of_figures_is_one() -> None:
    picture = np.full((80, 160), PAPER, np.uint8)
    lines = tuple(LineBox(30, top, 60, top + 15) for top in (5, 25, 45))
    for line in lines:
        picture[line.top : line.bottom, 30:60] = 0
    assert not is_several(figure("28305"), CellInk(picture, lines[:2], 15))
    assert is_several(figure("28305"), CellInk(picture, lines, 15))


def test_what_is_doubted_is_stated_less_by_its_only_reader() -> None:
    sure = figure("602", opinion("602", 0.999), opinion("602", 0.999, "ppocr-v6"))
    less = doubted(sure)
    assert less.doubted
    assert math.exp(less.log_probability) == pytest.approx(0.9)
    assert [o.reader for o in less.opinions] == ["figures-v6"]
    assert less.opinions[0].candidates == less.candidates


@pytest.mark.parametrize(
    ("network", "text", "proposed"),
    [
        ("100.4", "100:4", ["100.4", "100:4"]),
        ("15,668.92", "15,668:92", ["15,668.92", "15,668:92"]),
        ("1004", "100:4", None),  # the point is lost
        ("10?4", "10:4", None),  # the network, too, sees a sign that no figure has
        ("10.4", "10.4", None),
        ("100.5", "100:4", None),
    ],
)
def test_a_colon_between_digits_may_be_a_broken_point_and_is_never_sure(
    network: str, text: str, proposed: list[str] | None
) -> None:
    view = CellView(CELL, inked())
    found = with_broken_point(view, opinion(network, 0.98), Candidate(text, -0.001))
    if proposed is None:
        assert found is None
    else:
        assert found is not None
        assert found.kind is ReadingKind.FIGURE
        assert [c.text for c in found.candidates] == proposed
        assert math.exp(found.log_probability) == pytest.approx(0.9)


def test_nobody_looks_again_at_the_same_cut_of_a_doubted_figure() -> None:
    image = np.full((40, 160, 3), 255, np.uint8)
    cv2.putText(image, "602", (60, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2)
    page = Page(1, image, 200.0, Straightening((160, 40), (160, 40)))
    table = Table(1, 0, CELL.box, (CELL,))
    engines = Engines.load()
    reading = figure("602")
    assert len(second_look(page, table, [reading], [CELL.ref], engines)) == 1
    assert second_look(page, table, [replace(reading, doubted=True)], [CELL.ref], engines) == []
