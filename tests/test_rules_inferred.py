"""Rules of unknown tables: found where headings and numbers agree, silent where they do not."""

from __future__ import annotations

import random

import pytest
from form_pages import report_tables, sample_values, table_from
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.reading import Reading
from gouji_postprocess.form import TableForm
from gouji_postprocess.form_layout import Grid, lay_out
from gouji_postprocess.inferred import infer_rules
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.rule import Relation, Rule, RuleSource
from gouji_postprocess.rules_for import gather
from gouji_postprocess.seen_grid import SeenGrid
from gouji_postprocess.sum_templates import is_total, numbering

PACKS = load_packs()


def inferred(grid: Grid) -> list[Rule]:
    return infer_rules(SeenGrid.of(*table_from(grid)), prefix="t")


@pytest.mark.parametrize("form", PACKS.tables, ids=lambda form: form.id)
def test_with_the_pack_withheld_nothing_untrue_is_inferred(form: TableForm) -> None:
    values = sample_values(form, random.Random(11), share=0.7)
    page, readings = table_from(lay_out(form, {key: str(value) for key, value in values.items()}))
    match = match_form(page, readings, PACKS)
    assert match is not None
    hard = [rule for rule in gather(page, readings, match).rules if rule.void_cost == float("inf")]
    own = {_sides(rule) for rule in hard if rule.relation is Relation.EQUAL}
    sums = [
        rule
        for rule in infer_rules(SeenGrid.of(page, readings), prefix="t")
        if rule.relation is Relation.EQUAL
    ]
    assert {_sides(rule) for rule in sums} <= own
    assert len(sums) >= 0.8 * len(own)


def _sides(rule: Rule) -> frozenset[frozenset[tuple[int, object]]]:
    terms = frozenset((term.coefficient, term.cell) for term in rule.terms)
    return frozenset({terms, frozenset((-factor, cell) for factor, cell in terms)})


@pytest.mark.parametrize(("report", "table", "page", "readings"), list(report_tables()))
def test_published_tables_give_back_the_rules_of_their_form(
    report: str, table: str, page: Table, readings: list[Reading]
) -> None:
    match = match_form(page, readings, PACKS)
    own = {_sides(rule) for rule in gather(page, readings, match).rules}
    found = {_sides(rule) for rule in infer_rules(SeenGrid.of(page, readings), prefix="t")}
    assert found <= own, (report, table)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_random_figures_under_plain_headings_give_no_rules_that_correct(seed: int) -> None:
    draw = random.Random(seed)
    grid: Grid = [["地区", "人口", "面积", "户数", "学校"]]
    grid += [[f"{name}县", *(str(draw.randint(1, 9999)) for _ in range(4))] for name in "甲乙丙丁戊己庚"]
    assert not [rule for rule in inferred(grid) if rule.may_correct]


def test_a_word_for_total_is_not_believed_when_the_numbers_deny_it() -> None:
    grid: Grid = [
        ["项目", "甲", "乙", "合计"],
        ["一", "3", "4", "90"],
        ["二", "5", "6", "17"],
        ["三", "1", "1", "55"],
    ]
    assert not inferred(grid)


def test_one_wrong_figure_does_not_hide_the_rule_it_breaks() -> None:
    rows = [["5", "6", "11"], ["7", "1", "8"], ["20", "31", "51"], ["4", "4", "8"], ["9", "2", "12"]]
    grid: Grid = [["项目", "甲类", "乙类", "合计"], *([f"第{k}处", *row] for k, row in enumerate(rows))]
    rules = inferred(grid)
    assert sorted(rule.terms[0].cell.row for rule in rules) == [1, 2, 3, 4, 5]
    assert all(rule.may_correct for rule in rules)
    assert all("5 处可核对的地方有 4 处成立" in rule.why for rule in rules)


def test_a_rule_with_no_other_place_to_prove_itself_may_only_confirm() -> None:
    grid: Grid = [["项目", "数量"], ["收到申请数", "15"], ["1.当面", "4"], ["2.网络", "11"]]
    rules = inferred(grid)
    assert len(rules) == 1
    assert not rules[0].may_correct


def test_of_which_is_at_most_and_not_equal() -> None:
    grid: Grid = [
        ["项目", "甲", "乙"],
        ["会议总次数", "9", "4"],
        ["其中：电视电话会议次数", "3", "4"],
        ["文件数", "8", "2"],
    ]
    rules = inferred(grid)
    assert {rule.relation for rule in rules} == {Relation.AT_MOST}
    assert len(rules) == 2


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


def test_a_ledger_carries_its_balance_from_row_to_row() -> None:
    balance, grid = 100, [["日期", "收入金额", "支出金额", "余额"], ["上年", "", "", "100"]]
    for day, (income, expense) in enumerate([(30, 0), (0, 12), (8, 8), (5, 40), (0, 1)]):
        balance += income - expense
        grid.append([f"第{day}日", str(income), str(expense), str(balance)])
    rules = [rule for rule in inferred(grid) if "上一行余额" in rule.formula]
    assert len(rules) == 5
    assert all(len(rule.terms) == 4 and rule.may_correct for rule in rules)


def test_a_sum_nobody_announced_needs_three_columns_of_evidence() -> None:
    grid: Grid = [["地区", "甲", "乙", "丙"], ["全省", "30", "71", "905"]]
    grid += [["东部", "10", "20", "300"], ["中部", "15", "50", "600"], ["西部", "5", "1", "5"]]
    found = [rule for rule in inferred(grid) if rule.source is RuleSource.NUMBERS]
    assert len(found) == 3
    shorter = [row[:3] for row in grid]
    assert not [rule for rule in inferred(shorter) if rule.source is RuleSource.NUMBERS]


def test_percentages_and_ratios_are_never_added() -> None:
    grid: Grid = [["项目", "数量", "占比%"], ["合计", "10", "100"], ["甲", "4", "40"], ["乙", "6", "60"]]
    assert all(term.cell.col == 1 for rule in inferred(grid) for term in rule.terms)


def test_blank_totals_are_not_taken_for_zero() -> None:
    grid: Grid = [
        ["项目", "甲", "乙", "合计"],
        ["一处", "3", "4", "7"],
        ["二处", "5", "6", ""],
        ["三处", "9", "1", "10"],
    ]
    rules = inferred(grid)
    assert {rule.terms[0].cell.row for rule in rules} == {1, 2, 3}
    assert all("2 处可核对的地方有 2 处成立" in rule.why for rule in rules)


@pytest.mark.parametrize(
    ("label", "total"),
    [
        ("（七）总计", True),
        ("本年收入合计", True),
        ("小计", True),
        ("合计数", True),
        ("统计数", False),
        ("累计", False),
        ("会计", False),
        ("自然人", False),
    ],
)
def test_words_for_totals(label: str, total: bool) -> None:
    assert is_total(label) is total


@pytest.mark.parametrize(
    ("label", "depth"),
    [("一、甲", 0), ("（一）甲", 1), ("1.甲", 2), ("（1）甲", 3), ("甲", None), ("1.5倍", None)],
)
def test_numbering_tells_the_depth_of_a_line(label: str, depth: int | None) -> None:
    assert numbering(label) == depth
