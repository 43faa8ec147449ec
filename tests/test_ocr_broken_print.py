"""Broken print, dashes and loose dirt: how high type is, what is one line, what is blank."""

from __future__ import annotations

import numpy as np
import pytest

from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.table import Cell, Table
from gouji_ocr.figure_cells import _keeps_its_marks, only_lost_dirt
from gouji_ocr.ink import CellInk, UsualType, cell_ink
from gouji_ocr.reading import Candidate
from gouji_ocr.recut import without_loose_dirt
from gouji_ocr.text_lines import LineBox, rejoined, tallest_character
from gouji_ocr.views import text_height, view_cells

WIDE, HIGH = 80, 44


def sheet(drawn: list[Gray]) -> tuple[Gray, Table]:
    """Cells beside each other, as a page and its table."""
    gray = np.concatenate(drawn, axis=1)
    cells = tuple(
        Cell(CellRef(1, 0, 0, i), Box(i * WIDE, 0, (i + 1) * WIDE, HIGH)) for i in range(len(drawn))
    )
    return gray, Table(1, 0, Box(0, 0, len(drawn) * WIDE, HIGH), cells)


def cell(*strokes: tuple[slice, slice]) -> Gray:
    """White paper with black strokes."""
    paper = np.full((HIGH, WIDE), 250, dtype=np.uint8)
    for rows, cols in strokes:
        paper[rows, cols] = 20
    return paper


DIGIT = (slice(12, 32), slice(36, 40))
DASH = (slice(21, 24), slice(32, 48))


def test_a_table_full_of_dashes_knows_how_high_its_few_digits_are() -> None:
    gray, table = sheet([cell(DIGIT)] * 4 + [cell(DASH)] * 20)
    assert text_height(view_cells(gray, table)) == pytest.approx(20, abs=2)


def test_one_tall_frame_among_digits_does_not_tell_the_height_of_type() -> None:
    frame = cell((slice(2, 42), slice(30, 33)))
    gray, table = sheet([cell(DIGIT)] * 9 + [frame])
    assert text_height(view_cells(gray, table)) == pytest.approx(20, abs=2)


def test_lines_that_touch_in_a_few_labels_do_not_hide_short_hyphens() -> None:
    hyphen = cell((slice(20, 23), slice(36, 43)))
    rows = np.concatenate([np.concatenate([hyphen] * 24 + [cell(DIGIT)] * 4, axis=1)] * 2)
    gray = np.concatenate([rows, np.full((2 * HIGH, 8 * WIDE), 250, dtype=np.uint8)], axis=1)
    cells = [(x, y, HIGH) for y in (0, HIGH) for x in range(28)] + [(x, 0, 2 * HIGH) for x in range(28, 36)]
    for x, _, high in cells[56:]:  # two lines that run into each other
        gray[12 : high - 12, x * WIDE + 20 : x * WIDE + 50] = 20
    boxes = [Box(x * WIDE, y, (x + 1) * WIDE, y + high) for x, y, high in cells]
    table = Table(
        1,
        0,
        Box(0, 0, 36 * WIDE, 2 * HIGH),
        tuple(Cell(CellRef(1, 0, i, 0), box) for i, box in enumerate(boxes)),
    )
    assert not any(view.ink.blank for view in view_cells(gray, table))


def test_a_character_broken_in_two_is_as_high_as_both_parts() -> None:
    rows = np.array([[10, 10, 8, 9, 50], [10, 21, 9, 8, 50]], dtype=np.int32)
    assert tallest_character(rows) == 19


def test_parts_beside_each_other_are_not_taken_together() -> None:
    rows = np.array([[10, 10, 8, 9, 50], [30, 20, 9, 8, 50]], dtype=np.int32)
    assert tallest_character(rows) == 9


def test_lines_that_are_together_no_higher_than_type_are_one() -> None:
    parts = [LineBox(10, 10, 20, 19), LineBox(10, 22, 21, 30)]
    assert rejoined(parts, 20.0) == [LineBox(10, 10, 21, 30)]


