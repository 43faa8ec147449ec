"""Rules between the tables of one document: parts of one table on several pages, totals that must agree."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gouji_layout.geometry import CellRef
from gouji_postprocess.form import Block, Each, FigureType, Form, Packs
from gouji_postprocess.language import Formula, linear, names_in, parse_formula
from gouji_postprocess.matching import FormMatch
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term
from gouji_postprocess.rule_binding import form_rules, formula_words, labels_of

YUAN = {"元": 1, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}


def rules_across(
    matches: Sequence[FormMatch | None],
    packs: Packs,
    *,
    decimals: Mapping[CellRef, int] | None = None,
) -> list[Rule]:
    """Linear rules whose cells stand in more than one table.

    Args:
        matches: the recognised tables of one document, in order; None for unknown tables.
        packs: the forms, for their rules between tables.
        decimals: printed decimals by cell; whole numbers where it says nothing.
    """
    known = [match for match in matches if match is not None]
    places = decimals or {}
    return [*_over_parts(known, places), *_between_tables(known, packs, places)]


def cells_of(matches: Sequence[FormMatch]) -> dict[str, CellRef]:
    """Where each quantity stands; of one that stands in two tables nobody can say which is meant."""
    times = Counter(key for match in matches for key in match.cells)
    return {key: ref for match in matches for key, ref in match.cells.items() if times[key] == 1}


def _over_parts(matches: Sequence[FormMatch], decimals: Mapping[CellRef, int]) -> Iterator[Rule]:
    """Rules of a table that was split over pages: those that no part can bind alone."""
    for parts in parts_of(matches):
        if len(parts) < 2:
            continue
        cells = {key: ref for part in parts for key, ref in part.cells.items()}
        form = parts[0].form
        rules, _, _ = form_rules(form, cells, prefix=f"across/{form.id}", decimals=decimals)
        for rule in rules:
            tables = {(ref.page, ref.table) for ref in rule.cells}
            if len(tables) > 1 and rule.void_cost == math.inf:
                why = f"{rule.why}（跨页的同一张表）"
                yield replace(rule, source=RuleSource.TABLES, why=why)


def parts_of(matches: Sequence[FormMatch]) -> list[list[FormMatch]]:
    """Tables of one form that show different quantities of it are parts of one; all others stand alone."""
    groups: dict[str, list[FormMatch]] = {}
    for match in matches:
        groups.setdefault(match.id, []).append(match)
    found: list[list[FormMatch]] = []
    for parts in groups.values():
        found += [[match] for match in parts] if _overlap(parts) else [parts]
    return found


def _overlap(parts: Sequence[FormMatch]) -> bool:
    """Whether two parts hold the same quantity: then they are two tables, not parts of one."""
    keys = [key for part in parts for key in part.cells]
    return len(keys) != len(set(keys))


def _between_tables(
    matches: Sequence[FormMatch], packs: Packs, decimals: Mapping[CellRef, int]
) -> Iterator[Rule]:
    for number, report in enumerate(_reports_in(matches)):
        cells = cells_of(report)
        for form in {match.form.form: packs.forms[match.form.form] for match in report}.values():
            words = {key: label for table in form.tables for key, label in labels_of(table).items()}
            for rule in form.across:
                formula = parse_formula(rule.rule)
                if any(key not in cells for key in names_in(formula)):
                    continue
                made = _linear_rule(
                    formula,
                    cells,
                    id=f"across/{form.id}/{rule.id}" + (f"/{number + 1}" if number else ""),
                    words=formula_words(formula, words, Each.ONCE),
                    why=rule.why,
                    decimals=decimals,
                    rounded=rule.rounded,
                    factors=_factors(form, names_in(formula)),
                )
                if made is not None:
                    yield made


def _reports_in(matches: Sequence[FormMatch]) -> list[list[FormMatch]]:
    """The reports of a volume, where each has the same tables in the same order; else all as one.

    A report ends where a quantity comes again. Where one of them lacks a table, nobody can say whose the
    others are.
    """
    reports: list[list[FormMatch]] = []
    seen: set[str] = set()
    for match in matches:
        if not reports or not seen.isdisjoint(match.cells):
            reports.append([])
            seen = set()
        reports[-1].append(match)
        seen |= match.cells.keys()
    tables = {tuple(match.id for match in report) for report in reports}
    return reports if len(tables) == 1 else [list(matches)]


def _factors(form: Form, keys: Sequence[str]) -> dict[str, int]:
    """What each figure's unit is worth in the smallest unit among them: 万元 beside 元 is 10000."""
    worth = {key: YUAN.get(_unit(form, key), 0) for key in keys}
    if not all(worth.values()):
        return {}
    smallest = min(worth.values())
    return {key: value // smallest for key, value in worth.items()}


def _unit(form: Form, key: str) -> str:
    for table in form.tables:
        for block in table.blocks:
            for row in block.rows:
                for column in block.columns:
                    if table.quantity(block, row, column) == key:
                        return row.unit or column.unit or _block_unit(block)
    return ""


def _block_unit(block: Block) -> str:
    return block.unit if block.type is FigureType.AMOUNT or block.unit in YUAN else ""


def _linear_rule(
    formula: Formula,
    cells: Mapping[str, CellRef],
    *,
    id: str,  # noqa: A002
    words: str,
    why: str,
    decimals: Mapping[CellRef, int],
    rounded: bool,
    factors: Mapping[str, int],
) -> Rule | None:
    flat = linear(formula)
    if flat is None or flat[1] != 0:
        return None
    coefficients = {key: factor * factors.get(key, 1) for key, factor in flat[0].items()}
    scale = max((decimals.get(cells[key], 0) for key in coefficients), default=0)
    slack = 0
    if rounded or len(set(factors.values())) > 1:
        # Half of a last printed place of every figure, in units of the finest.
        halves = sum(abs(f) * 10 ** (scale - decimals.get(cells[k], 0)) for k, f in coefficients.items())
        slack = halves // 2 if scale or len(set(factors.values())) > 1 else 0
    equal = formula.relation == "="
    return Rule(
        id=id,
        terms=tuple(Term(factor, cells[key]) for key, factor in coefficients.items()),
        source=RuleSource.TABLES,
        formula=words,
        relation=Relation.EQUAL if equal else Relation.AT_MOST,
        slack=slack,
        may_correct=equal,
        scale=scale,
        why=why,
    )
