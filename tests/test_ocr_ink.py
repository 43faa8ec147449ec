"""Ink: rules go, strokes stay, dirt is not text, and a cell with ink is never blank."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji_ocr.ink import EDGE, cell_ink, settled


def cell(
    text: str = "", *, width: int = 140, height: int = 48, paper: int = 240, ink: int = 20
) -> np.ndarray:
    """A cell of a ruled table as it is cropped, with a little of its neighbours."""
    picture = np.full((height, width), paper, np.uint8)
    if text:
        cv2.putText(picture, text, (30, height - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.8, ink, 2, cv2.LINE_AA)
    return picture


def ruled(picture: np.ndarray, thickness: int = 2, ink: int = 20) -> np.ndarray:
    framed = picture.copy()
    height, width = framed.shape
    cv2.rectangle(framed, (EDGE, EDGE), (width - EDGE - 1, height - EDGE - 1), ink, thickness)
    return framed


def test_an_empty_ruled_cell_is_blank() -> None:
    assert cell_ink(ruled(cell())).blank


@pytest.mark.parametrize("thickness", [1, 2, 3, 4])
def test_rules_do_not_widen_the_box_of_the_text(thickness: int) -> None:
    (with_rules,) = cell_ink(ruled(cell("1234"), thickness)).lines
    (without,) = cell_ink(cell("1234"), ruled=False).lines
    for side in ("left", "top", "right", "bottom"):
        assert abs(getattr(with_rules, side) - getattr(without, side)) <= 1


def test_ink_of_a_stroke_is_not_eaten_with_the_rules() -> None:
    plain = cell("1,234")
    found = cell_ink(ruled(plain))
    dark = plain < 100
    assert (found.picture[dark] < 128).mean() > 0.97


@given(seed=st.integers(0, 1000), level=st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_a_figure_under_any_light_is_never_blank(seed: int, level: int) -> None:
    rng = np.random.default_rng(seed)
    text = str(rng.integers(0, 10 ** int(rng.integers(1, 6))))
    picture = ruled(cell(text, paper=250 - level, ink=int(rng.integers(0, 90))))
    noisy = np.clip(picture + rng.normal(0, level / 8, picture.shape), 0, 255).astype(np.uint8)
    assert not cell_ink(noisy).blank


def test_a_lone_speck_far_from_the_text_is_painted_out() -> None:
    picture = cell("88")
    picture[8:10, 120:122] = 0
    found = cell_ink(ruled(picture))
    assert found.lines == cell_ink(ruled(cell("88"))).lines
    assert found.picture[8:10, 120:122].min() > 200


def test_a_cell_of_specks_is_blank_once_the_text_height_is_known() -> None:
    picture = cell()
    picture[20:23, 60:63] = 0
    assert settled(cell_ink(ruled(picture)), height=20.0).blank


def test_a_dash_is_not_a_speck() -> None:
    picture = cell()
    picture[24:26, 60:76] = 0
    assert len(settled(cell_ink(ruled(picture)), height=20.0).lines) == 1


def test_two_lines_that_touch_are_cut_apart() -> None:
    picture = cell(height=80)
    cv2.putText(picture, "358", (30, 34), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 20, 2, cv2.LINE_AA)
    cv2.putText(picture, "671", (30, 58), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 20, 2, cv2.LINE_AA)
    picture[34:42, 36:38] = 20  # a drop of ink joins them
    found = cell_ink(ruled(picture))
    assert len(found.lines) == 1
    assert len(settled(found, height=18.0).lines) == 2


def test_light_type_on_a_dark_ground_is_turned_to_dark_type() -> None:
    plain = cell_ink(cell("2019"), ruled=False)
    reversed_out = cell_ink(cell("2019", paper=90, ink=245), ruled=False)
    assert len(reversed_out.lines) == 1
    assert abs(reversed_out.lines[0].width - plain.lines[0].width) <= 2
