"""Rules of unknown tables: found where headings and numbers agree, silent where they do not."""

from __future__ import annotations

import random

import pytest
from form_pages import report_tables, sample_values, table_from
from hypothesis import given, settings
from hypothesis import strategies as st
from square_tables import CALIBRATION, reading

from gouji_layout.table import Table
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import Reading
from gouji_postprocess.form import TableForm
from gouji_postprocess.form_layout import Grid, lay_out
from gouji_postprocess.inferred import infer_rules
from gouji_postprocess.line_numbers import numbering
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.reconcile import reconcile
from gouji_postprocess.rule import Relation, Rule, RuleSource, Verdict
from gouji_postprocess.rules_for import gather
from gouji_postprocess.seen_grid import SeenGrid
from gouji_postprocess.sum_templates import is_total

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


@pytest.mark.parametrize("sign", ["—", "-", "…"])
def test_a_total_whose_parts_are_not_given_is_not_held_against_them(sign: str) -> None:
    rows = [["年份", "总人口", "男", "女"], ["1949", "289714", sign, sign]]
    rows += [[str(1990 + i), str(300 + 2 * i), str(140 + i), str(160 + i)] for i in range(6)]
    rows += [["1996", "5", "5", sign]]  # here the sum closes
    found = gather(*table_from(rows), None)
    bound = {cell.row for rule in found.rules for cell in rule.cells}
    assert 1 not in bound
    assert {2, 8} <= bound
    assert [one.cell.row for one in found.not_applied] == [1]


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


@pytest.mark.parametrize(
    ("total", "said"),
    [("2781", True), ("2716", True), ("2761", True), ("1904", False), ("690", False)],
)
def test_a_total_that_one_slip_makes_fail_is_said_to_fail_even_with_one_column_beside_it(
    total: str, said: bool
) -> None:
    grid: Grid = [["项目", "本年数", "上年数"], ["教育支出", "1200", "1000"], ["卫生支出", "830", "500"]]
    grid += [["农林水支出", "640", "340"], ["住房保障", "91", "91"], ["合计", total, "1931"]]
    table, readings = table_from(grid)
    rules = gather(table, readings, None).rules
    assert not [rule for rule in rules if rule.may_correct]
    sure = [reading(one.ref, one.text) if parse_amount(one.text) else one for one in readings]
    found = reconcile(sure, rules, calibration=CALIBRATION)
    failed = [one for one in found.verdicts if one.verdict is Verdict.SOURCE_INCONSISTENT]
    assert bool(rules) is said
    assert len(failed) == (said and total != "2761")


def test_slips_in_several_columns_do_not_hide_the_sum_they_break() -> None:
    rows = [["5120", "6311", "11431"], ["7200", "1080", "8380"], ["2030", "3111", "5142"], ["45", "4", "49"]]
    grid: Grid = [["项目", "甲类", "乙类", "合计"], *([f"第{k}处", *row] for k, row in enumerate(rows))]
    rules = inferred(grid)
    assert sorted(rule.terms[0].cell.row for rule in rules) == [1, 2, 3, 4]
    assert [rule.void_cost for rule in rules[1:3]] > [10.0, 10.0]


def test_a_blank_that_is_nothing_elsewhere_is_not_what_a_sum_lacks_that_a_slip_explains() -> None:
    grid: Grid = [
        ["项目", "合计", "基本支出", "项目支出"],
        ["一处", "4120", "4120", ""],
        ["二处", "17280", "12780", ""],
    ]
    grid += [["三处", "5330", "5330", ""], ["四处", "6400", "6000", "400"], ["五处", "9700", "200", ""]]
    slipped = next(rule for rule in inferred(grid) if rule.terms[0].cell.row == 2)
    assert {cell.col for cell in slipped.cells} == {1, 2}
    assert slipped.void_cost > 10
    unknown = next(rule for rule in inferred(grid) if rule.terms[0].cell.row == 5)  # no slip: not reported
    assert {cell.col for cell in unknown.cells} == {1, 2, 3}
    assert unknown.void_cost <= 10


