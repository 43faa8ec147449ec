"""What is measured once for all steps: pieces of ink, their depth, the height of text."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make import make_page
from fixtures.make.damage import draw_damage
from gouji_layout.blobs import blobs
from gouji_layout.geometry import Straightening
from gouji_layout.linear_morphology import ALONG_COLUMNS, ALONG_ROWS, along
from gouji_layout.lines import text_lines
from gouji_layout.page import Page
from gouji_layout.paper import Paper, has_two_levels, ink_depth, text_height
from gouji_layout.row_sums import row_sums
from gouji_layout.tables import find_tables


@given(
    seed=st.integers(0, 10_000), share=st.floats(0, 1), height=st.integers(1, 40), width=st.integers(1, 40)
)
@settings(max_examples=60, deadline=None)
def test_pieces_of_ink_are_those_of_opencv(seed: int, share: float, height: int, width: int) -> None:
    mask = (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8)
    found = blobs(mask)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert np.array_equal(found.labels, labels)
    measured = np.stack([found.left, found.top, found.width, found.height, found.area], axis=1)
    assert np.array_equal(measured, stats[1:])
    large = found.area > 2
    assert np.array_equal(found.only(large), np.isin(labels, 1 + np.flatnonzero(large)))
    rows, columns, pieces = found.pixels
    assert np.array_equal(np.stack([rows, columns]), np.nonzero(mask))
    assert np.array_equal(pieces, labels[rows, columns] - 1)
    middles = [np.nonzero(labels == label + 1)[0].mean() for label in range(len(found))]
    assert found.middle_row == pytest.approx(middles)


@given(
    seed=st.integers(0, 10_000),
    share=st.floats(0, 1),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    axis=st.sampled_from([ALONG_ROWS, ALONG_COLUMNS]),
    operations=st.lists(
        st.tuples(
            st.sampled_from([cv2.MORPH_ERODE, cv2.MORPH_DILATE, cv2.MORPH_OPEN, cv2.MORPH_CLOSE]),
            st.floats(0.2, 50),
        ),
        min_size=1,
        max_size=3,
    ),
)
@settings(max_examples=100, deadline=None)
def test_morphology_along_an_axis_is_that_of_opencv(
    seed: int, share: float, height: int, width: int, axis: int, operations: list[tuple[int, float]]
) -> None:
    mask = (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8)
    wanted = mask
    for operation, length in operations:
        size = max(1, round(length))
        kernel = np.ones((1, size) if axis == ALONG_ROWS else (size, 1), np.uint8)
        wanted = cv2.morphologyEx(wanted, operation, kernel)
    assert np.array_equal(along(mask, axis, *operations), wanted)


@given(seed=st.integers(0, 10_000), depth=st.integers(30, 220), noise=st.floats(0, 8))
@settings(max_examples=30, deadline=None)
def test_the_depth_of_ink_is_the_median_of_what_stands_out(seed: int, depth: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    page = 255 - np.abs(rng.normal(0, noise, (200, 301)))
    page[60:90, 30:270] -= depth
    evened = np.clip(page, 0, 255).astype(np.uint8)
    dark = 255 - cv2.blur(evened, (3, 3))[::3, ::3].astype(np.float32)
    spread = 1.48 * float(np.median(np.abs(dark - np.median(dark))))
    ink = dark[dark > max(25.0, float(np.median(dark)) + 5 * spread)]
    assert ink_depth(evened) == pytest.approx(float(np.clip(1.4 * np.median(ink), 24, 245)))


def test_steps_find_the_same_whether_they_share_a_look_at_the_page_or_not() -> None:
    made = make_page(seed=21, level=1, dpi=100, form="2021", source_error=False)
    size = (made.image.shape[1], made.image.shape[0])
    page = Page(1, made.image, 100.0, Straightening(size, size))
    paper = Paper.of(page)
    tables = find_tables(page)
    assert find_tables(page, paper) == tables
    assert text_lines(page, tables, paper) == text_lines(page, tables)
    assert paper.text_height == text_height(paper.evened)


def test_a_scaled_paper_has_its_seals_scaled_too() -> None:
    sheet = np.full((900, 700, 3), 255, np.uint8)
    cv2.circle(sheet, (350, 500), 90, (200, 30, 30), 6)
    paper = Paper.of(sheet)
    [seal], [half] = paper.seals, paper.scaled(0.5).seals
    assert abs(half.width - seal.width / 2) < 0.01
    assert paper.scaled(1.0) is paper


@given(seed=st.integers(0, 10_000), height=st.integers(0, 12), width=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_sums_along_rows_are_those_of_numpy(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, (height, width), dtype=np.uint8)
    starts = rng.integers(0, width, 5)
    stops = starts + rng.integers(0, width + 1 - starts)
    wanted = [[int(row[a:b].sum()) for a, b in zip(starts, stops, strict=True)] for row in values]
    assert row_sums(values, starts, stops).tolist() == wanted


@pytest.mark.parametrize("two", [True, False])
def test_a_copy_in_two_levels_is_told_from_a_grey_one(two: bool) -> None:
    damage = replace(draw_damage(2, np.random.default_rng(4)), bilevel=two, gray=True, seal="", jpeg=70)
    made = make_page(seed=8, level=2, dpi=150, form="2021", parts=("T4",), damage=damage)
    assert has_two_levels(Paper.of(made.image).evened) is two
