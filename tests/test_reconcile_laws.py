"""Laws of reconciling: optimum against brute force, and what must never change a decision."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Mapping, Sequence

import pytest
from benchmarks.simulated_tables import Noise, calibration, simulate
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problems import CALIBRATION, Texts, problem_of, reading, sum_rule, tables

from gouji_layout.geometry import CellRef
from gouji_postprocess.alternatives import rivals
from gouji_postprocess.cheapest import cheapest
from gouji_postprocess.decision import Decision, Outcome, State
from gouji_postprocess.explaining import explain_locally
from gouji_postprocess.figures import MILLI, figure_of
from gouji_postprocess.problem import Problem, assemble
from gouji_postprocess.reconcile import ReconcileSettings, reconcile
from gouji_postprocess.rule import Rule, RuleSource, Term
from gouji_postprocess.solving import solve


def brute_force(problem: Problem) -> int:
    """Cheapest way to close all rows by at most three changes, each to a listed or an implied value."""
    best = 0 if not problem.broken({}) else None
    numbers = range(len(problem.variables))
    values = [
        sorted(
            {value for value, _ in variable.choices}
            | {variable.value + step for step in _steps(problem) if variable.value + step >= 0}
        )
        for variable in problem.variables
    ]
    for size in (1, 2, 3):
        for chosen in itertools.combinations(numbers, size):
            # The last change is implied by the first row it is in that is still broken.
            for head in itertools.product(*(values[v] for v in chosen[:-1])):
                changes = dict(zip(chosen[:-1], head, strict=True))
                left = problem.residuals_with(changes)
                row, coefficient = problem.touching[chosen[-1]][0]
                last = problem.variables[chosen[-1]].value - left[row] // coefficient
                if last < 0:
                    continue
                changes[chosen[-1]] = last
                price = problem.price(changes)
                if (best is None or price < best) and not problem.broken(changes):
                    best = price
    assert best is not None
    return best


def _steps(problem: Problem) -> set[int]:
    residuals = {r for r in problem.residuals if r}
    return residuals | {-r for r in residuals} | {a - b for a in residuals for b in residuals}


@settings(max_examples=25, deadline=None)
@given(tables())
def test_the_cheapest_reading_of_a_small_table_is_that_of_trying_everything(
    table: tuple[Texts, list[Rule]],
) -> None:
    problem = problem_of(*table)
    proven = cheapest(problem, deadline=time.process_time() + 30)
    assert proven.proven
    assert problem.broken(proven.changes or {}) == []
    assert proven.cost <= brute_force(problem)
    local = explain_locally(problem, deadline=time.process_time() + 30, pops=5000)
    assert local is not None
    assert problem.broken(local) == []
    assert problem.price(local) == proven.cost


@pytest.mark.parametrize(("rate", "misprints"), [(0.02, None), (0.02, 1), (0.04, 0)])
def test_local_explanations_cost_what_the_solver_proves(rate: float, misprints: int | None) -> None:
    draw, noise = random.Random(3), Noise(rate)
    for _ in range(4):
        page = simulate(draw, noise, misprints=misprints)
        facts = calibration(noise)
        problem = assemble(
            [figure_of(r, scale=0, calibration=facts) for r in page.readings], page.rules, scale=0
        )
        solved = solve(problem, ReconcileSettings(), time.process_time() + 60)
        proven = cheapest(problem, deadline=time.process_time() + 60)
        assert solved.proven
        assert proven.proven
        assert solved.cost == proven.cost


@pytest.mark.slow
def test_the_gap_to_the_runner_up_is_that_of_solving_again_without_the_best_value() -> None:
    draw, noise = random.Random(8), Noise(0.02)
    compared = 0
    for _ in range(4):
        page = simulate(draw, noise, misprints=0)
        facts = calibration(noise)
        problem = assemble(
            [figure_of(r, scale=0, calibration=facts) for r in page.readings], page.rules, scale=0
        )
        solved = solve(problem, ReconcileSettings(), time.process_time() + 60)
        found = rivals(problem, solved.changes, gap=7 * MILLI, deadline=time.process_time() + 60)
        gaps: dict[int, int] = {}
        for members, extra in found.sets.items():
            for v, _ in members:
                gaps[v] = min(gaps.get(v, extra), extra)
        for v in [*sorted(solved.changes)[:2], *sorted(gaps)[:2]]:
            if v in found.incomplete:
                continue
            value = solved.changes.get(v, problem.variables[v].value)
            other = cheapest(problem, deadline=time.process_time() + 8, forbidden={v: value})
            if not other.proven:  # out of time says nothing
                continue
            if other.cost - solved.cost <= 7 * MILLI:
                assert gaps[v] == other.cost - solved.cost
                compared += 1
            else:
                assert v not in gaps
                compared += 1
    assert compared >= 6


def decided(texts: Texts, rules: Sequence[Rule]) -> dict[CellRef, Decision]:
    readings = [reading(ref, scores) for ref, scores in texts.items()]
    outcome = reconcile(readings, rules, calibration=CALIBRATION)
    return {decision.ref: decision for decision in outcome.decisions}


def essence(decisions: Mapping[CellRef, Decision]) -> dict[CellRef, tuple[State, str, bool]]:
    return {ref: (d.state, d.text, d.source_suspect) for ref, d in decisions.items()}


@settings(max_examples=20, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_cells_and_rules_decides_nothing(
    table: tuple[Texts, list[Rule]], shuffle: random.Random
) -> None:
    texts, rules = table
    cells, mixed = list(texts.items()), list(rules)
    shuffle.shuffle(cells)
    shuffle.shuffle(mixed)
    mixed = [Rule(r.id, tuple(reversed(r.terms)), r.source, r.formula) for r in mixed]
    assert essence(decided(texts, rules)) == essence(decided(dict(cells), mixed))


@settings(max_examples=20, deadline=None)
@given(tables())
def test_where_rows_and_columns_are_numbered_decides_nothing(table: tuple[Texts, list[Rule]]) -> None:
    texts, rules = table

    def turned(ref: CellRef) -> CellRef:
        return CellRef(2, 1, 9 - ref.col, 9 - ref.row)

    moved = {turned(ref): scores for ref, scores in texts.items()}
    bound = [
        Rule(r.id, tuple(Term(t.coefficient, turned(t.cell)) for t in r.terms), r.source, r.formula)
        for r in rules
    ]
    plain = essence(decided(texts, rules))
    assert {turned(ref): what for ref, what in plain.items()} == essence(decided(moved, bound))


@settings(max_examples=20, deadline=None)
@given(tables())
def test_a_rule_said_twice_changes_no_figure(table: tuple[Texts, list[Rule]]) -> None:
    texts, rules = table
    again = Rule("again", rules[0].terms, RuleSource.PRINTED, "")
    one, two = decided(texts, rules), decided(texts, [*rules, again])
    assert {r: d.text for r, d in one.items()} == {r: d.text for r, d in two.items()}
    assert {r: d.state for r, d in one.items()} == {r: d.state for r, d in two.items()}


@settings(max_examples=20, deadline=None)
@given(tables())
def test_a_row_of_zeros_decides_nothing(table: tuple[Texts, list[Rule]]) -> None:
    texts, rules = table
    zeros = {CellRef(1, 0, 7, c): {"0": -1e-6} for c in range(3)}
    wider = [
        Rule(r.id, (*r.terms, Term(1, CellRef(1, 0, 7, int(r.id[1:])))), r.source, r.formula)
        if r.id.startswith("c")
        else r
        for r in rules
    ]
    wider.append(sum_rule("zeros", [CellRef(1, 0, 7, 0), CellRef(1, 0, 7, 1)], CellRef(1, 0, 7, 2)))
    plain, grown = essence(decided(texts, rules)), essence(decided({**texts, **zeros}, wider))
    changed = {ref for ref in plain if plain[ref] != grown[ref]}
    # One more place where an error might sit can only make a figure more doubtful, never another figure.
    assert all(grown[ref][0] is State.DOUBTFUL or plain[ref][0] is State.DOUBTFUL for ref in changed)
    assert all(grown[ref][1] == "0" for ref in zeros)


@settings(max_examples=20, deadline=None)
@given(tables(wrong=0))
def test_scaling_all_figures_by_ten_changes_no_state(table: tuple[Texts, list[Rule]]) -> None:
    texts, rules = table
    ref = min(texts)
    (truth,) = texts[ref]
    texts = {**texts, ref: {truth: -1.5, truth + "1": -0.3}}
    tenfold = {
        r: {t + "0" if t != "0" else t: score for t, score in scores.items()} for r, scores in texts.items()
    }
    plain, large = decided(texts, rules), decided(tenfold, rules)
    assert {r: d.state for r, d in plain.items()} == {r: d.state for r, d in large.items()}
    assert plain[ref].text == truth


@settings(max_examples=30, deadline=None)
@given(tables(wrong=0))
def test_a_table_without_doubt_that_adds_up_is_never_touched(table: tuple[Texts, list[Rule]]) -> None:
    texts, rules = table
    readings = [reading(ref, {next(iter(scores)): -1e-9}) for ref, scores in texts.items()]
    outcome = reconcile(readings, rules, calibration=CALIBRATION)
    assert outcome.outcome is Outcome.CONSISTENT
    assert all(d.text == d.read and d.state is State.CONFIRMED for d in outcome.decisions)


@settings(max_examples=20, deadline=None)
@given(tables(wrong=0), st.data())
def test_what_a_person_saw_printed_is_never_changed(
    table: tuple[Texts, list[Rule]], data: st.DataObject
) -> None:
    texts, rules = table
    ref = data.draw(st.sampled_from(sorted(texts)))
    answer = str(data.draw(st.integers(0, 99)))
    readings = [reading(r, scores) for r, scores in texts.items()]
    outcome = reconcile(readings, rules, calibration=CALIBRATION, fixed={ref: answer})
    decision = next(d for d in outcome.decisions if d.ref == ref)
    assert (decision.state, decision.text) == (State.REVIEWED, answer)


@settings(max_examples=20, deadline=None)
@given(tables())
def test_deciding_twice_gives_the_same_answer(table: tuple[Texts, list[Rule]]) -> None:
    assert decided(*table) == decided(*table)


@pytest.mark.slow
def test_simulated_pages_are_not_made_worse() -> None:
    draw, noise = random.Random(2026), Noise(0.02)
    wrong = corrections = figures = doubtful = 0
    for _ in range(40):
        page = simulate(draw, noise)
        outcome = reconcile(
            page.readings, page.rules, calibration=calibration(noise), second_look=page.second_look
        )
        for decision in outcome.decisions:
            figures += 1
            doubtful += decision.state is State.DOUBTFUL
            corrections += decision.state is State.CORRECTED
            right = int(decision.text or 0) == int(page.printed[decision.ref])
            wrong += decision.state is State.CORRECTED and not right
    assert corrections > 100
    assert wrong == 0
    assert doubtful / figures < 0.005
