"""How text stands in the places of a grid is measured on pale print, too."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.grid import Grid
from gouji_layout.page import Gray
from gouji_layout.place_texts import MEASURES, place_texts

UNIT = 22.0
YS, XS = (20.0, 70.0, 120.0), (30.0, 150.0, 270.0)
GRID = Grid(YS, XS, np.ones((3, 2)), np.ones((2, 3)), ())
TEXT, INK, LEFT, RIGHT, ABOVE, BELOW = range(MEASURES)


def table(*, ink: float = 150.0, grain: float = 0.0) -> Gray:
    """Four places: a block of text, a dash, a speck, and text that runs over the rule right of its place."""
    picture = np.full((140, 300), 250.0)
    for y in YS:
        picture[round(y) - 1 : round(y) + 2, 30:271] -= 60
    for x in XS:
        picture[20:121, round(x) - 1 : round(x) + 2] -= 60
    picture[35:57, 52:85] -= ink  # 22 pixels from the left, 65 from the right, 15 from above
    picture[44:48, 200:214] -= ink
    picture[95:97, 90:92] -= ink
    picture[85:107, 200:278] -= ink
    noise = np.random.default_rng(3).normal(0, grain, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("ink", "grain"), [(150.0, 0.0), (60.0, 8.0)])
def test_text_and_dashes_count_however_pale_and_specks_do_not(ink: float, grain: float) -> None:
    found = place_texts(GRID, table(ink=ink, grain=grain), UNIT)
    assert found.shape == (MEASURES, 2, 2)
    assert found[TEXT].tolist() == [[1, 1], [0, 1]]
    assert not found[:, 1, 0].any()


def test_distances_are_shares_of_three_text_heights() -> None:
    found = place_texts(GRID, table(), UNIT)[:, 0, 0] * 3 * UNIT
    # Rules cover 3 pixels to either side of a line, and softened ink reaches a pixel further.
    assert found[[LEFT, RIGHT, ABOVE, BELOW]] == pytest.approx([18, 61, 11, 9], abs=2)
    assert found[INK] * UNIT == pytest.approx(24 * 36, rel=0.15)


def test_text_that_goes_on_over_a_line_touches_it() -> None:
    found = place_texts(GRID, table(), UNIT)[:, 1, 1]
    assert found[RIGHT] == 0
    assert found[LEFT] > 0.5


def test_a_table_without_text_and_one_without_room_say_nothing() -> None:
    assert not place_texts(GRID, np.full((140, 300), 252, np.uint8), UNIT).any()
    close = Grid((20.0, 22.0), (30.0, 32.0), np.ones((2, 1)), np.ones((1, 2)), ())
    assert not place_texts(close, table(), UNIT).any()


def test_a_line_above_or_left_of_the_picture_is_no_error() -> None:
    beyond = Grid((-4.0, 70.0, 120.0), (-3.0, 150.0, 270.0), np.ones((3, 2)), np.ones((2, 3)), ())
    found = place_texts(beyond, table(), UNIT)
    assert found[TEXT, 0].tolist() == [1, 1]
    assert found[:, 1, 1] == pytest.approx(place_texts(GRID, table(), UNIT)[:, 1, 1], abs=0.05)
