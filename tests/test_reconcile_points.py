"""A point that may be a thousands comma is never settled by itself."""

from __future__ import annotations

import pytest
from square_tables import CALIBRATION, at, by_ref, reading, square, total

from gouji_postprocess.decision import State
from gouji_postprocess.reconcile import reconcile


@pytest.mark.parametrize("ruled", [False, True])
def test_figures_with_three_decimals_only_are_put_before_a_person(ruled: bool) -> None:
    readings, rules = square([["1.200", "2.150", "3.350"], ["1.000", "1.000", "2.000"]])
    outcome = by_ref(reconcile(readings, rules[:2] if ruled else [], calibration=CALIBRATION))
    first = outcome[at(0, 0)]
    assert (first.state, first.text) == (State.DOUBTFUL, "1.200")
    assert [s.text for s in first.suggestions] == ["1,200", "1.200"]
    assert "千分位" in first.reason


def test_a_figure_that_must_have_three_decimals_settles_the_others_of_its_table() -> None:
    readings = [reading(at(0, col), text) for col, text in enumerate(("1.200", "0.125", "17.350"))]
    outcome = reconcile(readings, [], calibration=CALIBRATION)
    assert {d.state for d in outcome.decisions} == {State.ACCEPTED}


def test_a_rule_that_holds_with_a_figure_of_clear_size_settles_its_others() -> None:
    readings = [reading(at(0, col), text) for col, text in enumerate(("1.250", "1.25", "2.500"))]
    rule = total("sum", [at(0, 0), at(0, 1)], at(0, 2))
    outcome = reconcile(readings, [rule], calibration=CALIBRATION)
    assert {d.state for d in outcome.decisions} == {State.CONFIRMED}


def test_what_a_person_said_stands() -> None:
    readings = [reading(at(0, 0), "1.400")]
    outcome = reconcile(readings, [], calibration=CALIBRATION, fixed={at(0, 0): "1.400"})
    assert outcome.decisions[0].state is State.REVIEWED