def test_two_lines_of_text_stay_two() -> None:
    lines = [LineBox(10, 10, 60, 30), LineBox(10, 34, 60, 54)]
    assert rejoined(lines, 20.0) == lines


def dirty(picture: Gray) -> CellInk:
    """A cell taken for one line of text, full of specks."""
    return CellInk(picture, (LineBox(20, 10, 60, 34),), 20, dirty=True)


def test_loose_specks_beside_solid_print_are_blank_but_not_surely() -> None:
    specks = cell()
    specks[12:32:4, 24:56:4] = 20
    found = without_loose_dirt([dirty(cell(DIGIT))] * 9 + [dirty(cell(DASH)), dirty(specks)], 20.0)
    assert [ink.blank for ink in found] == [False] * 10 + [True]
    assert found[-1].dismissed


def test_specks_alone_do_not_tell_how_solid_print_is() -> None:
    specks = cell()
    specks[12:32:4, 24:56:4] = 20
    assert not any(ink.blank for ink in without_loose_dirt([dirty(specks)] * 9, 20.0))


def test_a_page_of_dirt_parts_type_from_specks_where_nothing_lies_between() -> None:
    specks = cell()
    specks[12:32:3, 24:56:3] = 20
    inks = [dirty(cell(DIGIT))] * 9 + [dirty(specks)] * 9
    assert [ink.blank for ink in without_loose_dirt(inks, 20.0)] == [False] * 9 + [True] * 9


def test_print_that_is_looser_than_the_rest_is_no_dirt_while_it_stands_in_a_row() -> None:
    pale = cell()
    pale[DIGIT] = 110
    inks = [dirty(cell(DIGIT))] * 9 + [dirty(pale)] * 9
    assert not any(ink.blank for ink in without_loose_dirt(inks, 20.0))


@pytest.mark.parametrize(("high", "blank"), [(16, False), (10, False), (6, True)])
def test_two_thin_strokes_of_a_zero_are_no_dirt_however_loose_they_are(high: int, blank: bool) -> None:
    """In a copy in two levels its arcs are lost."""
    zero = cell((slice(14, 14 + high), slice(30, 32)), (slice(14, 14 + high), slice(40, 42)))
    found = without_loose_dirt([dirty(cell((slice(12, 32), slice(32, 44))))] * 9 + [dirty(zero)], 20.0)
    assert found[-1].blank is blank


def test_a_dash_is_found_beside_pale_stains() -> None:
    picture = cell(DASH)
    picture[14:30, 8:13] = 228
    found = cell_ink(picture, usual=UsualType(18.0, 190.0))
    (line,) = found.lines
    assert line.left >= 28


def test_a_hyphen_of_seven_by_four_pixels_is_no_speck_beside_type_three_times_as_high() -> None:
    hyphen = cell((slice(20, 23), slice(36, 43)))
    gray, table = sheet([cell(DIGIT)] * 9 + [hyphen])
    assert len(view_cells(gray, table)[-1].ink.lines) == 1


def test_an_empty_cell_dismisses_nothing() -> None:
    assert not cell_ink(cell(), usual=UsualType(18.0, 190.0)).dismissed


@pytest.mark.parametrize(
    ("first", "again", "kept"),
    [
        ("303", "30", False),
        ("0.", "0", True),
        ("?", "4", False),
        ("△454", "454", False),
        ("-77", "77", False),
        ("(480)", "480", False),
        ("△454.", "△454", True),
        ("/0", "0", True),
        ("-0", "0", True),
    ],
)
def test_a_narrower_cut_is_believed_only_when_no_digit_and_no_sign_is_lost(
    first: str, again: str, kept: bool
) -> None:
    assert only_lost_dirt(Candidate(first, -2.0), Candidate(again, -0.1)) is kept


@pytest.mark.parametrize(
    ("first", "paler", "kept"),
    [
        ("171.01", "17101", False),
        ("33180", "3180", True),
        ("9", "0", True),
        ("1", "", False),
        ("△348", "348", False),
    ],
)
def test_a_paler_strip_is_believed_while_no_point_or_sign_goes_with_its_contrast(
    first: str, paler: str, kept: bool
) -> None:
    assert _keeps_its_marks(first, paler) is kept
