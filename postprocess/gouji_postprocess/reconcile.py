"""Reconciling: the cheapest consistent reading, the proof that it is the only one, or a person.

Comes in: readings of all cells of the tables that rules may tie together, the rules, and a
calibration. Goes out: a decision for every reading and a verdict for every rule. Promised: a figure
is changed only when rules and picture agree and nothing else is plausible; what the paper has wrong is
flagged and kept; running out of time is said and never taken for impossible.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from gouji_layout.geometry import CellRef
from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess.alternatives import Rivals, rivals
from gouji_postprocess.beliefs import Solved, beliefs
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.cheapest import cheapest
from gouji_postprocess.decide import decide_cells, decide_text
from gouji_postprocess.explaining import explain_locally
from gouji_postprocess.decision import Decision, Outcome, Reconciliation, RuleVerdict, State
from gouji_postprocess.figures import MILLI, Figure, decimals_of, figure_of
from gouji_postprocess.problem import Problem, assemble
from gouji_postprocess.protection import protection
from gouji_postprocess.rule import Rule, Verdict
from gouji_postprocess.settings import ReconcileSettings
from gouji_postprocess.verdicts import verdicts

SecondLook = Callable[[Sequence[CellRef]], Sequence[Reading]]
"""Reads these cells again with the independent readers and hands back readings with all opinions."""

_NO_RIVALS = Rivals({}, frozenset())


def reconcile(
    readings: Sequence[Reading],
    rules: Sequence[Rule],
    *,
    calibration: Calibration,
    settings: ReconcileSettings | None = None,
    second_look: SecondLook | None = None,
    fixed: Mapping[CellRef, str] | None = None,
) -> Reconciliation:
    """Reconcile the figures of one table, or of all tables that rules tie together.

    Args:
        readings: one for every cell, figures and texts alike.
        rules: the rules over them; a rule with a cell that was not read is not assessable.
        calibration: what was measured of the readers.
        settings: thresholds and limits.
        second_look: reads cells in doubt again; without it they go to a person.
        fixed: texts that a person has settled.

    Returns:
        One decision per reading, in their order, and one verdict per rule, in theirs.
    """
    started = time.monotonic()
    settings = settings or ReconcileSettings()
    deadline = started + settings.seconds
    current = {reading.ref: reading for reading in readings}
    answers = dict(fixed or {})
    distances = protection(rules, [ref for ref in current if _is_figure(current[ref], rules)])
    looked: set[CellRef] = set()
    for look in range(settings.looks + 1):
        attempt = _attempt(current, rules, calibration, settings, answers, distances, deadline)
        wanted = [] if second_look is None else _in_doubt(attempt, looked)
        if not wanted or look == settings.looks or time.monotonic() > deadline:
            break
        looked.update(wanted)
        fresh = second_look(wanted) if second_look is not None else ()
        current.update({reading.ref: reading for reading in fresh if reading.ref in current})
    decisions, judged, outcome = attempt
    return Reconciliation(
        outcome,
        tuple(decisions[reading.ref] for reading in readings),
        judged,
        time.monotonic() - started,
    )


_Attempt = tuple[dict[CellRef, Decision], tuple[RuleVerdict, ...], Outcome]


def _attempt(
    current: Mapping[CellRef, Reading],
    rules: Sequence[Rule],
    calibration: Calibration,
    settings: ReconcileSettings,
    fixed: Mapping[CellRef, str],
    distances: Mapping[CellRef, int],
    deadline: float,
) -> _Attempt:
    """Solve and decide once with the readings at hand."""
    numeric = [ref for ref in current if ref in distances]
    scale = max([decimals_of([current[ref] for ref in numeric]), *(rule.scale for rule in rules), 0])
    figures = {
        ref: figure_of(current[ref], scale=scale, calibration=calibration, fixed=fixed.get(ref))
        for ref in numeric
    }
    problem = assemble(list(figures.values()), rules, scale=scale)
    solved = solve(problem, settings, deadline)
    rules_of: dict[CellRef, tuple[str, ...]] = {}
    for rule in rules:
        for cell in dict.fromkeys(rule.cells):
            rules_of[cell] = (*rules_of.get(cell, ()), rule.id)
    found = decide_cells(
        figures, problem, solved, beliefs(problem, solved), distances, rules_of, settings, calibration.version
    )
    for ref, reading in current.items():
        if ref not in found:
            found[ref] = decide_text(reading, settings, fixed.get(ref), calibration.version)
    judged = verdicts(rules, figures, found, problem, solved)
    return found, judged, _outcome(found.values(), judged, solved)


def solve(problem: Problem, settings: ReconcileSettings, deadline: float) -> Solved:
    """The cheapest consistent reading with its rivals; the whole answer or the reason there is none."""
    gap = round(settings.gap * MILLI)
    path, changes, proven = "clean", dict[int, int](), True
    if problem.broken({}):
        local = explain_locally(problem, deadline=deadline, pops=settings.pops)
        if local is not None:
            path, changes = "local", local
        else:
            solution = cheapest(problem, deadline=deadline)
            path, proven = "cp-sat", solution.proven
            if solution.changes is None:
                return Solved({}, 0, False, _NO_RIVALS, path, settled=False, impossible=solution.impossible)
            changes = dict(solution.changes)
    found = rivals(problem, changes, gap=gap, deadline=deadline)
    while found.better is not None:
        changes = _moved(problem, changes, found.better)
        found = rivals(problem, changes, gap=gap, deadline=deadline)
    return Solved(changes, problem.price(changes), proven, found, path)


def _moved(
    problem: Problem, changes: Mapping[int, int], members: Iterable[tuple[int, int]]
) -> dict[int, int]:
    merged = dict(changes) | dict(members)
    return {v: value for v, value in merged.items() if value != problem.variables[v].value}


def _is_figure(reading: Reading, rules: Sequence[Rule]) -> bool:
    if reading.kind is ReadingKind.TEXT:
        return any(reading.ref in rule.cells for rule in rules)
    return True


def _in_doubt(attempt: _Attempt, looked: set[CellRef]) -> list[CellRef]:
    """Cells worth another look: those in doubt, and weakly guarded ones that were or would be changed."""
    decisions = attempt[0]
    return sorted(
        ref
        for ref, decision in decisions.items()
        if ref not in looked
        and (
            decision.state is State.DOUBTFUL
            or decision.source_suspect
            or (decision.state is State.CORRECTED and decision.provenance.get("distance") == 2)
        )
    )


def _outcome(decisions: Iterable[Decision], judged: Sequence[RuleVerdict], solved: Solved) -> Outcome:
    if solved.path == "too_doubtful":
        return Outcome.TOO_DOUBTFUL
    if solved.impossible:
        return Outcome.CONTRADICTORY
    if not solved.proven:
        return Outcome.OUT_OF_TIME
    decided = list(decisions)
    if any(decision.state is State.DOUBTFUL and decision.rules for decision in decided):
        return Outcome.AMBIGUOUS
    if any(v.verdict is Verdict.SOURCE_INCONSISTENT for v in judged):
        return Outcome.CONTRADICTORY
    return Outcome.CONSISTENT if solved.path == "clean" else Outcome.SETTLED


__all__ = ["Calibration", "Figure", "ReconcileSettings", "SecondLook", "reconcile"]
