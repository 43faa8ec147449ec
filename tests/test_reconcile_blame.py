"""Whom rules that do not hold blame, and what they confirm: nobody for a neighbour, nothing that waits."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from square_tables import CALIBRATION, GOOD, READER, at, by_ref, reading, square, total

from gouji_ocr.reading import Candidate, Opinion
from gouji_postprocess.beliefs import Belief
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.case import Case
from gouji_postprocess.decide import decide_figure
from gouji_postprocess.decision import State
from gouji_postprocess.figures import figure_of
from gouji_postprocess.reconcile import ReconcileSettings, reconcile


def test_a_rule_that_does_not_hold_on_the_paper_confirms_nothing() -> None:
    texts = [row[:] for row in GOOD]
    texts[1][0] = "2"
    sure = Calibration("sure", {READER: ReaderCalibration(blind=1e-7, figures=10**7)})
    beside = by_ref(reconcile(*square(texts), calibration=sure))[at(1, 1)]
    assert (beside.state, beside.reason) == (State.CONFIRMED, "读作 5，一条勾稽关系成立")


SMUDGED = total("r", [at(0, 1), at(0, 2)], at(0, 0))


@pytest.mark.parametrize("seen", [-5.5, -6.5, -7.5])
def test_clear_figures_are_not_blamed_for_a_smudged_one(seen: float) -> None:
    readings = [
        reading(at(0, 0), "730"),
        reading(at(0, 1), "430"),
        reading(at(0, 2), {"370": -0.02, "300": seen}),
    ]
    *clear, smudged = reconcile(readings, [SMUDGED], calibration=CALIBRATION).decisions
    assert [(d.state, d.source_suspect) for d in clear] == [(State.ACCEPTED, False)] * 2
    assert {d.reason[-12:] for d in clear} == {"另有数据存疑，尚不能核对"}
    assert (smudged.state, smudged.suggestions[0].text) == (State.DOUBTFUL, "300")


def test_a_persons_answer_is_not_blamed_for_a_smudged_figure() -> None:
    readings = [
        reading(at(0, 0), "730"),
        reading(at(0, 1), "480"),
        reading(at(0, 2), {"370": -0.02, "300": -9.0}),
    ]
    answers = {at(0, 1): "430"}
    answered = by_ref(reconcile(readings, [SMUDGED], calibration=CALIBRATION, fixed=answers))[at(0, 1)]
    assert (answered.state, answered.source_suspect) == (State.REVIEWED, False)
    assert answered.reason == "人工核定为 430"


def test_what_the_first_reader_said_is_no_correction() -> None:
    readings, rules = square(GOOD)
    said = [
        Opinion(READER, (Candidate("5", math.log(0.6)), Candidate("6", math.log(0.4)))),
        Opinion("test-2", (Candidate("6", math.log(0.9)), Candidate("5", math.log(0.1)))),
    ]
    both = Calibration(
        "both", {name: ReaderCalibration(blind=0.002, figures=1000) for name in (READER, "test-2")}
    )
    place = next(i for i, one in enumerate(readings) if one.ref == at(1, 1))
    readings[place] = replace(readings[place], opinions=tuple(said), candidates=said[1].candidates)
    decision = by_ref(reconcile(readings, rules, calibration=both))[at(1, 1)]
    assert (decision.state, decision.text, decision.read) == (State.CONFIRMED, "5", "5")


@pytest.mark.parametrize(("rounds", "state"), [(True, State.DOUBTFUL), (False, State.ACCEPTED)])
def test_where_tables_round_nobody_is_blamed_whose_rivals_were_not_all_looked_at(
    rounds: bool, state: State
) -> None:
    figure = figure_of(reading(at(0, 0), "100"), scale=0, calibration=CALIBRATION)
    belief = Belief(0.0, {}, {108: 0.982}, unknown=0.018)
    counts = {"distance": 3, "closing": 0, "broken": 1, "holding": 0}
    case = Case(
        figure, True, belief, 108, ("r",), **counts, proven=True, path="local", version="v", rounds=rounds
    )
    decision = decide_figure(case, ReconcileSettings())
    assert (decision.state, decision.source_suspect) == (state, not rounds)
