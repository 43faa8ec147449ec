"""What closing a rule costs at least: never more than any way to close it, whether it rounds or not."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problems import Texts, problem_of, tables

from gouji_postprocess.closing import Closing
from gouji_postprocess.figures import MILLI
from gouji_postprocess.rule import Rule


@pytest.mark.parametrize("slack", [0, 1, 4])
@settings(max_examples=60, deadline=None)
@given(table=tables(wrong=5), moved=st.integers(-12, 12))
def test_no_pair_of_listed_values_closes_a_rule_for_less_than_its_bound(
    slack: int, table: tuple[Texts, Sequence[Rule]], moved: int
) -> None:
    texts, rules = table
    problem = problem_of(texts, [replace(rule, slack=slack) for rule in rules])
    closing = Closing(problem, {}, 50 * MILLI)
    for number, row in enumerate(problem.rows):
        bound, sharp = closing.rough_bound(number, moved), closing.bound(number, moved)
        for (v, a), (w, b) in itertools.combinations(row.terms, 2):
            for one, other in itertools.product(closing.options[v], closing.options[w]):
                move = a * (one[0] - closing.values[v]) + b * (other[0] - closing.values[w])
                if abs(problem.residuals[number] + moved + move) <= slack:
                    shares = one[1] // len(problem.touching[v]) + other[1] // len(problem.touching[w])
                    assert bound <= shares
                    assert sharp <= shares
