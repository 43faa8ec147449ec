"""What the columns and rows of an unknown table hold: codes, years and words are no figures to be added."""

from __future__ import annotations

import pytest
from form_pages import table_from

from gouji_layout.geometry import CellRef
from gouji_postprocess.form_layout import Grid
from gouji_postprocess.inferred import infer_rules
from gouji_postprocess.rule import Rule, RuleSource
from gouji_postprocess.seen_grid import SeenGrid


def inferred(grid: Grid) -> list[Rule]:
    return infer_rules(SeenGrid.of(*table_from(grid)), prefix="t")


ACCOUNTS: Grid = [
    ["科目编码", "科目名称", "合计", "基本", "项目"],
    ["201", "一般公共服务", "30", "10", "20"],
    ["20103", "政府办公厅", "30", "10", "20"],
    ["2010301", "行政运行", "12", "10", "2"],
    ["2010302", "一般行政管理", "18", "0", "18"],
    ["208", "社会保障", "7", "7", "0"],
    ["20805", "养老", "7", "7", "0"],
    ["", "合计", "37", "17", "20"],
]


@pytest.mark.parametrize("header", ["科目编码", "科目钠玛", ""])
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (1, 0, 2, 3, 4)], ids=["before names", "after names"])
def test_codes_add_up_by_prefix_though_their_header_is_misread(header: str, order: tuple[int, ...]) -> None:
    rows = [[header, *ACCOUNTS[0][1:]], *ACCOUNTS[1:]]
    formulas = {
        rule.formula.partition("（")[0] for rule in inferred([[row[i] for i in order] for row in rows])
    }
    assert "政府办公厅 = 行政运行 + 一般行政管理" in formulas
    assert "合计 = 一般公共服务 + 社会保障" in formulas


@pytest.mark.parametrize(
    "codes",
    [["201", "205", "208"], ["20103", "20502", "20805"], ["2010301", "2050203", "2080505"]],
    ids=["类", "款", "项"],
)
def test_codes_of_one_level_are_no_figures_though_their_header_is_misread(codes: list[str]) -> None:
    names = ["一般公共服务", "教育", "社会保障"]
    figures = [["30", "10", "20"], ["18", "8", "10"], ["7", "7", "0"]]
    grid: Grid = [["利日", "科目名称", "合计", "基本", "项目"]]
    grid += [[code, name, *row] for code, name, row in zip(codes, names, figures, strict=True)]
    grid += [["", "合计", "55", "25", "30"]]
    rules = inferred(grid)
    assert {rule.terms[0].cell for rule in rules if rule.terms[0].cell.row == 4} == {
        CellRef(1, 0, 4, col) for col in (2, 3, 4)
    }
    assert all(term.cell.col >= 2 for rule in rules for term in rule.terms)


def test_a_code_split_into_class_section_and_item_is_no_figure() -> None:
    grid: Grid = [["类", "款", "项", "科目名称", "合计", "基本", "项目"]]
    grid += [["201", "", "", "一般公共服务", "30", "10", "20"], ["201", "03", "", "办公厅", "30", "10", "20"]]
    grid += [["201", "03", "01", "行政运行", "30", "10", "20"], ["合计", "", "", "", "30", "10", "20"]]
    assert {term.cell.col for rule in inferred(grid) for term in rule.terms} == {4, 5, 6}


@pytest.mark.parametrize(
    "rows",
    [
        [["960", "410", "550"], ["320", "120", "200"], ["310", "140", "170"], ["330", "150", "180"]],
        [["96041", "41020", "55021"], ["32011", "12010", "20001"], ["31019", "14009", "17010"],
         ["33011", "15001", "18010"]],
    ],
    ids=["three digits", "five digits"],
)  # fmt: skip
def test_figures_that_all_have_as_many_digits_as_a_code_are_added(rows: list[list[str]]) -> None:
    grid: Grid = [["地区", "合计", "小麦", "玉米"]]
    grid += [[name, *row] for name, row in zip(["合计", "甲县", "乙县", "丙县"], rows, strict=True)]
    assert len(inferred(grid)) == 3 + 4


def test_staff_counted_under_a_header_that_begins_like_numbering_is_added() -> None:
    grid: Grid = [["单位", "编制数", "编内", "编外"]]
    grid += [
        ["合计", "57", "45", "12"],
        ["甲局", "21", "18", "3"],
        ["乙局", "25", "16", "9"],
        ["丙局", "11", "11", "0"],
    ]
    assert {term.cell.col for rule in inferred(grid) for term in rule.terms} >= {1, 2, 3}


COUNTIES: Grid = [
    ["地区", "合计", "小麦", "玉米", "稻谷"],
    ["合计", "9128", "3371", "2645", "3112"],
    ["文登县", "2466", "1205", "640", "621"],
    ["环翠区", "", "", "", ""],
    ["乳山县", "2815", "987", "905", "923"],
    ["荣成县", "3847", "1179", "1100", "1568"],
]


