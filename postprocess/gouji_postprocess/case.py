"""All that is known of one figure when it is decided, and the decision with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gouji_postprocess.beliefs import Belief
from gouji_postprocess.decision import Decision, State, Suggestion
from gouji_postprocess.figures import MILLI, Figure
from gouji_postprocess.protection import protection_class
from gouji_postprocess.suggestions import suggestions_for

_NOTHING_ELSE = Belief(1.0, {}, {})


@dataclass(frozen=True, eq=False)
class Case:
    """All that is known when one figure is decided.

    `bound` says whether any rule takes part in solving for it; `meant` is the intended value of the
    cheapest reading, for unreadable figures what the rules derive, if anything; `closing` counts its
    rules that hold there and could be checked, `broken` those that did not hold as read, `holding`
    those that did.
    """

    figure: Figure
    bound: bool
    belief: Belief
    meant: int | None
    rules: tuple[str, ...]
    distance: int
    closing: int
    broken: int
    holding: int
    proven: bool
    path: str
    version: str
    open_point: bool = False  # its point could be a thousands comma, and nothing in the table tells
    odd_sign: bool = False  # the only dash of a table that prints nothing otherwise, or its only %
    unrest: float = 0.0  # share of the figures around it that were read hesitantly
    rounds: bool = False  # rules of its table, or of tables tied to it, have room for rounding
    likeliest: float = 0.0  # what is believed most of any figure in its rules that do not hold


def doubtful(case: Case, reason: str) -> Decision:
    """Keep what was read and put it before a person."""
    weighed = case.belief if case.belief is not _NOTHING_ELSE else None
    return decided(
        case, State.DOUBTFUL, case.figure.read, reason, suggestions=suggestions_for(case.figure, weighed)
    )


def decided(
    case: Case,
    state: State,
    text: str,
    reason: str,
    *,
    suggestions: Sequence[Suggestion] = (),
    probability: float | None = None,
    suspect: bool = False,
) -> Decision:
    """The decision with what it rests on; its probability, if it is not given, by what is believed."""
    figure, belief = case.figure, case.belief
    if probability is None:
        probability = max(0.0, 1.0 - belief.wrong)
    provenance: dict[str, object] = {
        "calibration": case.version,
        "path": case.path,
        "proven": case.proven,
        "distance": case.distance,
        "closing": case.closing,
        "best": figure.text if figure.known else None,
        "runner_up": None if belief.runner_up is None else round(belief.runner_up, 3),
        "misprint": round(belief.suspect, 6),
    }
    if case.meant is not None and figure.known and case.meant != figure.value:
        provenance |= {
            "meant": figure.spelled(case.meant),
            "misread_cost": figure.misread(case.meant) / MILLI,
            "misprint_cost": figure.misprint / MILLI,
            "readers": figure.voice_ratios(case.meant),
        }
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
        suspect,
        provenance,
    )


def nothing_else() -> Belief:
    """The belief in a figure that no explanation changes."""
    return _NOTHING_ELSE
