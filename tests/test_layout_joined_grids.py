"""Tables one below the other that were taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures.make import FORMS, make_page
from gouji_layout.grid import Grid
from gouji_layout.joined_grids import cut_apart, paper_rows, stacked
from gouji_layout.page import ScanPage
from gouji_layout.spans import spans
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright
from gouji_postprocess.form_layout import form_grids
from gouji_postprocess.packs import load_packs


def edges(*rows: str) -> np.ndarray:
    """How likely upright edges are drawn, one string of . and | for each row."""
    return np.array([[0.95 if edge == "|" else 0.1 for edge in row] for row in rows])


def test_a_row_without_any_edge_between_framed_tables_is_paper() -> None:
    assert paper_rows(edges("|||||", "|.|.|", ".....", "|||||")) == [2]


def test_a_merged_row_has_its_borders_and_an_open_table_has_none_anywhere() -> None:
    assert paper_rows(edges("|||||", "|...|", "|||||")) == []
    assert paper_rows(edges(".|||.", ".....", ".|||.")) == []


def test_paper_above_or_below_a_framed_table_is_no_row_of_it() -> None:
    assert paper_rows(edges(".....", "|||||", "|||||")) == [0]
    assert paper_rows(edges("|||||", "|.|.|", ".....", ".....")) == [2, 3]
    assert paper_rows(edges(".....", ".|||.")) == []
    assert paper_rows(edges(".....", ".....")) == []


def test_only_the_part_that_has_an_undrawn_border_is_open_there() -> None:
    level, upright = np.ones((6, 2)), np.ones((5, 3))
    ys, xs = (0.0, 50.0, 100.0, 150.0, 200.0, 250.0), (0.0, 100.0, 200.0)
    grid = Grid(ys, xs, level, upright, (), open_ys=frozenset(ys[:1]))
    above, below = cut_apart(grid, [(0, 2), (3, 5)])
    assert above.open_ys == {0.0}
    assert not below.open_ys


def test_two_tables_of_a_worn_page_that_were_taken_for_one_are_two() -> None:
    page = make_page(1_041_140_012, 4, 200, FORMS[12 % len(FORMS)])
    picture = np.ascontiguousarray(np.rot90(page.image, -page.truth["quarter_turns"]))
    tables = find_tables(upright(ScanPage(1, picture, 200.0)))
    assert [len(table.cells) for table in tables] == [len(table["cells"]) for table in page.truth["tables"]]


def test_a_form_that_a_worn_row_cuts_in_two_is_one_table() -> None:
    page = make_page(1_090_140_016, 4, 200, FORMS[16 % len(FORMS)])
    picture = np.ascontiguousarray(np.rot90(page.image, -page.truth["quarter_turns"]))
    forms = form_grids(load_packs().tables)
    [table] = find_tables(upright(ScanPage(1, picture, 200.0)), forms=forms)
    [truth] = page.truth["tables"]
    found = {(cell.row, cell.col, cell.rowspan, cell.colspan) for cell in table.cells}
    assert found == {(cell["row"], cell["col"], cell["rowspan"], cell["colspan"]) for cell in truth["cells"]}


@pytest.mark.parametrize(
    ("gap", "shift", "close"), [(0, 0, True), (50, 6, True), (120, 0, False), (50, 30, False)]
)
def test_only_tables_of_one_width_close_below_each_other_may_be_one(
    gap: int, shift: int, close: bool
) -> None:
    xs = np.array([100.0, 200.0, 300.0])
    ys = np.array([100.0, 150.0, 200.0])
    edges_of = np.ones((3, 2)), np.ones((2, 3))
    above, below = (
        Grid(tuple(down), tuple(across), *edges_of, tuple(spans(*edges_of)[0]))
        for down, across in ((ys, xs), (ys + 100 + gap, xs + shift))
    )
    assert bool(list(stacked([below, above], 20.0))) == close
