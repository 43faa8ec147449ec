"""A line of words keeps the characters that a bracket or a mark sets apart from it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.page import Gray
from gouji_ocr.text_lines import LineBox, widened

FOUND = LineBox(60, 10, 160, 34)


def row(*pieces: tuple[int, int, int, int], ink: int = 20) -> Gray:
    """Paper with the line that was found, and further pieces as left, top, right, bottom."""
    picture = np.full((44, 300), 245, dtype=np.uint8)
    for left, top, right, bottom in ((60, 10, 84, 33), (110, 10, 134, 33), (136, 10, 159, 33), *pieces):
        cv2.rectangle(picture, (left, top), (right, bottom), ink, 2)
    return picture


def test_what_stands_behind_a_gap_in_the_same_row_belongs_to_the_line() -> None:
    assert widened(row((178, 10, 200, 33), (204, 10, 226, 33)), FOUND).right >= 226
    assert widened(row((24, 12, 44, 32)), FOUND).left <= 24


@pytest.mark.parametrize(
    "piece",
    [
        (170, 20, 172, 22),  # a speck
        (200, 10, 222, 33),  # too far away
        (178, 10, 298, 33),  # reaches the side of the cell: a rule
        (178, 2, 200, 40),  # higher than the row
    ],
)
def test_dirt_and_rules_and_what_is_far_away_do_not(piece: tuple[int, int, int, int]) -> None:
    assert widened(row(piece), FOUND) == FOUND


def test_what_is_pale_does_not() -> None:
    picture = row()
    cv2.rectangle(picture, (178, 10), (200, 33), 165, 2)
    assert widened(picture, FOUND) == FOUND


def test_a_bracket_may_be_paler_than_words() -> None:
    picture = row()
    cv2.rectangle(picture, (172, 11), (173, 32), 90, -1)
    assert widened(picture, FOUND).right >= 173


def test_a_line_that_is_whole_stays_as_it_is() -> None:
    assert widened(row(), FOUND) == FOUND
