"""How well the rules guard each figure: the least number of cells that must be wrong together to go unseen.

The rules are a linear code over the figures: an error pattern is invisible when it leaves every rule
as it was. The distance of a cell is the size of the smallest invisible pattern through it: 1 is a cell
in no rule, 2 shows an error but not where it is, 3 and more can be located and corrected.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from gouji_layout.geometry import CellRef
from gouji_postprocess.decision import Protection
from gouji_postprocess.problem import binds
from gouji_postprocess.rule import Rule

DEEPEST = 7
"""Distances from here on are reported as this; the national forms reach 6."""
_LOOKS = 20_000  # patterns looked at for one cell before its distance is taken as the depth reached
_ALL_LOOKS = 300_000  # for all cells together: some seconds; the forms need 2,000

_Columns = tuple[tuple[tuple[int, int], ...], ...]


def protection(rules: Sequence[Rule], refs: Collection[CellRef]) -> dict[CellRef, int]:
    """The coding distance of each cell under these rules.

    Only rules that may correct count. Distances are exact up to `DEEPEST - 1`; in systems so dense
    that the search would take long, a cell gets the distance proven so far (never less than the truth
    for 1 and 2, so the published class `unchecked` / `detect only` is always exact).
    """
    members = sorted({cell for rule in rules if binds(rule) for cell in rule.cells})
    index = {ref: number for number, ref in enumerate(members)}
    rows = [_row(rule, index) for rule in rules if binds(rule)]
    rows = [row for row in rows if row]
    columns: list[list[tuple[int, int]]] = [[] for _ in members]
    for number, row in enumerate(rows):
        for column, coefficient in row:
            columns[column].append((number, coefficient))
    frozen = tuple(map(tuple, columns))
    kinds = _kinds(rows, frozen)
    known: dict[int, int] = {}
    left = [_ALL_LOOKS]
    distances = {}
    for ref in refs:
        if ref not in index or not frozen[index[ref]]:
            distances[ref] = 1
            continue
        start = index[ref]
        if kinds[start] not in known:
            known[kinds[start]] = _distance(start, rows, frozen, left)
        distances[ref] = known[kinds[start]]
    return distances


def protection_class(distance: int) -> Protection:
    """The class that is published for a distance."""
    if distance <= 1:
        return Protection.UNCHECKED
    return Protection.DETECT_ONLY if distance == 2 else Protection.CORRECTABLE


def _row(rule: Rule, index: dict[CellRef, int]) -> tuple[tuple[int, int], ...]:
    terms: dict[int, int] = {}
    for term in rule.terms:
        terms[index[term.cell]] = terms.get(index[term.cell], 0) + term.coefficient
    return tuple((column, a) for column, a in terms.items() if a)


def _kinds(rows: Sequence[tuple[tuple[int, int], ...]], columns: _Columns) -> list[int]:
    """Colour refinement: cells in like places get the same number, so that each kind is searched once."""
    kinds = [0] * len(columns)
    while True:
        about_row = [tuple(sorted((a, kinds[c]) for c, a in row)) for row in rows]
        about = [
            (kinds[c], tuple(sorted((a, about_row[r]) for r, a in column)))
            for c, column in enumerate(columns)
        ]
        names = {description: number for number, description in enumerate(sorted(set(about)))}
        if len(names) == len(set(kinds)):
            return kinds
        kinds = [names[description] for description in about]


def _distance(
    start: int, rows: Sequence[tuple[tuple[int, int], ...]], columns: _Columns, left: list[int]
) -> int:
    for depth in range(2, DEEPEST):
        given = min(_LOOKS, left[0])
        looks = [given]
        seen = _invisible([start], depth, rows, columns, looks)
        left[0] -= given - max(looks[0], 0)
        if seen or looks[0] <= 0:
            return depth
    return DEEPEST


def _invisible(
    chosen: list[int],
    depth: int,
    rows: Sequence[tuple[tuple[int, int], ...]],
    columns: _Columns,
    looks: list[int],
) -> bool:
    """Whether an invisible pattern of at most `depth` cells holds all chosen cells and moves the first."""
    looks[0] -= 1
    if looks[0] <= 0:
        return False
    touched: dict[int, int] = {}
    for column in chosen:
        for row, _ in columns[column]:
            touched[row] = touched.get(row, 0) + 1
    single = [row for row, times in touched.items() if times == 1]
    if not single and _balanced(chosen, columns):
        return True
    left = depth - len(chosen)
    if left == 0:
        return False
    if single:
        most = max(len(columns[c]) for row in single for c, _ in rows[row])
        if len(single) > left * most:
            return False
        row = min(single, key=lambda r: (len(rows[r]), r))
        fresh = [c for c, _ in rows[row] if c not in chosen]
    else:
        fresh = sorted({c for row in touched for c, _ in rows[row]} - set(chosen))
    return any(_invisible([*chosen, c], depth, rows, columns, looks) for c in fresh)


def _balanced(chosen: Sequence[int], columns: _Columns) -> bool:
    """Whether some weights, not zero on the first cell, make the chosen columns cancel in every row."""
    touched = sorted({row for column in chosen for row, _ in columns[column]})
    # The first column must lie in the span of the others: eliminate with exact fractions.
    place = {row: k for k, row in enumerate(touched)}
    vectors = []
    for column in chosen:
        vector = [Fraction(0)] * len(touched)
        for row, a in columns[column]:
            vector[place[row]] = Fraction(a)
        vectors.append(vector)
    target = vectors[0]
    basis: list[tuple[int, list[Fraction]]] = []
    for vector in vectors[1:]:
        reduced = _reduce(vector, basis)
        pivot = next((k for k, x in enumerate(reduced) if x), None)
        if pivot is not None:
            basis.append((pivot, reduced))
    return not any(_reduce(target, basis))


def _reduce(vector: list[Fraction], basis: list[tuple[int, list[Fraction]]]) -> list[Fraction]:
    for pivot, other in basis:
        if vector[pivot]:
            factor = vector[pivot] / other[pivot]
            vector = [x - factor * y for x, y in zip(vector, other, strict=True)]
    return vector
