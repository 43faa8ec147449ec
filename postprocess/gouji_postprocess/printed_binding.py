"""Printed statements bound to the lines of a table: every item must be found, or there is no rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import AmountKind
from gouji_postprocess.labels import similarity, without_ordinal
from gouji_postprocess.printed import (
    Scope,
    Statement,
    Unread,
    cell_formulas,
    fold,
    formula_of_itself,
    parse_sentences,
)
from gouji_postprocess.printed_items import Item, ItemKind, items_of, numeral
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term
from gouji_postprocess.seen_grid import SeenGrid
from gouji_postprocess.sum_templates import heads_of_groups, total_templates
from gouji_postprocess.table_lines import Lane, SeenLine, find_lanes

STATED_VOID_COST = 12.0  # nats: a rule printed on the page and fully understood
VETOED_VOID_COST = 2.0  # the numbers say it was misunderstood
SAME_LABEL = 0.85
LONGEST_SENTENCE = 400
_NAMED = re.compile(r"[勾钩匀句][稽嵇槽]|(?:审核|平衡|逻辑|校验)(?:关系|公式)")
_SENTENCE = re.compile(
    r"[勾钩匀句][稽嵇槽]|(?:审核|平衡|逻辑|校验)(?:关系|公式)|等于.+之和|之和.{0,3}(?:等于|大于|小于)"
    r"|[（(]?\d{1,2}[)）]?(?:[行栏列])?\s*[=＝≥≤]\s*[（(]?\d{1,2}[)）]?(?:[行栏列])?\s*[-+＋－]"
)


@dataclass(frozen=True, slots=True)
class PrintedRules:
    """Rules from the page, and the sentences that gave none."""

    rules: tuple[Rule, ...]
    unread: tuple[Unread, ...] = ()
    statements: tuple[Statement, ...] = ()


def printed_rules(grid: SeenGrid, page_text: Sequence[str] = (), *, prefix: str) -> PrintedRules:
    """Rules stated in the table's own cells and in the lines of text around it."""
    lanes = find_lanes(grid)
    labels = [text for lane in lanes for line in (*lane.rows, *lane.columns) for text in line.path]
    known = list(dict.fromkeys([*labels, *(without_ordinal(label) for label in labels)]))
    statements: list[Statement] = []
    unread: list[Unread] = []
    named: set[Statement] = set()  # of sentences that call themselves rules
    for text in _sentences(grid):
        found, missed = parse_sentences(text, known)
        statements += found
        named.update(found)
        unread += missed
    for text in _rule_prose(page_text):
        found, missed = parse_sentences(text, known)
        statements += found
        named.update(found if _NAMED.search(text) else ())
        # Prose is full of numbers and comparisons; only what calls itself a rule is missed when unread.
        unread += [note for note in missed if _NAMED.search(text)]
    for lane in lanes:
        statements += _formulas_in_cells(lane)
    rules: list[Rule] = []
    for k, statement in enumerate(dict.fromkeys(statements)):
        made = [rule for lane in lanes for rule in _bind(lane, statement, f"{prefix}/s{k}")]
        rules += made
        if not made and statement in named:
            unread.append(Unread(statement.sentence, "句中所指的行或栏在表中没有全部找到，未采用"))
    return PrintedRules(tuple(_unique(rules)), tuple(dict.fromkeys(unread)), tuple(statements))


def _sentences(grid: SeenGrid) -> Iterator[str]:
    for cell in grid.table.cells:
        text = grid.text(cell)
        if len(text) >= 8 and re.search(
            r"[勾钩匀句][稽嵇槽]|(审核|平衡|逻辑)关系|之和.{0,2}(等于|大于|小于)|等于.+之和", fold(text)
        ):
            yield text


def _rule_prose(lines: Sequence[str]) -> Iterator[str]:
    """Sentences around a table that speak of rules, put together again where lines were broken."""
    text = ""
    for line in lines:
        if text or _SENTENCE.search(line):
            text = f"{text}{line.strip()}" if text else line.strip()
            if re.search(r"[。；;！]$|[)）]$", text) or len(text) > LONGEST_SENTENCE:
                yield text
                text = ""
    if text:
        yield text


