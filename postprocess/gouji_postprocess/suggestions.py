"""What a person is offered for a figure in doubt."""

from __future__ import annotations

import math

from gouji_postprocess import explain
from gouji_postprocess.beliefs import Belief
from gouji_postprocess.decision import Suggestion
from gouji_postprocess.figures import MILLI, Figure

SHOWN = 5
"""How many values are offered."""


def suggestions_for(figure: Figure, belief: Belief | None) -> tuple[Suggestion, ...]:
    """Values for a person, best first, "as read" among them."""
    ranked: dict[str, tuple[float, str]] = {}
    if belief is not None and (belief.misread or not figure.known):
        for value, probability in belief.misread.items():
            text = figure.spelled(value)
            ranked[text] = (probability, f"若为 {explain.shown(text)}，勾稽关系成立")
        if figure.known:
            ranked[figure.text] = (belief.as_read + belief.suspect, "与识别结果一致")
    elif figure.known:
        weights = {figure.text: 1.0} | {o.text: math.exp(-o.cost / MILLI) for o in figure.options}
        total = sum(weights.values())
        ranked = {text: (weight / total, "识别候选") for text, weight in weights.items()}
    best = sorted(ranked.items(), key=lambda item: (-item[1][0], item[0]))[:SHOWN]
    return tuple(Suggestion(text, round(p, 6), why) for text, (p, why) in best if p > 1e-6)
