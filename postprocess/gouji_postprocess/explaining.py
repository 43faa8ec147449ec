"""The cheapest explanation of a few broken rows, found locally.

Broken rows fall into groups that no single figure ties together. Each group is explained on its own,
cheapest set first; a figure outside the group may take part. The sum is the cheapest reading of the
table unless groups interact, which the search for rivals finds out afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gouji_postprocess.closing import Closing, Limits
from gouji_postprocess.figures import MILLI
from gouji_postprocess.problem import Problem

_DEAREST = 80 * MILLI  # nothing that costs this much is an explanation
_CAP = 12 * MILLI  # listed values beyond this are as good as unlisted ones in the bounds


def explain_locally(
    problem: Problem, *, deadline: float, pops: int, length: int = 10
) -> dict[int, int] | None:
    """Changes that close every row, or None where a group was not explained within the limits."""
    limits = Limits(_DEAREST, pops, 1, length, deadline)
    changes: dict[int, int] = {}
    left = problem.broken({})
    while left:
        closing = Closing(problem, changes, _CAP)
        fresh: dict[int, int] = {}
        # Groups are explained side by side from the same state as long as they do not touch.
        for group in _groups(problem, left):
            if not closing.broken.issuperset(group) or any(r in _touched(problem, fresh) for r in group):
                continue
            found = closing.search({}, 0, group, limits)
            if not found.sets:
                return None
            members = dict(found.sets[0][1])
            if _touched(problem, fresh).isdisjoint(_touched(problem, members)):
                fresh |= members
        changes |= fresh
        changes = {v: value for v, value in changes.items() if value != problem.variables[v].value}
        after = problem.broken(changes)
        if len(after) >= len(left):
            return None
        left = after
    return changes


def _touched(problem: Problem, changes: Mapping[int, int]) -> set[int]:
    return {r for v in changes for r, _ in problem.touching[v]}


def _groups(problem: Problem, broken: Collection[int]) -> list[list[int]]:
    """Broken rows joined by figures all of whose rows are broken; the smallest group first."""
    parent = {row: row for row in broken}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for row in broken:
        for v, _ in problem.rows[row].terms:
            rows = [r for r, _ in problem.touching[v]]
            if all(r in parent for r in rows):
                for r in rows[1:]:
                    parent[root(r)] = root(rows[0])
    groups: dict[int, list[int]] = {}
    for row in sorted(broken):
        groups.setdefault(root(row), []).append(row)
    return sorted(groups.values(), key=lambda group: (len(group), group))
