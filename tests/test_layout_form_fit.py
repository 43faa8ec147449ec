"""Doubtful tables laid onto the grids of known forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make import make_page
from gouji_layout.form_fit import Fit, decided_by_form, form_within, known_form, laid_on
from gouji_layout.form_grid import FormGrid
from gouji_layout.grid import Grid
from gouji_layout.joined_grids import cut_apart
from gouji_layout.page import ScanPage
from gouji_layout.spans import Span
from gouji_layout.table import Table
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright
from gouji_postprocess.form_layout import form_grids, lay_out
from gouji_postprocess.packs import load_packs, parse_pack

FORMS = form_grids(load_packs().tables)
T3 = next(form for form in FORMS if form.name == "2021/T3")
T3_OF_2019 = next(form for form in FORMS if form.name == "2019/T3")
T4 = next(form for form in FORMS if form.name.startswith("2019/T4"))
SURE, LIKELY = 0.995, 0.88
Chances = tuple[np.ndarray, np.ndarray]


def chances_of(form: FormGrid, chance: float = SURE) -> Chances:
    """How likely the edges of a print of the form are drawn."""
    return np.where(form.level, chance, 1 - chance), np.where(form.upright, chance, 1 - chance)


def with_line(chances: Chances, row: int, chance: float) -> Chances:
    """With a level line within a row that is seen with some chance."""
    level = np.insert(chances[0], row + 1, np.full(chances[0].shape[1], chance), axis=0)
    return level, np.insert(chances[1], row + 1, chances[1][row], axis=0)


def aside(chances: Chances) -> Chances:
    return chances[1].T, chances[0].T


def known(chances: Chances) -> Fit:
    fit = known_form(chances, FORMS)
    assert fit is not None
    return fit


@given(
    form=st.sampled_from([T3, T3_OF_2019, T4]),
    rows=st.lists(st.integers(0, 3), max_size=5),
    cols=st.lists(st.integers(0, 8), max_size=4),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=40)
def test_a_form_is_found_among_lines_that_were_only_proposed(
    form: FormGrid, rows: list[int], cols: list[int], seed: int
) -> None:
    chances = chances_of(form, LIKELY)
    lines, uprights = list(range(form.rows + 1)), list(range(form.cols + 1))
    for row in rows:
        chances = with_line(chances, row, 0.1)
        lines = [line + (line > row) for line in lines]
    for col in cols:
        chances = aside(with_line(aside(chances), col, 0.1))
        uprights = [line + (line > col) for line in uprights]
    rng = np.random.default_rng(seed)
    noisy = tuple(np.clip(edges + rng.uniform(-0.11, 0.11, edges.shape), 0.01, 0.99) for edges in chances)
    fit = known((noisy[0], noisy[1]))
    assert (fit.form.name, fit.rows, fit.cols) == (form.name, tuple(lines), tuple(uprights))


def test_edges_that_nobody_sees_are_those_of_the_form() -> None:
    level, across = chances_of(T3)
    across[6, 2], level[11, 8] = 0.8, 0.3  # one looks drawn that is not, one is not seen
    grid = Grid(tuple(range(29)), tuple(range(11)), level, across, (), 0.58)
    form = laid_on(grid, known((level, across)), (level, across))
    assert form.cells == T3.cells
    decided = decided_by_form(form)
    assert Span(6, 1, 1, 2) in decided
    assert Span(10, 8, 1, 1) in decided
    assert len(decided) == 3


@pytest.mark.parametrize("at", [(10, 5), (6, 1)])
def test_an_edge_that_is_surely_otherwise_makes_it_another_table(at: tuple[int, int]) -> None:
    level, across = chances_of(T3)
    across[at] = 1 - across[at]
    assert known_form((level, across), FORMS) is None


def test_a_row_that_is_likely_there_is_never_left_out() -> None:
    assert known_form(with_line(chances_of(T3), 10, 0.75), FORMS) is None


def test_a_part_of_a_form_on_one_of_two_pages_is_known() -> None:
    for first, last in ((0, 12), (12, 28)):
        part = T3.part(first, last)
        fit = known(chances_of(part))
        assert fit.form.rows == last - first
        assert fit.form.cells == part.cells


def test_a_regular_grid_says_nothing_of_merged_cells() -> None:
    regular = FormGrid.of("regular", [Span(row, col, 1, 1) for row in range(9) for col in range(5)])
    level, across = chances_of(regular)
    across[3, 2] = 0.3
    assert known_form((level, across), [regular]) is None


def test_two_forms_that_fit_alike_decide_nothing() -> None:
    other = FormGrid("one edge less", T3.level, T3.upright.copy())
    other.upright[20, 5] = False
    level, across = chances_of(T3)
    across[20, 5] = 0.6
    assert known_form((level, across), [T3]) is not None
    assert known_form((level, across), [T3, other]) is None


def test_a_form_is_found_above_another_table_that_was_taken_for_a_part_of_it() -> None:
    level, across = chances_of(T3)
    below = chances_of(FormGrid.of("other", [Span(row, col, 1, 1) for row in range(5) for col in range(10)]))
    joined = np.concatenate([level, below[0][1:]]), np.concatenate([across, below[1]])
    assert known_form(joined, FORMS) is None
    fit = form_within(joined, FORMS)
    assert fit is not None
    assert (fit.form.name, fit.rows[-1]) == ("2021/T3", 28)


def test_two_forms_that_were_taken_for_one_table_are_no_rivals() -> None:
    rows, cols = T3_OF_2019.rows + 1 + T4.rows, 23
    like = np.zeros((rows + 1, cols)), np.zeros((rows, cols + 1))
    above = T3_OF_2019.on(range(27), (0, 1, 4, 8, 11, 13, 15, 17, 19, 21, 23), like)
    below = T4.on(range(27, 32), (0, 2, 3, 5, 6, 7, 9, 10, 12, 14, 16, 17, 18, 20, 22, 23), like)
    drawn = [np.where(one | other, SURE, 1 - SURE) for one, other in zip(above, below, strict=True)]
    fit = form_within((drawn[0], drawn[1]), FORMS)
    assert fit is not None
    assert (fit.form.name, fit.rows) in {("2019/T3", tuple(range(27))), (T4.name, tuple(range(27, 32)))}


def test_many_faint_contradictions_are_borne_where_every_other_form_is_far_off() -> None:
    level, across = chances_of(T3)
    faint = [(row, col) for row in range(4, 27, 3) for col in (5, 7)]
    for at in faint[:12]:
        across[at] = 0.25
    assert 10 < known((level, across)).cost < 18
    for at in faint:
        across[at] = 0.2
    assert known_form((level, across), FORMS) is None


def test_a_title_that_is_joined_to_a_form_is_no_row_of_it() -> None:
    level, across = chances_of(T4)
    title = np.full((1, across.shape[1]), 0.1)
    title[:, [0, -1]] = 0.9
    fit = form_within((np.concatenate([level[:1], level]), np.concatenate([title, across])), FORMS)
    assert fit is not None
    assert fit.rows == (1, 2, 3, 4, 5)


def test_rows_below_a_form_that_are_no_table_are_not_cut_off() -> None:
    level, across = chances_of(T3)
    joined = np.concatenate([level, level[-1:]]), np.concatenate([across, across[-1:]])
    assert form_within(joined, FORMS) is None


def test_the_grids_of_forms_are_those_of_made_pages() -> None:
    for name, seed in (("2019", 3), ("2021", 4)):
        page = make_page(seed, 0, 100, name, parts=("T3",))
        form = next(form for form in FORMS if form.name == f"{name}/T3")
        (table,) = page.truth["tables"]
        assert {(c["row"], c["col"], c["rowspan"], c["colspan"]) for c in table["cells"]} == {
            (span.row, span.col, span.rows, span.cols) for span in form.cells
        }


def test_the_cells_of_a_form_are_those_that_its_edges_make() -> None:
    for form in FORMS:
        assert sum(cell.rows * cell.cols for cell in form.cells) == form.rows * form.cols
        again = FormGrid.of("again", form.cells)
        assert (again.level == form.level).all()
        assert (again.upright == form.upright).all()


def test_tables_taken_for_one_are_cut_apart_at_their_lines() -> None:
    level, across = chances_of(T4)
    joined = Grid(
        tuple(range(9)), tuple(range(16)), np.concatenate([level, level[1:]]), np.tile(across, (2, 1)), ()
    )
    first, second = cut_apart(joined, [(0, 4), (4, 4), (4, 8)])
    assert first.cells == second.cells == T4.cells
    assert (first.ys, second.ys) == ((0, 1, 2, 3, 4), (4, 5, 6, 7, 8))


def test_tables_of_one_structure_are_one_grid_and_open_forms_none() -> None:
    tables = load_packs().tables
    names = [name for form in FORMS for name in form.name.split("、")]
    assert T4.name == "2019/T4、2021/T4"
    assert sorted(names) == sorted(table.id for table in tables if not table.open_rows)


def test_joined_places_that_make_no_rectangle_make_no_grid() -> None:
    text = """
