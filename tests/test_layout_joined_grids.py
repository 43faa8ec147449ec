"""Tables one below the other that were taken for one."""

from __future__ import annotations

import numpy as np

from fixtures.make import FORMS, make_page
from gouji_layout.joined_grids import paper_rows
from gouji_layout.page import ScanPage
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright


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


def test_two_tables_of_a_worn_page_that_were_taken_for_one_are_two() -> None:
    page = make_page(1_041_140_012, 4, 200, FORMS[12 % len(FORMS)])
    picture = np.ascontiguousarray(np.rot90(page.image, -page.truth["quarter_turns"]))
    tables = find_tables(upright(ScanPage(1, picture, 200.0)))
    assert [len(table.cells) for table in tables] == [len(table["cells"]) for table in page.truth["tables"]]
