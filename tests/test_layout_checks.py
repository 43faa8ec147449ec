"""A table that distrusts its own columns says so, and names every cell that would move."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gouji_layout.checks import structure_checks
from gouji_layout.geometry import Box, CellRef
from gouji_layout.paper import Paper
from gouji_layout.table import Cell

ROW = 40
SPLIT = (100, 200, 260, 320, 420)  # the border at 260 is drawn in one row only


def rows_of_cells(*rows: tuple[int, ...]) -> tuple[Cell, ...]:
    """Rows by their borders; a border that a row leaves out is run over there."""
    columns = {at: col for col, at in enumerate(sorted({at for row in rows for at in row}))}
    return tuple(
        Cell(
            CellRef(1, 0, number, columns[left]),
            Box(left, 10 + ROW * number, right, 10 + ROW * (number + 1)),
            colspan=columns[right] - columns[left],
        )
        for number, row in enumerate(rows)
        for left, right in pairwise(row)
    )


def named(cells: tuple[Cell, ...], inked: tuple[Box, ...] = ()) -> dict[str, set[tuple[int, int]]]:
    paper = np.full((400, 1200), 255, np.uint8)
    for box in inked:
        paper[box.padded(-12).slices(paper.shape)] = 0
    right, bottom = max(c.box.right for c in cells), max(c.box.bottom for c in cells)
    checks = structure_checks(Box(cells[0].box.left, 10, right, bottom), cells, Paper(paper), 22.0)
    return {check.code: {(ref.row, ref.col) for ref in check.cells} for check in checks}


def table(widths: list[int]) -> tuple[Cell, ...]:
    borders = tuple(np.cumsum([10, *widths]).tolist())
    return rows_of_cells(*[borders] * 4)


def test_a_column_twice_as_wide_as_its_equal_neighbours_is_named_with_all_behind_it() -> None:
    found = named(table([200, 80, 80, 160, 80, 80, 80]))["column_may_be_lost"]
    assert found == {(row, col) for row in range(4) for col in range(3, 7)}


@pytest.mark.parametrize("widths", [[160, 80, 80, 80, 80, 80, 80], [200, 80, 110, 160, 90, 140, 70]])
def test_a_wide_column_of_labels_or_unequal_columns_are_not_named(widths: list[int]) -> None:
    assert "column_may_be_lost" not in named(table(widths))


def test_a_border_that_parts_a_figure_from_nothing_in_a_single_row_is_named() -> None:
    whole = (100, 200, 320, 420)
    cells = rows_of_cells(whole, whole, SPLIT, whole)
    figure = next(cell.box for cell in cells if cell.box.left == 260)
    assert named(cells, (figure,))["column_may_be_false"] == {
        (cell.row, cell.col) for cell in cells if cell.box.right > 260
    }


def test_a_border_that_parts_two_figures_is_believed() -> None:
    whole = (100, 200, 320, 420)
    cells = rows_of_cells(whole, whole, SPLIT, whole)
    both = tuple(cell.box for cell in cells if cell.row == 2)
    assert "column_may_be_false" not in named(cells, both)
