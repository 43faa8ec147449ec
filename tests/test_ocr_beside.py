"""A digit so pale that it was left out of the cut of its figure is read with it, and that is not sure."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fixtures.make.fonts import Typesetter, typeface
from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.table import Cell
from gouji_ocr.beside import read_with_ink_beside
from gouji_ocr.figures import FigureNetwork
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

WIDTH, ROWS = 160, 48
CELL = Cell(CellRef(1, 0, 0, 1), Box(0, 0, WIDTH, ROWS))


@pytest.fixture(scope="module")
def network() -> FigureNetwork:
    return FigureNetwork.load()


def printed(text: str) -> Gray:
    """A cell with this figure in its middle."""
    image = Image.new("L", (WIDTH, ROWS), PAPER)
    setter = Typesetter(typeface("song", 0), 26, 0)
    setter.draw(ImageDraw.Draw(image), (WIDTH - setter.width(text)) / 2, ROWS / 2, text)
    return np.asarray(image, dtype=np.uint8)


def view(picture: Gray, cols: slice, *, painted_out: bool) -> CellView:
    """A cell of which only the ink in these columns was cut out; the rest may have been taken for specks."""
    inside = picture[:, cols] < 128
    rows, lit = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    start = cols.start or 0
    box = LineBox(start + int(lit[0]), int(rows[0]), start + int(lit[-1]) + 1, int(rows[-1]) + 1)
    shown = picture.copy()
    if painted_out:
        shown[:, : box.left], shown[:, box.right :] = PAPER, PAPER
    return CellView(CELL, CellInk(shown, (box,), box.height, whole=picture))


def characters(picture: Gray) -> list[slice]:
    """The columns of each character."""
    edges = np.flatnonzero(np.diff(np.r_[0, (picture < 128).any(axis=0), 0]))
    return [slice(a, b) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]


def sure(text: str) -> Reading:
    candidates = (Candidate(text, math.log(0.995)),)
    opinions = (Opinion("figures-v6", candidates), Opinion("ppocr-v6", candidates))
    return Reading(CELL.ref, CELL.box, ReadingKind.FIGURE, candidates, None, opinions)


def read(shown: CellView, reading: Reading, network: FigureNetwork) -> Reading:
    return read_with_ink_beside([shown], [reading], shown.ink.lines[0].height, network)[0]


@pytest.mark.parametrize("painted_out", [True, False])
def test_a_first_digit_that_was_left_out_is_read_and_nothing_of_it_is_sure(
    network: FigureNetwork, painted_out: bool
) -> None:
    picture = printed("2735")
    cut = view(picture, slice(characters(picture)[1].start, WIDTH), painted_out=painted_out)
    found = read(cut, sure("735"), network)
    assert found.text == "2735"
    assert found.doubted
    assert "735" in [candidate.text for candidate in found.candidates]
    assert math.exp(found.log_probability) <= 0.901
    assert [opinion.candidates for opinion in found.opinions] == [found.candidates]


def test_a_digit_of_which_only_pieces_were_dark_enough_is_read_too(network: FigureNetwork) -> None:
    picture = printed("1735").copy()
    first, second = characters(picture)[:2]
    rows = np.flatnonzero((picture[:, first] < 128).any(axis=1))
    middle = int(rows.mean())
    picture[middle : middle + 2, first] = PAPER  # each half alone is lower than a digit
    found = read(view(picture, slice(second.start, WIDTH), painted_out=True), sure("735"), network)
    assert found.text == "1735"


def test_pieces_of_a_digit_need_not_stand_one_below_the_other(network: FigureNetwork) -> None:
    picture = printed("4.35").copy()
    last = characters(picture)[-1]
    rows = np.flatnonzero((picture[:, last] < 128).any(axis=1))
    top = int(rows[0]) + 5
    picture[top : top + 3, last] = PAPER  # of a `5` its bowl is left, and above that the left end of its bar
    picture[:top, last.start + 5 : last.stop] = PAPER
    found = read(view(picture, slice(0, characters(picture)[2].stop), painted_out=True), sure("4.3"), network)
    assert found.text == "4.35"


def test_a_last_digit_that_was_left_out_is_read(network: FigureNetwork) -> None:
    picture = printed("4.35")
    found = read(view(picture, slice(0, characters(picture)[2].stop), painted_out=True), sure("4.3"), network)
    assert found.text == "4.35"
    assert found.doubted


def test_dirt_beside_a_figure_of_which_the_network_reads_no_digit_changes_nothing(
    network: FigureNetwork,
) -> None:
    picture = printed("735").copy()
    digits = characters(picture)
    dots = np.random.default_rng(0).random((18, 12)) < 0.5
    picture[15:33, digits[0].start - 20 : digits[0].start - 8][dots] = 0
    cut = view(picture, slice(digits[0].start, WIDTH), painted_out=False)
    assert read(cut, sure("735"), network) == sure("735")


def test_nothing_beside_a_figure_changes_nothing_nor_does_what_is_no_figure(network: FigureNetwork) -> None:
    picture = printed("735")
    whole = view(picture, slice(0, WIDTH), painted_out=False)
    assert read(whole, sure("735"), network) == sure("735")
    part = view(printed("2735"), slice(characters(printed("2735"))[1].start, WIDTH), painted_out=True)
    for other in (sure("-"), replace(sure("七百"), kind=ReadingKind.TEXT)):
        assert read(part, other, network) == other


def test_another_figure_is_no_longer_one(network: FigureNetwork) -> None:
    picture = printed("2735")
    cut = view(picture, slice(characters(picture)[1].start, WIDTH), painted_out=True)
    assert read(cut, sure("736"), network) == sure("736")  # its digits are not among those of the wider cut
