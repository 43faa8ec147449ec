"""Bent pages whose print is too worn for plain strokes, straightened by what the rule network sees."""

from __future__ import annotations

from collections import defaultdict

import cv2
import numpy as np
import pytest

from fixtures.make import make_page
from gouji_layout.geometry import Box, Straightening
from gouji_layout.page import Page
from gouji_layout.seals import ink
from gouji_layout.straighter import hardly_straight, straighter
from gouji_layout.upright import look_at

BEND = 14.0  # pixels


def leaning(image: np.ndarray) -> np.ndarray:
    """The picture with everything moved aside by up to `BEND`, more the further down, and grain on it."""
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(image, x - BEND * (y / height) ** 2, y, cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    grain = np.random.default_rng(4).normal(0, 12, moved.shape)
    return np.clip(moved - 20 + grain, 0, 255).astype(np.uint8)


def off_straight(truth: dict[str, object], straightening: Straightening, height: int) -> float:
    """How far the left ends of the cells of one column lie from one another in x, in page pixels."""
    farthest = 0.0
    for table in truth["tables"]:  # type: ignore[attr-defined]
        sides = defaultdict(list)
        for cell in table["cells"]:
            box = Box(*cell["box"])
            sides[cell["col"]] += [(box.left, box.top), (box.left, box.bottom)]
        for points in sides.values():
            moved = np.array([(x + BEND * (y / height) ** 2, y) for x, y in points])
            farthest = max(farthest, float(np.ptp(straightening.to_page(moved)[:, 0])))
    return farthest


def test_what_bend_strokes_left_is_taken_out_by_the_rules_of_the_network() -> None:
    made = make_page(seed=11, level=0, dpi=150, form="2021")
    image = leaning(made.image)
    height, width = image.shape[:2]
    page = Page(1, image, 150.0, Straightening((width, height), (width, height)))
    before = off_straight(made.truth, page.straightening, height)
    after = off_straight(made.truth, straighter(page), height)
    assert before > 5.0
    assert after < 0.4 * before


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_page_whose_strokes_are_whole_is_straightened_once(level: int) -> None:
    made = make_page(seed=11, level=level, dpi=200, form="2021")
    look = look_at(ink(made.image))
    assert not hardly_straight(look.paper.evened, look.strokes, look.slant.level[1])


def test_a_page_whose_strokes_are_broken_by_noise_is_looked_at_again() -> None:
    noise = np.random.default_rng(3).normal(0, 60, (900, 700))
    picture = np.full((900, 700), 235.0)
    picture[100:800:50, 60:640] = 150
    look = look_at(np.clip(picture + noise, 0, 255).astype(np.uint8))
    assert hardly_straight(look.paper.evened, look.strokes, look.slant.level[1])


def test_a_page_without_rules_stays_as_it_was() -> None:
    sheet = np.full((700, 500, 3), 255, np.uint8)
    page = Page(1, sheet, 100.0, Straightening((500, 700), (500, 700)))
    assert straighter(page).mesh is None
