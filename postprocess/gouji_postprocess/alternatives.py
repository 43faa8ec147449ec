"""Every other cheap way to make the rules close: the proof that a reading is the only one.

Two consistent readings differ by a set of changes that leaves every rule as it was. Such *closed*
sets are looked for around the cheapest reading, cheapest first, starting from each change undone and
from each figure that has a cheap other value. This finds errors that compensate each other, which no
residual shows, and gives each value a weight e^-gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gouji_postprocess.closing import Closing, Limits, Members
from gouji_postprocess.problem import Problem

_THOROUGH = 12
"""How many times more a search may look at when it was cut short: doubt costs a person more than time."""
_LONGER = 8
"""How many searches may be that thorough: with more of them the table is too doubtful for it to help."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """What else could be: closed sets of changes from the cheapest reading with their extra cost.

    `incomplete` names the variables whose search was cut short; `better` is a set that is cheaper
    than what was thought cheapest, if the search met one.
    """

    sets: Mapping[Members, int]
    incomplete: frozenset[int]
    better: Members | None = None


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
        deadline: `time.process_time()` after which searches count as cut short.
        pops: how many partial sets one search may look at.
        length: how many figures an alternative may change.
    """
    paid = [problem.variables[v].cost(value) for v, value in changes.items()]
    closing = Closing(problem, changes, gap + max(paid, default=0))
    limits = Limits(gap, pops, 12, length, deadline)
    thorough = replace(limits, pops=pops * _THOROUGH, length=length + 2)
    starts = [(v, value, cost) for v in range(len(problem.variables)) for value, cost in closing.options[v]]
    # What was changed comes first: its search is the one that can show the solution not to be the cheapest.
    starts.sort(key=lambda start: (start[0] not in changes, start[0], start[2]))
    sets: dict[Members, int] = {}
    cut: set[int] = set()
    longer = _LONGER
    for v, value, cost in starts:
        if not problem.touching[v] or cost >= gap:
            continue
        found = closing.search({v: value}, cost, (), limits)
        if not found.complete and longer > 0:
            longer -= 1
            found = closing.search({v: value}, cost, (), thorough)
        for extra, members in found.sets:
            if extra < 0:
                return Rivals({}, frozenset(), members)
            sets[members] = extra
        if not found.complete:
            cut.add(v)
    return Rivals(sets, frozenset(cut))
