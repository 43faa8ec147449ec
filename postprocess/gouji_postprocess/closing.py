"""Search for cheap sets of changes that leave every row closed: best first, with bounds from each row.

The same search serves two questions: which set closes the rows that are broken (an explanation), and
which set, added to a solution, leaves all rows closed (another solution). A set grows by taking a row
that is open and changing one more of its variables, to a listed value or to one that closes one of its
rows. The bound of a row is the least that closing it can cost, each variable's cost being shared among
its rows, so that bounds of several rows may be added.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gouji_postprocess.figures import MILLI, NEVER
from gouji_postprocess.problem import Problem

_TABLE = 4000  # how many partial sums the bound of a row keeps

Members = tuple[tuple[int, int], ...]
"""A set of changes: (variable, new value), sorted by variable."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a search may go; `budget` is the dearest set of interest, in millinats."""

    budget: int
    pops: int
    ways: int
    length: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Found:
    """Sets with their cost, cheapest first; `complete` when nothing within the budget was missed."""

    sets: tuple[tuple[int, Members], ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _RowBound:
    """What closing a row costs at least: by listed values only, or with one or more unlisted ones."""

    listed: Mapping[int, int]  # movement -> least cost
    cap: int  # movements that are not in `listed` cost at least this by listed values
    single: int  # at least this with one unlisted value
    several: int  # at least this with an unlisted value and any further change


@dataclass(frozen=True, slots=True)
class _State:
    spent: int
    chosen: dict[int, int]
    moved: dict[int, int]


@dataclass(eq=False)
class Closing:
    """A search around a set of changes; rows broken there, but not asked for, may stay as they are."""

    problem: Problem
    changes: Mapping[int, int]
    cap: int
    values: list[int] = field(init=False)
    paid: dict[int, int] = field(init=False)
    options: list[list[tuple[int, int]]] = field(init=False)
    base: list[int] = field(init=False)
    broken: frozenset[int] = field(init=False)
    _bounds: dict[int, _RowBound] = field(default_factory=dict, init=False)
    _known: dict[tuple[int, int], int] = field(default_factory=dict, init=False)
    _within: dict[tuple[int, int], int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        problem = self.problem
        self.values = [self.changes.get(v, x.value) for v, x in enumerate(problem.variables)]
        self.paid = {v: problem.variables[v].cost(value) for v, value in self.changes.items()}
        self.base = problem.residuals_with(self.changes)
        self.broken = frozenset(r for r, row in enumerate(problem.rows) if abs(self.base[r]) > row.slack)
        self.options = []
        for v, variable in enumerate(problem.variables):
            paid = self.paid.get(v, 0)
            found = [(cost - paid, value) for value, cost in variable.choices if value != self.values[v]]
            if v in self.changes and variable.known:
                found.append((-paid, variable.value))
            self.options.append([(value, cost) for cost, value in sorted(found)])

    def is_open(self, row: int, moved: int, wanted: Collection[int]) -> bool:
        """Whether a row is left broken when its sum moves by this."""
        if moved == 0 and row not in wanted:
            return False
        return abs(self.base[row] + moved) > self.problem.rows[row].slack

    def rough_bound(self, row: int, moved: int) -> int:
        """No way to close this row from here costs less; asks nothing of the pictures."""
        if row not in self._bounds:
            self._bounds[row] = self._row_bound(row)
        bounds = self._bounds[row]
        return min(self._listed(row, -(self.base[row] + moved)), bounds.single, bounds.several)

    def _listed(self, row: int, need: int) -> int:
        """The least that listed values cost that move the row's sum by this, within its slack."""
        bounds, slack = self._bounds[row], self.problem.rows[row].slack
        if not slack:
            return bounds.listed.get(need, bounds.cap)
        if (row, need) not in self._within:
            found = (cost for movement, cost in bounds.listed.items() if abs(movement - need) <= slack)
            self._within[row, need] = min(found, default=bounds.cap)
        return min(self._within[row, need], bounds.cap)

    def bound(self, row: int, moved: int) -> int:
        """The same, sharper: a single unlisted value is taken at its true cost."""
        need = -(self.base[row] + moved)
        known = self._known.get((row, need))
        if known is None:
            known = self._bound(row, need)
            self._known[row, need] = known
        return known

    def _bound(self, row: int, need: int) -> int:
        rough = self.rough_bound(row, -need - self.base[row])
        bounds = self._bounds[row]
        if self.problem.rows[row].slack:
            return rough
        least = min(bounds.listed.get(need, bounds.cap), bounds.several)
        for v, coefficient in self.problem.rows[row].terms:
            variable, paid = self.problem.variables[v], self.paid.get(v, 0)
            if need % coefficient == 0 and self._share(v, variable.lowest - paid) < least:
                cost = variable.cost(self.values[v] + need // coefficient)
                least = min(least, self._share(v, cost - paid))
        return least

    def _row_bound(self, row: int) -> _RowBound:
        table: dict[int, int] = {0: 0}
        cap = self.cap
        unlisted: list[tuple[int, int]] = []
        cheapest: list[tuple[int, int]] = []
        undone = 0
        for v, coefficient in self.problem.rows[row].terms:
            share = len(self.problem.touching[v])
            low = self._share(v, self.problem.variables[v].lowest - self.paid.get(v, 0))
            steps = [
                (coefficient * (value - self.values[v]), self._share(v, cost))
                for value, cost in self.options[v]
                if cost < cap * share
            ]
            unlisted.append((low, v))
            cheapest.append((min([low, *(cost for _, cost in steps)]), v))
            if not steps:
                continue
            undone += min(0, *(cost for _, cost in steps))
            grown = dict(table)
            for reached, spent in table.items():
                for step, cost in steps:
                    total = spent + cost
                    if total < cap and total < grown.get(reached + step, NEVER):
                        grown[reached + step] = total
            if len(grown) > _TABLE:
                kept = sorted(grown.items(), key=lambda item: (item[1], item[0]))
                cap = min(cap, kept[_TABLE][1])
                grown = dict(kept[:_TABLE])
            table = grown
        single = min(low for low, _ in unlisted)
        return _RowBound(table, cap, single, _several(unlisted, cheapest, undone))

    def _share(self, variable: int, cost: int) -> int:
        # What is given back by undoing a change is not shared: that would promise too little.
        return cost // len(self.problem.touching[variable]) if cost > 0 else cost

    def search(self, first: Mapping[int, int], cost: int, wanted: Collection[int], limits: Limits) -> Found:
        """Sets that hold the changes `first` (which cost `cost`) and close the `wanted` rows.

        Other rows must be closed too if the set moves them; broken ones may be closed on the way.
        """
        moved = dict.fromkeys(wanted, 0)
        for v, value in first.items():
            for r, a in self.problem.touching[v]:
                moved[r] = moved.get(r, 0) + a * (value - self.values[v])
        goal = frozenset(wanted)
        heap = [(cost, 0, _State(cost, dict(first), moved))]
        seen: set[frozenset[tuple[int, int]]] = set()
        found: list[tuple[int, Members]] = []
        count, popped, complete = 0, 0, True
        while heap:
            low, _, state = heapq.heappop(heap)
            if low > limits.budget or len(found) >= limits.ways:
                break
            pending = {r: self.bound(r, d) for r, d in state.moved.items() if self.is_open(r, d, goal)}
            least = state.spent + sum(pending.values())
            if least > low:  # the rough bound promised too much: back in the queue with the sharp one
                count += 1
                heapq.heappush(heap, (least, count, state))
                continue
            popped += 1
            if popped > limits.pops or time.process_time() > limits.deadline:
                return Found(tuple(found), complete=False)
            if not pending:
                found.append((state.spent, tuple(sorted(state.chosen.items()))))
                continue
            if len(state.chosen) >= limits.length:
                complete = False
                continue
            for ahead, grown in self._grown(state, pending, goal, limits.budget):
                key = frozenset(grown.chosen.items())
                if key not in seen:
                    seen.add(key)
                    count += 1
                    heapq.heappush(heap, (ahead, count, grown))
        return Found(tuple(found), complete)

    def _grown(
        self, state: _State, pending: Mapping[int, int], goal: frozenset[int], budget: int
    ) -> list[tuple[int, _State]]:
        """The state with one more change that moves the row that is dearest to close."""
        rows, touching = self.problem.rows, self.problem.touching
        together = sum(pending.values())
        # Dearest row first, the shorter one of equals: it fails soonest.
        row = max(pending, key=lambda r: (pending[r], -len(rows[r].terms), -r))
        grown = []
        for v, _ in rows[row].terms:
            if v in state.chosen:
                continue
            for value, extra in self._steps(v, state, goal, budget):
                step, ahead = value - self.values[v], state.spent + extra + together
                for r, a in touching[v]:
                    after = state.moved.get(r, 0) + a * step
                    ahead -= pending.get(r, 0)
                    if self.is_open(r, after, goal):
                        ahead += self.rough_bound(r, after)
                if ahead > budget:
                    continue
                moved = dict(state.moved)
                for r, a in touching[v]:
                    moved[r] = moved.get(r, 0) + a * step
                grown.append((ahead, _State(state.spent + extra, state.chosen | {v: value}, moved)))
        return grown

    def _steps(self, v: int, state: _State, goal: frozenset[int], budget: int) -> list[tuple[int, int]]:
        """Values this variable may take next: listed ones, and those that close one of its rows."""
        variable, paid = self.problem.variables[v], self.paid.get(v, 0)
        steps = dict(self.options[v])
        if state.spent + variable.lowest - paid > budget + 8 * MILLI:
            return list(steps.items())
        for r, a in self.problem.touching[v]:
            moved = state.moved.get(r, 0)
            left = self.base[r] + moved
            if not (r in self.broken or self.is_open(r, moved, goal)) or left == 0 or left % a:
                continue
            value = self.values[v] - left // a
            if value != self.values[v] and value not in steps:
                cost = variable.cost(value)
                if cost < NEVER:
                    steps[value] = cost - paid
        return list(steps.items())


def _several(unlisted: list[tuple[int, int]], cheapest: list[tuple[int, int]], undone: int) -> int:
    """Least cost of an unlisted value together with any change of another variable of the row."""
    cheapest = sorted(cheapest)[:2]
    least = NEVER
    for low, v in unlisted:
        other = next((cost for cost, u in cheapest if u != v), NEVER)
        least = min(least, low + max(other, 0))
    return least + undone
