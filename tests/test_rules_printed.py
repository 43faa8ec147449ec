"""Rules printed on the page: sentences, numbers of rows and columns, and sentences that are no rules."""

from __future__ import annotations

import pytest
from form_pages import table_from

from gouji_postprocess.form_layout import Grid, lay_out
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.printed import Scope, cell_formulas, parse_sentences
from gouji_postprocess.printed_binding import PrintedRules, printed_rules
from gouji_postprocess.printed_items import ItemKind, numeral
from gouji_postprocess.rule import Relation, Rule, RuleSource
from gouji_postprocess.rules_for import _named, gather
from gouji_postprocess.seen_grid import SeenGrid

ROWS: Grid = [
    ["项目", "行次", "金额"],
    ["收入总计", "1", "10"],
    ["财政拨款", "2", "6"],
    ["其他收入", "3", "4"],
    ["支出", "4", "9"],
    ["结余", "5", "1"],
]
COLUMNS: Grid = [
    ["地区", "合计", "男", "女"],
    ["栏次", "1", "2", "3"],
    ["甲", "30", "14", "16"],
    ["乙", "50", "26", "24"],
    ["丙", "7", "3", "4"],
]


def printed(grid: Grid, *lines: str) -> PrintedRules:
    return printed_rules(SeenGrid.of(*table_from(grid)), list(lines), prefix="t")


def lines_of(rule: Rule, axis: str) -> dict[int, int]:
    return {getattr(term.cell, axis): term.coefficient for term in rule.terms}


def test_the_note_of_the_national_form_is_read_to_the_letter() -> None:
    statements, unread = parse_sentences(
        "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    )
    assert not unread
    assert [item.number for item in statements[0].left] == [1, 2]
    assert [item.number for item in statements[0].right] == [3, 4]
    assert statements[0].scope is Scope.COLUMN


@pytest.mark.parametrize(
    ("sentence", "terms", "relation"),
    [
        ("勾稽关系：1=2+3", {1: 1, 2: -1, 3: -1}, "="),
        ("勾稽关系：第1行＝第2行＋第3行。", {1: 1, 2: -1, 3: -1}, "="),
        ("勾稽关系：01行=02行+03行", {1: 1, 2: -1, 3: -1}, "="),
        ("勾稽关系：第二行至第三行之和等于第一行", {2: 1, 3: 1, 1: -1}, "="),
        ("勾稽关系：（5）=（1）-（4）", {5: 1, 1: -1, 4: 1}, "="),
        ("收入总计等于财政拨款与其他收入之和。", {1: 1, 2: -1, 3: -1}, "="),
        ("结余应等于收入总计减去支出之差，勾稽关系同上年。", {5: 1, 1: -1, 4: 1}, "="),
        ("审核关系：4≤1", {4: 1, 1: -1}, "<="),
        ("审核关系：第1行不小于第4行", {4: 1, 1: -1}, "<="),
    ],
)
def test_sentences_about_rows(sentence: str, terms: dict[int, int], relation: str) -> None:
    found = printed(ROWS, sentence)
    assert [lines_of(rule, "row") for rule in found.rules] == [terms]
    assert found.rules[0].relation.value == relation
    assert found.rules[0].source is RuleSource.PRINTED
    assert not found.unread


@pytest.mark.parametrize(
    "sentence",
    ["勾稽关系：1栏=2栏+3栏", "合计=男+女，勾稽关系同上年", "（各行的勾稽关系为：第一列等于第二列加第三列）"],
)
def test_sentences_about_columns_hold_in_every_row(sentence: str) -> None:
    found = printed(COLUMNS, sentence)
    assert [rule.terms[0].cell.row for rule in found.rules] == [2, 3, 4]
    assert all(lines_of(rule, "col") == {1: 1, 2: -1, 3: -1} for rule in found.rules)


def test_a_formula_in_a_header_is_a_rule() -> None:
    grid: Grid = [
        ["项目", "合计（1=2+3）", "男（2）", "女（3）"],
        ["甲", "3", "1", "2"],
        ["乙", "5", "5", "0"],
    ]
    assert [lines_of(rule, "col") for rule in printed(grid).rules] == [{1: 1, 2: -1, 3: -1}] * 2


def test_a_sentence_broken_over_lines_is_put_together() -> None:
    found = printed(ROWS, "勾稽关系：第1行等于第2行与", "第3行之和。")
    assert [lines_of(rule, "row") for rule in found.rules] == [{1: 1, 2: -1, 3: -1}]


def test_a_rule_whose_items_are_not_all_there_is_reported_and_not_made() -> None:
    found = printed(ROWS, "勾稽关系：第1行等于第2行与第9行之和。")
    assert not found.rules
    assert [note.sentence for note in found.unread] == ["第1行等于第2行与第9行之和"]


def test_a_rule_that_is_not_understood_is_reported_and_not_made() -> None:
    found = printed(ROWS, "勾稽关系：本栏数应大于或等于下栏数")
    assert not found.rules
    assert found.unread


@pytest.mark.parametrize(
    "sentence",
    ["会议不少于5次。", "受理42件，等于上年的两倍。", "电话：0631-8988877", "第一项工作与第二项同步推进。"],
)
def test_plain_prose_gives_neither_rules_nor_complaints(sentence: str) -> None:
    found = printed(ROWS, sentence)
    assert not found.rules
    assert not found.unread


def test_the_corner_with_the_sentence_itself_is_no_item_of_it() -> None:
    grid: Grid = [
        ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "9", "7"],
        ["一、本年新收", "10", "4"],
        ["二、上年结转", "2", "1"],
        ["三、本年度办理结果", "9", "5"],
        ["四、结转下年度", "3", "0"],
    ]
    found = printed(grid)
    assert [lines_of(rule, "row") for rule in found.rules] == [{1: 1, 2: 1, 3: -1, 4: -1}] * 2