form: odd
title: 表
years: [2000, 2010]
tables:
  - id: T1
    key: t
    title: 表
    corner: 项目
    columns: [{key: a, label: 甲}, {key: b, label: 乙}]
    rows: [{key: x, label: 一}, {key: y, label: 二}]
"""
    (table,) = parse_pack(text).tables
    assert len(form_grids([table])) == 1
    assert len(lay_out(table)) == form_grids([table])[0].rows


def structure(table: Table) -> set[tuple[int, int, int, int]]:
    return {(cell.row, cell.col, cell.rowspan, cell.colspan) for cell in table.cells}


def test_a_worn_page_is_exact_when_its_form_is_known_and_says_what_the_form_decided() -> None:
    page = make_page(1_010_340_001, 4, 200, "2021")
    scanned = ScanPage(1, np.ascontiguousarray(np.rot90(page.image, -page.truth["quarter_turns"])), 200.0)
    stood = upright(scanned)
    (truth,) = page.truth["tables"]
    wanted = {(cell["row"], cell["col"], cell["rowspan"], cell["colspan"]) for cell in truth["cells"]}
    (without,) = find_tables(stood)
    (table,) = find_tables(stood, forms=FORMS)
    assert structure(without) != wanted
    assert structure(table) == wanted
    (check,) = (check for check in table.checks if check.code == "edges_by_form")
    assert "2021/T3" in check.detail
    assert any((ref.row, ref.col) == (6, 1) for ref in check.cells)
