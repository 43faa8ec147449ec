"""Sums bind values, not spellings: they can never tell a blank from a dash or from 0."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from square_tables import CALIBRATION, GOOD, at, by_ref, reading, square

from gouji_layout.geometry import CellRef
from gouji_postprocess.decision import Decision, State
from gouji_postprocess.odd_signs import odd_signs
from gouji_postprocess.reconcile import reconcile


def with_zero(scores: dict[str, float]) -> tuple[State, str, str]:
    """State, text and reason of a cell whose rules want zero."""
    texts: list[list[Mapping[str, float] | str]] = [*GOOD[:2], [scores, "0", "0"], GOOD[2]]
    readings, rules = square(texts)
    decision = by_ref(reconcile(readings, rules, calibration=CALIBRATION))[at(2, 0)]
    return decision.state, decision.text, decision.reason


def test_a_misread_zero_is_corrected_when_the_picture_tells_how_it_is_written() -> None:
    state, text, _ = with_zero({"8": math.log(0.6), "0": math.log(0.39), "-": math.log(0.005)})
    assert (state, text) == (State.CORRECTED, "0")


@pytest.mark.parametrize("first", ["8", ":0"])
def test_a_zero_whose_spelling_the_picture_does_not_settle_goes_to_a_person(first: str) -> None:
    state, text, reason = with_zero({first: math.log(0.4), "0": math.log(0.28), "-": math.log(0.28)})
    assert (state, text) == (State.DOUBTFUL, first)
    assert "写法" in reason


def test_sums_do_not_change_how_a_right_value_is_written() -> None:
    state, text, _ = with_zero({"0": math.log(0.4), "-": math.log(0.3), "": math.log(0.3)})
    assert (state, text) == (State.CONFIRMED, "0")


def test_what_is_no_amount_is_not_turned_into_a_blank() -> None:
    state, text, _ = with_zero({":0": math.log(0.4), "": math.log(0.3), "-": math.log(0.3)})
    assert (state, text) == (State.DOUBTFUL, ":0")


def test_ink_is_never_corrected_away() -> None:
    state, text, reason = with_zero({"8": math.log(0.5), "": math.log(0.499)})
    assert (state, text) == (State.DOUBTFUL, "8")
    assert "字迹" in reason


def test_a_second_look_does_not_turn_a_blank_into_a_dash() -> None:
    readings, rules = square([*GOOD[:2], ["", "0", "0"], GOOD[2]])
    mark = {"": math.log(1e-6), "-": math.log(0.999)}
    second = reading(at(2, 0), mark).opinions[0]
    cell = next(one for one in readings if one.ref == at(2, 0))
    first = reading(at(2, 0), {"": math.log(0.51), "-": math.log(0.48)}).opinions[0]
    readings[readings.index(cell)] = replace(cell, opinions=(first, second))
    decision = by_ref(reconcile(readings, rules, calibration=CALIBRATION))[at(2, 0)]
    assert (decision.state, decision.text) == (State.DOUBTFUL, "")


def zeros_with(text: str, *refs: CellRef) -> dict[CellRef, Decision]:
    """Decisions of a table of zeros of which some cells are read as something else."""
    texts: list[list[Mapping[str, float] | str]] = [["0"] * 4 for _ in range(4)]
    for ref in refs:
        texts[ref.row][ref.col] = text
    readings, rules = square(texts)
    return by_ref(reconcile(readings, rules, calibration=CALIBRATION))


def test_the_only_dash_of_a_table_of_zeros_may_be_dirt() -> None:
    odd = zeros_with("-", at(1, 1))[at(1, 1)]
    assert (odd.state, odd.text) == (State.DOUBTFUL, "-")
    assert "污点" in odd.reason
    both = zeros_with("-", at(1, 1), at(2, 2))
    assert {both[at(1, 1)].state, both[at(2, 2)].state} == {State.CONFIRMED}


def test_the_only_percent_of_a_table_of_counts_goes_to_a_person() -> None:
    odd = zeros_with("0%", at(1, 1))[at(1, 1)]
    assert (odd.state, odd.text) == (State.DOUBTFUL, "0%")
    assert "本表别处的数据都不这样写" in odd.reason


def test_percents_that_stand_in_several_cells_or_with_other_decimals_are_none_of_these() -> None:
    counts = {at(row, 0): "12" for row in range(12)}
    assert odd_signs({**counts, at(12, 0): "5%", at(13, 0): "7%"}) == set()
    assert odd_signs({**counts, at(12, 0): "5.2%"}) == set()
    assert odd_signs({**counts, at(12, 0): "5%"}) == {at(12, 0)}
    assert odd_signs({at(0, 0): "12", at(1, 0): "5%"}) == set()
