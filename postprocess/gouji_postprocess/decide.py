"""From the cheapest reading and its rivals to one decision per cell.

The order of the questions is the promise: a figure is changed only when the misread is near certain,
the picture itself supports the new value, a calibrated reader looked at it, and the cheapest reading
was proven. Everything else is kept as printed, flagged, or put before a person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gouji_layout.geometry import CellRef
from gouji_ocr.reading import Reading
from gouji_postprocess import explain
from gouji_postprocess.beliefs import Belief, Solved
from gouji_postprocess.decision import Decision, Protection, State, Suggestion
from gouji_postprocess.figures import MILLI, Figure
from gouji_postprocess.problem import Problem
from gouji_postprocess.protection import protection_class
from gouji_postprocess.settings import ReconcileSettings

_SHOWN = 5  # suggestions offered to a person


@dataclass(frozen=True, eq=False)
class Case:
    """All that is known when one figure is decided."""

    figure: Figure
    variable: int | None
    belief: Belief | None
    meant: int  # the intended value of the cheapest reading
    rules: tuple[str, ...]
    distance: int
    closing: int  # rules with it that hold in the cheapest reading and could be checked
    broken: int  # rules with it that did not hold as read
    reviewed: bool = False


def decide_figure(case: Case, solved: Solved, settings: ReconcileSettings, version: str) -> Decision:
    """Decide one figure (see the module's promise)."""
    figure, belief = case.figure, case.belief
    if figure.fixed:
        return _fixed(case, solved, settings, version)
    if not figure.known:
        derived = figure.spelled(case.meant) if case.variable is not None and solved.settled else None
        suggestions = _suggestions(figure, belief)
        return _decision(
            case, State.DOUBTFUL, figure.read, explain.why_derived(derived), version, suggestions, solved
        )
    tau = settings.tau_weak if case.distance == 2 else settings.tau
    if case.variable is None:
        return _alone(case, settings, version, solved)
    if not solved.proven and (case.broken or case.meant != figure.value):
        return _decision(
            case, State.DOUBTFUL, figure.read, explain.why_out_of_time(), version,
            _suggestions(figure, belief), solved,
        )  # fmt: skip
    if belief is None:
        belief = Belief(1.0, {}, {})
    changed = max(belief.misread, key=lambda v: belief.misread[v], default=None)
    if changed is not None and belief.misread[changed] >= 1.0 - tau:
        support = figure.image_support(changed)
        text = figure.spelled(changed)
        if not figure.calibrated:
            reason = explain.why_uncalibrated(figure.read, text)
        elif support < -settings.guard:
            reason = explain.why_unsupported(figure.read, text, support)
        else:
            reason = explain.why_corrected(figure.read, text, support, case.closing, belief.runner_up)
            return _decision(
                case, State.CORRECTED, text, reason, version, (), solved, belief.misread[changed]
            )
        suggestions = _suggestions(figure, belief)
        return _decision(case, State.DOUBTFUL, figure.read, reason, version, suggestions, solved)
    if belief.wrong > tau:
        suggestions = _suggestions(figure, belief)
        others = [s.text for s in suggestions if s.text != figure.read]
        reason = explain.why_doubtful(figure.read, others[:3])
        return _decision(case, State.DOUBTFUL, figure.read, reason, version, suggestions, solved)
    if belief.suspect + belief.wrong > tau:
        return _suspect(case, belief, version, solved)
    return _as_read(case, belief, settings, version, solved)


def decide_text(reading: Reading, settings: ReconcileSettings, fixed: str | None, version: str) -> Decision:
    """Decide a cell that is no figure, by the reader's confidence alone."""
    first = reading.opinions[0].candidates if reading.opinions else ()
    read = first[0].text if first else reading.text
    provenance: dict[str, object] = {"calibration": version}
    if fixed is not None:
        return Decision(
            reading.ref, State.REVIEWED, fixed, read, 0.0, explain.why_reviewed(fixed), provenance=provenance
        )
    sure = reading.log_probability >= settings.text_floor and read == reading.text
    others = tuple(
        Suggestion(c.text, math.exp(min(0.0, c.log_probability)), explain.why_doubtful(read, []))
        for c in reading.candidates[:_SHOWN]
    )
    return Decision(
        reading.ref,
        State.ACCEPTED if sure else State.DOUBTFUL,
        read,
        read,
        reading.log_probability,
        explain.why_accepted(read) if sure else explain.why_doubtful(read, []),
        suggestions=() if sure else others,
        provenance=provenance,
    )


def _fixed(case: Case, solved: Solved, settings: ReconcileSettings, version: str) -> Decision:
    """A person said what is printed; the paper may still contradict itself."""
    belief = case.belief
    suspect = belief is not None and belief.suspect > settings.tau and solved.proven
    reason = explain.why_reviewed(case.figure.text)
    if suspect:
        meant = case.figure.spelled(case.meant)
        reason += f"；{case.broken} 条勾稽关系不成立（应为 {meant}），疑似原文错误"
    return _decision(case, State.REVIEWED, case.figure.text, reason, version, (), solved, 1.0, suspect)


def _alone(case: Case, settings: ReconcileSettings, version: str, solved: Solved) -> Decision:
    figure = case.figure
    sure = 1.0 - math.exp(-figure.doubt / MILLI) <= settings.tau_unchecked
    if sure and figure.spelling >= settings.spelling and figure.text == figure.read:
        return _decision(
            case, State.ACCEPTED, figure.text, explain.why_accepted(figure.text), version, (), solved,
            math.exp(-figure.doubt / MILLI),
        )  # fmt: skip
    suggestions = _suggestions(figure, None)
    others = [s.text for s in suggestions if s.text != figure.read]
    return _decision(
        case, State.DOUBTFUL, figure.read, explain.why_doubtful(figure.read, others[:3]), version, suggestions,
        solved,
    )  # fmt: skip


def _suspect(case: Case, belief: Belief, version: str, solved: Solved) -> Decision:
    """The picture is clear, and yet the sums want something else: the paper seems to be wrong."""
    figure = case.figure
    meant = max(belief.misprint, key=lambda v: belief.misprint[v], default=case.meant)
    text = figure.spelled(meant)
    if figure.text != figure.read:
        return _decision(
            case, State.DOUBTFUL, figure.read, explain.why_doubtful(figure.read, [figure.text]), version,
            _suggestions(figure, belief), solved,
        )  # fmt: skip
    reason = (
        explain.why_unstated(text) if figure.blank else explain.why_source(figure.text, text, case.broken)
    )
    suggestion = Suggestion(
        text, belief.misprint.get(meant, 0.0), explain.why_source(figure.text, text, case.broken)
    )
    return _decision(
        case, State.ACCEPTED, figure.text, reason, version, (suggestion,), solved,
        1.0 - belief.wrong, not figure.blank,
    )  # fmt: skip


def _as_read(
    case: Case, belief: Belief, settings: ReconcileSettings, version: str, solved: Solved
) -> Decision:
    """The best reading stands; it is confirmed where a rule that could be checked holds with it."""
    figure = case.figure
    probability = max(0.0, 1.0 - belief.wrong)
    if figure.text != figure.read:
        # The first reader's best was another text; a calibrated picture and the rules agree on this one.
        support = figure.image_support(figure.value)
        if figure.calibrated and case.closing and figure.spelling >= settings.spelling:
            reason = explain.why_corrected(figure.read, figure.text, support, case.closing, belief.runner_up)
            return _decision(case, State.CORRECTED, figure.text, reason, version, (), solved, probability)
        reason = explain.why_doubtful(figure.read, [figure.text])
        return _decision(
            case, State.DOUBTFUL, figure.read, reason, version, _suggestions(figure, belief), solved
        )
    if figure.spelling < settings.spelling:
        return _decision(
            case, State.DOUBTFUL, figure.read, explain.why_doubtful(figure.read, []), version,
            _suggestions(figure, belief), solved,
        )  # fmt: skip
    if case.closing:
        reason = explain.why_confirmed(figure.text, case.closing)
        return _decision(case, State.CONFIRMED, figure.text, reason, version, (), solved, probability)
    return _alone(case, settings, version, solved)


def _suggestions(figure: Figure, belief: Belief | None) -> tuple[Suggestion, ...]:
    """Values for a person, best first, "as read" among them."""
    ranked: dict[str, tuple[float, str]] = {}
    if belief is not None:
        for value, probability in belief.misread.items():
            text = figure.spelled(value)
            ranked[text] = (probability, f"若为 {explain.shown(text)}，勾稽关系成立")
        as_read = belief.as_read + belief.suspect
        if figure.known:
            ranked[figure.text] = (as_read, "与识别结果一致")
    elif figure.known:
        weights = {figure.text: 1.0} | {o.text: math.exp(-o.cost / MILLI) for o in figure.options}
        total = sum(weights.values())
        ranked = {text: (weight / total, "识别候选") for text, weight in weights.items()}
    best = sorted(ranked.items(), key=lambda item: (-item[1][0], item[0]))[:_SHOWN]
    return tuple(Suggestion(text, round(p, 6), why) for text, (p, why) in best if p > 1e-6)


def _decision(
    case: Case,
    state: State,
    text: str,
    reason: str,
    version: str,
    suggestions: Sequence[Suggestion],
    solved: Solved,
    probability: float | None = None,
    source_suspect: bool = False,
) -> Decision:
    figure, belief = case.figure, case.belief
    if probability is None:
        probability = 1.0 - belief.wrong if belief is not None else math.exp(-figure.doubt / MILLI)
    provenance: dict[str, object] = {
        "calibration": version,
        "path": solved.path,
        "proven": solved.proven,
        "distance": case.distance,
        "best": figure.text if figure.known else None,
    }
    if belief is not None and case.meant != figure.value:
        provenance |= {
            "meant": figure.spelled(case.meant),
            "misread_cost": figure.misread(case.meant) / MILLI,
            "misprint_cost": figure.misprint / MILLI,
            "readers": figure.voice_ratios(case.meant),
        }
    if belief is not None:
        provenance |= {"runner_up": belief.runner_up, "misprint": round(belief.suspect, 6)}
    return Decision(
        figure.ref,
        state,
        text,
        figure.read,
        math.log(max(probability, 1e-12)),
        reason,
        tuple(suggestions),
        case.rules,
        protection_class(case.distance),
        source_suspect,
        provenance,
    )


def decide_cells(
    figures: Mapping[CellRef, Figure],
    problem: Problem,
    solved: Solved,
    beliefs: Mapping[int, Belief],
    distances: Mapping[CellRef, int],
    rules_of: Mapping[CellRef, tuple[str, ...]],
    settings: ReconcileSettings,
    version: str,
) -> dict[CellRef, Decision]:
    """Decide every figure."""
    left = problem.residuals_with(solved.changes)
    void = problem.voided(solved.changes)
    unread = {v for ref, v in problem.index.items() if not figures[ref].known}
    found = {}
    for ref, figure in figures.items():
        v = problem.index.get(ref)
        rows = [r for r, _ in problem.touching[v]] if v is not None else []
        closing = [
            r
            for r in rows
            if abs(left[r]) <= problem.rows[r].slack
            and problem.rows[r].rule.id not in void
            and not any(other in unread for other, _ in problem.rows[r].terms)
        ]
        broken = [r for r in rows if abs(problem.residuals[r]) > problem.rows[r].slack]
        case = Case(
            figure,
            v,
            beliefs.get(v) if v is not None else None,
            solved.changes.get(v, figure.value) if v is not None else figure.value,
            rules_of.get(ref, ()),
            distances.get(ref, 1),
            len(closing),
            len(broken),
        )
        found[ref] = decide_figure(case, solved, settings, version)
    return found


__all__ = ["Case", "Protection", "decide_cells", "decide_figure", "decide_text"]
