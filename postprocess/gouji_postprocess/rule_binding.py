"""Binding the rules of a form to the cells of a recognised table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gouji_layout.geometry import CellRef
from gouji_postprocess.check import Check
from gouji_postprocess.form import Block, Each, FormRule, TableForm, has_figures
from gouji_postprocess.formula_words import say_formula
from gouji_postprocess.language import (
    Expr,
    Formula,
    FormulaError,
    Name,
    expand,
    linear,
    names_in,
    parse_formula,
)
from gouji_postprocess.pack_names import matching_names
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term

SOFT_VOID_COST = 3.0  # nats: a soft rule of a form is broken in print about once in twenty


@dataclass(frozen=True, slots=True)
class Bound:
    """A form rule over quantity keys: what it says, not yet where."""

    rule: FormRule
    name: str  # id with the line it is about
    formula: Formula  # names are quantity keys


def bound_rules(form: TableForm) -> Iterator[Bound]:
    """Every rule of a table form, repeated over its rows or columns, in terms of quantity keys."""
    for rule in form.rules:
        for block in form.blocks:
            if rule.block not in (None, block.key) or (
                rule.each is Each.ONCE and block is not form.blocks[0]
            ):
                continue
            yield from _repeated(form, block, rule)


def _repeated(form: TableForm, block: Block, rule: FormRule) -> Iterator[Bound]:
    formula = parse_formula(rule.rule)
    start = f"{form.key}." if form.key else ""
    if rule.each is Each.ONCE:
        quantities = {key.removeprefix(start): key for key in form.quantities()}
        bound = _resolved(formula, quantities)
        if bound is not None:
            yield Bound(rule, rule.id, bound)
        return
    by_row = rule.each is Each.ROW
    over = [line for line in (block.rows if by_row else block.columns) if line.figures]
    wanted = {key for pattern in rule.only for key in matching_names(pattern, [line.key for line in over])}
    spared = {key for pattern in rule.unless for key in matching_names(pattern, [line.key for line in over])}
    for line in over:
        if (rule.only and line.key not in wanted) or line.key in spared:
            continue
        crossing = block.columns if by_row else block.rows
        names = {
            other.key: form.quantity(block, line, other) if by_row else form.quantity(block, other, line)
            for other in crossing
            if (has_figures(block, line, other) if by_row else has_figures(block, other, line))
        }
        bound = _resolved(formula, names)
        if bound is not None:
            yield Bound(rule, f"{rule.id}/{line.key}" if line.key else rule.id, bound)


def _resolved(formula: Formula, names: Mapping[str, str]) -> Formula | None:
    def resolve(pattern: str) -> tuple[str, ...]:
        found = matching_names(pattern, names)
        return tuple(names[key] for key in found)

    if any(not matching_names(name, names) for name in names_in(formula)):
        return None
    return Formula(expand(formula.left, resolve), formula.relation, expand(formula.right, resolve))


def labels_of(form: TableForm) -> dict[str, tuple[str, str]]:
    """Row and column label of every quantity, for people."""
    return {
        form.quantity(block, row, column): (row.label, column.label)
        for block in form.blocks
        for row in block.rows
        for column in block.columns
    }


def formula_words(formula: Formula, labels: Mapping[str, tuple[str, str]], each: Each) -> str:
    """The formula in the words of the form, e.g. `总计 = 自然人 + 商业企业 + …（一、本年新收…）`."""
    pairs = [labels.get(name, (name, "")) for name in names_in(formula)]
    one_row, one_col = len({row for row, _ in pairs}) == 1, len({col for _, col in pairs}) == 1

    def say(key: str) -> str:
        row, col = labels.get(key, (key, ""))
        if one_row and each is Each.ROW:
            return col or row
        if one_col:
            return row or col
        return "·".join(part for part in (row, col) if part)

    about = (
        pairs[0][0]
        if one_row and each is Each.ROW
        else pairs[0][1]
        if one_col and each is Each.COLUMN
        else ""
    )
    text = say_formula(formula, say)
    return f"{text}（{about}）" if about else text


def form_rules(
    form: TableForm, cells: Mapping[str, CellRef], *, prefix: str, decimals: Mapping[CellRef, int]
) -> tuple[list[Rule], list[Check], list[str]]:
    """Rules and checks of a form over the cells that were found, and those that lack cells, by name."""
    rules: list[Rule] = []
    checks: list[Check] = []
    skipped: list[str] = []
    words = labels_of(form)
    for bound in bound_rules(form):
        made = bind(
            bound.formula,
            cells,
            id=f"{prefix}/{bound.name}",
            source=RuleSource.FORM,
            words=formula_words(bound.formula, words, bound.rule.each),
            why=bound.rule.why,
            decimals=decimals,
            soft=bound.rule.soft,
            rounded=bound.rule.rounded,
        )
        if made is None:
            skipped.append(bound.name)
        elif isinstance(made, Rule):
            rules.append(made)
        else:
            checks.append(made)
    return rules, checks, skipped


def bind(
    formula: Formula,
    cells: Mapping[str, CellRef],
    *,
    id: str,  # noqa: A002
    source: RuleSource,
    words: str,
    decimals: Mapping[CellRef, int],
    why: str = "",
    soft: bool = False,
    rounded: bool = False,
) -> Rule | Check | None:
    """A formula over quantity keys as a rule over cells, or as a check if not linear; None if cells miss."""
    keys = names_in(formula)
    if any(key not in cells for key in keys):
        return None
    refs = {key: cells[key] for key in keys}
    flat = linear(formula)
    if flat is None or flat[1] != 0 or formula.relation == "~":
        return Check(id=id, formula=on_cells(formula, refs), source=source, words=words, why=why)
    scale = max((decimals.get(ref, 0) for ref in refs.values()), default=0)
    terms = tuple(Term(factor, refs[key]) for key, factor in flat[0].items())
    inequality = formula.relation == "<="
    slack = sum(abs(term.coefficient) for term in terms) // 2 if rounded and scale else 0
    return Rule(
        id=id,
        terms=terms,
        source=source,
        formula=words,
        why=why,
        relation=Relation.AT_MOST if inequality else Relation.EQUAL,
        slack=slack,
        void_cost=SOFT_VOID_COST if soft else float("inf"),
        may_correct=not soft and not inequality,
        scale=scale,
    )


def on_cells(formula: Formula, refs: Mapping[str, CellRef]) -> Formula:
    """The formula with the names of cells in the place of its own names.

    Raises:
        FormulaError: a name has no cell.
    """

    def resolve(key: str) -> tuple[str, ...]:
        if key not in refs:
            raise FormulaError(f"no cell for {key}")
        return (str(refs[key]),)

    def one(node: Expr) -> Expr:
        return Name(str(refs[node.key])) if isinstance(node, Name) else expand(node, resolve)

    return Formula(one(formula.left), formula.relation, one(formula.right))
