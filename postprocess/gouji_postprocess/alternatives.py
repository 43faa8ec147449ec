"""Every other cheap way to make the rules close: the proof that a reading is the only one.

Two consistent readings differ by a set of changes that leaves every rule as it was. Such *closed*
sets are looked for around the cheapest reading, cheapest first, starting from each change undone and
from each figure that has a cheap other value. This finds errors that compensate each other, which no
residual shows, and gives each value a weight e^-gap.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from gouji_postprocess.figures import MILLI, NEVER
from gouji_postprocess.problem import Problem, Unknown

_TABLE = 4000  # how many partial sums a bound keeps
_WAYS = 12  # how many closed sets one start may yield


@dataclass(frozen=True, slots=True)
class Rivals:
    """What else could be: closed sets of changes from the cheapest reading with their extra cost.

    `incomplete` names the variables whose search was cut short; `better` is a set that is cheaper
    than what was thought cheapest, if the search met one.
    """

    sets: Mapping[tuple[tuple[int, int], ...], int]
    incomplete: frozenset[int]
    better: tuple[tuple[int, int], ...] | None = None


@dataclass(eq=False)
class _Search:
    """State of one search around a solution; bounds are built when first asked for."""

    problem: Problem
    changes: Mapping[int, int]
    gap: int
    deadline: float
    values: list[int] = field(init=False)
    paid: dict[int, int] = field(init=False)
    options: list[list[tuple[int, int]]] = field(init=False)
    base: list[int] = field(init=False)
    cap: int = field(init=False)
    tables: dict[int, tuple[dict[int, int], int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problem = self.problem
        self.values = [self.changes.get(v, x.value) for v, x in enumerate(problem.variables)]
        self.paid = {v: problem.variables[v].cost(value) for v, value in self.changes.items()}
        self.base = problem.residuals_with(self.changes)
        self.cap = self.gap + max(self.paid.values(), default=0)
        self.options = []
        for v, variable in enumerate(problem.variables):
            paid = self.paid.get(v, 0)
            found = [(cost - paid, value) for value, cost in variable.choices if value != self.values[v]]
            if v in self.changes and variable.known:
                found.append((-paid, variable.value))
            self.options.append([(value, cost) for cost, value in sorted(found)])

    def closed(self, row: int, moved: int) -> bool:
        return abs(self.base[row] + moved) <= self.problem.rows[row].slack

    def bound(self, row: int, moved: int) -> int:
        """No way to close this row from here costs less (each figure's cost is shared by its rows)."""
        slack = self.problem.rows[row].slack
        if row not in self.tables:
            self.tables[row] = self._table(row)
        table, other = self.tables[row]
        if slack:
            return min(0, other)
        return min(table.get(-(self.base[row] + moved), self.cap), other)

    def _table(self, row: int) -> tuple[dict[int, int], int]:
        table: dict[int, int] = {0: 0}
        other, undone = NEVER, 0
        for v, coefficient in self.problem.rows[row].terms:
            share = len(self.problem.touching[v])
            other = min(other, self._shared(self.problem.variables[v].lowest - self.paid.get(v, 0), share))
            steps = [
                (coefficient * (value - self.values[v]), self._shared(cost, share))
                for value, cost in self.options[v]
                if cost < self.cap * share
            ]
            if not steps:
                continue
            undone += min(0, *(cost for _, cost in steps))
            grown = dict(table)
            for reached, spent in table.items():
                for step, cost in steps:
                    total = spent + cost
                    if total < self.cap and total < grown.get(reached + step, NEVER):
                        grown[reached + step] = total
            if len(grown) > _TABLE:
                grown = dict(sorted(grown.items(), key=lambda item: (item[1], item[0]))[:_TABLE])
            table = grown
        return table, other + undone

    @staticmethod
    def _shared(cost: int, share: int) -> int:
        return cost // share if cost > 0 else cost

    def grow(
        self, first: int, value: int, cost: int, pops: int, length: int
    ) -> tuple[list[tuple[int, tuple[tuple[int, int], ...]]], bool]:
        """Closed sets that contain this change, cheapest first, and whether the search was complete."""
        touching, rows = self.problem.touching, self.problem.rows
        moved = {r: a * (value - self.values[first]) for r, a in touching[first]}
        pending = [r for r, d in moved.items() if not self.closed(r, d)]
        heap: list[tuple[int, int, int, dict[int, int], dict[int, int]]] = [
            (cost + sum(self.bound(r, moved[r]) for r in pending), 0, cost, {first: value}, moved)
        ]
        seen: set[frozenset[tuple[int, int]]] = set()
        found: list[tuple[int, tuple[tuple[int, int], ...]]] = []
        count, popped, complete = 0, 0, True
        while heap:
            low, _, spent, chosen, moved = heapq.heappop(heap)
            if low > self.gap:
                break
            popped += 1
            if popped > pops or time.monotonic() > self.deadline:
                return found, False
            pending = [r for r, d in moved.items() if d and not self.closed(r, d)]
            if not pending:
                found.append((spent, tuple(sorted(chosen.items()))))
                if len(found) >= _WAYS:
                    break
                continue
            if len(chosen) >= length:
                complete = False
                continue
            bounds = {r: self.bound(r, moved[r]) for r in pending}
            together = sum(bounds.values())
            # The row that is dearest to close first, the shorter one of equals: it fails soonest.
            row = max(pending, key=lambda r: (bounds[r], -len(rows[r].terms), -r))
            for v, _ in rows[row].terms:
                if v in chosen:
                    continue
                for new, extra in self._steps(v, moved, spent):
                    total, step, ahead = spent + extra, new - self.values[v], together
                    for r, a in touching[v]:
                        if r in bounds:
                            ahead -= bounds[r]
                        after = moved.get(r, 0) + a * step
                        if not self.closed(r, after):
                            ahead += self.bound(r, after)
                    if total + ahead > self.gap:
                        continue
                    key = frozenset((*chosen.items(), (v, new)))
                    if key in seen:
                        continue
                    seen.add(key)
                    shifted = dict(moved)
                    for r, a in touching[v]:
                        shifted[r] = shifted.get(r, 0) + a * step
                    count += 1
                    heapq.heappush(heap, (total + ahead, count, total, chosen | {v: new}, shifted))
        return found, complete

    def _steps(self, v: int, moved: Mapping[int, int], spent: int) -> list[tuple[int, int]]:
        """Values this variable may take next: listed ones, and those that close one of its rows."""
        variable, paid = self.problem.variables[v], self.paid.get(v, 0)
        steps = dict(self.options[v])
        if spent + variable.lowest - paid <= self.gap + 8 * MILLI:
            for r, a in self.problem.touching[v]:
                left = self.base[r] + moved.get(r, 0)
                if left and not self.closed(r, moved.get(r, 0)) and left % a == 0:
                    value = self.values[v] - left // a
                    if value != self.values[v] and value not in steps:
                        cost = variable.cost(value)
                        if cost < NEVER:
                            steps[value] = cost - paid
        return list(steps.items())


def rivals(
    problem: Problem,
    changes: Mapping[int, int],
    *,
    gap: int,
    deadline: float,
    pops: int = 150,
    length: int = 6,
) -> Rivals:
    """Look for every closed set of changes that costs at most `gap` millinats more than `changes`.

    Args:
        problem: the system.
        changes: the cheapest reading, as departures from what was read.
        gap: how much dearer an alternative may be and still be of interest.
        deadline: `time.monotonic()` after which searches count as cut short.
        pops: how many partial sets one search may look at.
        length: how many figures an alternative may change.
    """
    search = _Search(problem, changes, gap, deadline)
    starts = [
        (v, problem.variables[v].value, -search.paid[v])
        for v in sorted(changes)
        if problem.variables[v].known
    ]
    for v in range(len(problem.variables)):
        starts += [
            (v, value, cost)
            for value, cost in search.options[v]
            if cost < gap and (v not in changes or value != problem.variables[v].value)
        ]
    sets: dict[tuple[tuple[int, int], ...], int] = {}
    cut: set[int] = set()
    for v, value, cost in starts:
        found, complete = search.grow(v, value, cost, pops, length)
        for extra, members in found:
            if extra < 0:
                return Rivals({}, frozenset(), members)
            sets[members] = extra
        if not complete:
            cut.add(v)
    unread = {v for v, x in enumerate(problem.variables) if isinstance(x, Unknown) and not x.known}
    return Rivals(sets, frozenset(cut - unread))
