"""Rules between the tables of one document: parts of one table on several pages, totals that must agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gouji_layout.geometry import CellRef
from gouji_postprocess.form import Block, Each, FigureType, Form, Packs, TableForm
from gouji_postprocess.language import Formula, linear, names_in, parse_formula
from gouji_postprocess.matching import FormMatch
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term
from gouji_postprocess.rule_binding import bound_rules, formula_words, labels_of

YUAN = {"元": 1, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}


def rules_across(
    matches: Sequence[FormMatch | None],
    packs: Packs,
    *,
    decimals: Mapping[CellRef, int] | None = None,
    units: Mapping[CellRef, str] | None = None,
) -> list[Rule]:
    """Linear rules whose cells stand in more than one table.

    Args:
        matches: the recognised tables of one document, in order; None for unknown tables.
        packs: the forms, for their rules between tables.
        decimals: printed decimals by cell; whole numbers where it says nothing.
        units: money units by cell (元, 千元, 万元, 亿元) where they differ from the form's.
    """
    known = [match for match in matches if match is not None]
    places = decimals or {}
    return [*_over_parts(known, places), *_between_tables(known, packs, places, units or {})]


def _over_parts(matches: Sequence[FormMatch], decimals: Mapping[CellRef, int]) -> Iterator[Rule]:
    """Rules of a table that was split over pages: those that no part can bind alone."""
    for parts in parts_of(matches):
        if len(parts) < 2:
            continue
        cells = {key: ref for part in parts for key, ref in part.cells.items()}
        for rule in _form_rules(parts[0].form, cells, decimals):
            tables = {(ref.page, ref.table) for ref in rule.cells}
            if len(tables) > 1:
                yield rule


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


def _form_rules(
    form: TableForm, cells: Mapping[str, CellRef], decimals: Mapping[CellRef, int]
) -> Iterator[Rule]:
    words = labels_of(form)
    for bound in bound_rules(form):
        keys = names_in(bound.formula)
        if bound.rule.soft or any(key not in cells for key in keys):
            continue
        rule = _linear_rule(
            bound.formula,
            cells,
            id=f"across/{form.id}/{bound.name}",
            words=formula_words(bound.formula, words, bound.rule.each),
            why=f"{bound.rule.why}（跨页的同一张表）",
            decimals=decimals,
            rounded=bound.rule.rounded,
            factors={},
        )
        if rule is not None:
            yield rule


def _between_tables(
    matches: Sequence[FormMatch], packs: Packs, decimals: Mapping[CellRef, int], units: Mapping[CellRef, str]
) -> Iterator[Rule]:
    cells = {key: ref for match in matches for key, ref in match.cells.items()}
    for form in {match.form.form: packs.forms[match.form.form] for match in matches}.values():
        words = {key: label for table in form.tables for key, label in labels_of(table).items()}
        for rule in form.across:
            formula = parse_formula(rule.rule)
            keys = names_in(formula)
            if any(key not in cells for key in keys):
                continue
            made = _linear_rule(
                formula,
                cells,
                id=f"across/{form.id}/{rule.id}",
                words=formula_words(formula, words, Each.ONCE),
                why=rule.why,
                decimals=decimals,
                rounded=rule.rounded,
                factors=_factors(form, keys, cells, units),
            )
            if made is not None:
                yield made


def _factors(
    form: Form, keys: Sequence[str], cells: Mapping[str, CellRef], units: Mapping[CellRef, str]
) -> dict[str, int]:
    """What each figure's unit is worth in the smallest unit among them: 万元 beside 元 is 10000."""
    worth = {key: YUAN.get(units.get(cells[key]) or _unit(form, key), 0) for key in keys}
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
