"""Ink: rules go, strokes stay, dirt is not text, and a cell with ink is never blank."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji_ocr.ink import EDGE, UsualType, cell_ink
from gouji_ocr.recut import solid_line
from gouji_ocr.settle import settled


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


USUAL = UsualType(height=20.0, contrast=220.0)


def test_noise_of_a_blank_cell_is_not_stretched_to_ink_when_the_type_around_is_known() -> None:
    rng = np.random.default_rng(3)
    noisy = np.clip(cell() + rng.normal(0, 9, (48, 140)), 0, 255).astype(np.uint8)
    assert cell_ink(noisy, usual=USUAL).blank


def test_a_blot_darker_than_the_type_does_not_make_the_type_vanish() -> None:
    picture = cell("37", ink=150)  # pale print
    cv2.circle(picture, (110, 12), 3, 0, -1)
    (line,) = cell_ink(ruled(picture, ink=150), usual=UsualType(20.0, 90.0)).lines
    (clean,) = cell_ink(ruled(cell("37", ink=150), ink=150), usual=UsualType(20.0, 90.0)).lines
    assert abs(line.left - clean.left) <= 1
    assert abs(line.right - clean.right) <= 1


@pytest.mark.parametrize("side", ["top", "foot", "left", "right"])
def test_what_is_left_of_a_broken_rule_is_no_part_of_the_text(side: str) -> None:
    picture = cell("45")
    alone = cell_ink(picture, usual=USUAL).lines
    height, width = picture.shape
    piece = {
        "top": np.s_[4:7, 100:125],
        "foot": np.s_[height - 7 : height - 4, 5:30],
        "left": np.s_[6:20, 4:7],
        "right": np.s_[20:34, width - 7 : width - 4],
    }[side]
    picture[piece] = 30
    assert cell_ink(picture, usual=USUAL).lines == alone


def test_a_broken_rule_beside_a_cell_of_many_rows_is_no_line_of_text() -> None:
    picture = np.full((900, 60), 245, dtype=np.uint8)
    for top in range(0, 900, 300):
        picture[top : top + 270, :7] = 20
        picture[top + 100 : top + 104, 7:18] = 120  # dirt that hangs on to it
    for top in range(360, 540, 36):
        picture[top : top + 20, 22:42:4] = 60  # characters below each other
    ink = cell_ink(picture, usual=UsualType(20, 200))
    assert ink.lines[0].left >= 20
    assert ink.lines[0].top >= 355


def test_where_two_broken_rules_cross_there_is_no_text() -> None:
    picture = cell("45")
    alone = cell_ink(picture, usual=USUAL).lines
    picture[:14, 3:6] = 30
    picture[3:6, :16] = 30
    assert cell_ink(picture, usual=USUAL).lines == alone


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("thick", [4, 6])
def test_what_is_left_of_a_broken_rule_as_thick_as_a_digit_is_no_digit(*, right: bool, thick: int) -> None:
    picture = cell("5", width=90)
    left = 90 - EDGE - thick // 2 if right else EDGE - thick // 2
    picture[8:22, left : left + thick] = 20
    (line,) = cell_ink(picture, usual=UsualType(12.0, 220.0)).lines
    assert line.width < 20


def test_a_comma_that_hangs_down_to_the_rule_stays() -> None:
    picture = cell("1,500", height=34)
    found = cell_ink(ruled(picture, 1), usual=UsualType(18.0, 220.0))
    comma = picture.copy()
    comma[:, :44] = 240
    comma[:, 54:] = 240
    dark = comma < 120
    assert dark.any()
    assert (found.picture[dark] < 128).mean() > 0.8


def test_what_shines_through_from_the_back_is_not_taken_for_ink() -> None:
    picture = cell("6")
    behind = cv2.GaussianBlur(cell("88 88", ink=190)[:, ::-1], (0, 0), 2.5)
    both = np.minimum(picture, behind)
    (line,) = cell_ink(ruled(both), usual=USUAL).lines
    (clean,) = cell_ink(ruled(picture), usual=USUAL).lines
    assert abs(line.left - clean.left) <= 2
    assert abs(line.right - clean.right) <= 2


def test_beside_a_dash_that_stands_alone_a_round_speck_is_dirt() -> None:
    picture = cell()
    picture[24:26, 60:72] = 60
    cv2.circle(picture, (100, 38), 2, 0, -1)
    (line,) = settled(cell_ink(ruled(picture), usual=USUAL), 20.0).lines
    assert line.right <= 75


def test_a_dirty_cell_is_cut_again_to_its_solid_digits() -> None:
    rng = np.random.default_rng(5)
    picture = cell("357", width=200)
    dirt = rng.random(picture.shape) < 0.09
    dirt[:, 70:] = False
    dirt[:, :4] = False
    picture[dirt & (picture > 200)] = 0
    ink = cell_ink(picture, usual=USUAL)
    assert ink.dirty
    box = solid_line(ink, 20.0)
    (clean,) = cell_ink(cell("357", width=200), usual=USUAL).lines
    assert box is not None
    assert abs(box.right - clean.right) <= 3
    assert abs(box.height - clean.height) <= 5


def test_a_blank_cell_has_no_solid_line() -> None:
    assert solid_line(cell_ink(ruled(cell()), usual=USUAL), 20.0) is None


@given(seed=st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_knowing_the_type_around_never_makes_a_clean_figure_blank(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = str(rng.integers(0, 10 ** int(rng.integers(1, 6))))
    usual = UsualType(float(rng.uniform(14, 28)), float(rng.uniform(120, 260)))
    assert not settled(cell_ink(ruled(cell(text)), usual=usual), usual.height).blank
