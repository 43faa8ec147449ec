"""Text that denies an edge which a form has and nobody can see."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from gouji_layout.form_texts import text_denies
from gouji_layout.grid import Grid
from gouji_layout.spans import Span

UNIT = 22.0
YS, XS = tuple(20.0 + 44 * at for at in range(4)), tuple(20.0 + 90 * at for at in range(5))
CELLS = tuple(Span(row, col, 1, 1) for row in range(3) for col in range(4))


def page(
    *texts: tuple[float, float], ink: int = 60, lost: tuple[int, int] = (1, 2), one: bool = False
) -> np.ndarray:
    """A ruled table with a 0 in the middle of each of these places (row, column), one upright edge lost."""
    picture = np.full((180, 400), 240, np.uint8)
    ys, xs = [round(y) for y in YS], [round(x) for x in XS]
    for y in ys:
        cv2.line(picture, (20, y), (380, y), (ink,), 2)
    for col, x in enumerate(xs):
        for row, top in enumerate(ys[:-1]):
            if (row, col) != (1, 2):
                cv2.line(picture, (x, top), (x, top + 44), (ink,), 2)
    for down, right in texts:
        where = (round(20 + 90 * (right + 0.5)) - 8, round(20 + 44 * (down + 0.5)) + 9)
        cv2.putText(picture, "0", where, 0, 0.75, (ink,), 2)
    if one:
        cv2.line(picture, (200, 77), (200, 95), (ink,), 3)
    grain = np.random.default_rng(3).normal(0, 4, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def laid(*, unseen: tuple[int, int] = (1, 2), aside: bool = False) -> Grid:
    level, upright = np.full((4, 4), 1.05), np.full((3, 5), 1.05)
    upright[unseen] = 0.3
    if aside:
        cells = tuple(sorted(Span(cell.col, cell.row, 1, 1) for cell in CELLS))
        return Grid(XS, YS, upright.T, level.T, cells, 0.58, form="form")
    return Grid(YS, XS, level, upright, CELLS, 0.58, form="form")


@pytest.mark.parametrize("ink", [60, 200])
def test_a_figure_across_the_edge_is_that_of_a_merged_cell(ink: int) -> None:
    assert text_denies(laid(), page((1, 1.5), ink=ink), UNIT)


def test_a_figure_beside_the_edge_but_in_the_middle_of_both_cells_is_that_of_a_merged_cell() -> None:
    assert text_denies(laid(), page((1, 1.36)), UNIT)


def test_dirt_beside_the_figure_of_a_merged_cell_is_no_other_text() -> None:
    dirty = page((1, 1.5))
    cv2.line(dirty, (130, 80), (142, 84), (60.0,), 4)
    assert text_denies(laid(), dirty, UNIT)


def test_a_one_in_the_place_of_the_edge_is_a_figure_and_a_piece_that_reaches_a_rule_is_none() -> None:
    assert text_denies(laid(), page(one=True), UNIT)
    piece = page()
    cv2.line(piece, (200, 66), (200, 90), (60.0,), 3)  # below the rule above
    assert not text_denies(laid(), piece, UNIT)


def test_figures_in_the_middle_of_their_own_cells_deny_nothing() -> None:
    assert not text_denies(laid(), page((1, 1), (1, 2)), UNIT)
    assert not text_denies(laid(), page((1, 1)), UNIT)
    assert not text_denies(laid(), page((1, 2)), UNIT)
    assert not text_denies(laid(), page(), UNIT)


def test_text_across_an_edge_that_is_seen_denies_nothing_nor_does_a_rule_that_was_missed() -> None:
    assert not text_denies(laid(unseen=(0, 2)), page((1, 1.5)), UNIT)


def test_level_edges_are_denied_alike() -> None:
    turned = np.ascontiguousarray(page((1, 1.5)).T)
    assert text_denies(laid(aside=True), turned, UNIT)
    assert not text_denies(laid(aside=True), np.ascontiguousarray(page((1, 1), (1, 2)).T), UNIT)


def test_figures_of_both_cells_that_stand_alike_are_no_text_in_the_middle() -> None:
    assert not text_denies(laid(), page((1, 1.1), (1, 1.9)), UNIT)


def test_dirt_between_a_figure_and_a_rule_takes_it_for_no_rule() -> None:
    joined = page((1, 1.5))
    cv2.line(joined, (206, 64), (206, 78), (130.0,), 1)
    assert text_denies(laid(), joined, UNIT)


# Two cells above one another, of a column as wide as those of the table are high when it lies on its side.
def above(
    *marks: tuple[tuple[int, int], tuple[int, int]], text: str = "", at: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """The same table on its side with boxes and a text; the level edge that was lost is at 200, 64 to 108."""
    picture = np.ascontiguousarray(page().T)
    for first, last in marks:
        cv2.rectangle(picture, first, last, (60.0,), -1)
    cv2.putText(picture, text, at, 0, 0.75, (60.0,), 2)
    return picture


def test_an_upright_figure_between_two_rows_is_that_of_a_merged_cell() -> None:
    assert text_denies(laid(aside=True), above(text="0", at=(78, 209)), UNIT)


def test_a_dash_apart_from_the_edge_is_a_figure_and_on_it_is_what_is_left_of_the_rule() -> None:
    dash = ((76, 0), (96, 3))
    assert text_denies(laid(aside=True), above(*(moved(dash, 186),)), UNIT)
    assert not text_denies(laid(aside=True), above(*(moved(dash, 198),)), UNIT)


def moved(box: tuple[tuple[int, int], tuple[int, int]], down: int) -> tuple[tuple[int, int], tuple[int, int]]:
    (left, top), (right, bottom) = box
    return (left, top + down), (right, bottom + down)


def test_print_of_the_other_side_runs_on_beyond_the_column_and_denies_nothing() -> None:
    through = tuple(((x, 190), (x + 14, 209)) for x in range(40, 140, 19))
    assert not text_denies(laid(aside=True), above(*through), UNIT)


def test_two_lines_beside_an_edge_between_them_deny_nothing() -> None:
    lines = ((76, 178), (96, 197)), ((76, 200), (96, 219))
    assert not text_denies(laid(aside=True), above(*lines), UNIT)


def test_rows_too_low_for_any_text_deny_nothing() -> None:
    low = replace(laid(), ys=(20.0, 26.0, 31.0, 37.0))
    assert not text_denies(low, page((1, 1.5)), UNIT)