def _formulas_in_cells(lane: Lane) -> Iterator[Statement]:
    for lines, scope in ((lane.columns, Scope.ROW), (lane.rows, Scope.COLUMN)):
        for line in lines:
            for text in (line.number, *line.path[-1:]):
                for formula in cell_formulas(text):
                    for statement in parse_sentences(formula)[0]:
                        yield replace(statement, scope=scope)
                if parts := items_of(formula_of_itself(text), {}):
                    itself = Item(ItemKind.ITSELF, line.at, line.label)
                    yield Statement((itself,), "=", parts, scope, text)


def _bind(lane: Lane, statement: Statement, prefix: str) -> Iterator[Rule]:
    for scope in (Scope.COLUMN, Scope.ROW):
        if statement.scope not in (None, scope):
            continue
        lines = lane.rows if scope is Scope.COLUMN else lane.columns
        over = lane.columns if scope is Scope.COLUMN else lane.rows
        sides = _resolve(statement, lines, scope)
        if sides is None:
            continue
        rules = [
            rule
            for line in over
            if not (scope is Scope.COLUMN and line.ratio)
            and (
                rule := _rule(lane, lines, line, sides=sides, statement=statement, scope=scope, prefix=prefix)
            )
            is not None
        ]
        yield from _weighed(lane, rules, said=statement.left[0].kind is not ItemKind.ITSELF)
        if rules:
            return


def _resolve(
    statement: Statement, lines: Sequence[SeenLine], scope: Scope
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]] | None:
    """Both sides as (sign, line index); None when any item is not found."""
    left: list[tuple[int, int]] = []
    right: list[tuple[int, int]] = []
    for items, side in ((statement.left, left), (statement.right, right)):
        for item in items:
            if item.kind is ItemKind.OTHERS:
                side.extend(_others(lines, left[0][1]) if left else [])
                continue
            index = _line(item, lines, scope)
            if index is None:
                return None
            side.append((item.sign, index))
        if not side:
            return None
    used = [index for _, index in (*left, *right)]
    return (left, right) if len(set(used)) == len(used) else None


def _others(lines: Sequence[SeenLine], total: int) -> list[tuple[int, int]]:
    template = next((t for t in total_templates(lines) if t.total == total), None)
    if template is not None:
        return list(template.parts)
    return [(1, i) for i, line in enumerate(lines) if i != total and not line.ratio]


def _line(item: Item, lines: Sequence[SeenLine], scope: Scope) -> int | None:
    wrong_axis = ItemKind.COLUMN if scope is Scope.COLUMN else ItemKind.ROW
    if item.kind is wrong_axis:
        return None
    if item.kind is ItemKind.ITSELF:
        own = (item.number, item.label)
        return next((i for i, line in enumerate(lines) if (line.at, line.label) == own), None)
    if item.kind is ItemKind.LABEL:
        return _by_label(item.label, lines)
    # Where a heading was read as a figure, the corner with the sentence itself looks like a line.
    heads = [at for at in heads_of_groups(lines) if not parse_sentences(lines[at].path[0])[0]]
    if item.kind is ItemKind.ENTRY and scope is Scope.COLUMN and _are_numbered(heads, lines):
        return heads[item.number - 1] if item.number <= len(heads) else None
    numbered = _numbers(lines)
    if numbered or item.kind is ItemKind.NUMBER:
        return numbered.get(item.number)
    # Counting lines is right only where each line is one entry: no groups, no line without a label.
    plain = all(len(line.path) == 1 for line in lines) or scope is Scope.ROW
    return item.number - 1 if plain and item.number <= len(lines) else None


def _are_numbered(heads: Sequence[int], lines: Sequence[SeenLine]) -> bool:
    return len(heads) >= 2 and any("、" in lines[i].path[0] for i in heads)


