"""Whether a table rounds: where it does not, a sum that is off by a little is an error like any other."""

from __future__ import annotations

import pytest
from form_pages import changed, table_from

from gouji_ocr.amounts import parse_amount
from gouji_postprocess.exact_sums import without_needless_slack
from gouji_postprocess.form_layout import Grid
from gouji_postprocess.rule import Rule, RuleSource
from gouji_postprocess.rules_for import gather

EXACT = [
    ["单位", "合计", "工业", "农业", "商业"],
    ["总计", "500.20", "210.11", "140.05", "150.04"],
    ["东关", "155.15", "65.04", "40.01", "50.10"],
    ["西关", "190.03", "80.05", "60.02", "49.96"],
    ["南街", "155.02", "65.02", "40.02", "49.98"],
]
ROUNDED = {"r1c1": "500.21", "r2c1": "155.16", "r3c1": "190.02"}


def slacks(rows: Grid) -> set[int]:
    table, readings = table_from(rows)
    return {rule.slack for rule in gather(table, readings, None).rules}


def printed(**places: str) -> Grid:
    return changed(EXACT, **places)


def test_one_figure_that_two_sums_miss_by_the_same_is_no_rounding() -> None:
    assert slacks(printed(r2c3="40.03")) == {0}


def test_a_table_in_which_sums_miss_here_and_there_rounds() -> None:
    assert 0 not in slacks(printed(**ROUNDED))


def test_sums_that_miss_by_different_amounts_are_rounded() -> None:
    assert 0 not in slacks(printed(r1c2="210.12", r2c1="155.14"))


def test_one_sum_alone_may_be_rounded() -> None:
    table, readings = table_from(printed(r2c3="40.03"))
    rules = gather(table, readings, None).rules
    amounts = {reading.ref: parse_amount(reading.text) for reading in readings}
    rounded = [
        Rule(f"{i}", rule.terms, RuleSource.NUMBERS, "", slack=2, scale=2) for i, rule in enumerate(rules)
    ]
    of_rows = [rule for rule in rounded if len({ref.row for ref in rule.cells}) == 1]
    assert {rule.slack for rule in without_needless_slack(of_rows, amounts)} == {2}
    assert {rule.slack for rule in without_needless_slack(rounded, amounts)} == {0}


@pytest.mark.parametrize(
    ("unit", "exact"),
    [
        ("单位：元", True),
        ("金额单位：人民币元", True),
        ("单位：万元", False),
        ("填报单位：元氏县财政局", False),
        ("", False),
    ],
)
def test_money_in_yuan_with_two_decimals_is_never_rounded(unit: str, exact: bool) -> None:
    table, readings = table_from(printed(**ROUNDED))
    rules = gather(table, readings, None, page_text=[unit]).rules
    assert rules
    assert all((rule.slack == 0) is exact for rule in rules)


def test_a_head_in_another_unit_leaves_room_for_rounding() -> None:
    table, readings = table_from(printed(r0c1="合计（万元）", **ROUNDED))
    assert all(rule.slack for rule in gather(table, readings, None, page_text=["单位：元"]).rules)


def test_rules_of_forms_keep_what_the_form_says() -> None:
    table, readings = table_from(printed(r2c3="40.03"))
    rules = gather(table, readings, None).rules
    amounts = {reading.ref: parse_amount(reading.text) for reading in readings}
    stated = [Rule(f"{i}", rule.terms, RuleSource.FORM, "", slack=2, scale=2) for i, rule in enumerate(rules)]
    assert without_needless_slack(stated, amounts) == stated
