"""Codes and dates among figures are decided as texts, as strictly as figures are."""

from __future__ import annotations

import math

import pytest
from square_tables import CALIBRATION, at, by_ref, reading, square

from gouji_layout.geometry import Box
from gouji_ocr.reading import Candidate, Reading, ReadingKind
from gouji_postprocess.decision import State
from gouji_postprocess.reconcile import reconcile


def decided(scores: dict[str, float]) -> tuple[State, str]:
    outcome = reconcile([reading(at(0, 0), scores)], [], calibration=CALIBRATION)
    decision = by_ref(outcome)[at(0, 0)]
    return decision.state, decision.text


@pytest.mark.parametrize("text", ["05", "2021/11/3", "2024-01-30"])
def test_a_code_or_date_read_surely_is_accepted_though_it_is_no_amount(text: str) -> None:
    assert decided({text: math.log(0.998), text[:-1]: math.log(0.001)}) == (State.ACCEPTED, text)


def test_a_date_read_hesitantly_goes_to_a_person() -> None:
    state, text = decided({"2024-01-30": math.log(0.97), "2024-01-80": math.log(0.02)})
    assert (state, text) == (State.DOUBTFUL, "2024-01-30")


def test_zeros_of_two_cells_read_as_one_are_not_made_a_decimal() -> None:
    joined = {"00": math.log(0.9), "0.0": math.log(0.08), "0": math.log(0.01)}
    readings, rules = square([["3", joined, "3"], ["1", "5", "6"], ["4", "5", "9"]])
    decision = by_ref(reconcile(readings, rules, calibration=CALIBRATION))[at(0, 1)]
    assert (decision.state, decision.text) == (State.DOUBTFUL, "00")


def test_digits_with_a_stray_mark_are_no_label_to_accept() -> None:
    label = Reading(at(0, 0), Box(0, 0, 1, 1), ReadingKind.TEXT, (Candidate("224]", -1e-4),))
    outcome = reconcile([label], [], calibration=CALIBRATION)
    assert outcome.decisions[0].state is State.DOUBTFUL


@pytest.mark.parametrize(
    ("others", "state"), [(("12", "7", "94"), State.DOUBTFUL), (("05", "11"), State.ACCEPTED)]
)
def test_one_code_in_a_column_of_amounts_is_likelier_the_rest_of_an_amount(
    others: tuple[str, ...], state: State
) -> None:
    column = ["04", *others, "308", "21", "66", "3"]
    readings = [reading(at(row, 0), {text: math.log(0.999)}) for row, text in enumerate(column)]
    outcome = reconcile(readings, [], calibration=CALIBRATION)
    assert by_ref(outcome)[at(0, 0)].state is state
    assert by_ref(outcome)[at(0, 0)].text == "04"
