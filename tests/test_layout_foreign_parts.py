"""Text around a table stays outside it; rows of the table stay inside, even behind an undrawn border."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fixtures.make import make_page
from gouji_layout.foreign_parts import without_foreign_parts
from gouji_layout.geometry import Straightening
from gouji_layout.grid import Grid
from gouji_layout.page import Page
from gouji_layout.spans import Span, spans
from gouji_layout.tables import find_tables

HEIGHT, UNIT = 1000, 20.0


def grid_with_first_row(*, border: float, sides: float, inner: float) -> Grid:
    """Five rows of four columns; only the first row is not fully drawn."""
    level, upright = np.ones((6, 4)), np.ones((5, 5))
    level[0], upright[0] = border, inner
    upright[0, [0, -1]] = sides
    cells, _, _ = spans(level, upright)
    ys, xs = tuple(np.arange(6) * 40.0 + 200), tuple(np.arange(5) * 100.0 + 50)
    return Grid(ys, xs, level, upright, tuple(cells), open_ys=frozenset() if border else frozenset(ys[:1]))


def test_a_heading_that_no_rule_reaches_is_no_row() -> None:
    grid = without_foreign_parts(grid_with_first_row(border=0.0, sides=0.0, inner=0.0), HEIGHT, UNIT)
    assert len(grid.ys) == 5
    assert set(grid.cells) == {Span(r, c, 1, 1) for r in range(4) for c in range(4)}
    assert not grid.open_ys


@pytest.mark.parametrize(
    ("border", "sides", "inner"),
    [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)],
    ids=["parted by rules", "fenced by the borders", "border drawn"],
)
def test_a_row_that_rules_reach_stays(border: float, sides: float, inner: float) -> None:
    grid = grid_with_first_row(border=border, sides=sides, inner=inner)
    assert without_foreign_parts(grid, HEIGHT, UNIT) is grid


def test_sides_that_are_not_drawn_fence_no_row() -> None:
    grid = grid_with_first_row(border=0.3, sides=1.0, inner=0.0)
    grid = replace(grid, open_xs=frozenset((grid.xs[0], grid.xs[-1])))
    assert without_foreign_parts(grid, HEIGHT, UNIT).ys == grid.ys[1:]


def test_a_row_whose_border_the_picture_may_have_cut_off_stays() -> None:
    grid = grid_with_first_row(border=0.0, sides=0.0, inner=0.0)
    assert without_foreign_parts(grid, HEIGHT, grid.ys[0]) is grid


def test_the_last_row_is_judged_like_the_first() -> None:
    grid = grid_with_first_row(border=0.0, sides=0.0, inner=0.0)
    turned = Grid(
        tuple(HEIGHT - y for y in reversed(grid.ys)),
        grid.xs,
        grid.level[::-1],
        grid.upright[::-1],
        tuple(sorted(Span(5 - c.row - c.rows, c.col, c.rows, c.cols) for c in grid.cells)),
        open_ys=frozenset(HEIGHT - y for y in grid.open_ys),
    )
    kept = without_foreign_parts(turned, HEIGHT, UNIT)
    assert set(kept.cells) == {Span(r, c, 1, 1) for r in range(4) for c in range(4)}
    assert kept.ys == turned.ys[:-1]


@pytest.mark.parametrize("side", [0, -1])
def test_a_shade_beside_a_table_that_no_level_rule_reaches_is_no_border(side: int) -> None:
    level, upright = np.ones((5, 4)), np.ones((4, 5))
    level[:, side] = 0.1
    cells, _, _ = spans(level, upright)
    ys, xs = (100.0, 140.0, 180.0, 220.0, 260.0), (50.0, 150.0, 250.0, 350.0, 450.0)
    grid = Grid(ys, xs, level, upright, tuple(cells))
    kept = without_foreign_parts(grid, HEIGHT, UNIT)
    assert kept.xs == (xs[1:] if side == 0 else xs[:-1])
    assert set(kept.cells) == {Span(r, c, 1, 1) for r in range(4) for c in range(3)}
    level[0, side] = 1.0  # a border that one rule reaches is one
    assert without_foreign_parts(grid, HEIGHT, UNIT) is grid


def test_prose_right_above_a_table_is_not_taken_for_its_first_row() -> None:
    made = make_page(seed=101028, level=0, dpi=200, form="2021", source_error=True)
    size = (made.image.shape[1], made.image.shape[0])
    tables = find_tables(Page(1, made.image, 200.0, Straightening(size, size)))
    assert [(table.rows, table.cols) for table in tables] == [(28, 10), (4, 15)]
