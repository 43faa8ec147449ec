"""Known forms of which nothing but their texts is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from fixtures.make import MadePage, make_page
from gouji_layout.form_by_texts import forms_by_texts
from gouji_layout.form_grid import FormGrid
from gouji_layout.grid import Grid
from gouji_layout.page import ScanPage
from gouji_layout.paper import Paper
from gouji_layout.spans import Span
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright
from gouji_postprocess.form_layout import form_grids
from gouji_postprocess.packs import load_packs

FORMS = form_grids(load_packs().tables)
T3 = next(form for form in FORMS if form.name == "2021/T3")
T3_OF_2019 = next(form for form in FORMS if form.name == "2019/T3")
T4 = next(form for form in FORMS if form.name.startswith("2019/T4"))
UNIT = 20.0
Tables = Sequence[Grid]


def texts_of(form: FormGrid, cells: Sequence[Span] | None = None) -> np.ndarray:
    """A page with a 0 in the middle for each figure, a few characters for each text, and no rules.

    Args:
        form: whose rows and columns the page has.
        cells: instead of those of the form.
    """
    wide = [44] * (form.figures_from[1] - 1) + [220] * bool(form.figures_from[1]) + [100] * form.figures
    xs, ys = np.cumsum([60, *wide]), np.cumsum([100, *[44] * form.rows])
    page = np.full((max(int(ys[-1]) + 200, 1700), int(xs[-1]) + 60), 245, np.uint8)
    for cell in form.cells if cells is None else cells:
        left, right = xs[cell.col], xs[cell.col + cell.cols]
        middle = int(ys[cell.row] + ys[cell.row + cell.rows]) // 2
        figure = cell.row >= form.figures_from[0] and cell.col >= form.figures_from[1]
        if figure:
            cv2.putText(page, "0", (int(left + right) // 2 - 8, middle + 9), 0, 0.8, (40,), 2)
            continue
        characters = min(int(right - left) // 22 - 1, 5) if cell.rows < 10 else 1
        # Labels begin beside their rule, headings stand in the middle.
        start = int(left) + 8 if cell.col < form.figures_from[1] else int(left + right) // 2 - 11 * characters
        for at in range(characters):
            x = start + 22 * at
            cv2.rectangle(page, (x, middle - 9), (x + 16, middle + 9), (40,), 2)
            cv2.line(page, (x, middle), (x + 16, middle), (40,), 2)
    grain = np.random.default_rng(5).normal(0, 3, page.shape)
    return np.clip(page + grain, 0, 255).astype(np.uint8)


def found(page: np.ndarray, grids: Tables = ()) -> list[Grid]:
    return forms_by_texts(Paper(page), UNIT, FORMS, grids)


@pytest.mark.parametrize("form", [T3, T3_OF_2019, T4])
def test_texts_alone_say_which_form_a_table_is(form: FormGrid) -> None:
    (grid,) = found(texts_of(form))
    assert (grid.form, grid.cells) == (form.name, form.cells)
    assert np.abs(np.diff(grid.ys) - 44).max() < 0.3 * UNIT  # each row lies around its own texts


def test_figures_of_a_row_may_all_be_lost() -> None:
    (grid,) = found(texts_of(T3, [cell for cell in T3.cells if cell.row != 17 or cell.col < 3]))
    assert grid.cells == T3.cells


@pytest.mark.parametrize(("rows", "cols"), [(1, 2), (2, 1)])
def test_a_figure_in_the_middle_of_two_cells_makes_it_another_form(rows: int, cols: int) -> None:
    taken = {(20 + row, 5 + col) for row in range(rows) for col in range(cols)}
    cells = [cell for cell in T3.cells if (cell.row, cell.col) not in taken]
    assert found(texts_of(T3, [*cells, Span(20, 5, rows, cols)])) == []


def test_a_form_with_a_row_of_merged_cells_alone_is_tried_like_any_other() -> None:
    head = [
        Span(0, 0, 3, 1),
        *(Span(0, col, 1, 1) for col in range(1, 7)),
        *(Span(1, col, 2, 1) for col in range(1, 7)),
    ]
    labels = [Span(row, 0, 2, 1) for row in range(3, 27, 2)]
    figures = [Span(row, col, 1, 1) for row in range(3, 27) for col in range(1, 7)]
    odd = FormGrid.of("odd", [*head, *labels, *figures])
    assert forms_by_texts(Paper(texts_of(T3)), UNIT, [odd], ()) == []


def without_row(form: FormGrid, row: int) -> FormGrid:
    return FormGrid("less", np.delete(form.level, row + 1, axis=0), np.delete(form.upright, row, axis=0))


def with_row(form: FormGrid, row: int) -> FormGrid:
    level = np.insert(form.level, row + 1, form.level[row + 1], axis=0)
    return FormGrid("more", level, np.insert(form.upright, row, form.upright[row], axis=0))


def without_column(form: FormGrid, col: int) -> FormGrid:
    return FormGrid("less", np.delete(form.level, col, axis=1), np.delete(form.upright, col + 1, axis=1))


@pytest.mark.parametrize(
    "other",
    [
        without_row(T3, 20),
        with_row(T3, 20),
        with_row(with_row(T3, 20), 10),
        without_column(T3, 6),
        without_column(T4, 8),
        FormGrid.of("list", [Span(row, col, 1, 1) for row in range(28) for col in range(10)]),
    ],
    ids=["a row less", "a row more", "two rows more", "a column less", "a column of 15 less", "list"],
)
def test_a_table_of_other_rows_or_columns_is_no_known_form(other: FormGrid) -> None:
    assert found(texts_of(other)) == []


def test_a_page_of_thousands_of_spots_is_no_form() -> None:
    page = np.full((1700, 1300), 245, np.uint8)
    for y in range(20, 1680, 24):
        for x in range(20, 1280, 20):
            cv2.circle(page, (x, y), 6, (40.0,), -1)
    assert found(page) == []


def grid_on(box: tuple[float, float, float, float], form: str = "") -> Grid:
    left, top, right, bottom = box
    return Grid(
        (top, bottom), (left, right), np.ones((2, 1)), np.ones((1, 2)), (Span(0, 0, 1, 1),), form=form
    )


def test_what_was_left_of_its_rules_is_part_of_the_form_but_no_table_that_was_seen_is() -> None:
    page = texts_of(T3)
    (alone,) = found(page)
    part, apart = grid_on((400, 500, 800, 900)), grid_on((60, 1500, 800, 1600))
    kept, form = found(page, [part, apart])
    assert kept is apart
    assert form.form == "2021/T3"
    larger = grid_on((20, 50, 1050, 2400))
    assert found(page, [larger]) == [larger]
    seen = FormGrid.of("changed", [Span(row, col, 1, 1) for row in range(20) for col in range(10)])
    changed = replace(grid_on((60, 100, 1060, 1330)), cells=seen.cells)
    assert found(page, [changed]) == [changed]
    known = grid_on((alone.xs[0], alone.ys[0], alone.xs[-1], alone.ys[-1]), "another form")
    assert found(page, [known]) == [known]


def without_rules(page: MadePage) -> np.ndarray:
    """The picture of a made page of level 0 with paper where its rules were."""
    picture = page.image.copy()
    for table in page.truth["tables"]:
        for cell in table["cells"]:
            left, top, right, bottom = (round(side) for side in cell["box"])
            cv2.rectangle(picture, (left, top), (right, bottom), (255, 255, 255), 9)
    return picture


@pytest.mark.parametrize(("form", "seed"), [("2019", 31), ("2021", 32)])
def test_a_page_whose_rules_are_gone_is_exact_and_says_that_the_form_decided(form: str, seed: int) -> None:
    page = make_page(seed, 0, 200, form, parts=("T3", "T4"))
    tables = find_tables(upright(ScanPage(1, without_rules(page), 200.0)), forms=FORMS)
    wanted = [
        {(c["row"], c["col"], c["rowspan"], c["colspan"]) for c in t["cells"]} for t in page.truth["tables"]
    ]
    assert [{(c.row, c.col, c.rowspan, c.colspan) for c in t.cells} for t in tables] == wanted
    for table in tables:
        (check,) = (check for check in table.checks if check.code == "edges_by_form")
        assert len(check.cells) == len(table.cells)
