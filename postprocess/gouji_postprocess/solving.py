"""Solving one problem: nothing broken, else local explanations, else CP-SAT; then every rival."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gouji_postprocess.alternatives import Rivals, rivals
from gouji_postprocess.cheapest import cheapest
from gouji_postprocess.explaining import explain_locally
from gouji_postprocess.figures import MILLI
from gouji_postprocess.problem import Problem, Unknown
from gouji_postprocess.settings import ReconcileSettings

HOPELESS = "hopeless"
"""Path of a problem that was not tried: so many rules broken that any answer would be made up."""
_FEW = 10  # rules below which a share of broken ones says nothing


@dataclass(frozen=True, eq=False)
class Solved:
    """What solving left behind: the cheapest departures, what they cost, and all rivals.

    `proven` is False when time ran out; then nothing may be concluded, least of all that there is no
    answer. `impossible` says that the rules cannot hold together at all.
    """

    changes: Mapping[int, int]
    cost: int
    proven: bool
    rivals: Rivals
    path: str
    impossible: bool = False


def solve(problem: Problem, settings: ReconcileSettings, deadline: float) -> Solved:
    """The cheapest consistent reading with its rivals.

    A local explanation counts as proven once the search for rivals has met nothing cheaper; one
    found by CP-SAT when the solver says so.
    """
    gap = round(settings.gap * MILLI)
    path, changes, proven = "clean", dict[int, int](), True
    broken = problem.broken({})
    if _hopeless(problem, len(broken), settings):
        return Solved({}, 0, False, Rivals({}, frozenset()), HOPELESS)
    if broken:
        local = explain_locally(problem, deadline=deadline, pops=settings.pops)
        if local is not None:
            path, changes = "local", local
        else:
            solution = cheapest(problem, deadline=deadline)
            path, proven = "cp-sat", solution.proven
            if solution.changes is None:
                return Solved({}, 0, False, Rivals({}, frozenset()), path, solution.impossible)
            changes = dict(solution.changes)
    found = rivals(problem, changes, gap=gap, deadline=deadline)
    while found.better is not None:
        changes = _moved(problem, changes, found.better)
        found = rivals(problem, changes, gap=gap, deadline=deadline)
    return Solved(changes, problem.price(changes), proven, found, path)


def _hopeless(problem: Problem, broken: int, settings: ReconcileSettings) -> bool:
    """Most rules broken, and readers that hesitated: sure readers with a few errors are worth solving."""
    if len(problem.rows) < _FEW or broken <= settings.broken_share * len(problem.rows):
        return False
    read = [variable.figure for variable in problem.variables if isinstance(variable, Unknown)]
    return sum(figure.hesitant for figure in read) > settings.hesitant_share * len(read)


def _moved(
    problem: Problem, changes: Mapping[int, int], members: Iterable[tuple[int, int]]
) -> dict[int, int]:
    merged = dict(changes) | dict(members)
    return {v: value for v, value in merged.items() if value != problem.variables[v].value}
