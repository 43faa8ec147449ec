"""What stands, and what does not, on pages of which much was misread or cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from square_tables import CALIBRATION, GOOD, READER, at, by_ref, reading, square, total, unreadable, verdicts

from gouji_layout.geometry import CellRef
from gouji_ocr.reading import Reading
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.decision import Decision, Outcome, State
from gouji_postprocess.reconcile import reconcile
from gouji_postprocess.rule import Rule, RuleSource, Term, Verdict
from gouji_postprocess.settings import ReconcileSettings

HURRIED = ReconcileSettings(seconds=1e-9)


def decided(
    readings: Sequence[Reading], rules: Sequence[Rule], settings: ReconcileSettings | None = None
) -> dict[tuple[int, int], Decision]:
    found = by_ref(reconcile(readings, rules, calibration=CALIBRATION, settings=settings))
    return {(ref.row, ref.col): decision for ref, decision in found.items()}


def test_a_sure_reading_that_two_rules_confirm_stands_though_the_table_was_not_solved() -> None:
    texts: list[list[object]] = [list(row) for row in GOOD]
    texts[1][0] = {"7": -0.3, "1": -1.4}
    found = decided(*square(texts), settings=HURRIED)  # type: ignore[arg-type]
    assert found[0, 1].state is State.CONFIRMED
    assert found[1, 0].state is State.DOUBTFUL
    # Of the rules of these only one holds: a part and its total may be misread alike.
    assert found[0, 0].state is found[1, 1].state is State.DOUBTFUL


def test_one_rule_that_holds_is_enough_for_a_sure_zero_of_an_unsolved_table() -> None:
    texts: list[list[object]] = [["3", "4", "7"], [{"7": -0.3, "1": -1.4}, "0", "1"], ["4", "4", "8"]]
    found = decided(*square(texts), settings=HURRIED)  # type: ignore[arg-type]
    assert found[1, 1].state is State.CONFIRMED
    assert found[1, 2].state is State.DOUBTFUL


def test_a_rule_with_an_unreadable_cell_guards_its_others_where_it_holds_without_it() -> None:
    readings, rules = square([["3", "0", "3"], ["1", "5", "6"], ["4", "5", "9"]])
    readings[1] = unreadable(at(0, 1))
    readings[2] = reading(at(0, 2), {"3": -0.1, "8": -2.5})
    outcome = reconcile(readings, rules, calibration=CALIBRATION)
    decisions = by_ref(outcome)
    assert decisions[at(0, 1)].state is State.DOUBTFUL
    assert decisions[at(0, 2)].state is decisions[at(0, 0)].state is State.CONFIRMED
    assert decisions[at(0, 0)].provenance["closing"] == 2
    row = next(verdict for verdict in outcome.verdicts if verdict.rule.id == "row0")
    assert row.verdict is Verdict.NOT_ASSESSABLE
    assert "若其为空白或 0" in row.reason


def test_a_rule_that_an_unreadable_cell_could_close_confirms_nothing() -> None:
    readings, rules = square(GOOD)
    readings[1] = unreadable(at(0, 1))
    found = decided(readings, rules)
    assert found[0, 0].provenance["closing"] == 1  # its column; its row would close with a 4


def test_rules_that_cannot_locate_an_error_correct_nothing_on_a_page_read_hesitantly() -> None:
    parts = [reading(at(0, col), "1") for col in range(20)]
    parts[3] = reading(at(0, 3), {"6": -0.9, "1": -0.6})
    whole = reading(at(0, 20), "25")
    unsure = [reading(at(1, col), {"5": -0.1, "3": -2.4}) for col in range(21)]
    rules = [total("row", [at(0, col) for col in range(20)], at(0, 20))]
    calm = decided([*parts, whole], rules)
    assert (calm[0, 3].state, calm[0, 3].text) == (State.CORRECTED, "6")
    restless = decided([*parts, whole, *unsure], rules)
    assert restless[0, 3].state is State.DOUBTFUL
    assert "本页多处识别不清" in restless[0, 3].reason


@pytest.mark.parametrize("source", [RuleSource.HEADINGS, RuleSource.NUMBERS])
def test_a_blank_below_ages_is_no_total_that_contradicts_them(source: RuleSource) -> None:
    cells = [at(row, 0) for row in range(4)]
    rule = Rule("guess", (Term(1, cells[3]), *(Term(-1, cell) for cell in cells[:3])), source, "")
    readings = [reading(cell, text) for cell, text in zip(cells, ("34", "28", "45", ""), strict=True)]
    outcome = reconcile(readings, [rule], calibration=CALIBRATION)
    assert {(d.state, d.source_suspect) for d in outcome.decisions} == {(State.ACCEPTED, False)}
    assert not any("勾稽关系成立" in d.reason or "疑似" in d.reason for d in outcome.decisions)
    assert verdicts(outcome)["guess"] is Verdict.NOT_ASSESSABLE


def test_a_figure_that_may_have_lost_digits_is_no_misprint() -> None:
    sure = Calibration("sure", {READER: ReaderCalibration(blind=1e-7, figures=10**7)})
    texts = [["514", "4", "2518"], ["1", "5", "6"], ["2515", "9", "2524"]]
    lost = by_ref(reconcile(*square(texts), calibration=sure))[at(0, 0)]
    assert (lost.state, lost.source_suspect) == (State.DOUBTFUL, False)
    assert "2514" in [s.text for s in lost.suggestions]
    texts[0][0] = "2541"
    misprint = by_ref(reconcile(*square(texts), calibration=sure))[at(0, 0)]
    assert (misprint.state, misprint.source_suspect) == (State.ACCEPTED, True)


def test_figures_too_large_for_the_solver_go_to_a_person_and_raise_nothing() -> None:
    texts = [["9" * 20, "4", "7"], ["1", "5", "6"], ["4", "9", "13"]]
    found = decided(*square(texts), settings=ReconcileSettings(pops=1))
    assert found[0, 0].state is not State.CORRECTED
    readings, rules = square(GOOD)
    fixed = by_ref(reconcile(readings, rules, calibration=CALIBRATION, fixed={at(0, 0): "9" * 30}))
    assert fixed[at(0, 0)].text == "9" * 30


def test_residuals_are_said_in_printed_units() -> None:
    texts = [["0.3", "0.4", "0.7"], ["0.1", "0.5", "1.6"], ["0.4", "0.9", "1.3"]]
    readings, rules = square(texts)
    scaled = [Rule(r.id, r.terms, r.source, r.id, scale=1) for r in rules]
    outcome = reconcile(readings, scaled, calibration=CALIBRATION)
    said = {verdict.rule.id: verdict.reason for verdict in outcome.verdicts}
    assert "差 1）" in said["row1"]


def test_a_sure_figure_that_nothing_checks_is_doubted_on_a_page_read_hesitantly() -> None:
    hesitant: Mapping[str, float] = {"1": -0.5, "7": -0.95}
    page = [reading(at(0, 0), "12"), *(reading(at(r, 1), hesitant) for r in range(30))]
    calm = [reading(at(0, 0), "12"), *(reading(at(r, 1), "1") for r in range(30))]
    doubted = by_ref(reconcile(page, [], calibration=CALIBRATION))[at(0, 0)]
    accepted = by_ref(reconcile(calm, [], calibration=CALIBRATION))[at(0, 0)]
    assert (doubted.state, accepted.state) == (State.DOUBTFUL, State.ACCEPTED)
    assert "本页多处识别不清" in doubted.reason


def test_a_small_table_is_doubted_where_the_large_one_beside_it_was_read_hesitantly() -> None:
    small = [reading(at(0, col), "9") for col in range(4)]
    worn: Mapping[str, float] = {"1": -0.5, "7": -0.95}
    states = [
        {one.state for one in reconcile(small, [], calibration=CALIBRATION, beside=beside).decisions}
        for beside in ([reading(CellRef(1, 1, row, 0), text) for row in range(30)] for text in (worn, "1"))
    ]
    assert states == [{State.DOUBTFUL}, {State.ACCEPTED}]


def test_a_page_with_too_many_doubts_is_to_be_scanned_again_and_corrects_nothing() -> None:
    texts: list[list[Mapping[str, float] | str]] = [
        [{str(9 * r + c): -0.7, "7777": -0.8} for c in range(6)] for r in range(6)
    ]
    outcome = reconcile(*square(texts), calibration=CALIBRATION)
    assert outcome.outcome is Outcome.TOO_DOUBTFUL
    assert all(d.text == d.read and d.state is State.DOUBTFUL for d in outcome.decisions)
    assert any("重新扫描" in d.reason for d in outcome.decisions)


def test_blanks_of_a_page_whose_print_has_faded_are_not_believed() -> None:
    hesitant: Mapping[str, float] = {"1": -0.5, "7": -0.95}
    blanks = [reading(at(r, 0), "") for r in range(60)]
    faded = [*blanks, *(reading(at(r, 1), hesitant) for r in range(30))]
    clear = [*blanks, *(reading(at(r, 1), "1") for r in range(30))]
    doubted = by_ref(reconcile(faded, [], calibration=CALIBRATION))[at(0, 0)]
    accepted = by_ref(reconcile(clear, [], calibration=CALIBRATION))[at(0, 0)]
    assert (doubted.state, accepted.state) == (State.DOUBTFUL, State.ACCEPTED)
