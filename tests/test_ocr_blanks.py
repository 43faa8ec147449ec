"""A blank is not sure where print may be too pale for ink, hidden, or gone with a seal."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray, Mask
from gouji_layout.table import Cell
from gouji_ocr.blanks import UNSURE_BLANK, shows_print, with_unsure_blanks
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.planes import BLACK, LIFTED
from gouji_ocr.reading import Candidate, Reading, ReadingKind
from gouji_ocr.views import CellView

HEIGHT, ROWS, WIDTH = 24, 56, 160


def paper(*specks: tuple[int, int, int], noise: float = 0.0) -> Gray:
    """An evened cell with square specks, each as left, top and side."""
    picture = np.full((ROWS, WIDTH), PAPER, np.uint8)
    for left, top, side in specks:
        picture[top : top + side, left : left + side] = 60
    grain = np.random.default_rng(1).normal(0.0, noise, picture.shape)
    return np.asarray(np.clip(picture + grain, 0, PAPER), dtype=np.uint8)


ROW = tuple((left, 27, 2) for left in range(70, 90, 3))


def test_a_row_of_specks_where_a_dash_would_stand_may_be_one() -> None:
    assert shows_print(paper(*ROW), HEIGHT)
    assert shows_print(paper(*ROW[:3], *ROW[4:]), HEIGHT)  # a part of it is lost
    assert shows_print(paper(*ROW, noise=10.0), HEIGHT)


@pytest.mark.parametrize(
    "specks",
    [
        (),
        ((80, 26, 5),),  # alone
        tuple((left, 4 + 7 * (left % 5), 2) for left in range(40, 120, 9)),  # all over the cell
        tuple((left, 10, 2) for left in range(70, 90, 3)),  # a row, but off the middle
    ],
)
def test_specks_that_are_in_no_row_are_dirt(specks: tuple[tuple[int, int, int], ...]) -> None:
    assert not shows_print(paper(*specks), HEIGHT)
    assert not shows_print(paper(*specks, noise=10.0), HEIGHT)


def test_a_pale_digit_is_darker_than_noise_makes_a_spot_of_its_size() -> None:
    noisy = paper(noise=40.0)
    assert not shows_print(noisy, HEIGHT)
    pale = cv2.ellipse(np.zeros_like(noisy), (80, 28), (7, 11), 0, 0, 360, 140, 6)
    assert shows_print(cv2.subtract(noisy, pale), HEIGHT)


def test_a_cell_smaller_than_its_borders_shows_nothing() -> None:
    assert not shows_print(np.full((9, 9), 0, np.uint8), HEIGHT)


def table(texts: list[str], sealed: Mask | None = None) -> tuple[list[CellView], list[Reading]]:
    """Cells that were read as these texts; all of them white."""
    views, readings = [], []
    for row, text in enumerate(texts):
        cell = Cell(CellRef(1, 0, row, 0), Box(0, 0, WIDTH, ROWS))
        views.append(CellView(cell, CellInk(paper(), (), 0), sealed=sealed))
        kind = {"": ReadingKind.BLANK, "?": ReadingKind.UNREADABLE}.get(text, ReadingKind.FIGURE)
        candidates = () if text == "?" else (Candidate(text, 0.0),)
        readings.append(Reading(cell.ref, cell.box, kind, candidates))
    return views, readings


def unsure(texts: list[str], sealed: Mask | None = None) -> int:
    """How many blanks of such a table are not sure; no other reading may be another."""
    views, readings = table(texts, sealed)
    settled = with_unsure_blanks(views, readings, HEIGHT)
    changed = [(old, new) for old, new in zip(readings, settled, strict=True) if old != new]
    assert all(old.kind is ReadingKind.BLANK and new.log_probability == UNSURE_BLANK for old, new in changed)
    return len(changed)


@pytest.mark.parametrize("mark", ["-", "/"])
def test_a_lone_blank_among_marks_for_nothing_is_not_sure(mark: str) -> None:
    assert unsure([*[mark] * 12, "", ""]) == 2
    assert unsure([*[mark] * 12, *[""] * 5]) == 0  # this table leaves cells blank
    assert unsure([*[mark] * 6, ""]) == 0  # and of this one little is known


def test_no_blank_is_sure_where_much_of_the_table_is_unreadable() -> None:
    assert unsure([*["7"] * 6, *["?"] * 4, ""]) == 1
    assert unsure([*["7"] * 9, "?", ""]) == 0


@pytest.mark.parametrize(("unsure_ones", "sure_ones", "settled"), [(8, 2, 0.9), (8, 4, 1.0), (3, 1, 1.0)])
def test_where_hardly_a_blank_is_sure_none_is(unsure_ones: int, sure_ones: int, settled: float) -> None:
    views, readings = table(["7", *[""] * (unsure_ones + sure_ones)])
    low = [replace(one, candidates=(Candidate("", UNSURE_BLANK),)) for one in readings[1 : unsure_ones + 1]]
    *_, last = with_unsure_blanks(views, [readings[0], *low, *readings[unsure_ones + 1 :]], HEIGHT)
    assert math.exp(last.log_probability) == pytest.approx(settled)


@pytest.mark.parametrize("what", [LIFTED, BLACK])
def test_a_blank_below_a_seal_is_not_sure(what: int) -> None:
    sealed = np.zeros((ROWS, WIDTH), np.uint8)
    sealed[20:30, 60:70] = what
    assert unsure(["7", ""], sealed) == 1
    beside = np.zeros((ROWS, WIDTH), np.uint8)
    beside[:4] = what  # at the rule
    assert unsure(["7", ""], beside) == 0


def test_a_blank_that_was_less_sure_does_not_become_surer() -> None:
    views, readings = table([*["-"] * 12, ""])
    low = Reading(readings[-1].ref, readings[-1].box, ReadingKind.BLANK, (Candidate("", math.log(0.4)),))
    assert with_unsure_blanks(views, [*readings[:-1], low], HEIGHT)[-1] == low
