"""Mistakes that spoil several figures at once by one cause: recognised as one, explained as one.

A row or column moved by one place, two neighbours exchanged, two cells read as one or one as two, a
thousands comma read as a point, a unit slipped by ten thousand. Each is tried as a set of changes that
costs one price; it is taken when it closes every rule it touches for less than the cheapest separate
misreads and misprints would. The pictures of the cells speak for what was read, so nothing is applied:
all cells go to a person, with the one explanation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gouji_layout.geometry import CellRef
from gouji_postprocess.explain import shown
from gouji_postprocess.figures import MILLI, Figure
from gouji_postprocess.problem import Problem
from gouji_postprocess.solving import Solved

PRICE = 8 * MILLI
"""What one such cause costs: about one in three thousand tables, spread over few places."""
_LONGEST = 60  # figures in a line beyond which only the whole line is tried as moved
_SLIP = 10_000


@dataclass(frozen=True, slots=True)
class Composite:
    """One cause: the variables it changes, what they would be, and one Chinese sentence."""

    changes: Mapping[int, int]
    reason: str
    closes: frozenset[int]  # broken rows that hold with it


def composites(problem: Problem, solved: Solved, figures: Mapping[CellRef, Figure]) -> tuple[Composite, ...]:
    """Causes that explain broken rules for less than separate changes do; equals are all returned.

    Args:
        problem: the system as read.
        solved: its cheapest departures; where there are none, every cause that closes rules counts.
        figures: the figures of the system.
    """
    broken = frozenset(problem.broken({}))
    if not broken:
        return ()
    found: dict[frozenset[tuple[int, int]], Composite] = {}
    settled = {problem.index[ref] for ref, figure in figures.items() if figure.fixed and ref in problem.index}
    for changes, reason in _causes(problem, figures, broken):
        if not settled.isdisjoint(changes):
            continue  # a person has said what is printed there
        closes = _closes(problem, changes, broken)
        if len(closes) >= (1 if len(changes) == 1 else 2):
            found.setdefault(frozenset(changes.items()), Composite(changes, reason, closes))
    kept: list[Composite] = []
    left = set(broken)
    for cause in sorted(found.values(), key=lambda c: (-len(c.closes), len(c.changes), sorted(c.changes))):
        equal = any(cause.closes == other.closes for other in kept)
        if (cause.closes <= left or equal) and _separately(problem, solved, cause) > PRICE:
            kept.append(cause)
            left -= cause.closes
    return tuple(kept)


def _separately(problem: Problem, solved: Solved, cause: Composite) -> int:
    """What the cheapest separate changes cost in the rows that the cause closes."""
    if not solved.proven and not solved.changes:
        return 100 * MILLI
    return sum(
        problem.variables[v].cost(value)
        for v, value in solved.changes.items()
        if any(row in cause.closes for row, _ in problem.touching[v])
    )


def _closes(problem: Problem, changes: Mapping[int, int], broken: frozenset[int]) -> frozenset[int]:
    """The broken rows that close; empty when any touched row is left open."""
    moved: dict[int, int] = {}
    for v, value in changes.items():
        for row, coefficient in problem.touching[v]:
            moved[row] = moved.get(row, 0) + coefficient * (value - problem.variables[v].value)
    for row, delta in moved.items():
        if abs(problem.residuals[row] + delta) > problem.rows[row].slack:
            return frozenset()
    return frozenset(row for row, delta in moved.items() if delta and row in broken)


def _causes(
    problem: Problem, figures: Mapping[CellRef, Figure], broken: frozenset[int]
) -> Iterator[tuple[dict[int, int], str]]:
    near = {ref for ref, v in problem.index.items() if any(row in broken for row, _ in problem.touching[v])}
    yield from _points(problem, figures, near)
    for line, name, across in _lines(problem.index, near):
        yield from _exchanged(problem, line, name, across)
        yield from _moved(problem, line, name)
        yield from _joined(problem, figures, line, name, across)
        yield from _slipped(problem, line, name)


def _lines(
    index: Mapping[CellRef, int], near: set[CellRef]
) -> Iterator[tuple[list[tuple[CellRef, int]], str, str]]:
    """Rows and columns of figures, in order, that touch a broken rule; their name, and what runs across."""
    rows: dict[tuple[int, int, int], list[tuple[CellRef, int]]] = {}
    cols: dict[tuple[int, int, int], list[tuple[CellRef, int]]] = {}
    for ref, v in sorted(index.items()):
        rows.setdefault((ref.page, ref.table, ref.row), []).append((ref, v))
        cols.setdefault((ref.page, ref.table, ref.col), []).append((ref, v))
    for (_, _, row), line in sorted(rows.items()):
        if len(line) > 1 and any(ref in near for ref, _ in line):
            yield line, f"第 {row + 1} 行", "列"
    for (_, _, col), line in sorted(cols.items()):
        if len(line) > 1 and any(ref in near for ref, _ in line):
            yield line, f"第 {col + 1} 列", "行"


def _value(problem: Problem, v: int) -> int:
    return problem.variables[v].value


def _exchanged(
    problem: Problem, line: Sequence[tuple[CellRef, int]], name: str, across: str
) -> Iterator[tuple[dict[int, int], str]]:
    for (one, v), (other, w) in pairwise(line):
        if _value(problem, v) != _value(problem, w):
            first, second = (one.col, other.col) if across == "列" else (one.row, other.row)
            reason = f"{name}第 {first + 1}、{second + 1} {across}两数疑似互换，互换后勾稽关系成立，请核对"
            yield {v: _value(problem, w), w: _value(problem, v)}, reason


def _moved(
    problem: Problem, line: Sequence[tuple[CellRef, int]], name: str
) -> Iterator[tuple[dict[int, int], str]]:
    """Figures from some place on, one place too far on or back; the freed place is what a rule implies."""
    places = [v for _, v in line]
    starts = range(len(places) - 1) if len(places) <= _LONGEST else range(1)
    for start in starts:
        part = places[start:]
        for targets, sources, free in ((part[:-1], part[1:], part[-1]), (part[1:], part[:-1], part[0])):
            changes = {
                v: _value(problem, w)
                for v, w in zip(targets, sources, strict=True)
                if _value(problem, w) >= 0
            }
            ends = {_value(problem, free), 0, *_implied(problem, changes, free)}
            for end in sorted(ends):
                full = {
                    v: value for v, value in (changes | {free: end}).items() if value != _value(problem, v)
                }
                if len(full) > 2:
                    yield full, f"{name}数据疑似整体错开一格，移回后勾稽关系成立，请核对版面"


def _implied(problem: Problem, changes: Mapping[int, int], free: int) -> list[int]:
    found = []
    for row, coefficient in problem.touching[free]:
        left = problem.residuals[row] + sum(
            a * (changes[v] - _value(problem, v)) for v, a in problem.rows[row].terms if v in changes
        )
        value, rest = divmod(_value(problem, free) * coefficient - left, coefficient)
        if not rest and value >= 0:
            found.append(value)
    return found


def _joined(
    problem: Problem,
    figures: Mapping[CellRef, Figure],
    line: Sequence[tuple[CellRef, int]],
    name: str,
    across: str,
) -> Iterator[tuple[dict[int, int], str]]:
    """Two neighbours read as one number beside an empty cell, or one number read as two."""
    if across != "列":
        return
    for (one, v), (other, w) in pairwise(line):
        left, right = figures[one].text.strip(), figures[other].text.strip()
        places = f"{name}第 {one.col + 1}、{other.col + 1} 列"
        whole = left or right
        if (not left or not right) and whole.isdecimal() and len(whole) > 1:
            for cut in range(1, len(whole)):
                if len(whole[cut:]) > 1 and whole[cut] == "0":
                    continue
                a, b = whole[:cut], whole[cut:]
                yield (
                    {v: int(a), w: int(b)},
                    f"{places}疑似两格粘连：{whole} 应分为 {a} 和 {b}，分开后勾稽关系成立，请核对",
                )
        if left.isdecimal() and right.isdecimal() and left != "0":
            both = int(left + right)
            reason = f"{places}疑似一数拆成两格：{left} 与 {right} 应为 {both}，合并后勾稽关系成立，请核对"
            yield {v: both, w: 0}, reason
            yield {v: 0, w: both}, reason


def _slipped(
    problem: Problem, line: Sequence[tuple[CellRef, int]], name: str
) -> Iterator[tuple[dict[int, int], str]]:
    reason = "单位疑似相差一万倍（元与万元），换算后勾稽关系成立，请核对"
    whole = [v for _, v in line if _value(problem, v)]
    if len(whole) > 1:
        yield {v: _value(problem, v) * _SLIP for v in whole}, f"{name}{reason}"
        if all(_value(problem, v) % _SLIP == 0 for v in whole):
            yield {v: _value(problem, v) // _SLIP for v in whole}, f"{name}{reason}"
    for v in whole:
        yield {v: _value(problem, v) * _SLIP}, f"此数{reason}"
        if _value(problem, v) % _SLIP == 0:
            yield {v: _value(problem, v) // _SLIP}, f"此数{reason}"


def _points(
    problem: Problem, figures: Mapping[CellRef, Figure], near: set[CellRef]
) -> Iterator[tuple[dict[int, int], str]]:
    """Thousands commas read as decimal points, in single cells and in all of them together."""
    seen = {}
    for ref in sorted(near):
        text = figures[ref].text.strip()
        if re.fullmatch(r"[1-9]\d{0,2}[.．]\d{3}", text):
            seen[problem.index[ref]] = (1000 * figures[ref].value, text)
    for v, (value, text) in seen.items():
        plain = text.replace(".", ",").replace("．", ",")
        yield {v: value}, f"读作 {shown(text)}，疑似千分位逗号误认作小数点，应为 {plain}，请核对"
    if len(seen) > 1:
        changes = {v: value for v, (value, _) in seen.items()}
        yield changes, f"{len(seen)} 处千分位逗号疑似误认作小数点，更正后勾稽关系成立，请核对"
