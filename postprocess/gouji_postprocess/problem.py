"""Figures and rules as one exact system: whole-number rows over variables, and what is left over in each.

A variable is a figure, a cell that no reader can read (`Unread`), or the doubt whether a soft rule applies
at all (`Void`), which joins that rule with factor one and costs the rule's price as soon as it is not zero.
Everything after this step sees variables, rows and residuals only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gouji_layout.geometry import CellRef
from gouji_postprocess.figures import MILLI, NEVER, Figure
from gouji_postprocess.rule import Relation, Rule, RuleSource

_SOMETHING = round(-MILLI * math.log(0.3)) + 3 * MILLI
"""Cost of one figure standing in a cell that no reader can read: 106 of 350 of made pages held one."""
_GUESSED = (RuleSource.HEADINGS, RuleSource.NUMBERS)  # nobody said that these rules hold
_MOST_UNREAD = 2  # cells of a rule: with more of them it says nothing


@dataclass(frozen=True, slots=True)
class Priced:
    """What is zero, or anything else at one price: no other value is listed."""

    price: int
    value: int = field(default=0, init=False)
    known: bool = field(default=True, init=False)
    choices: tuple[tuple[int, int], ...] = field(default=(), init=False)
    least: int | None = field(default=None, init=False)  # the smallest value allowed; None without a limit

    @property
    def lowest(self) -> int:
        """No departure costs less."""
        return self.price

    def cost(self, value: int) -> int:
        """The price of any value but zero."""
        return self.price if value else 0


@dataclass(frozen=True, slots=True)
class Void(Priced):
    """The doubt whether a soft rule applies; any value but zero means it does not."""

    rule: str


@dataclass(frozen=True, slots=True)
class Unread(Priced):
    """A cell with ink of which no reader made an amount: mostly dirt, so that zero is the likeliest."""

    price: int = _SOMETHING
    least: int | None = field(default=0, init=False)


@dataclass(frozen=True, eq=False, slots=True)
class Unknown:
    """A figure as a variable: listed departures with their costs, and a price for any other value."""

    figure: Figure
    value: int
    choices: tuple[tuple[int, int], ...]  # (value, cost), cheapest first, `value` itself left out
    lowest: int
    least: int | None

    @property
    def known(self) -> bool:
        """False when no reader made an amount of it; then no value is dearer than another."""
        return self.figure.known

    def cost(self, value: int) -> int:
        """What it costs that this value was intended."""
        return self.figure.cost(value)


Variable = Unknown | Void | Unread


@dataclass(frozen=True, slots=True)
class Row:
    """A rule over variables: `sum(coefficient * value)` must stay within `slack` of zero."""

    rule: Rule
    terms: tuple[tuple[int, int], ...]  # (variable, coefficient)
    slack: int


@dataclass(frozen=True, eq=False)
class Problem:
    """All variables and rows of the tables that rules tie together."""

    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
    index: Mapping[CellRef, int]
    scale: int

    @cached_property
    def touching(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For every variable the rows it is in, with its coefficient there."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.variables]
        for number, row in enumerate(self.rows):
            for variable, coefficient in row.terms:
                found[variable].append((number, coefficient))
        return tuple(map(tuple, found))

    @cached_property
    def residuals(self) -> tuple[int, ...]:
        """What is left over in every row with every figure as read."""
        return tuple(self.residuals_with({}))

    def residuals_with(self, changes: Mapping[int, int]) -> list[int]:
        """What is left over in every row when these variables take these values instead."""
        return [sum(a * changes.get(v, self.variables[v].value) for v, a in row.terms) for row in self.rows]

    def voided(self, changes: Mapping[int, int]) -> frozenset[str]:
        """Ids of the soft rules that do not apply under these changes."""
        subjects = (self.variables[v] for v in changes)
        return frozenset(subject.rule for subject in subjects if isinstance(subject, Void))

    def checked(self, changes: Mapping[int, int]) -> set[int]:
        """The rows that close with these changes and could have failed to.

        Soft rules that do not apply are none of them, nor is what an unreadable cell was made to close.
        """
        left = self.residuals_with(changes)
        free = {v for v in changes if not isinstance(self.variables[v], Unknown)}
        return {
            r
            for r, row in enumerate(self.rows)
            if abs(left[r]) <= row.slack and free.isdisjoint(v for v, _ in row.terms)
        }

    def broken(self, changes: Mapping[int, int]) -> list[int]:
        """The rows that do not close with these changes."""
        left = self.residuals_with(changes)
        return [r for r, row in enumerate(self.rows) if abs(left[r]) > row.slack]

    def price(self, changes: Mapping[int, int]) -> int:
        """What all these departures cost together, in millinats."""
        return sum(self.variables[v].cost(value) for v, value in changes.items())


def assemble(figures: Sequence[Figure], rules: Sequence[Rule], *, scale: int) -> Problem:
    """Set up the system from figures and the rules that may bind them.

    Rules that only check (`may_correct` false, or an inequality) and those that do not take part are left
    out; a verdict is given on them afterwards, and `derived` says what unreadable cells would have to be.
    Cells in no row stay out of the system.
    """
    by_ref = {figure.ref: figure for figure in figures}
    binding = [rule for rule in rules if takes_part(rule, by_ref)]
    refs = sorted({cell for rule in binding for cell in rule.cells})
    index = {ref: number for number, ref in enumerate(refs)}
    variables: list[Variable] = [variable_of(by_ref[ref]) if by_ref[ref].known else Unread() for ref in refs]
    rows = []
    for rule in binding:
        terms: dict[int, int] = {}
        for term in rule.terms:
            terms[index[term.cell]] = terms.get(index[term.cell], 0) + term.coefficient
        if rule.void_cost < NEVER / MILLI:
            terms[len(variables)] = 1
            variables.append(Void(round(MILLI * rule.void_cost), rule=rule.id))
        rows.append(
            Row(rule, tuple((v, a) for v, a in terms.items() if a), rule.slack * 10 ** (scale - rule.scale))
        )
    return Problem(tuple(variables), tuple(rows), index, scale)


def takes_part(rule: Rule, figures: Mapping[CellRef, Figure]) -> bool:
    """Whether a rule binds and all its cells were read, or it holds without the few that were not.

    A rule that does not hold without them says nothing: any figure may stand there. Nor does a guessed one
    whose total is left out.
    """
    if not binds(rule) or any(cell not in figures for cell in rule.cells):
        return False
    if rule.source in _GUESSED and _leaves_its_total_out(rule, figures):
        return False
    unread = [figures[cell] for cell in rule.cells if not figures[cell].known]
    if not unread:
        return True
    if len(unread) > _MOST_UNREAD or any(figure.fixed for figure in unread):
        return False
    return sum(term.coefficient * figures[term.cell].value for term in rule.terms) == 0


def _leaves_its_total_out(rule: Rule, figures: Mapping[CellRef, Figure]) -> bool:
    """Whether the total of several parts is surely left blank, as below ages, prices or account numbers."""
    for side in (1, -1):
        wholes = [term.cell for term in rule.terms if term.coefficient * side > 0]
        if len(wholes) == 1 and len(rule.terms) > 2:
            whole = figures[wholes[0]]
            return whole.blank and not whole.hesitant
    return False


def derived(
    figures: Mapping[CellRef, Figure], rules: Sequence[Rule], values: Mapping[CellRef, int]
) -> dict[CellRef, int]:
    """What unreadable figures would have to be for the rules to hold, one after the other.

    A rule with one unreadable figure gives its value; where two rules disagree, there is none.
    """
    known = dict(values)
    found: dict[CellRef, int] = {}
    clashing: set[CellRef] = set()
    rules = [rule for rule in rules if binds(rule) and all(cell in figures for cell in rule.cells)]
    for _ in range(len(figures)):
        fresh: dict[CellRef, int] = {}
        for rule in rules:
            missing = [term for term in rule.terms if term.cell not in known]
            if len(missing) != 1:
                continue
            total = sum(term.coefficient * known[term.cell] for term in rule.terms if term.cell in known)
            cell, (value, rest) = missing[0].cell, divmod(-total, missing[0].coefficient)
            if rest or value < 0 or fresh.get(cell, value) != value:
                clashing.add(cell)
            fresh[cell] = value
        fresh = {cell: value for cell, value in fresh.items() if cell not in clashing}
        if not fresh:
            break
        found |= fresh
        known |= fresh
    return found


def binds(rule: Rule) -> bool:
    """Whether a rule takes part in solving, or is only looked at afterwards."""
    return rule.may_correct and rule.relation is Relation.EQUAL and bool(rule.terms)


def variable_of(figure: Figure) -> Unknown:
    """The variable of a figure."""
    choices = sorted((figure.cost(option.value), option.value) for option in figure.options)
    return Unknown(
        figure,
        figure.value,
        tuple((value, cost) for cost, value in choices if cost < NEVER),
        figure.lowest,
        None if figure.signed else 0,
    )
