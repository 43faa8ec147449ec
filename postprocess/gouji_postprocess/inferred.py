"""Rules of unknown tables: suggested by headings, found in numbers, and always weighed against the numbers.

A suggestion is tried on every column (or row) it applies to. Each one where it holds or fails moves
its score by a log-likelihood ratio: how surely would the sum hold if it were meant, how likely would
it hold by chance. The idea of scoring candidate aggregations by how often they hold is that of
AggreCol (Jiang, Vitagliano, Hameed, Naumann, EDBT 2022); the score here is our own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gouji_ocr.amounts import AmountKind
from gouji_postprocess.labels import fold_label
from gouji_postprocess.number_search import contiguous_sums
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term
from gouji_postprocess.running_balance import running_balances
from gouji_postprocess.seen_grid import SeenGrid
from gouji_postprocess.sum_templates import (
    Hint,
    Template,
    code_templates,
    is_grand,
    numbering_templates,
    parallel_templates,
    period_templates,
    roll_templates,
    total_templates,
)
from gouji_postprocess.table_lines import Lane, SeenLine, find_lanes
from gouji_postprocess.trial import Support, Trial, accepted, sum_on, try_on

PRIOR = {
    Hint.TOTAL_WORD: 2.0,
    Hint.CODES: 2.0,
    Hint.PARALLEL: 1.0,
    Hint.NUMBERING: 0.5,
    Hint.ROLL: 0.5,
    Hint.PERIOD: 0.0,
    Hint.OF_WHICH: -1.0,
}
NUMBERS_PRIOR = -9.0  # a sum nobody announced needs much more evidence
CHORUS = 2.0  # nats from other numbered parents
_SAID = 3  # places where a total is tried, and of so many one in which it holds
_ENOUGH = 2  # other places that a rule needs to hold in
_LEAST_VOID, _MOST_VOID = 2.0, 10.0  # nats
MOST = 0.75  # an inferred rule may correct where at least this share of the others hold


def infer_rules(grid: SeenGrid, *, prefix: str, doubtful: bool = True, yuan: bool = False) -> list[Rule]:
    """Rules for a table of unknown form, each with the sentence that says how well it is supported.

    Args:
        grid: the table.
        prefix: of the rules' ids.
        doubtful: also totals that are named and do not hold mostly; they only warn.
        yuan: whether its money is in yuan.
    """
    rules: dict[tuple[object, ...], Rule] = {}
    lanes = find_lanes(grid, yuan=yuan)
    for number, lane in enumerate(lanes):
        for by_row in (False, True):
            named = f"{prefix}/n{number}"
            for rule in _lane_rules(lane, by_row=by_row, prefix=named, doubtful=doubtful):
                key = (rule.relation, frozenset((t.coefficient, t.cell) for t in rule.terms))
                rules.setdefault(key, rule)
    for rule in (*_balances(lanes, prefix=prefix), *running_balances(lanes, prefix=prefix)):
        rules.setdefault((rule.relation, frozenset((t.coefficient, t.cell) for t in rule.terms)), rule)
    return list(rules.values())


def _balances(lanes: Sequence[Lane], *, prefix: str) -> Iterator[Rule]:
    """Two lanes side by side whose last totals are both called 总计 and are equal."""
    for left, right in pairwise(lanes):
        ends = [[row for row in lane.rows if row.path and is_grand(row.label)] for lane in (left, right)]
        if not all(ends) or {row.at for row in left.rows}.isdisjoint(row.at for row in right.rows):
            continue
        a, b = ends[0][-1], ends[1][-1]
        for x, y in zip(left.columns, right.columns, strict=False):
            one, other = left.ref(a, x), right.ref(b, y)
            first, second = left.amount(one), right.amount(other)
            if one is None or other is None or first is None or second is None or first.value == 0:
                continue
            scale = max(first.decimals, second.decimals)
            if first.at_scale(scale) == second.at_scale(scale):
                yield Rule(
                    id=f"{prefix}/balance{x.at}",
                    terms=(Term(1, one), Term(-1, other)),
                    source=RuleSource.HEADINGS,
                    formula=f"{a.label}（左） = {b.label}（右）",
                    void_cost=2.0,
                    may_correct=False,
                    scale=scale,
                    why="左右两栏的总计相等",
                )


def _lane_rules(lane: Lane, *, by_row: bool, prefix: str, doubtful: bool) -> Iterator[Rule]:
    """Rules among rows (tried on every column), or, `by_row`, among columns (tried on every row)."""
    lines = lane.columns if by_row else lane.rows
    over = lane.rows if by_row else tuple(column for column in lane.columns if not column.ratio)
    headings = [
        *code_templates(lines),
        *total_templates(lines),
        *parallel_templates(lines),
        *numbering_templates(lines),
        *roll_templates(lines),
        *period_templates(lines),
    ]
    headings = [template for template in headings if _one_unit(lines, template)]
    alone = [try_on(lane, lines, over, template, by_row=by_row) for template in headings]
    explained: set[int] = set()
    taken: set[tuple[int, frozenset[tuple[int, int]], bool]] = set()
    for template, tried, sisters in zip(headings, alone, _sisters(lines, headings, alone), strict=True):
        key = (template.total, frozenset(template.parts), template.at_most)
        trial = accepted(template, tried, PRIOR[template.hint], sisters)
        if key in taken:
            continue
        if trial is None:
            if doubtful and _is_said(template, tried):
                taken.add(key)
                yield from _rules(
                    lane,
                    lines,
                    over,
                    template,
                    tried,
                    by_row=by_row,
                    prefix=prefix,
                    source=RuleSource.HEADINGS,
                )
            continue
        taken.add(key)
        if not template.at_most:
            explained.add(template.total)
        yield from _rules(
            lane, lines, over, template, trial, by_row=by_row, prefix=prefix, source=RuleSource.HEADINGS
        )
    for template in contiguous_sums(_matrix(lane, lines, over, by_row=by_row), explained):
        key = (template.total, frozenset(template.parts), False)
        trial = accepted(template, try_on(lane, lines, over, template, by_row=by_row), NUMBERS_PRIOR, 0.0)
        if key not in taken and trial is not None:
            taken.add(key)
            yield from _rules(
                lane, lines, over, template, trial, by_row=by_row, prefix=prefix, source=RuleSource.NUMBERS
            )


def _is_said(template: Template, trial: Trial) -> bool:
    """Whether a total that fails too often to be believed should be said to fail: it holds in places."""
    support = trial.support
    total = template.hint is Hint.TOTAL_WORD and not template.at_most
    return total and support.tried >= _SAID and support.held * _SAID >= support.tried


def _one_unit(lines: Sequence[SeenLine], template: Template) -> bool:
    """Whether total and parts have the same unit, as far as the table says."""
    units = {lines[i].unit for i in (template.total, *(i for _, i in template.parts)) if lines[i].unit}
    return len(units) <= 1


def _shape(lines: Sequence[SeenLine], template: Template) -> tuple[str, ...]:
    """Innermost labels of a total and its parts: groups with the same columns have the same shape."""
    return tuple(fold_label(lines[i].label) for i in (template.total, *(i for _, i in template.parts)))


def _sisters(lines: Sequence[SeenLine], templates: Sequence[Template], alone: Sequence[Trial]) -> list[float]:
    """For each template, what its sisters say: a group of zeros is believed if groups like it add up.

    Sisters of a total are totals of the same shape; sisters of a numbered parent (or of a total group)
    are all other numbered parents (total groups) of the table, who count for no more than `CHORUS`.
    """
    scores: dict[object, float] = {}

    def family(template: Template) -> object | None:
        if template.hint is Hint.TOTAL_WORD:
            return _shape(lines, template)
        return template.hint if template.hint in (Hint.NUMBERING, Hint.PARALLEL) else None

    for template, trial in zip(templates, alone, strict=True):
        name = family(template)
        scores[name] = scores.get(name, 0.0) + trial.support.score
    found = []
    for template, trial in zip(templates, alone, strict=True):
        name = family(template)
        others = max(0.0, scores[name] - trial.support.score) if name is not None else 0.0
        found.append(min(CHORUS, others) if isinstance(name, Hint) else others)
    return found


def _rules(
    lane: Lane,
    lines: Sequence[SeenLine],
    over: Sequence[SeenLine],
    template: Template,
    trial: Trial,
    *,
    by_row: bool,
    prefix: str,
    source: RuleSource,
) -> Iterator[Rule]:
    words = _words(lines, template, "列" if by_row else "行")
    support = trial.support
    sums = [sum_on(lane, lines, line, template, by_row=by_row) for line in over]
    # What nobody reported is left out where the sum then holds, here or without the same parts elsewhere.
    without = Counter(
        found.missing for found, held in zip(sums, trial.outcomes, strict=True) if found is not None and held
    )
    for line, outcome, near, found in zip(over, trial.outcomes, trial.near, sums, strict=True):
        if found is None or (found.missing and not outcome and without[found.missing] < _ENOUGH):
            continue
        amounts = [lane.amount(ref) for ref in found.refs]
        scale = max((amount.decimals for amount in amounts if amount is not None), default=0)
        if amounts[0] is None or (support.tried == 0 and amounts[0].kind is not AmountKind.FIGURE):
            continue
        # One slip elsewhere says nothing against the rule.
        others = support.tried - support.near - (outcome is not None and not near)
        held = support.held - (outcome is True)
        sure = others >= _ENOUGH and held >= MOST * others
        parts = tuple(
            Term(-sign, ref)
            for sign, ref, amount in zip(found.signs, found.refs[1:], amounts[1:], strict=True)
            # What is nothing in the same part elsewhere is not what a sum lacks that a slip explains.
            if not near or amount is None or amount.kind is AmountKind.FIGURE
        )
        terms = (Term(1, found.refs[0]), *parts)
        if template.at_most:
            terms = tuple(Term(-term.coefficient, term.cell) for term in terms)
        about = f"（{''.join(line.path[-1:])}）" if line.path else ""
        axis = "r" if by_row else "c"
        kind = "" if not template.at_most else "le"
        yield Rule(
            id=f"{prefix}{axis}{lines[template.total].at}{kind}x{line.at}p{template.parts[0][1]}",
            terms=terms,
            source=source,
            formula=words + about,
            relation=Relation.AT_MOST if template.at_most else Relation.EQUAL,
            slack=0 if template.at_most else lane.slack(len(parts), scale),
            void_cost=_void_cost(support, near, sure=sure),
            may_correct=sure and not template.at_most,
            scale=scale,
            why=f"在 {support.tried} 处可核对的地方有 {support.held} 处成立",
        )


def _void_cost(support: Support, near: float, *, sure: bool) -> float:
    """What it costs to believe that a rule does not apply where it is used.

    That it misses by what one slip makes would be chance then.
    """
    habit = max(_LEAST_VOID, min(_MOST_VOID, 0.5 * support.score))
    return habit + near if sure or near else _LEAST_VOID


def _words(lines: Sequence[SeenLine], template: Template, unnamed: str) -> str:
    def name(i: int) -> str:
        return lines[i].label or f"第{i + 1}{unnamed}"

    if template.at_most:
        return f"{name(template.parts[0][1])} ≤ {name(template.total)}"
    text = name(template.total) + " ="
    for k, (sign, i) in enumerate(template.parts):
        text += (" - " if sign < 0 else " + " if k else " ") + name(i)
    return text


def _matrix(
    lane: Lane, lines: Sequence[SeenLine], over: Sequence[SeenLine], *, by_row: bool
) -> list[list[int | None]]:
    """Values of every line on every line it is tried on, all at one scale; None where none is known."""
    amounts = [
        [lane.amount(lane.ref(other, line) if by_row else lane.ref(line, other)) for other in over]
        for line in lines
    ]
    scale = max((a.decimals for row in amounts for a in row if a is not None), default=0)
    usable = [not line.ratio for line in lines]
    return [
        [None if a is None or not ok else a.at_scale(scale) for a in row]
        for ok, row in zip(usable, amounts, strict=True)
    ]
