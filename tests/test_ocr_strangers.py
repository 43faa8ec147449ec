"""Seals, specks and pieces of what stands beside a cell are read as figures, but are none of its print."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gouji_layout.geometry import Box, CellRef
from gouji_layout.table import Cell
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.places import Place
from gouji_ocr.planes import BLACK
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.strangers import without_letters, without_strangers
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

WIDTH, ROWS, HEIGHT = 140, 48, 18
CENTRED = {1: Place(0.0, HEIGHT, 0.0, by_right_ends=False)}
FIGURE, TEXT, UNREADABLE = ReadingKind.FIGURE, ReadingKind.TEXT, ReadingKind.UNREADABLE


def seen(line: LineBox, *further: LineBox, flat: bool = False) -> CellView:
    """A cell with black ink in these boxes, the first of which was taken for its line."""
    picture = np.full((ROWS, WIDTH), PAPER, dtype=np.uint8)
    for box in (line, *further):
        picture[box.top : box.bottom, box.left : box.right] = 0
    cell = Cell(CellRef(1, 0, 0, 1), Box(0, 0, WIDTH, ROWS))
    return CellView(cell, CellInk(picture, (line,), line.height, flat=flat))


def read_as(text: str, probability: float, kind: ReadingKind = FIGURE) -> Reading:
    candidates = (Candidate(text, math.log(probability)),)
    opinions = (Opinion("figures-v6", candidates), Opinion("ppocr-v6", candidates))
    return Reading(CellRef(1, 0, 0, 1), Box(0, 0, WIDTH, ROWS), kind, candidates, None, opinions)


def kept(view: CellView, reading: Reading, places: dict[int, Place] = CENTRED) -> Reading:
    return without_strangers(view, reading, places, HEIGHT, "figures-v6")


SPECK = LineBox(60, 20, 68, 28)
DIGIT = LineBox(64, 15, 76, 33)


@pytest.mark.parametrize(
    ("view", "reading", "kind"),
    [
        (seen(SPECK), read_as("8", 0.4), UNREADABLE),
        (seen(SPECK), read_as("奉", 0.04, TEXT), UNREADABLE),
        (seen(SPECK), read_as("8", 0.6), FIGURE),  # read rather surely
        (seen(DIGIT), read_as("8", 0.4), FIGURE),  # as high as a digit
        (seen(LineBox(60, 22, 80, 26), flat=True), read_as("-", 0.4), FIGURE),  # as low as a dash
        (seen(SPECK), read_as("其他", 0.2, TEXT), TEXT),
        (seen(SPECK), read_as("l.", 0.4, TEXT), UNREADABLE),  # two specks
        (
            seen(SPECK),
            replace(read_as("-", 0.7), doubted=True),
            UNREADABLE,
        ),  # something else speaks against it
        (seen(SPECK), read_as("-", 0.7), FIGURE),
    ],
)
def test_what_is_unsurely_read_in_a_speck_is_unreadable(
    view: CellView, reading: Reading, kind: ReadingKind
) -> None:
    for places in (CENTRED, {}):
        assert kept(view, reading, places).kind is kind


AT_THE_SIDE = LineBox(0, 12, 12, 36)


@pytest.mark.parametrize(
    ("view", "reading", "kind"),
    [
        (seen(AT_THE_SIDE), read_as("9", 0.75), UNREADABLE),
        (seen(AT_THE_SIDE), read_as("9", 0.9), FIGURE),
        (seen(AT_THE_SIDE, DIGIT), read_as("9", 0.75), FIGURE),  # something stands where figures do
        (seen(LineBox(20, 15, 32, 33)), read_as("9", 0.75), FIGURE),  # at no side
        (seen(LineBox(0, 0, 80, 48)), read_as("10.90", 0.75), FIGURE),  # reaches its place
        (seen(AT_THE_SIDE), read_as("总", 0.75, TEXT), TEXT),
    ],
)
def test_what_reaches_into_a_cell_from_its_side_is_no_figure_where_its_place_is_empty(
    view: CellView, reading: Reading, kind: ReadingKind
) -> None:
    assert kept(view, reading).kind is kind
    assert kept(view, reading, {}) == reading


def test_a_character_of_a_seal_is_seen_in_a_column_without_figures_too() -> None:
    view, reading = seen(LineBox(50, 6, 90, 40)), read_as("公", 0.94, TEXT)
    assert kept(view, reading, {2: CENTRED[1]}).kind is UNREADABLE
    assert kept(view, reading, {}) == reading  # where there are no figures a label may be a large one


RING = LineBox(40, 0, 60, 48)


def beneath(view: CellView, *black: LineBox) -> CellView:
    """The cell with these boxes known for pieces of a black seal."""
    sealed = np.zeros((ROWS, WIDTH), np.uint8)
    for box in black:
        sealed[box.top : box.bottom, box.left : box.right] = BLACK
    return replace(view, sealed=sealed)


@pytest.mark.parametrize(
    ("view", "reading", "kind"),
    [
        (beneath(seen(RING), RING), read_as("/", 0.5), UNREADABLE),
        (beneath(seen(RING, LineBox(70, 20, 74, 23)), RING), read_as("…", 0.6), UNREADABLE),  # and a speck
        (beneath(seen(RING), RING), read_as("1", 0.4, TEXT), UNREADABLE),
        (beneath(seen(RING), RING), read_as("1", 0.9), FIGURE),  # surely read
        (beneath(seen(RING, DIGIT), RING), read_as("0", 0.5), FIGURE),  # a digit stands beside it
        (beneath(seen(RING, LineBox(70, 22, 80, 25)), RING), read_as("-", 0.4), FIGURE),  # or a dash
        (beneath(seen(RING), RING), read_as("1,024", 0.5), FIGURE),  # more than a ring looks like
        (beneath(seen(RING), LineBox(90, 0, 110, 48)), read_as("1", 0.5), FIGURE),  # the seal is elsewhere
        (seen(RING), read_as("1", 0.5), FIGURE),
    ],
)
def test_what_is_unsurely_read_in_a_piece_of_a_black_seal_is_unreadable(
    view: CellView, reading: Reading, kind: ReadingKind
) -> None:
    assert kept(view, reading, {}).kind is kind


def among(others: list[Reading], reading: Reading) -> Reading:
    """What becomes of a reading below others in one column."""
    readings = [*others, reading]
    return without_letters([seen(DIGIT) for _ in readings], readings, "figures-v6")[-1]


FIGURES, WORDS = [read_as("7", 0.9)] * 4, [read_as("其他", 0.9, TEXT)] * 4


@pytest.mark.parametrize(
    ("text", "probability", "kind"),
    [
        ("e", 0.84, UNREADABLE),
        ("e", 0.95, TEXT),
        ("assko2m1", 0.001, UNREADABLE),
        ("kg/m3", 0.5, TEXT),  # each of its characters is likely
        ("其他", 0.01, TEXT),  # words are for the line readers
        ("05", 0.3, TEXT),  # digits may be a figure
    ],
)
def test_letters_in_a_column_of_figures_are_dirt_unless_surely_read(
    text: str, probability: float, kind: ReadingKind
) -> None:
    reading = read_as(text, probability, TEXT)
    assert among(FIGURES, reading).kind is kind
    assert among(FIGURES[:3], reading) == among(FIGURES + WORDS, reading) == reading


def test_of_what_is_unreadable_only_the_figure_network_is_heard_on() -> None:
    found = kept(seen(SPECK), read_as("8", 0.4))
    assert not found.candidates
    assert [opinion.reader for opinion in found.opinions] == ["figures-v6"]
