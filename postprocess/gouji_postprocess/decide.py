"""From the cheapest reading and its rivals to one decision per cell.

The order of the questions is the promise: a figure is changed only when the misread is near certain,
the picture itself supports the new value, a calibrated reader looked at it, and the cheapest reading
was proven. Everything else is kept as printed, flagged, or put before a person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gouji_postprocess import explain
from gouji_postprocess.beliefs import Belief
from gouji_postprocess.case import Case, decided, doubtful
from gouji_postprocess.codes import is_run_of_zeros
from gouji_postprocess.decision import Decision, State, Suggestion
from gouji_postprocess.figures import MILLI, Figure
from gouji_postprocess.points import with_comma
from gouji_postprocess.settings import ReconcileSettings
from gouji_postprocess.solving import HOPELESS
from gouji_postprocess.standing import stands_alone, well_founded
from gouji_postprocess.suggestions import SHOWN, suggestions_for

_ALONE = 0.8  # how probable a misprint is from which on no other figure is said to be the one


def decide_figure(case: Case, settings: ReconcileSettings) -> Decision:
    """Decide one figure (see the module's promise)."""
    figure = case.figure
    if figure.fixed:
        return _reviewed(case, settings)
    if not figure.known:
        return _unreadable(case)
    if case.open_point or case.odd_sign or is_run_of_zeros(figure.read):
        return _undecidable(case)
    if not case.bound:
        return _alone(case, settings)
    if not case.proven and (case.broken or case.meant != figure.value):
        return _unsolved(case, settings)
    return _weighed(case, settings)


def decide_composite(case: Case, offers: Sequence[tuple[int, str]]) -> Decision:
    """A cell spoilt by a cause that spoils several: before a person, with what each cause makes of it."""
    suggestions = [
        Suggestion(_offered(case.figure, value), round(0.9 / len(offers), 6), reason)
        for value, reason in offers
    ]
    suggestions.append(Suggestion(case.figure.text, 0.1, "与识别结果一致"))
    reason = "；或 ".join(dict.fromkeys(reason for _, reason in offers[:2]))
    return decided(case, State.DOUBTFUL, case.figure.read, reason, suggestions=suggestions[:SHOWN])


def _offered(figure: Figure, value: int) -> str:
    """The text of a value that a cause offers; a point that should be a comma stays where it is."""
    if value == 1000 * figure.value and figure.text.count(".") == 1:
        return figure.text.replace(".", ",")
    return figure.spelled(value)


def _undecidable(case: Case) -> Decision:
    """What neither pictures nor sums can tell: a point or a comma; one zero or two cells'; a sign or dirt."""
    figure = case.figure
    if case.odd_sign:
        return doubtful(case, explain.why_odd_sign(figure.read))
    if not case.open_point:
        others = [s.text for s in suggestions_for(figure, None) if s.text != figure.read]
        return doubtful(case, explain.why_doubtful(figure.read, others[:3]))
    grouped = with_comma(figure.text)
    suggestions = tuple(Suggestion(text, 0.5, "识别候选") for text in (grouped, figure.text))
    reason = explain.why_open_point(figure.read, grouped)
    return decided(case, State.DOUBTFUL, figure.read, reason, suggestions=suggestions)


def _unreadable(case: Case) -> Decision:
    """There is ink but no amount: what the rules derive is offered, never taken."""
    if case.meant is None or not case.proven:
        return decided(case, State.DOUBTFUL, case.figure.read, explain.why_derived(None))
    text = case.figure.spelled(case.meant)
    offered = (Suggestion(text, 0.5, f"按勾稽关系推得 {explain.shown(text)}"),)
    return decided(case, State.DOUBTFUL, case.figure.read, explain.why_derived(text), suggestions=offered)


def _unsolved(case: Case, settings: ReconcileSettings) -> Decision:
    """What is wrong in its rules was not found: only what is `well_founded` all the same stands."""
    figure = case.figure
    if case.meant == figure.value and well_founded(figure, case.holding, settings):
        return decided(case, State.CONFIRMED, figure.text, explain.why_confirmed(figure.text, case.holding))
    hopeless = case.path == HOPELESS
    return doubtful(case, explain.why_too_doubtful() if hopeless else explain.why_out_of_time())


def _weighed(case: Case, settings: ReconcileSettings) -> Decision:
    """Decide by what is believed of the figure."""
    figure, belief = case.figure, case.belief
    tau = _tau(case.distance, settings)
    if is_corrected(belief, case.distance, settings):
        changed = max(belief.misread, key=lambda v: belief.misread[v])
        if figure.spelled(changed) == figure.read and case.closing:  # so the first reader said, if not all
            why = explain.why_confirmed(figure.read, case.closing)
            return decided(case, State.CONFIRMED, figure.read, why)
        return _changed(case, changed, settings)
    # Where rules have room for rounding a search that was cut short has missed more: another may be to blame.
    blamed = belief.suspect >= 0.5 and not (belief.unknown and case.rounds)
    if belief.wrong > (settings.tau_suspect if blamed else tau):
        others = [s.text for s in suggestions_for(figure, belief) if s.text != figure.read]
        return doubtful(case, explain.why_doubtful(figure.read, others[:3]))
    if belief.suspect + belief.wrong > tau and _is_blamed(case, settings):
        return _suspect(case)
    return _as_read(case, settings)


def is_corrected(belief: Belief, distance: int, settings: ReconcileSettings) -> bool:
    """Whether a figure was surely misread: it is changed if its picture allows it."""
    return max(belief.misread.values(), default=0.0) >= 1.0 - _tau(distance, settings)


def _tau(distance: int, settings: ReconcileSettings) -> float:
    return settings.tau_weak if distance == 2 else settings.tau


def _is_blamed(case: Case, settings: ReconcileSettings) -> bool:
    """Whether a misprint here is about as likely as whatever else explains the rules that do not hold."""
    return case.belief.suspect >= settings.blame * case.likeliest


def _changed(case: Case, value: int, settings: ReconcileSettings) -> Decision:
    """The rules want another value and nothing else is plausible: what does the picture say?"""
    figure = case.figure
    support, text = figure.image_support(value), figure.spelled(value)
    if not figure.calibrated:
        return doubtful(case, explain.why_uncalibrated(figure.read, text))
    if support < -settings.guard:
        return doubtful(case, explain.why_unsupported(figure.read, text, support))
    if not text:
        return doubtful(case, explain.why_not_blank(figure.read))
    if case.distance == 2 and case.unrest > settings.hesitant_share:
        return doubtful(case, explain.why_unlocated(figure.read, text))
    if figure.spelling_of(value) < settings.spelling:
        return doubtful(case, explain.why_unspelled(figure.read, text))
    reason = explain.why_corrected(figure.read, text, support, case.closing, case.belief.runner_up)
    return decided(case, State.CORRECTED, text, reason, probability=case.belief.misread[value])


def _reviewed(case: Case, settings: ReconcileSettings) -> Decision:
    """A person said what is printed; the paper may still contradict itself."""
    belief = case.belief
    suspect = case.proven and belief.suspect > settings.tau and _is_blamed(case, settings)
    reason = explain.why_reviewed(case.figure.text)
    if suspect:
        meant = max(belief.misprint, key=lambda v: belief.misprint[v])
        text = case.figure.spelled(meant)
        reason += f"；{explain.why_contradicted(text, case.broken, alone=_is_alone(case, meant))}"
    return decided(case, State.REVIEWED, case.figure.text, reason, probability=1.0, suspect=suspect)


def _alone(case: Case, settings: ReconcileSettings) -> Decision:
    """No rule helps: the readers' confidence decides."""
    figure = case.figure
    sure = stands_alone(figure, settings)
    if sure and case.unrest <= settings.unrest:
        reason, probability = _why_alone(case), math.exp(-figure.doubt / MILLI)
        return decided(case, State.ACCEPTED, figure.text, reason, probability=probability)
    others = [s.text for s in suggestions_for(figure, None) if s.text != figure.read]
    reason = explain.why_restless(figure.read) if sure else explain.why_doubtful(figure.read, others[:3])
    return doubtful(case, reason)


def _why_alone(case: Case) -> str:
    """Why a figure that was read surely is not confirmed by a rule."""
    if case.broken:
        return explain.why_not_yet_checked(case.figure.text)
    if case.rules and not case.bound:
        return explain.why_only_guided(case.figure.text)
    return explain.why_accepted(case.figure.text)


def _suspect(case: Case) -> Decision:
    """The picture is clear, and yet the sums want something else: the paper seems to be wrong."""
    figure, belief = case.figure, case.belief
    if figure.text != figure.read:
        return doubtful(case, explain.why_doubtful(figure.read, [figure.text]))
    meant = max(belief.misprint, key=lambda v: belief.misprint[v], default=figure.value)
    text = figure.spelled(meant)
    if _lost_digits(figure.text, text):
        return doubtful(case, explain.why_doubtful(figure.read, [text]))
    reason = explain.why_source(figure.text, text, case.broken, alone=_is_alone(case, meant))
    if figure.blank:
        reason = explain.why_unstated(text)
    return decided(
        case,
        State.ACCEPTED,
        figure.text,
        reason,
        suggestions=(Suggestion(text, round(belief.misprint.get(meant, 0.0), 6), reason),),
        suspect=not figure.blank,
    )


def _is_alone(case: Case, meant: int) -> bool:
    """Whether no other figure could be the misprint as well."""
    return case.belief.misprint.get(meant, 0.0) >= _ALONE


def _lost_digits(read: str, meant: str) -> bool:
    """Whether what was read is what was meant without first or last digits: pale rather than misprinted."""
    short, long = _digits(read), _digits(meant)
    return 1 < len(short) < len(long) and (long.endswith(short) or long.startswith(short))


def _as_read(case: Case, settings: ReconcileSettings) -> Decision:
    """The best reading stands; it is confirmed where a rule that could be checked holds with it."""
    figure = case.figure
    if figure.text != figure.read:
        return _as_others_read(case, settings)
    if case.closing:
        reason = explain.why_confirmed(figure.text, case.closing)
        return decided(case, State.CONFIRMED, figure.text, reason)
    return _alone(case, settings)


def _as_others_read(case: Case, settings: ReconcileSettings) -> Decision:
    """The first reader said something else than pictures and rules together say.

    The pictures alone say how the value is written. Dirt beside the same digits needs no further support.
    """
    figure = case.figure
    if not figure.text:
        return doubtful(case, explain.why_not_blank(figure.read))
    digits = _digits(figure.text)
    support = figure.image_support(figure.value)
    seen = support >= -settings.guard or digits == _digits(figure.read)
    # A blank and a dash are both nothing: no sum can tell which of them is printed.
    told = digits or _digits(figure.read)
    if not (figure.calibrated and case.closing and seen and told):
        return doubtful(case, explain.why_doubtful(figure.read, [figure.text]))
    if figure.spelling < settings.spelling:
        return doubtful(case, explain.why_unspelled(figure.read, figure.text))
    reason = explain.why_corrected(figure.read, figure.text, support, case.closing, case.belief.runner_up)
    return decided(case, State.CORRECTED, figure.text, reason)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