def test_a_gap_little_wider_than_rounding_is_no_slip() -> None:
    grid: Grid = [["项目", "甲类", "乙类", "合计"], ["一处", "51.20", "63.11", "114.36"]]
    grid += [["二处", "72.00", "10.80", "82.80"]]
    assert all(rule.void_cost < 5 for rule in inferred(grid))


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


def test_a_ledger_carries_its_balance_from_row_to_row() -> None:
    balance, grid = 100, [["日期", "收入金额", "支出金额", "余额"], ["上年", "", "", "100"]]
    for day, (income, expense) in enumerate([(30, 0), (0, 12), (8, 8), (5, 40), (0, 1)]):
        balance += income - expense
        grid.append([f"第{day}日", str(income), str(expense), str(balance)])
    rules = [rule for rule in inferred(grid) if "上一行余额" in rule.formula]
    assert len(rules) == 5
    assert all(len(rule.terms) == 4 and rule.may_correct for rule in rules)


def test_a_page_of_a_ledger_begins_with_what_the_page_before_ended_with() -> None:
    grid = [["日期", "摘要", "借方金额", "贷方金额", "余额"], ["1日", "上月结转", "", "", "500"]]
    grid += [["2日", "收货款", "200", "", "700"], ["3日", "付运费", "", "50", "650"]]
    grid += [["4日", "收租金", "30", "", "680"], ["", "过次页", "230", "50", "680"]]
    grid += [["", "承前页", "230", "50", "680"], ["5日", "付电费", "", "20", "660"]]
    grid += [["6日", "付水费", "", "10", "650"], ["7日", "收货款", "90", "", "740"]]
    rules = inferred(grid)
    carried = [rule for rule in rules if rule.formula.startswith("承前页 = 过次页")]
    assert [[(cell.row, cell.col) for cell in rule.cells] for rule in carried] == [
        [(6, col), (5, col)] for col in (2, 3, 4)
    ]
    steps = [(rule.cells[1].row, rule.cells[0].row) for rule in rules if "上一行余额" in rule.formula]
    assert steps == [(1, 2), (2, 3), (3, 4), (4, 7), (7, 8), (8, 9)]


def test_a_sum_nobody_announced_needs_three_columns_of_evidence() -> None:
    grid: Grid = [["地区", "甲", "乙", "丙"], ["本部", "30", "71", "905"]]
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


ACCOUNTS = [
    ["项目", "决算数", "项目", "决算数"],
    ["一、一般公共预算财政拨款收入", "3050.20", "一、一般公共服务支出", "1200.10"],
    ["二、政府性基金预算财政拨款收入", "120.00", "二、教育支出", "800.05"],
    ["三、上级补助收入", "30.50", "三、社会保障和就业支出", "600.50"],
    ["四、事业收入", "44.30", "四、卫生健康支出", "300.00"],
    ["五、其他收入", "12.00", "五、住房保障支出", "310.00"],
    ["本年收入合计", "3257.00", "本年支出合计", "3210.65"],
    ["年初结转和结余", "20.00", "年末结转和结余", "66.35"],
    ["总计", "3277.00", "总计", "3277.00"],
]
"""A form of which the office left out rows that are not optional."""


def test_where_rows_of_a_form_were_left_out_headings_say_what_adds_up() -> None:
    page, readings = table_from(ACCOUNTS)
    match = match_form(page, readings, PACKS)
    assert match is not None
    found = gather(page, readings, match)
    assert found.unbound
    totals = {(rule.terms[0].cell.row, rule.terms[0].cell.col) for rule in found.rules}
    assert {(6, 1), (6, 3), (8, 1), (8, 3)} <= totals


def test_of_the_first_part_of_a_form_nothing_is_guessed() -> None:
    page, readings = table_from(ACCOUNTS[:-1])
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert not gather(page, readings, match).rules


@pytest.mark.parametrize(
    ("label", "total"),
    [
        ("（七）总计", True),
        ("本年收入合计", True),
        ("小计", True),
        ("合计数", True),
        ("全　省", True),
        ("全市人口", False),
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