def _numbers(lines: Sequence[SeenLine]) -> dict[int, int]:
    """Line by printed number: 行次, 栏次, 代码, or (1) in the label itself."""
    found: dict[int, int] = {}
    for i, line in enumerate(lines):
        mark = re.match(r"\(?(\d{1,3})\)?(?:[=栏].*)?$", fold(line.number))
        inside = re.search(r"[(](\d{1,3})(?:[=≥≤].*)?[)]$", fold(line.label))
        number = numeral(mark[1]) if mark else numeral(inside[1]) if inside else None
        if number is not None:
            found.setdefault(number, i)
    return found if len(found) >= 2 else {}


def _by_label(label: str, lines: Sequence[SeenLine]) -> int | None:
    scored = [
        (max(similarity(line.label, label), similarity(without_ordinal(line.label), label)), i)
        for i, line in enumerate(lines)
        if line.path
    ]
    good = sorted((score, -i) for score, i in scored if score >= SAME_LABEL)
    if not good or (len(good) > 1 and good[-1][0] - good[-2][0] < 1e-9):
        return None  # not found, or two lines of that name: a guess would be a made-up rule
    return -good[-1][1]


def _rule(
    lane: Lane,
    lines: Sequence[SeenLine],
    line: SeenLine,
    *,
    sides: tuple[list[tuple[int, int]], list[tuple[int, int]]],
    statement: Statement,
    scope: Scope,
    prefix: str,
) -> Rule | None:
    terms: list[Term] = []
    decimals = 0
    for side, factor in zip(sides, (1, -1), strict=True):
        for sign, i in side:
            ref: CellRef | None = (
                lane.ref(lines[i], line) if scope is Scope.COLUMN else lane.ref(line, lines[i])
            )
            if ref is None:
                return None
            amount = lane.amount(ref)
            decimals = max(decimals, amount.decimals if amount is not None else 0)
            terms.append(Term(factor * sign, ref))
    words = " ".join(
        [_say(lines, sides[0]), "=" if statement.relation == "=" else "≤", _say(lines, sides[1])]
    )
    about = f"（{line.label}）" if line.label else ""
    equal = statement.relation == "="
    return Rule(
        id=f"{prefix}{'c' if scope is Scope.COLUMN else 'r'}{line.at}",
        terms=tuple(terms),
        source=RuleSource.PRINTED,
        formula=words + about,
        relation=Relation.EQUAL if equal else Relation.AT_MOST,
        slack=len(terms) // 2 if decimals and equal else 0,
        void_cost=STATED_VOID_COST,
        may_correct=equal,
        scale=decimals,
        why=statement.sentence,
    )


def _say(lines: Sequence[SeenLine], side: Sequence[tuple[int, int]]) -> str:
    text = ""
    for k, (sign, i) in enumerate(side):
        text += (" - " if sign < 0 else " + " if k else "") + (lines[i].label or f"第{i + 1}")
    return text


def _weighed(lane: Lane, rules: Sequence[Rule], *, said: bool) -> Iterator[Rule]:
    """Where a printed rule fails in most places it was misunderstood: it may then only warn.

    A formula that does not say what it equals (`4-7` may be four to seven) must hold to be one at all.
    """
    outcomes = [outcome for rule in rules if (outcome := _holds(lane, rule)) is not None]
    if not said and (not any(outcomes) or sum(outcomes) * 2 < len(outcomes)):
        return
    vetoed = len(outcomes) >= 3 and sum(outcomes) * 2 < len(outcomes)
    for rule in rules:
        yield replace(rule, void_cost=VETOED_VOID_COST, may_correct=False) if vetoed else rule


def _holds(lane: Lane, rule: Rule) -> bool | None:
    total, telling = 0, False
    for term in rule.terms:
        amount = lane.amount(term.cell)
        if amount is None:
            return None
        total += term.coefficient * amount.at_scale(rule.scale)
        telling = telling or (amount.kind is AmountKind.FIGURE and amount.value != 0)
    if not telling:
        return None
    return total <= 0 if rule.relation is Relation.AT_MOST else abs(total) <= rule.slack


def _unique(rules: Sequence[Rule]) -> list[Rule]:
    found: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        found.setdefault((rule.relation, frozenset((t.coefficient, t.cell) for t in rule.terms)), rule)
    return list(found.values())
