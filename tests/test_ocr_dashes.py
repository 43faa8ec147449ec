"""Dashes are found in cells full of dirt, and nowhere else."""

from __future__ import annotations

import numpy as np

from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.table import Cell
from gouji_ocr.dashes import cells_with_a_dash
from gouji_ocr.ink import CellInk
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

HEIGHT = 20.0
DASH = (slice(24, 28), slice(40, 56))


def view(*strokes: tuple[slice, slice], specks: int = 0) -> CellView:
    """A cell of evened paper with black strokes and this many specks of two pixels, taken for one line."""
    picture = np.full((52, 100), 245, dtype=np.uint8)
    rng = np.random.default_rng(specks)
    for y, x in zip(rng.integers(9, 42, specks), rng.integers(9, 90, specks), strict=True):
        picture[y : y + 2, x : x + 2] = 0
    for rows, cols in strokes:
        picture[rows, cols] = 0
    cell = Cell(CellRef(1, 0, 0, 0), Box(0, 0, 100, 52))
    return CellView(cell, CellInk(picture, (LineBox(9, 9, 90, 42),), 33, dirty=bool(specks)))


def found(*asked: CellView, known: int = 9) -> set[int]:
    """Which of these cells a dash is found in, in a table that has some plain dashes."""
    views = [*asked, *(view(DASH) for _ in range(known))]
    return set(cells_with_a_dash(views, range(len(asked), len(views)), range(len(asked)), HEIGHT))


def test_a_dash_among_specks_is_found_and_shown_alone() -> None:
    dirty = view(DASH, specks=60)
    (shown,) = cells_with_a_dash([dirty, *(view(DASH) for _ in range(9))], range(1, 10), [0], HEIGHT).values()
    ink: Gray = shown.ink.picture
    assert (ink[DASH] == 0).all()
    assert (ink[:20] == 245).all()
    assert (ink[:, :30] == 245).all()
    (line,) = shown.ink.lines
    assert abs(line.left - 40) <= 6
    assert abs(line.right - 56) <= 6


def test_specks_alone_are_no_dash() -> None:
    assert found(*(view(specks=n) for n in (20, 60, 150, 300))) == set()


def test_an_upright_stroke_is_no_dash() -> None:
    assert found(view((slice(16, 36), slice(46, 50)), specks=40)) == set()


def test_of_two_dashes_nobody_knows_which_one_was_printed() -> None:
    assert found(view(DASH, (slice(36, 40), slice(40, 56)))) == set()


def test_a_dash_with_a_speck_above_it_is_one() -> None:
    assert found(view(DASH, (slice(15, 20), slice(46, 51)))) == {0}  # read as `上` or `二`


def test_a_rule_is_longer_than_the_dashes_of_the_table() -> None:
    assert found(view((slice(24, 28), slice(20, 80)))) == set()


def test_a_table_with_few_dashes_does_not_show_how_long_they_are() -> None:
    assert found(view(DASH, specks=60), known=7) == set()