def test_a_printed_rule_that_the_numbers_deny_may_only_warn() -> None:
    found = printed(COLUMNS, "勾稽关系：2栏=1栏+3栏")
    assert found.rules
    assert not any(rule.may_correct for rule in found.rules)


def test_two_lines_of_the_same_name_are_not_guessed_between() -> None:
    grid: Grid = [["项目", "金额"], ["合计", "3"], ["其他", "1"], ["其他", "2"]]
    assert not printed(grid, "勾稽关系：合计=其他").rules


def test_labels_with_plus_and_minus_words_inside_are_taken_whole() -> None:
    labels = ["期末余额", "期初余额", "本期增加", "本期减少"]
    (statement,), _ = parse_sentences("期末余额等于期初余额加本期增加减本期减少", labels)
    assert [(item.label, item.sign) for item in statement.right] == [
        ("期初余额", 1),
        ("本期增加", 1),
        ("本期减少", -1),
    ]


@pytest.mark.parametrize(("text", "number"), [("三", 3), ("十", 10), ("十二", 12), ("二十", 20), ("07", 7)])
def test_numerals(text: str, number: int) -> None:
    assert numeral(text) == number


def test_formulas_by_number_are_found_inside_labels() -> None:
    assert cell_formulas("合计（1=2+3）") == ["(1=2+3)"]
    assert cell_formulas("2020年") == []


def test_a_formula_without_an_equal_sign_is_what_its_own_line_is_made_of() -> None:
    grid: Grid = [
        ["项目", "行次", "本年数", "上年数"],
        ["收入", "1", "120", "110"],
        ["减：成本", "2", "90", "85"],
        ["利润（1-2）", "3", "30", "25"],
        ["加：其他", "4", "7", "2"],
        ["利润总额（3+4）", "5", "37", "27"],
    ]
    rules = printed(grid).rules
    assert {(tuple(lines_of(rule, "row")), rule.may_correct) for rule in rules} == {
        ((3, 1, 2), True),
        ((5, 3, 4), True),
    }
    assert len(rules) == 4
    assert printed([*grid[:5], [*grid[5][:2], "38", "27"]]).rules == rules  # one of two holds


def test_numbers_of_columns_may_be_formulas_themselves() -> None:
    grid: Grid = [["单位", "年初数", "增加", "减少", "年末数"], ["栏次", "1", "2", "3", "1+2-3"]]
    grid += [["甲", "120", "30", "10", "140"], ["乙", "220", "13", "33", "200"]]
    assert [lines_of(rule, "col") for rule in printed(grid).rules] == [{4: 1, 1: -1, 2: -1, 3: 1}] * 2


def test_a_range_in_a_label_is_no_difference() -> None:
    grid: Grid = [
        ["指标", "行次", "人数"],
        *([f"{name}", str(k), str(9 * k)] for k, name in enumerate("甲乙丙", 1)),
    ]
    grid.append(["按年龄分（1-3）", "4", "54"])
    assert not printed(grid).rules


def test_dots_stand_for_the_numbers_between() -> None:
    (statement,), _ = parse_sentences("10=11+12+…+16")
    assert [item.number for item in statement.right] == [11, 12, 13, 14, 15, 16]
    assert statement.left[0].kind is ItemKind.NUMBER


def test_at_most_rules_never_correct() -> None:
    (rule,) = printed(ROWS, "审核关系：4≤1").rules
    assert rule.relation is Relation.AT_MOST
    assert not rule.may_correct


def test_a_note_on_a_known_form_is_bound_by_the_labels_of_the_form_not_by_misread_ones() -> None:
    packs = load_packs()
    form = packs.table("2019/T3")
    assert form is not None
    grid = lay_out(form, dict.fromkeys(form.quantities(), "1"))
    for row in range(3, len(grid), 2):
        grid[row][8] = "心"  # a column of figures that reads like labels
    grid[3][0] = "本年新收政府信息公开申请数量"
    table, readings = table_from(grid)
    match = match_form(table, readings, packs)
    assert match is not None
    cells = {cell: key for key, cell in match.cells.items()}
    rules = printed_rules(_named(SeenGrid.of(table, readings), match), [], prefix="t").rules
    wanted = {"received", "carried_in", "outcome", "carried_out"}
    assert len(rules) == 7
    assert all({cells[ref].split(".")[1] for ref in rule.cells} == wanted for rule in rules)
    assert not [rule for rule in gather(table, readings, match).rules if rule.source is RuleSource.PRINTED]
