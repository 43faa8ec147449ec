"""One cause that spoils several figures is recognised as one and put before a person."""

from __future__ import annotations

import random
from collections.abc import Mapping

from benchmarks.simulated_tables import national_rules, national_table

from gouji_layout.geometry import Box, CellRef
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.decision import Decision, State
from gouji_postprocess.reconcile import reconcile
from gouji_postprocess.rule import Rule, RuleSource, Term

CALIBRATION = Calibration("t", {"test-1": ReaderCalibration(blind=0.0005, figures=5000)})


def national(seed: int = 4) -> tuple[dict[CellRef, str], tuple[Rule, ...]]:
    table, cases = national_table(random.Random(seed), 2021, 10)
    texts = {CellRef(1, 0, r, c): str(v) for r, row in enumerate(table) for c, v in enumerate(row)}
    texts |= {CellRef(1, 1, 0, c): str(v) for c, v in enumerate(cases)}
    return texts, national_rules(len(table))


def decided(
    texts: Mapping[CellRef, str], rules: tuple[Rule, ...], answers: Mapping[CellRef, str] | None = None
) -> dict[CellRef, Decision]:
    readings = []
    for ref, text in texts.items():
        opinion = Opinion("test-1", (Candidate(text, -1e-6),))
        box = Box(ref.col, ref.row, ref.col + 1, ref.row + 1)
        kind = ReadingKind.FIGURE if text else ReadingKind.BLANK
        readings.append(Reading(ref, box, kind, opinion.candidates, None, (opinion,)))
    outcome = reconcile(readings, rules, calibration=CALIBRATION, fixed=answers)
    return {decision.ref: decision for decision in outcome.decisions}


def changed(one: Mapping[CellRef, str], other: Mapping[CellRef, str]) -> set[CellRef]:
    return {ref for ref in one if one[ref] != other[ref]}


def assert_one_cause(
    decisions: Mapping[CellRef, Decision], truth: Mapping[CellRef, str], spoilt: set[CellRef], word: str
) -> None:
    for ref in spoilt:
        assert decisions[ref].state is State.DOUBTFUL
        assert word in decisions[ref].reason
        assert truth[ref] in [s.text for s in decisions[ref].suggestions]
    assert len({decisions[ref].reason for ref in spoilt}) == 1
    others = {d.state for ref, d in decisions.items() if ref not in spoilt}
    assert others <= {State.CONFIRMED, State.DOUBTFUL}
    assert sum(d.state is State.DOUBTFUL for d in decisions.values()) <= len(spoilt) + 2


def test_a_row_moved_by_one_place_is_one_cause() -> None:
    truth, rules = national()
    row = 12
    read = dict(truth)
    values = ["31", "2", "5", "0", "1", "4", "43"]
    for c, value in enumerate(values):
        truth[CellRef(1, 0, row, c)] = value
    truth = settled(truth)
    read = dict(truth)
    for c in range(1, 7):
        read[CellRef(1, 0, row, c)] = truth[CellRef(1, 0, row, c - 1)]
    read[CellRef(1, 0, row, 0)] = ""
    spoilt = changed(truth, read)
    decisions = decided(read, rules)
    assert_one_cause(decisions, truth, spoilt, "错开一格")


def settled(texts: dict[CellRef, str]) -> dict[CellRef, str]:
    """Totals of table 3 made to hold again after a row was changed."""
    rows = 25
    value = {ref: int(text) for ref, text in texts.items()}
    done, left = rows - 2, rows - 1
    for c in range(7):
        value[CellRef(1, 0, done, c)] = sum(value[CellRef(1, 0, r, c)] for r in range(2, done))
        total = value[CellRef(1, 0, done, c)] + value[CellRef(1, 0, left, c)]
        value[CellRef(1, 0, 1, c)] = 0
        value[CellRef(1, 0, 0, c)] = total
    return {ref: str(v) for ref, v in value.items()}


def test_two_neighbours_exchanged_are_one_cause() -> None:
    truth, rules = national()
    truth[CellRef(1, 0, 9, 0)], truth[CellRef(1, 0, 9, 1)], truth[CellRef(1, 0, 9, 6)] = "57", "3", "60"
    for c in range(2, 6):
        truth[CellRef(1, 0, 9, c)] = "0"
    truth = settled(truth)
    read = dict(truth)
    read[CellRef(1, 0, 9, 0)], read[CellRef(1, 0, 9, 1)] = "3", "57"
    assert_one_cause(decided(read, rules), truth, changed(truth, read), "互换")


