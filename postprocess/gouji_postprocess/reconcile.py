"""Reconciling: the cheapest consistent reading, the proof that it is the only one, or a person.

Comes in: readings of all cells of the tables that rules may tie together, the rules, and a
calibration. Goes out: a decision for every reading and a verdict for every rule. Promised: a figure
is changed only when rules and picture agree and nothing else is plausible; what the paper has wrong is
flagged and kept; running out of time is said and never taken for impossible.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gouji_layout.geometry import CellRef
from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess.attempt import Attempt, outcome_of
from gouji_postprocess.beliefs import Belief, beliefs
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.case import Case, nothing_else
from gouji_postprocess.codes import is_code, lone_codes
from gouji_postprocess.composite import Composite, composites
from gouji_postprocess.decide import decide_composite, decide_figure, is_corrected
from gouji_postprocess.decide_text import decide_text
from gouji_postprocess.decision import Reconciliation
from gouji_postprocess.figures import Figure, figure_of
from gouji_postprocess.habits import Habits, habits_of
from gouji_postprocess.labels import is_label
from gouji_postprocess.odd_signs import odd_signs
from gouji_postprocess.points import open_points
from gouji_postprocess.problem import Problem, assemble, derived
from gouji_postprocess.protection import protection
from gouji_postprocess.rule import Rule
from gouji_postprocess.settings import ReconcileSettings
from gouji_postprocess.solving import Solved, solve
from gouji_postprocess.unrest import Hesitation
from gouji_postprocess.verdicts import verdicts
from gouji_postprocess.voices import decimals_of, parse_amount

SecondLook = Callable[[Sequence[CellRef]], Sequence[Reading]]
"""Reads these cells again with the independent readers and hands back readings with all opinions."""


def reconcile(
    readings: Sequence[Reading],
    rules: Sequence[Rule],
    *,
    calibration: Calibration,
    settings: ReconcileSettings | None = None,
    second_look: SecondLook | None = None,
    fixed: Mapping[CellRef, str] | None = None,
    beside: Sequence[Reading] = (),
) -> Reconciliation:
    """Reconcile the figures of one table, or of all tables that rules tie together.

    Args:
        readings: one for every cell, figures and texts alike.
        rules: the rules over them; a rule with a cell that was not read is not assessable.
        calibration: what was measured of the readers.
        settings: thresholds and limits.
        second_look: reads cells in doubt again; without it they go to a person.
        fixed: texts that a person has settled.
        beside: readings of other tables on the same pages; they say how well these can be read.

    Returns:
        One decision per reading, in their order, and one verdict per rule, in theirs.
    """
    settings = settings or ReconcileSettings()
    current = {reading.ref: reading for reading in readings}
    distances = protection(rules, current)
    started = time.process_time()
    around, deadline = Hesitation.in_readings(beside, calibration), started + settings.seconds
    task = _Task(rules, calibration, settings, dict(fixed or {}), deadline, distances, around)
    looked = _words(current, rules)  # further readers read figures
    looks = settings.looks if second_look is not None else 0
    # A table that is hard to solve becomes easy once its hesitant cells were read again.
    attempt = task.within(settings.brief if looks else settings.seconds).attempt(current)
    for turn in range(looks):
        wanted = attempt.worth_a_look(settings, looked)
        if not wanted or second_look is None or time.process_time() > task.deadline:
            break
        looked.update(wanted)
        fresh = {reading.ref: reading for reading in second_look(wanted) if reading.ref in current}
        if not fresh:
            break
        current |= fresh
        attempt = task.within(settings.seconds if turn + 1 == looks else settings.brief).attempt(current)
    attempt = attempt.given_up(settings)
    return Reconciliation(
        attempt.outcome,
        tuple(attempt.decisions[reading.ref] for reading in readings),
        attempt.verdicts,
        time.process_time() - started,
    )


@dataclass(frozen=True, eq=False)
class _Task:
    """What stays the same while readings are added."""

    rules: Sequence[Rule]
    calibration: Calibration
    settings: ReconcileSettings
    fixed: Mapping[CellRef, str]
    deadline: float
    distances: Mapping[CellRef, int]
    around: Hesitation
    _known: dict[tuple[int, int, Habits], Figure] = field(default_factory=dict)

    def within(self, seconds: float) -> _Task:
        """The same task with at most this many seconds from now, and never beyond its deadline."""
        return replace(self, deadline=min(self.deadline, time.process_time() + seconds))

    def attempt(self, current: Mapping[CellRef, Reading]) -> Attempt:
        """Solve and decide once with the readings at hand."""
        rules_of: dict[CellRef, tuple[str, ...]] = {}
        for rule in self.rules:
            for cell in dict.fromkeys(rule.cells):
                rules_of[cell] = (*rules_of.get(cell, ()), rule.id)
        figures = self._figures({r: x for r, x in current.items() if _is_figure(x, r in rules_of)})
        problem = assemble(list(figures.values()), self.rules, scale=_scale_of(figures))
        solved = solve(problem, self.settings, self.deadline)
        causes = composites(problem, solved, figures)
        rest, after = problem, solved
        if causes:
            # What else is wrong is decided with the cause taken as mended; its own cells go to a person.
            mended = figures | {
                ref: figures[ref].taken_as(value) for ref, value in _first_values(problem, causes).items()
            }
            rest = assemble(list(mended.values()), self.rules, scale=_scale_of(figures))
            after = solve(rest, self.settings, self.deadline)
            cases = _cases(mended, rest, after, self, rules_of)
        else:
            cases = _cases(figures, problem, solved, self, rules_of)
        decisions = {case.figure.ref: decide_figure(case, self.settings) for case in cases}
        by_ref = {case.figure.ref: case for case in cases}
        for ref, offers in _offers(problem, causes).items():
            decisions[ref] = decide_composite(replace(by_ref[ref], figure=figures[ref]), offers)
        strange = lone_codes(current)
        for ref, reading in current.items():
            if ref not in decisions:
                decisions[ref] = decide_text(
                    reading,
                    self.settings,
                    fixed=self.fixed.get(ref),
                    version=self.calibration.version,
                    strange=ref in strange,
                )
        judged = verdicts(self.rules, figures, decisions, rest, after)
        return Attempt(decisions, judged, outcome_of(decisions, judged, after), figures)

    def _figures(self, numeric: Mapping[CellRef, Reading]) -> dict[CellRef, Figure]:
        settled = [amount for text in self.fixed.values() if (amount := parse_amount(text)) is not None]
        scale = max(
            decimals_of(list(numeric.values())),
            max((amount.decimals for amount in settled), default=0),
            max((rule.scale for rule in self.rules), default=0),
        )
        habits = habits_of(numeric)
        figures = {}
        for ref, reading in numeric.items():
            set_as = habits[ref.page, ref.table, ref.col]
            key = (id(reading), scale, set_as)
            if key not in self._known:
                self._known[key] = figure_of(
                    reading,
                    scale=scale,
                    calibration=self.calibration,
                    habits=set_as,
                    fixed=self.fixed.get(ref),
                )
            figures[ref] = self._known[key]
        return figures


def _cases(
    figures: Mapping[CellRef, Figure],
    problem: Problem,
    solved: Solved,
    task: _Task,
    rules_of: Mapping[CellRef, tuple[str, ...]],
) -> list[Case]:
    """Gather what is known of every figure."""
    believed = beliefs(problem, solved)
    # A rule that holds only with a change that is not settled, or with a misprint mended, confirms nothing.
    refs = {v: ref for ref, v in problem.index.items()}
    open_yet = {
        v
        for v in solved.changes
        if v in believed and not is_corrected(believed[v], task.distances.get(refs[v], 1), task.settings)
    }
    checked = problem.checked(solved.changes) - {r for v in open_yet for r, _ in problem.touching[v]}
    values = {ref: figure.value for ref, figure in figures.items() if figure.known}
    values |= {ref: solved.changes[v] for ref, v in problem.index.items() if v in solved.changes}
    meant = values | derived(figures, task.rules, values)
    broken = set(problem.broken({}))
    believed_most = _believed_most(problem, believed, broken)
    unrest = Hesitation.of(figures.values()).unrest(task.around)
    texts = {ref: figure.text for ref, figure in figures.items() if figure.known}
    unclear, odd = open_points(texts), odd_signs(texts)
    # A rule that holds with a figure whose size is clear settles the size of its others.
    sized = {
        r
        for ref, v in problem.index.items()
        if ref not in unclear and figures[ref].value
        for r, _ in problem.touching[v]
        if r in checked
    }
    # Where nothing at all is printed, sums hold and prove nothing.
    telling = {
        r
        for ref, v in problem.index.items()
        if figures[ref].known and not figures[ref].blank
        for r, _ in problem.touching[v]
    }
    rounds = any(row.slack for row in problem.rows)
    cases = []
    for ref, figure in figures.items():
        v = problem.index.get(ref)
        rows = {r for r, _ in problem.touching[v]} if v is not None else set()
        cases.append(
            Case(
                figure,
                bound=v is not None,
                belief=nothing_else() if v is None else believed.get(v, nothing_else()),
                meant=meant.get(ref),
                rules=rules_of.get(ref, ()),
                distance=task.distances.get(ref, 1),
                closing=len(rows & checked & telling),
                broken=len(rows & broken),
                holding=len((rows - broken) & telling),
                proven=solved.proven,
                path=solved.path,
                version=task.calibration.version,
                open_point=ref in unclear and not rows & sized,
                odd_sign=ref in odd,
                unrest=unrest,
                rounds=rounds,
                likeliest=max((believed_most[r] for r in rows & broken), default=0.0),
            )
        )
    return cases


def _believed_most(
    problem: Problem, believed: Mapping[int, Belief], broken: Collection[int]
) -> dict[int, float]:
    """Of each broken rule what is believed most: that one of its figures was misread, or is a misprint."""
    return {
        r: max(
            (
                max(belief.wrong, belief.suspect)
                for v, _ in problem.rows[r].terms
                if (belief := believed.get(v))
            ),
            default=0.0,
        )
        for r in broken
    }


def _first_values(problem: Problem, causes: Sequence[Composite]) -> dict[CellRef, int]:
    """What the causes make of their cells; of several that compete for the same rules, the first."""
    refs = {v: ref for ref, v in problem.index.items()}
    closed: set[int] = set()
    found: dict[CellRef, int] = {}
    for cause in causes:
        if closed.isdisjoint(cause.closes):
            closed |= cause.closes
            found |= {refs[v]: value for v, value in cause.changes.items()}
    return found


def _offers(problem: Problem, causes: Sequence[Composite]) -> dict[CellRef, list[tuple[int, str]]]:
    """For each cell the values that causes offer, with their explanations."""
    refs = {v: ref for ref, v in problem.index.items()}
    found: dict[CellRef, list[tuple[int, str]]] = {}
    for cause in causes:
        for v, value in cause.changes.items():
            found.setdefault(refs[v], []).append((value, cause.reason))
    return found


def _scale_of(figures: Mapping[CellRef, Figure]) -> int:
    return next((figure.scale for figure in figures.values()), 0)


def _words(readings: Mapping[CellRef, Reading], rules: Sequence[Rule]) -> set[CellRef]:
    """Cells of words that no rule binds."""
    ruled = {cell for rule in rules for cell in rule.cells}
    words = {ref for ref, reading in readings.items() if reading.kind is ReadingKind.TEXT}
    return {ref for ref in words - ruled if is_label(readings[ref].text)}


def _is_figure(reading: Reading, ruled: bool) -> bool:
    return ruled or not (reading.kind is ReadingKind.TEXT or is_code(reading.text))


__all__ = ["Calibration", "ReconcileSettings", "SecondLook", "reconcile"]
