"""A stroke of text in line with a column is no rule: it ends before the rules it should reach."""

from __future__ import annotations

import numpy as np
import pytest

from gouji_layout.grid import Grid
from gouji_layout.page import Gray
from gouji_layout.short_strokes import ends_early, without_short_strokes
from gouji_layout.spans import spans

UNIT = 22.0
YS, XS = (20.0, 54.0, 88.0), (20.0, 120.0, 220.0)
ROW, LINE = 1, 1  # the edge at x = 120 between y = 54 and 88


def aside(start: int, end: int, *, ink: int = 60, noise: float = 0.0) -> Gray:
    """A table of two rows, transposed, with a stroke from `start` to `end` where the edge is."""
    picture = np.full((110, 240), 252.0)
    for y in YS:
        picture[round(y) - 1 : round(y) + 2, 20:221] = 60
    for x in (20, 220):
        picture[20:89, x - 1 : x + 2] = 60
    picture[20:54, 119:122] = 60
    picture[start:end, 119:122] = ink
    grain = np.random.default_rng(3).normal(0, noise, picture.shape)
    return np.ascontiguousarray(np.clip(picture + grain, 0, 255).astype(np.uint8).T)


def kept(picture: Gray, chance: float) -> bool:
    """Whether the edge is still drawn."""
    drawn = np.ones((2, 3))
    cells, _, _ = spans(np.ones((3, 2)), drawn)
    chances = np.ones((2, 3))
    chances[ROW, LINE] = chance
    found = without_short_strokes(
        Grid(YS, XS, np.ones((3, 2)), drawn, tuple(cells)), drawn, chances, picture, UNIT
    )
    assert (np.delete(found.ravel(), ROW * 3 + LINE) == 1).all()
    return bool(found[ROW, LINE] >= 0.5)


@pytest.mark.parametrize("noise", [0.0, 8.0])
def test_a_stroke_with_paper_at_both_ends_is_no_rule(noise: float) -> None:
    assert not kept(aside(61, 81, noise=noise), 0.9)


def test_a_rule_reaches_both_rules() -> None:
    assert kept(aside(54, 88), 0.5)
    assert kept(aside(54, 88, ink=190), 0.5)


def test_a_rule_broken_at_one_end_or_in_its_middle_stays() -> None:
    assert kept(aside(54, 80), 0.9)
    assert kept(aside(62, 88), 0.9)
    broken = aside(54, 88)
    broken[119:122, 66:74] = 252
    assert kept(broken, 0.9)


def test_an_edge_beyond_doubt_stays_though_its_ends_are_worn() -> None:
    assert kept(aside(61, 81), 0.99)


def test_the_soft_border_of_a_thick_rule_is_no_end_that_reaches_it() -> None:
    soft = aside(63, 79)
    for distance, tone in enumerate((60, 70, 100, 120, 140, 165, 215, 250)):
        soft[20:221, [54 + distance, 88 - distance]] = np.minimum(
            soft[20:221, [54 + distance, 88 - distance]], tone
        )
    assert not kept(soft, 0.9)
    whole = soft.copy()
    whole[119:122, 54:89] = 60
    assert kept(whole, 0.5)


def test_a_place_without_a_stroke_or_without_room_for_one_says_nothing() -> None:
    assert not ends_early(np.full((40, 40), 252, np.uint8), 20, UNIT)
    assert not ends_early(np.full((40, 6), 60, np.uint8), 20, UNIT)
    assert not ends_early(np.full((7, 40), 60, np.uint8), 3, UNIT)
    assert not ends_early(np.full((0, 40), 60, np.uint8), 20, UNIT)
