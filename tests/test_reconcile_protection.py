"""Coding distances of real forms and the laws they obey."""

from __future__ import annotations

import random

from benchmarks.simulated_tables import national_rules, nested_table
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji_layout.geometry import CellRef
from gouji_postprocess.decision import Protection
from gouji_postprocess.protection import protection, protection_class
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term


def at(row: int, col: int) -> CellRef:
    return CellRef(1, 0, row, col)


def test_the_national_form_can_locate_single_errors_in_table_three_and_only_notice_them_in_table_four() -> (
    None
):
    rows = 25
    rules = national_rules(rows)
    cells = {cell for rule in rules for cell in rule.cells}
    distance = protection(rules, cells)
    assert distance[at(5, 1)] == distance[at(5, 6)] == distance[at(0, 0)] == distance[at(rows - 1, 3)] == 4
    assert distance[at(rows - 2, 2)] == 6
    assert {distance[CellRef(1, 1, 0, c)] for c in range(15)} == {2}


def test_leaves_subtotals_and_grand_totals_of_a_nested_table_are_guarded_more_and_more() -> None:
    cells, rules = nested_table(random.Random(1), 3, 5, 2, 4)
    distance = protection(rules, cells)
    assert distance[at(0, 0)] == 4
    assert distance[at(0, 4)] == 6  # subtotal of a row
    assert distance[at(18, 10)] == 7  # the grand total: 9, published as "7 and more"


def test_a_cell_in_no_rule_is_unchecked_and_classes_follow_distances() -> None:
    rule = Rule("r", (Term(1, at(0, 0)), Term(-1, at(0, 1))), RuleSource.FORM, "")
    assert protection([rule], [at(0, 0), at(5, 5)]) == {at(0, 0): 2, at(5, 5): 1}
    assert [protection_class(d) for d in (1, 2, 3, 6)] == [
        Protection.UNCHECKED,
        Protection.DETECT_ONLY,
        Protection.CORRECTABLE,
        Protection.CORRECTABLE,
    ]


def test_rules_that_only_check_protect_nothing() -> None:
    terms = (Term(1, at(0, 0)), Term(-1, at(0, 1)))
    most = Rule("m", terms, RuleSource.FORM, "", Relation.AT_MOST)
    warn = Rule("w", terms, RuleSource.FORM, "", may_correct=False)
    assert protection([most, warn], [at(0, 0)]) == {at(0, 0): 1}


def test_a_total_of_only_one_part_guards_as_a_pair() -> None:
    rules = [
        Rule("a", (Term(1, at(0, 0)), Term(-1, at(0, 1))), RuleSource.FORM, ""),
        Rule("b", (Term(2, at(0, 0)), Term(-1, at(0, 2))), RuleSource.FORM, ""),
    ]
    assert set(protection(rules, [at(0, c) for c in range(3)]).values()) == {3}


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 4), st.integers(2, 4), st.data())
def test_a_further_rule_never_lowers_protection(rows: int, cols: int, data: st.DataObject) -> None:
    def total(name: str, cells: list[CellRef]) -> Rule:
        return Rule(name, (Term(-1, cells[-1]), *(Term(1, c) for c in cells[:-1])), RuleSource.FORM, "")

    rules = [total(f"r{r}", [at(r, c) for c in range(cols + 1)]) for r in range(rows)]
    cells = [at(r, c) for r in range(rows) for c in range(cols + 1)]
    before = protection(rules, cells)
    column = data.draw(st.integers(0, cols))
    after = protection([*rules, total("c", [at(r, column) for r in range(rows)])], cells)
    assert all(after[cell] >= before[cell] for cell in cells)
