"""Heads with strokes from their upper left corner."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.diagonal import strokes_from_corner, without_diagonals
from gouji_layout.geometry import Straightening
from gouji_layout.page import Gray, Page
from gouji_layout.table import CellMark
from gouji_layout.tables import find_tables

HEIGHT, WIDTH = 90, 240


def head(*ends: tuple[int, int], thickness: int = 2, labels: bool = True) -> Gray:
    """A head cell with strokes from its upper left corner and two labels beside them."""
    cell = np.full((HEIGHT, WIDTH), 255, np.uint8)
    if labels:
        cv2.putText(cell, "Item", (150, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2)
        cv2.putText(cell, "Place", (14, 80), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2)
    for end in ends:
        cv2.line(cell, (0, 0), end, (0,), thickness, cv2.LINE_AA)
    return cell


def inked(cell: Gray) -> np.ndarray:
    return (cell < 128).astype(np.uint8)


@pytest.mark.parametrize(
    "ends",
    [
        [(WIDTH - 1, HEIGHT - 1)],
        [(WIDTH - 1, HEIGHT // 2), (WIDTH // 2, HEIGHT - 1)],
        [(WIDTH - 1, 60), (160, HEIGHT - 1), (60, HEIGHT - 1)],
    ],
    ids=["one stroke", "two strokes", "three strokes"],
)
@pytest.mark.parametrize("thickness", [1, 3])
def test_strokes_from_the_corner_are_found_where_they_end(
    ends: list[tuple[int, int]], thickness: int
) -> None:
    found = strokes_from_corner(inked(head(*ends, thickness=thickness)))
    assert len(found) == len(ends)
    for one, other in zip(found, ends, strict=True):
        assert np.hypot(one[0] - other[0], one[1] - other[1]) < 6


def test_labels_alone_are_no_stroke() -> None:
    cell = head()
    assert strokes_from_corner(inked(cell)) == []
    assert without_diagonals(cell) is cell


def test_painting_strokes_out_leaves_the_labels() -> None:
    painted = without_diagonals(head((WIDTH - 1, HEIGHT - 1)))
    plain = head()
    assert strokes_from_corner(inked(painted)) == []
    lost = (plain < 128) & (painted >= 128)
    assert lost.sum() < 0.1 * (plain < 128).sum()
    assert ((painted < 128) & (plain >= 128)).sum() < 0.05 * (plain < 128).sum()


def page_with_head(*ends: tuple[int, int]) -> Page:
    """A drawn table of six rows and four columns whose first cell is the head."""
    sheet = np.full((HEIGHT + 5 * 44 + 120, 4 * WIDTH + 120), 255, np.uint8)
    for row in range(7):
        y = 60 + (HEIGHT + (row - 1) * 44 if row else 0)
        cv2.line(sheet, (60, y), (60 + 4 * WIDTH, y), (0,), 2)
    for col in range(5):
        x = 60 + col * WIDTH
        cv2.line(sheet, (x, 60), (x, 60 + HEIGHT + 5 * 44), (0,), 2)
        for row in range(5 if col < 4 else 0):
            at = (x + 60, 60 + HEIGHT + row * 44 + 32)
            cv2.putText(sheet, str(4821 + 39 * row + col), at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 2)
    sheet[60 : 60 + HEIGHT, 60 : 60 + WIDTH] = np.minimum(
        sheet[60 : 60 + HEIGHT, 60 : 60 + WIDTH], head(*ends)
    )
    size = (sheet.shape[1], sheet.shape[0])
    return Page(1, np.stack([sheet] * 3, axis=2), 150.0, Straightening(size, size))


@pytest.mark.parametrize("ends", [[(WIDTH - 1, HEIGHT - 1)], [(WIDTH - 1, 40), (110, HEIGHT - 1)], []])
def test_a_parted_head_carries_the_mark_and_the_grid_stays(ends: list[tuple[int, int]]) -> None:
    [table] = find_tables(page_with_head(*ends))
    assert (table.rows, table.cols, len(table.cells)) == (6, 4, 24)
    marked = {(c.row, c.col) for c in table.cells if CellMark.DIAGONAL in c.marks}
    assert marked == ({(0, 0)} if ends else set())
