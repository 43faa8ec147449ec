"""Rows without rules between them: parted where the columns agree, left alone where they do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.grid import Grid
from gouji_layout.page import Gray
from gouji_layout.paper import Paper
from gouji_layout.spans import spans
from gouji_layout.unruled_rows import split_rows

ROWS, COLS, PITCH, WIDTH, UNIT = 9, 5, 36, 160, 20.0


Places = set[tuple[int, int]]


def body(missing: Places | None = None, extra: Places | None = None) -> Gray:
    """Nine lines of figures in five columns; `missing` places are blank, `extra` ones stand between lines."""
    missing, extra = missing or set(), extra or set()
    sheet = np.full((ROWS * PITCH + 80, COLS * WIDTH + 80), 255, np.uint8)
    for row in range(ROWS):
        for col in range(COLS):
            at = (40 + col * WIDTH + 30, 40 + row * PITCH + 28)
            if (row, col) not in missing:
                cv2.putText(sheet, str(4310 + 97 * row + col), at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2)
            if (row, col) in extra:
                between = (at[0], at[1] + PITCH // 2)
                cv2.putText(sheet, "18", between, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0,), 1)
    return sheet


def one_row() -> Grid:
    """The body as one row of five cells, drawn all around."""
    level, upright = np.ones((2, COLS)), np.ones((1, COLS + 1))
    cells, _, _ = spans(level, upright)
    ys = (40.0, 40.0 + ROWS * PITCH)
    return Grid(ys, tuple(40.0 + WIDTH * np.arange(COLS + 1)), level, upright, tuple(cells))


def test_every_line_becomes_a_row_of_its_own() -> None:
    grid = split_rows(one_row(), Paper(body()), UNIT)
    assert len(grid.cells) == ROWS * COLS
    gaps = 40 + PITCH * np.arange(1, ROWS)
    assert np.abs(np.array(grid.ys[1:-1]) - gaps).max() < 0.3 * PITCH


def test_a_text_height_measured_on_larger_prose_does_not_join_the_lines() -> None:
    assert len(split_rows(one_row(), Paper(body()), 1.8 * UNIT).cells) == ROWS * COLS


@pytest.mark.parametrize("dirt", ["a blank place", "lines that touch", "specks"])
def test_one_odd_column_does_not_keep_all_rows_together(dirt: str) -> None:
    sheet = body({(3, 1), (5, 2)} if dirt == "a blank place" else set())
    if dirt == "lines that touch":
        cv2.line(sheet, (90, 100), (90, 150), (0,), 3)
    if dirt == "specks":
        for row in (1, 4):
            cv2.circle(sheet, (300, 40 + row * PITCH), 4, (0,), -1)
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == ROWS * COLS


def test_a_line_between_the_lines_of_the_other_columns_keeps_the_row_whole() -> None:
    grid = split_rows(
        one_row(), Paper(body({(r, 3) for r in range(ROWS)}, {(r, 3) for r in range(ROWS)})), UNIT
    )
    assert len(grid.cells) == COLS


def test_a_column_with_one_line_beside_columns_of_many_keeps_the_row_whole() -> None:
    grid = split_rows(one_row(), Paper(body({(r, 2) for r in range(ROWS) if r != 4})), UNIT)
    assert len(grid.cells) == COLS


def test_lines_under_the_rest_of_a_seal_are_parted_by_the_columns_that_show_them() -> None:
    sheet = body()
    for col in (2, 3, 4):  # what is left of a ring over the first rows joins the lines of three columns
        cv2.line(sheet, (40 + col * WIDTH + 60, 45), (40 + col * WIDTH + 75, 40 + 4 * PITCH), (0,), 3)
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == ROWS * COLS


def test_print_of_the_other_side_does_not_join_the_lines() -> None:
    sheet = body()
    for col in range(1, COLS):
        cv2.rectangle(sheet, (60 + col * WIDTH, 60), (90 + col * WIDTH, 200), (140,), -1)
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == ROWS * COLS


def test_a_line_of_the_other_side_between_two_rows_is_no_row() -> None:
    sheet = body()
    for col in range(COLS):
        at = 40 + col * WIDTH + 30, 40 + 4 * PITCH + 43
        cv2.putText(sheet, "6512", at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (130,), 2)
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == ROWS * COLS


def test_a_label_without_figures_is_a_row_of_its_own() -> None:
    sheet = body({(row, col) for row in (0, 4, 5) for col in range(1, COLS)})
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == ROWS * COLS


def test_figures_that_share_a_label_are_rows() -> None:
    sheet = body({(row, 0) for row in range(1, ROWS, 2)})
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == ROWS * COLS


def test_a_label_of_two_lines_beside_one_line_of_figures_is_one_cell() -> None:
    sheet = body({(row, col) for row in (1, 4, 6) for col in range(COLS)})
    for row in (1, 4, 6):  # the second line of the label above stands nearer to it than rows do
        at = (70, 40 + row * PITCH + 14)
        cv2.putText(sheet, "4310", at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2)
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == (ROWS - 3) * COLS


def test_a_text_of_more_lines_than_the_cells_beside_it_stays_one_cell() -> None:
    sheet = body({(row, col) for row in range(5, ROWS) for col in range(1, COLS)})
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == COLS


def test_a_row_of_few_figures_without_a_label_is_a_row() -> None:
    sheet = body({(4, 0), (4, 1), (4, 2)})
    assert len(split_rows(one_row(), Paper(sheet), UNIT).cells) == ROWS * COLS
