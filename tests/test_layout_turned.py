"""Tables that lie on their side on an upright page are counted in their own reading direction."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from crop_scorer import reads_in
from hypothesis import given
from hypothesis import strategies as st

from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.join import JoinReason, join_tables
from gouji_layout.page import Gray, Page
from gouji_layout.table import Cell, Table
from gouji_layout.tables import find_tables
from gouji_layout.turned import in_reading_direction

ROWS, COLS, HIGH, WIDE = 6, 3, 48, 250


def table_picture(*, unruled: bool = False) -> Gray:
    """Six rows of three columns; the first row is one merged head."""
    sheet = np.full((ROWS * HIGH + 40, COLS * WIDE + 40), 255, np.uint8)
    for row in range(ROWS + 1):
        if not unruled or row in (0, 1, 2, ROWS):
            cv2.line(sheet, (20, 20 + row * HIGH), (20 + COLS * WIDE, 20 + row * HIGH), (0,), 2)
    for col in range(COLS + 1):
        top = 20 if col in (0, COLS) else 20 + HIGH
        cv2.line(sheet, (20 + col * WIDE, top), (20 + col * WIDE, 20 + ROWS * HIGH), (0,), 2)
    for row in range(ROWS):
        for col in range(1 if row == 0 else COLS):
            text = f"{1310 + 97 * row},{240 + 31 * col + row},{815 - 17 * row * col}"
            at = (34 + col * WIDE, 54 + row * HIGH)
            cv2.putText(sheet, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0,), 2)
    return sheet


def page_with(table: Gray, turns: int) -> Page:
    """A portrait page with the table on it, turned counter-clockwise."""
    lying = np.rot90(table, turns)
    sheet = np.full((1100, 900), 255, np.uint8)
    sheet[200 : 200 + lying.shape[0], 90 : 90 + lying.shape[1]] = lying
    cv2.putText(sheet, "A heading across the page", (100, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0,), 2)
    return Page(1, np.stack([sheet] * 3, axis=2), 150.0, Straightening((900, 1100), (900, 1100)))


def structure(table: Table) -> set[tuple[int, int, int, int]]:
    return {(c.row, c.col, c.rowspan, c.colspan) for c in table.cells}


@pytest.mark.parametrize("unruled", [False, True], ids=["ruled", "rows without rules"])
@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_table_on_its_side_keeps_its_rows_and_its_boxes_on_the_page(turns: int, unruled: bool) -> None:
    picture = table_picture(unruled=unruled)
    [table] = find_tables(page_with(picture, turns), read_lines=reads_in(picture))
    assert (turns + table.quarter_turns) % 4 == 0
    head = {(0, 0, 1, COLS)}
    assert structure(table) == head | {(r, c, 1, 1) for r in range(1, ROWS) for c in range(COLS)}
    last = table.at(ROWS - 1, COLS - 1)
    assert last is not None
    x, y = 20 + (COLS - 0.5) * WIDE, 20 + (ROWS - 0.5) * HIGH  # its middle in the picture
    height, width = picture.shape
    on_page = {0: (x, y), 1: (y, width - 1 - x), 3: (height - 1 - y, x)}[turns]
    assert np.hypot(last.box.centre[0] - 90 - on_page[0], last.box.centre[1] - 200 - on_page[1]) < 8


def test_a_table_stays_as_it_lies_when_no_way_up_reads_well() -> None:
    picture = table_picture()
    [table] = find_tables(page_with(picture, 1), read_lines=lambda crops: [-2.5] * len(crops))
    assert table.quarter_turns == 0
    assert (table.rows, table.cols) == (COLS, ROWS)


def test_nothing_is_read_where_text_runs_across_the_page() -> None:
    def refuse(crops: Sequence[Gray]) -> list[float]:
        raise AssertionError("an upright table was read")

    [table] = find_tables(page_with(table_picture(), 0), read_lines=refuse)
    assert table.quarter_turns == 0


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 3))
def test_four_turns_count_every_cell_as_before(rows: int, cols: int, turns: int) -> None:
    cells = tuple(
        Cell(CellRef(1, 0, r, c), Box(c * 10, r * 10, c * 10 + 10, r * 10 + 10))
        for r in range(rows)
        for c in range(cols)
    )
    there = in_reading_direction(cells, turns)
    assert {c.box for c in there} == {c.box for c in cells}
    assert in_reading_direction(there, (4 - turns) % 4) == cells


def test_sideways_tables_go_on_from_page_to_page_in_their_reading_direction() -> None:
    def part(page: int, left: float, right: float) -> Table:
        cells = tuple(
            Cell(
                CellRef(page, 0, r, c), Box(left + r * 40, 900 - c * 200, left + r * 40 + 40, 1100 - c * 200)
            )
            for r in range(round((right - left) / 40))
            for c in range(4)
        )
        return Table(page, 0, Box(left, 300, right, 1100), cells, quarter_turns=3)

    size = {1: (1000, 1400), 2: (1000, 1400)}
    # Read with the page turned clockwise, the left side of the page is its top and the right one its foot.
    [joined] = join_tables([part(1, 200, 960), part(2, 40, 440)], size)
    assert joined.reasons == (JoinReason.SAME_COLUMNS,)
    assert len(join_tables([part(1, 200, 600), part(2, 400, 800)], size)) == 2
