"""Small tables whose right answer a clerk would see at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from square_tables import CALIBRATION, GOOD, READER, at, by_ref, reading, square, total, unreadable, verdicts

from gouji_layout.geometry import Box, CellRef
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.decision import Outcome, Protection, State
from gouji_postprocess.reconcile import ReconcileSettings, reconcile
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term, Verdict


def test_a_table_that_adds_up_is_left_alone_without_solving() -> None:
    outcome = reconcile(*square(GOOD), calibration=CALIBRATION)
    assert outcome.outcome is Outcome.CONSISTENT
    assert {d.state for d in outcome.decisions} == {State.CONFIRMED}
    assert all(d.text == d.read for d in outcome.decisions)
    assert set(verdicts(outcome).values()) == {Verdict.HOLDS}
    assert {d.protection for d in outcome.decisions} == {Protection.CORRECTABLE}


def test_a_misread_that_picture_and_rules_agree_on_is_corrected_and_says_why() -> None:
    texts = [row[:] for row in GOOD]
    texts[1][0] = {"7": -0.3, "1": -1.4}  # type: ignore[call-overload]
    decision = by_ref(outcome := reconcile(*square(texts), calibration=CALIBRATION))[at(1, 0)]
    assert (decision.state, decision.read, decision.text) == (State.CORRECTED, "7", "1")
    assert decision.reason == "读作 7，应为 1：图像支持（-1.1），两条勾稽关系由此成立，无其他可能"
    assert verdicts(outcome)["row1"] is Verdict.REPAIRED
    assert verdicts(outcome)["row0"] is Verdict.HOLDS
    assert outcome.outcome is Outcome.SETTLED


def test_a_clear_misprint_is_kept_and_flagged() -> None:
    texts = [row[:] for row in GOOD]
    texts[1][0] = "2"
    sure = Calibration("sure", {READER: ReaderCalibration(blind=1e-7, figures=10**7)})
    outcome = reconcile(*square(texts), calibration=sure)
    decision = by_ref(outcome)[at(1, 0)]
    assert (decision.state, decision.text, decision.source_suspect) == (State.ACCEPTED, "2", True)
    assert "疑似原文错误" in decision.reason
    assert decision.suggestions[0].text == "1"
    assert verdicts(outcome)["row1"] is Verdict.SOURCE_INCONSISTENT
    assert outcome.outcome is Outcome.CONTRADICTORY


def test_a_value_the_picture_does_not_show_is_suggested_never_applied() -> None:
    texts = [row[:] for row in GOOD]
    texts[1][0] = "7"
    blind = Calibration("blind", {READER: ReaderCalibration(blind=0.2, figures=1000)})
    decision = by_ref(reconcile(*square(texts), calibration=blind))[at(1, 0)]
    assert (decision.state, decision.text) == (State.DOUBTFUL, "7")
    assert decision.suggestions[0].text == "1"
    assert "图像不支持" in decision.reason


def test_a_reader_that_was_never_calibrated_checks_but_does_not_correct() -> None:
    texts = [row[:] for row in GOOD]
    texts[1][0] = {"7": -0.6, "1": -0.8}  # type: ignore[call-overload]
    nobody = Calibration("nobody", {})
    outcome = reconcile(*square(texts), calibration=nobody)
    decisions = by_ref(outcome)
    assert decisions[at(1, 0)].state is State.DOUBTFUL
    assert "未经校准" in decisions[at(1, 0)].reason
    assert State.CORRECTED not in {d.state for d in outcome.decisions}
    assert decisions[at(0, 0)].state is State.CONFIRMED


def test_two_errors_that_hide_each_other_are_not_confirmed() -> None:
    # One equation only: 2 + 3 = 5 holds as read, and so does 7 + 8 = 15 with the second readings.
    readings = [
        reading(at(0, 0), {"2": -0.7, "7": -0.8}),
        reading(at(0, 1), "3"),
        reading(at(0, 2), {"5": -0.7, "10": -0.8}),
    ]
    outcome = reconcile(readings, [total("r", [at(0, 0), at(0, 1)], at(0, 2))], calibration=CALIBRATION)
    decisions = by_ref(outcome)
    assert outcome.outcome is Outcome.AMBIGUOUS
    assert decisions[at(0, 0)].state is decisions[at(0, 2)].state is State.DOUBTFUL
    assert decisions[at(0, 1)].state is State.CONFIRMED
    assert decisions[at(0, 0)].protection is Protection.DETECT_ONLY


def test_a_rectangle_of_four_doubtful_figures_is_reported_not_guessed() -> None:
    low, high = {"3": -0.69, "4": -0.70}, {"4": -0.69, "3": -0.70}
    texts = [[low, high, "7"], [high, low, "7"], ["7", "7", "14"]]
    decisions = by_ref(reconcile(*square(texts), calibration=CALIBRATION))
    corners = [at(r, c) for r in (0, 1) for c in (0, 1)]
    assert {decisions[ref].state for ref in corners} == {State.DOUBTFUL}
    assert decisions[at(2, 2)].state is State.CONFIRMED


def test_a_single_violated_rule_without_a_likely_culprit_goes_to_a_person() -> None:
    readings = [reading(at(0, c), t) for c, t in enumerate(["1", "2", "4"])]
    outcome = reconcile(readings, [total("r", [at(0, 0), at(0, 1)], at(0, 2))], calibration=CALIBRATION)
    assert all(d.text == d.read for d in outcome.decisions)
    assert State.DOUBTFUL in {d.state for d in outcome.decisions}
    assert verdicts(outcome)["r"] is Verdict.AMBIGUOUS


def test_blank_dash_and_full_width_zero_are_zero_to_the_sum() -> None:
    texts = [["3", "", "3"], ["－", "０", "-"], ["3", "0", "3"]]
    outcome = reconcile(*square(texts), calibration=CALIBRATION)
    assert {d.state for d in outcome.decisions} == {State.CONFIRMED}
    assert by_ref(outcome)[at(1, 1)].text == "０"


def test_a_blank_that_cannot_mean_zero_is_left_blank_and_its_rules_are_not_assessable() -> None:
    texts = [["3", "4", ""], ["1", "5", "6"], ["4", "9", "13"]]
    sure = Calibration(
        "sure", {READER: ReaderCalibration(blind=1e-7, figures=10**7), "ink": ReaderCalibration(blind=1e-7)}
    )
    outcome = reconcile(*square(texts), calibration=sure)
    decision = by_ref(outcome)[at(0, 2)]
    assert (decision.state, decision.text, decision.source_suspect) == (State.ACCEPTED, "", False)
    assert decision.suggestions[0].text == "7"
    assert verdicts(outcome)["row0"] is Verdict.NOT_ASSESSABLE


def test_an_unreadable_cell_is_derived_but_never_confirmed() -> None:
    readings, rules = square(GOOD)
    readings[4] = unreadable(at(1, 1))
    outcome = reconcile(readings, rules, calibration=CALIBRATION)
    decision = by_ref(outcome)[at(1, 1)]
    assert decision.state is State.DOUBTFUL
    assert [s.text for s in decision.suggestions] == ["5"]
    assert "推得 5" in decision.reason
    assert verdicts(outcome)["row1"] is Verdict.NOT_ASSESSABLE
    assert by_ref(outcome)[at(0, 0)].state is State.CONFIRMED


def test_a_rule_that_is_only_a_guess_gives_way_to_clear_figures() -> None:
    readings, rules = square(GOOD)
    guess = total("guess", [at(0, 0), at(1, 1)], at(2, 2), void_cost=2.0)
    outcome = reconcile(readings, [*rules, guess], calibration=CALIBRATION)
    assert verdicts(outcome)["guess"] is Verdict.NOT_ASSESSABLE
    assert {d.state for d in outcome.decisions} == {State.CONFIRMED}


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [("85", Verdict.HOLDS), ("95", Verdict.AMBIGUOUS), ("172", Verdict.SOURCE_INCONSISTENT)],
)
def test_a_guessed_rule_for_which_figures_are_flagged_is_not_said_not_to_apply(
    printed: str, verdict: Verdict
) -> None:
    rows = [["30", "10", "20"], ["41", "19", "22"], [printed, "35", "50"], ["64", "31", "33"]]
    readings = [reading(at(r, c), text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    rules = [total(f"row{r}", [at(r, 1), at(r, 2)], at(r, 0), void_cost=8.0) for r in range(len(rows))]
    outcome = reconcile(readings, rules, calibration=CALIBRATION)
    decisions = [by_ref(outcome)[at(2, col)] for col in range(3)]
    assert any(d.source_suspect for d in decisions) is (verdict is Verdict.SOURCE_INCONSISTENT)
    judged = outcome.verdicts[2]
    assert (judged.verdict, judged.residual_after) == (verdict, int(printed) - 85)


def test_rules_that_only_check_change_nothing_and_get_a_verdict() -> None:
    readings, rules = square(GOOD)
    terms = (Term(1, at(0, 2)), Term(-1, at(1, 2)))
    check = Rule("check", terms, RuleSource.FORM, "7 <= 6", relation=Relation.AT_MOST)
    kept = Rule("kept", terms[::-1], RuleSource.FORM, "-7 + 6 <= 0", relation=Relation.AT_MOST)
    kept = Rule("kept", (Term(-1, at(0, 2)), Term(1, at(1, 2))), RuleSource.FORM, "", Relation.AT_MOST)
    warn = total("warn", [at(0, 0)], at(0, 1), may_correct=False, void_cost=3.0)
    outcome = reconcile(readings, [*rules, check, kept, warn], calibration=CALIBRATION)
    assert verdicts(outcome)["check"] is Verdict.SOURCE_INCONSISTENT
    assert verdicts(outcome)["kept"] is Verdict.HOLDS
    assert verdicts(outcome)["warn"] is Verdict.NOT_ASSESSABLE
    assert all(d.text == d.read for d in outcome.decisions)


def test_rounding_within_the_slack_is_named_rounding() -> None:
    readings = [reading(at(0, c), t) for c, t in enumerate(["1.33", "1.33", "2.67"])]
    rule = total("r", [at(0, 0), at(0, 1)], at(0, 2), slack=1, scale=2)
    outcome = reconcile(readings, [rule], calibration=CALIBRATION)
    (verdict,) = outcome.verdicts
    assert (verdict.verdict, verdict.residual_after) == (Verdict.ROUNDING, 1)
    assert all(d.text == d.read for d in outcome.decisions)


def test_a_corrected_amount_keeps_the_style_of_the_cell() -> None:
    texts = [
        ["1,200.50", {"1,000.07": -0.2, "1,000.01": -1.8}, "2,200.51"],
        ["2,000.00", "3,000.00", "5,000.00"],
        ["3,200.50", "4,000.01", "7,200.51"],
    ]
    decision = by_ref(reconcile(*square(texts), calibration=CALIBRATION))[at(0, 1)]
    assert (decision.state, decision.text) == (State.CORRECTED, "1,000.01")


def test_what_a_person_settled_is_printed_and_settles_its_neighbours() -> None:
    readings = [
        reading(at(0, 0), {"2": -0.7, "7": -0.8}),
        reading(at(0, 1), "3"),
        reading(at(0, 2), {"5": -0.7, "10": -0.8}),
    ]
    rule = total("r", [at(0, 0), at(0, 1)], at(0, 2))
    outcome = reconcile(readings, [rule], calibration=CALIBRATION, fixed={at(0, 0): "7"})
    decisions = by_ref(outcome)
    assert (decisions[at(0, 0)].state, decisions[at(0, 0)].text) == (State.REVIEWED, "7")
    assert (decisions[at(0, 2)].state, decisions[at(0, 2)].text) == (State.CORRECTED, "10")


def test_a_person_may_settle_a_figure_against_the_rules() -> None:
    readings, rules = square(GOOD)
    outcome = reconcile(readings, rules, calibration=CALIBRATION, fixed={at(1, 0): "2"})
    decision = by_ref(outcome)[at(1, 0)]
    assert (decision.state, decision.text, decision.source_suspect) == (State.REVIEWED, "2", True)


def test_cells_in_doubt_are_read_again_and_no_others() -> None:
    readings, rules = square(GOOD)
    readings[3] = reading(at(1, 0), "7")
    asked: list[CellRef] = []

    def look(refs: Sequence[CellRef]) -> list[Reading]:
        asked.extend(refs)
        second = Opinion("other-2", (Candidate("1", -0.01), Candidate("7", -5.0)))
        return [
            Reading(r.ref, r.box, r.kind, r.candidates, r.evidence, (*r.opinions, second))
            for r in readings
            if r.ref in refs and r.ref == at(1, 0)
        ]

    both = Calibration(
        "both", {**CALIBRATION.readers, "other-2": ReaderCalibration(blind=0.002, figures=999)}
    )
    decision = by_ref(reconcile(readings, rules, calibration=both, second_look=look))[at(1, 0)]
    assert asked == [at(1, 0)]
    assert (decision.state, decision.text) == (State.CORRECTED, "1")


def test_running_out_of_time_is_said_and_never_taken_for_impossible() -> None:
    texts = [row[:] for row in GOOD]
    texts[1][0] = {"7": -0.3, "1": -1.4}  # type: ignore[call-overload]
    hurried = ReconcileSettings(seconds=1e-9)
    outcome = reconcile(*square(texts), calibration=CALIBRATION, settings=hurried)
    assert outcome.outcome is Outcome.OUT_OF_TIME
    decision = by_ref(outcome)[at(1, 0)]
    assert (decision.state, decision.text) == (State.DOUBTFUL, "7")
    assert "并非无解" in decision.reason


def test_a_figure_in_no_rule_is_accepted_or_doubted_by_confidence() -> None:
    sure, unsure = reading(at(0, 0), "12"), reading(at(0, 1), {"12": -0.3, "72": -1.4})
    decisions = by_ref(reconcile([sure, unsure], [], calibration=CALIBRATION))
    assert decisions[at(0, 0)].state is State.ACCEPTED
    assert decisions[at(0, 0)].protection is Protection.UNCHECKED
    assert decisions[at(0, 1)].state is State.DOUBTFUL
    assert [s.text for s in decisions[at(0, 1)].suggestions] == ["12", "72"]


def test_labels_are_accepted_by_confidence_and_every_reading_gets_a_decision() -> None:
    box = Box(0, 0, 1, 1)
    label = Reading(at(0, 0), box, ReadingKind.TEXT, (Candidate("总计", math.log(0.99)),))
    blurred = Reading(at(0, 1), box, ReadingKind.TEXT, (Candidate("总汁", math.log(0.2)),))
    outcome = reconcile([blurred, label], [], calibration=CALIBRATION)
    assert [d.ref for d in outcome.decisions] == [at(0, 1), at(0, 0)]
    assert [d.state for d in outcome.decisions] == [State.DOUBTFUL, State.ACCEPTED]


def test_a_rule_with_a_cell_that_was_never_read_is_not_assessable() -> None:
    outcome = reconcile([reading(at(0, 0), "1")], [total("r", [at(0, 0)], at(0, 9))], calibration=CALIBRATION)
    assert verdicts(outcome) == {"r": Verdict.NOT_ASSESSABLE}


def test_a_sum_over_nothing_but_blanks_confirms_nothing() -> None:
    blank = by_ref(reconcile(*square([["", "", ""], ["", "", ""]]), calibration=CALIBRATION))
    zeros = by_ref(reconcile(*square([["0", "0", "0"], ["0", "0", "0"]]), calibration=CALIBRATION))
    assert {decision.state for decision in blank.values()} == {State.ACCEPTED}
    assert {decision.state for decision in zeros.values()} == {State.CONFIRMED}
