"""Tables from rules: exact cells on clean pages, honest doubts on others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make import FORMS, make_page
from gouji_layout.geometry import Straightening
from gouji_layout.grid import Grid
from gouji_layout.page import Page, ScanPage
from gouji_layout.paper import believable_height
from gouji_layout.spans import Span, spans
from gouji_layout.table import CellMark, Table, TableKind
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright


def structure(table: Table) -> set[tuple[int, int, int, int]]:
    return {(cell.row, cell.col, cell.rowspan, cell.colspan) for cell in table.cells}


def page_of(image: np.ndarray) -> Page:
    size = (image.shape[1], image.shape[0])
    return Page(1, image, 150.0, Straightening(size, size))


def sheet_with_grid(
    rows: int, cols: int, *, row_height: int = 40, col_width: int = 120, sides: bool = True
) -> np.ndarray:
    sheet = np.full((rows * row_height + 160, cols * col_width + 160, 3), 255, np.uint8)
    right, bottom = 80 + cols * col_width, 80 + rows * row_height
    for row in range(rows + 1):
        cv2.line(sheet, (80, 80 + row * row_height), (right, 80 + row * row_height), (0, 0, 0), 2)
    for col in range(0 if sides else 1, cols + 1 if sides else cols):
        cv2.line(sheet, (80 + col * col_width, 80), (80 + col * col_width, bottom), (0, 0, 0), 2)
    for row in range(rows):
        for col in range(cols):
            at = (95 + col * col_width, 108 + row * row_height)
            cv2.putText(sheet, str(137 * (row + 2) + col), at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2)
    return sheet


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("level", [0, 1])
def test_every_cell_of_a_good_scan_is_exact(form: str, level: int) -> None:
    made = make_page(seed=4100 + level, level=level, dpi=200, form=form)
    tables = find_tables(upright(ScanPage(1, made.image, 200.0)))
    truth = [
        {(c["row"], c["col"], c["rowspan"], c["colspan"]) for c in table["cells"]}
        for table in made.truth["tables"]
    ]
    assert [structure(table) for table in tables] == truth


@given(rows=st.integers(3, 9), cols=st.integers(2, 7))
@settings(max_examples=12, deadline=None)
def test_a_drawn_grid_comes_back_with_its_rows_and_columns(rows: int, cols: int) -> None:
    tables = find_tables(page_of(sheet_with_grid(rows, cols)))
    assert [(table.rows, table.cols, len(table.cells)) for table in tables] == [(rows, cols, rows * cols)]
    assert tables[0].kind is TableKind.RULED


def test_a_thousand_cells_are_found() -> None:
    tables = find_tables(page_of(sheet_with_grid(50, 20, row_height=36, col_width=90)))
    assert [(table.rows, table.cols, len(table.cells)) for table in tables] == [(50, 20, 1000)]


def test_a_table_without_outer_rules_keeps_its_outer_columns_and_says_so() -> None:
    tables = find_tables(page_of(sheet_with_grid(6, 4, sides=False)))
    assert [(table.rows, table.cols) for table in tables] == [(6, 4)]
    assert tables[0].kind is TableKind.HALF_RULED
    assert "guessed_edges" in {check.code for check in tables[0].checks}
    assert CellMark.GUESSED_EDGE in tables[0].cells[0].marks


def test_a_gap_in_a_rule_does_not_merge_two_cells() -> None:
    sheet = sheet_with_grid(6, 4)
    sheet[118:124, 120:150] = 255
    assert [len(table.cells) for table in find_tables(page_of(sheet))] == [24]


def test_rows_without_rules_are_parted_where_all_columns_agree() -> None:
    sheet = sheet_with_grid(7, 4)
    for row in range(2, 7):
        sheet[78 + row * 40 : 83 + row * 40, 84:556] = 255
        for col in range(5):
            cv2.line(sheet, (80 + col * 120, 70 + row * 40), (80 + col * 120, 90 + row * 40), (0, 0, 0), 2)
    tables = find_tables(page_of(sheet))
    assert [(table.rows, table.cols) for table in tables] == [(7, 4)]
    assert tables[0].kind is TableKind.HALF_RULED


def test_columns_that_only_line_up_are_a_table_that_is_less_sure() -> None:
    sheet = np.full((500, 700, 3), 255, np.uint8)
    for row in range(7):
        for col in range(4):
            text = str(90210 + 371 * row + col)
            at = (60 + col * 160, 80 + row * 44)
            cv2.putText(sheet, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    tables = find_tables(page_of(sheet))
    assert [(table.rows, table.cols, table.kind) for table in tables] == [(7, 4, TableKind.ALIGNED)]


def test_prose_is_no_table() -> None:
    made = make_page(seed=77, level=0, dpi=150, form="2021", parts=("T4",))
    image = made.image.copy()
    for table in made.truth["tables"]:
        left, top, right, bottom = (round(v) for v in table["box"])
        image[top - 4 : bottom + 5, left - 4 : right + 5] = 255
    assert find_tables(page_of(image)) == []


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_whatever_edges_are_seen_the_cells_are_rectangles_that_cover_the_grid_once(
    data: st.DataObject,
) -> None:
    rows, cols = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    cells, _, _ = spans(rng.uniform(0, 1, (rows + 1, cols)), rng.uniform(0, 1, (rows, cols + 1)))
    covered = np.zeros((rows, cols), dtype=int)
    for cell in cells:
        covered[cell.row : cell.row + cell.rows, cell.col : cell.col + cell.cols] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("dpi", [100.0, 200.0, 300.0])
def test_a_text_height_no_table_has_gives_way_to_a_usual_one(dpi: float) -> None:
    usual = believable_height(dpi / 72, dpi)  # one point: specks
    assert 6 < usual / dpi * 72 < 12
    assert believable_height(30 * dpi / 72, dpi) == usual
    assert believable_height(9 * dpi / 72, dpi) == 9 * dpi / 72


def sheet_of_three_lines(rows: int = 8) -> np.ndarray:
    """A label and four figures in each row, a rule above the heads, below them and at the foot."""
    sheet = np.full((rows * 40 + 260, 900, 3), 255, np.uint8)
    for y in (80, 130, 135 + rows * 40):
        cv2.line(sheet, (60, y), (840, y), (0, 0, 0), 2)
    for row in range(rows + 1):
        texts = ["Region", "2019", "2020", "2021", "2022"]
        if row:
            texts = ["Area" + "a" * (row % 4), *(f"{10 ** ((row + at) % 4) * 1.5:.1f}" for at in range(4))]
        for col, text in enumerate(texts):
            (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.7, 2)
            left = 70 if not col else 240 + 145 * col - width
            cv2.putText(sheet, text, (left, 115 + row * 40), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2)
    return sheet


def test_a_table_of_three_lines_is_found_on_its_page() -> None:
    [table] = find_tables(page_of(sheet_of_three_lines()))
    assert table.kind is TableKind.ALIGNED
    assert structure(table) == {(row, col, 1, 1) for row in range(9) for col in range(5)}


def test_cells_that_the_rule_network_sees_in_characters_of_a_table_of_three_lines_are_no_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = tuple(Span(row, 0, 1, 1) for row in range(3))
    seen = Grid((214.0, 240.0, 270.0, 300.0), (480.0, 540.0), np.ones((4, 1)), np.ones((3, 2)), cells)
    monkeypatch.setattr("gouji_layout.tables.second_look", lambda *_: [seen])
    [table] = find_tables(page_of(sheet_of_three_lines()))
    assert (table.rows, table.cols) == (9, 5)


def test_two_cells_that_the_rule_network_sees_in_characters_are_no_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    level, upright_edges = np.ones((3, 1)), np.ones((2, 2))
    seen = Grid(
        (100.0, 140.0, 200.0), (300.0, 360.0), level, upright_edges, (Span(0, 0, 1, 1), Span(1, 0, 1, 1))
    )
    monkeypatch.setattr("gouji_layout.tables.second_look", lambda *_: [seen])
    assert not find_tables(page_of(np.full((400, 600, 3), 255, np.uint8)))
