"""What to believe of each figure once the cheapest reading and its rivals are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gouji_postprocess.figures import MILLI, NEVER, Figure
from gouji_postprocess.problem import Problem, Unknown
from gouji_postprocess.solving import Solved


@dataclass(frozen=True, slots=True)
class Belief:
    """Probabilities of one figure's explanations, given the pictures and all rules.

    `misread[v]` is the probability that `v` is printed; `misprint[v]` that the paper is as read but
    `v` was meant; `as_read` that nothing is wrong; `unknown` belongs to what was not searched.
    """

    as_read: float
    misread: Mapping[int, float]
    misprint: Mapping[int, float]
    unknown: float = 0.0
    runner_up: float | None = None  # nats between the cheapest reading and the next that differs here

    @property
    def wrong(self) -> float:
        """Probability that what is printed is not what was read."""
        return sum(self.misread.values()) + self.unknown

    @property
    def suspect(self) -> float:
        """Probability that the paper itself is wrong here."""
        return sum(self.misprint.values())


def beliefs(problem: Problem, solved: Solved) -> dict[int, Belief]:
    """Weigh the cheapest reading against its rivals, for every variable that any of them changes."""
    weights: dict[int, dict[int, float]] = {}
    nearest: dict[int, int] = {}
    for members, extra in solved.rivals.sets.items():
        for v, value in members:
            there = weights.setdefault(v, {})
            there[value] = there.get(value, 0.0) + math.exp(-extra / MILLI)
            nearest[v] = min(nearest.get(v, NEVER), extra)
    found: dict[int, Belief] = {}
    for v in sorted({*solved.changes, *weights, *solved.rivals.incomplete}):
        variable = problem.variables[v]
        if not isinstance(variable, Unknown):
            continue
        there = dict(weights.get(v, {}))
        mine = solved.changes.get(v, variable.value)
        there[mine] = there.get(mine, 0.0) + 1.0
        unknown = math.exp(-4.0) if v in solved.rivals.incomplete else 0.0
        total = sum(there.values()) + unknown
        misread: dict[int, float] = {}
        misprint: dict[int, float] = {}
        for value, weight in sorted(there.items()):
            if value == variable.value and variable.known:
                continue
            share = _misread_share(variable.figure, value)
            misread[value] = weight / total * share
            misprint[value] = weight / total * (1.0 - share)
        as_read = there.get(variable.value, 0.0) / total if variable.known else 0.0
        gap = nearest[v] / MILLI if v in nearest else None
        found[v] = Belief(as_read, misread, misprint, unknown / total, gap)
    return found


def _misread_share(figure: Figure, value: int) -> float:
    """How much of the belief in an intended value is a misread, the rest being a misprint."""
    ahead = (figure.misread(value) - figure.misprint) / MILLI
    return 0.0 if ahead > 700 else 1.0 / (1.0 + math.exp(ahead))