def test_what_a_person_said_is_part_of_no_cause() -> None:
    texts = [["112", "203", "315"], ["68", "21", "89"], ["180", "224", "404"]]
    cells, rules = money(texts)
    read = cells | {CellRef(1, 0, 1, 0): "21", CellRef(1, 0, 1, 1): "68"}
    assert "互换" in decided(read, rules)[CellRef(1, 0, 1, 0)].reason
    answers = {CellRef(1, 0, 1, 0): "21", CellRef(1, 0, 1, 1): "68"}
    for said in (answers, {CellRef(1, 0, 1, 0): "21"}):
        decisions = decided(read, rules, said)
        for ref, text in said.items():
            assert (decisions[ref].state, decisions[ref].text) == (State.REVIEWED, text)


def test_two_cells_read_as_one_are_one_cause() -> None:
    truth, rules = national()
    truth[CellRef(1, 0, 9, 0)], truth[CellRef(1, 0, 9, 1)], truth[CellRef(1, 0, 9, 6)] = "12", "34", "46"
    for c in range(2, 6):
        truth[CellRef(1, 0, 9, c)] = "0"
    truth = settled(truth)
    read = dict(truth)
    read[CellRef(1, 0, 9, 0)], read[CellRef(1, 0, 9, 1)] = "1234", ""
    assert_one_cause(decided(read, rules), truth, changed(truth, read), "粘连")


def money(texts: list[list[str]]) -> tuple[dict[CellRef, str], tuple[Rule, ...]]:
    cells = {CellRef(1, 0, r, c): text for r, row in enumerate(texts) for c, text in enumerate(row)}
    rules = []
    for r in range(len(texts)):
        terms = (Term(-1, CellRef(1, 0, r, 2)), Term(1, CellRef(1, 0, r, 0)), Term(1, CellRef(1, 0, r, 1)))
        rules.append(Rule(f"r{r}", terms, RuleSource.FORM, ""))
    for c in range(3):
        terms = (Term(-1, CellRef(1, 0, 2, c)), Term(1, CellRef(1, 0, 0, c)), Term(1, CellRef(1, 0, 1, c)))
        rules.append(Rule(f"c{c}", terms, RuleSource.FORM, ""))
    return cells, tuple(rules)


def test_a_thousands_comma_read_as_a_point_is_named() -> None:
    read, rules = money([["1.250", "300", "1,550"], ["2,000", "40", "2,040"], ["3,250", "340", "3,590"]])
    decision = decided(read, rules)[CellRef(1, 0, 0, 0)]
    assert decision.state is State.DOUBTFUL
    assert "千分位" in decision.reason
    assert decision.suggestions[0].text in ("1,250", "1250")


def test_a_row_in_another_unit_is_one_cause() -> None:
    read, rules = money([["120000", "30000", "150000"], ["20", "4", "24"], ["32", "7", "39"]])
    decisions = decided(read, rules)
    first = [decisions[CellRef(1, 0, 0, c)] for c in range(3)]
    assert {d.state for d in first} == {State.DOUBTFUL}
    assert all("一万倍" in d.reason for d in first)
    assert [d.suggestions[0].text for d in first] == ["12", "3", "15"]


def test_a_single_likely_misread_is_not_taken_for_a_composite_mistake() -> None:
    truth, rules = national()
    read = dict(truth)
    ref = CellRef(1, 0, 0, 0)
    opinion = Opinion("test-1", (Candidate(read[ref] + "1", -0.4), Candidate(read[ref], -1.1)))
    readings = []
    for cell, text in read.items():
        said = opinion if cell == ref else Opinion("test-1", (Candidate(text, -1e-6),))
        box = Box(cell.col, cell.row, cell.col + 1, cell.row + 1)
        readings.append(Reading(cell, box, ReadingKind.FIGURE, said.candidates, None, (said,)))
    outcome = reconcile(readings, rules, calibration=CALIBRATION)
    states = {d.ref: d for d in outcome.decisions}
    assert (states[ref].state, states[ref].text) == (State.CORRECTED, truth[ref])
    assert {d.state for r, d in states.items() if r != ref} == {State.CONFIRMED}
