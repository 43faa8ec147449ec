"""The cheapest consistent reading, with proof: CP-SAT over departures from what was read.

Stating only departures (a switch for every listed other value, one whole-number step for "any other
value") keeps the model small where readers are mostly right. A value nobody listed enters with a lower
bound of its cost; once a solution uses it, its true cost is asked from the picture and the model is
solved again, until no guess is left in the answer (lazy scoring).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from gouji_postprocess.problem import Problem

_ROUNDS = 30
_PATIENCE = (
    3  # the solver's limit is by the clock, ours in processor seconds: a busy machine gets some leeway
)
_LARGEST = 2**60  # of what a row may sum to: the solver counts in 64 bits
_REACH = 2  # unlisted values are looked for within this many times the largest residual


@dataclass(frozen=True, slots=True)
class Solution:
    """Changed variables and what they cost; `proven` says that nothing cheaper exists.

    `changes` is None when nothing was found: out of time, or (`impossible`) shown not to exist.
    """

    changes: Mapping[int, int] | None
    cost: int
    proven: bool
    impossible: bool = False
    solves: int = 0


def cheapest(
    problem: Problem,
    *,
    deadline: float,
    within: Collection[int] | None = None,
    forbidden: Mapping[int, int] | None = None,
) -> Solution:
    """Find the cheapest set of departures that closes every row.

    Args:
        problem: the system.
        deadline: `time.process_time()` at which to give up; not being done by then is no proof of anything.
        within: the variables that may depart; all by default. Rows without any of them are left out.
        forbidden: values that these variables must not take, to look for other answers.

    Returns:
        The solution; equal inputs give equal answers (one worker, fixed seed). None is found where
        figures are so large that their sums do not fit into 64 bits.
    """
    active = sorted(range(len(problem.variables)) if within is None else within)
    scored: dict[int, dict[int, int]] = {v: {} for v in active}
    if _too_large(problem):
        return Solution(None, 0, proven=False)
    best = Solution(None, 0, proven=False)
    for solves in range(1, _ROUNDS + 1):
        left = deadline - time.process_time()
        if left <= 0:
            return best
        found, status = _solve(problem, active, scored, left, forbidden or {})
        if found is None:
            if best.changes is not None:
                return best  # time ran out before anything cheaper was found
            impossible = status == cp_model.INFEASIBLE
            return Solution(None, 0, proven=impossible, impossible=impossible, solves=solves)
        changes, guessed = found
        fresh = False
        for variable in guessed:
            value = changes[variable]
            cost = problem.variables[variable].cost(value)
            if cost > problem.variables[variable].lowest:
                scored[variable][value] = cost
                fresh = True
        cost = problem.price(changes)
        proven = status == cp_model.OPTIMAL and not fresh
        if best.changes is None or cost < best.cost or proven:
            best = Solution(changes, cost, proven=proven, solves=solves)
        if proven or status != cp_model.OPTIMAL:
            return best
    return best


def _too_large(problem: Problem) -> bool:
    """Whether sums of these figures may leave what the solver can count in."""
    factors = max((sum(abs(a) for _, a in row.terms) for row in problem.rows), default=1)
    values = [value for x in problem.variables for value in (x.value, *(value for value, _ in x.choices))]
    return factors * (_reach(problem) + max(map(abs, values), default=0)) > _LARGEST


def _reach(problem: Problem) -> int:
    """How far from what was read unlisted values are looked for."""
    return _REACH * max([10, *(abs(r) for r in problem.residuals)])


def _solve(
    problem: Problem,
    active: list[int],
    scored: Mapping[int, Mapping[int, int]],
    seconds: float,
    forbidden: Mapping[int, int],
) -> tuple[tuple[dict[int, int], list[int]] | None, Any]:
    """One solve; the changed values, and which of them carry a guessed cost."""
    model = cp_model.CpModel()
    reach = _reach(problem)
    rows: dict[int, list[Any]] = {}
    switches: dict[int, list[tuple[cp_model.IntVar, int]]] = {}
    steps: dict[int, cp_model.IntVar] = {}
    costs: list[Any] = []
    for variable in active:
        subject = problem.variables[variable]
        listed = dict(subject.choices) | dict(scored[variable])
        banned = {value - subject.value for value in listed}
        if variable in forbidden:
            listed.pop(forbidden[variable], None)
            banned.add(forbidden[variable] - subject.value)
        switches[variable] = [(model.new_bool_var(""), value) for value in sorted(listed)]
        low = -reach if subject.least is None else max(-reach, subject.least - subject.value)
        step = model.new_int_var_from_domain(_without(low, reach, banned | {0}), "")
        away = model.new_bool_var("")
        model.add(step == 0).only_enforce_if(away.negated())
        model.add_at_most_one([switch for switch, _ in switches[variable]] + [away])
        if forbidden.get(variable) == subject.value:
            model.add_bool_or([switch for switch, _ in switches[variable]] + [away])
            model.add(step != 0).only_enforce_if(away)
        steps[variable] = step
        costs += [listed[value] * switch for switch, value in switches[variable]]
        costs.append(subject.lowest * away)
        delta = step + sum((value - subject.value) * switch for switch, value in switches[variable])
        for row, coefficient in problem.touching[variable]:
            rows.setdefault(row, []).append(coefficient * delta)
    for row, deltas in sorted(rows.items()):
        slack = problem.rows[row].slack
        model.add_linear_constraint(
            sum(deltas), -problem.residuals[row] - slack, -problem.residuals[row] + slack
        )
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    # One worker and a fixed seed: the same scan gives the same answer on every machine. Probing and
    # symmetry detection cost more than they save on models this small.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_time_in_seconds = _PATIENCE * seconds
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, status
    changes: dict[int, int] = {}
    guessed: list[int] = []
    for variable in active:
        for switch, value in switches[variable]:
            if solver.boolean_value(switch):
                changes[variable] = value
        moved = solver.value(steps[variable])
        if moved:
            changes[variable] = problem.variables[variable].value + moved
            guessed.append(variable)
    return (changes, guessed), status


def _without(low: int, high: int, banned: Iterable[int]) -> cp_model.Domain:
    """The whole numbers from low to high except the banned ones, and zero in any case."""
    intervals, start = [], low
    for value in sorted(b for b in set(banned) if low <= b <= high):
        if start <= value - 1:
            intervals.append([start, value - 1])
        start = value + 1
    if start <= high:
        intervals.append([start, high])
    return cp_model.Domain.from_intervals([*intervals, [0, 0]])