def with_row(grid: Grid, at: int, row: list[str]) -> Grid:
    return [*grid[:at], [*row], *grid[at + 1 :]]


@pytest.mark.parametrize(
    "words",
    [["未报"] * 4, ["未报", "", "", ""], ["", "", "暂缺", ""], ["保密", "-", "保密", "-"], ["（不详）"] * 4],
)
def test_words_for_no_figure_leave_the_sums_of_a_table_as_they_are(words: list[str]) -> None:
    rules = inferred(with_row(COUNTIES, 3, ["环翠区", *words]))
    sums = [rule for rule in rules if rule.source is RuleSource.HEADINGS]
    assert len({rule.terms[0].cell for rule in sums if rule.terms[0].cell.row == 1}) == 4
    assert {rule.terms[0].cell.row for rule in sums if rule.terms[0].cell.col == 1} >= {1, 2, 4, 5}
    spoken = {CellRef(1, 0, 3, col) for col, text in enumerate(words, start=1) if text not in ("", "-")}
    assert spoken.isdisjoint(cell for rule in rules for cell in rule.cells)


def test_a_column_that_is_mostly_unreported_is_still_one_of_figures() -> None:
    grid = with_row(with_row(COUNTIES, 2, ["文登县", *["未报"] * 4]), 3, ["环翠区", *["未报"] * 4])
    grid = with_row(with_row(grid, 1, ["合计", "2815", "987", "905", "923"]), 5, ["荣成县", *["未报"] * 4])
    assert {rule.terms[0].cell.row for rule in inferred(grid)} == {1, 4}


def test_an_unreported_part_that_the_total_counts_all_the_same_makes_no_rule() -> None:
    rows = [["3171", "1203", "1963", "5"], ["2846", "987", "1828", "31"], ["3859", "1179", "2668", "12"]]
    grid: Grid = [["地区", "合计", "小麦", "玉米", "稻谷"]]
    grid += [[f"{name}乡", *row] for name, row in zip("东西南", rows, strict=True)]
    grid += [["北乡", "4172", "未报", "2110", "8"]]
    assert {rule.terms[0].cell.row for rule in inferred(grid)} == {1, 2, 3}


def test_a_total_that_others_prove_to_leave_out_the_unreported_is_checked() -> None:
    grid = with_row(
        with_row(COUNTIES, 3, ["环翠区", *["未报"] * 4]), 4, ["乳山县", "2815", "987", "905", "973"]
    )
    broken = [rule for rule in inferred(grid) if CellRef(1, 0, 4, 4) in rule.cells]
    assert {rule.terms[0].cell for rule in broken} == {CellRef(1, 0, 1, 4), CellRef(1, 0, 4, 1)}


def test_a_remark_instead_of_figures_begins_no_new_table() -> None:
    grid = with_row(COUNTIES, 3, ["环翠区", "已撤销", "已撤销", "已撤销", "已撤销"])
    assert {rule.terms[0].cell.row for rule in inferred(grid)} >= {1, 2, 4, 5}


@pytest.mark.parametrize(
    "second",
    [["科目", "金额", "科目", "金额"], ["支出项目", "数额", "收入项目", "数额"]],
    ids=["new words", "own words"],
)
def test_a_second_header_still_begins_a_new_table(second: list[str]) -> None:
    grid: Grid = [["项目", "金额", "项目", "金额"], ["合计", "70", "总计", "90"], ["甲", "30", "丙", "50"]]
    grid += [["乙", "40", "丁", "40"], second, ["子", "10", "寅", "60"], ["丑", "15", "卯", "25"]]
    assert all({term.cell.row for term in rule.terms} <= {1, 2, 3} for rule in inferred(grid))
    assert {rule.terms[0].cell for rule in inferred(grid)} >= {CellRef(1, 0, 1, 1), CellRef(1, 0, 1, 3)}


@pytest.mark.parametrize("years", [["2018", "2019", "2020", "2021"], ["1978", "1985", "1990", "2000"]])
def test_years_above_columns_head_them_and_are_no_figures(years: list[str]) -> None:
    rules = inferred([["地区", *years], *COUNTIES[1:3], *COUNTIES[4:]])
    assert {rule.terms[0].cell.row for rule in rules} >= {1}
    assert all(cell.row > 0 for rule in rules for cell in rule.cells)


def test_figures_that_look_like_years_are_figures_below_a_header() -> None:
    grid: Grid = [
        ["地区", "合计", "小麦", "玉米"],
        ["东乡", "3952", "1950", "2002"],
        ["西乡", "2020", "1001", "1019"],
    ]
    grid += [["南乡", "2019", "1009", "1010"], ["合计", "7991", "3960", "4031"]]
    assert len(inferred(grid)) == 4 + 3
