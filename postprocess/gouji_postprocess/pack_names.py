"""Rules of a pack: which lines a pattern stands for, names that do not exist, formulas that say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from rapidfuzz import process

from gouji_postprocess.language import Expr, Formula, Number, Op, linear, names_in, parse_formula


def matching_names(pattern: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names that a pattern stands for, in their own order.

    `a.*` is every key deeper than `a`; `*.total` every key that ends in `.total` or is `total`;
    a star in the middle stands for one part or more.

    >>> matching_names("a.*", ["a", "a.x", "a.y.z", "b.x"])
    ('a.x', 'a.y.z')
    """
    if "*" not in pattern:
        return tuple(name for name in names if name == pattern)
    regex = re.compile(".+".join(map(re.escape, pattern.split("*"))))
    return tuple(name for name in names if regex.fullmatch(name))


def check_rule_names(rule: str, scopes: list[set[str]]) -> str | None:
    """What is wrong with the names of a rule, or None; it must fit at least one of the scopes."""
    formula: Formula = parse_formula(rule)
    problems: list[str] = []
    for scope in scopes:
        missing = [name for name in names_in(formula) if not matching_names(name, scope)]
        if not missing:
            return None
        problems.append(missing_name(missing[0], scope))
    return problems[0] if problems else "there is nothing it could be about"


def missing_name(name: str, names: Iterable[str]) -> str:
    """What to say of a name that does not exist."""
    near = process.extractOne(name, sorted(names), score_cutoff=60)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no {name}{hint}"


def check_sense(formula: Formula) -> str | None:
    """What is wrong with a formula whatever its names stand for, or None."""
    stated = linear(formula)
    if stated is not None and not stated[0]:
        return "it says nothing: its figures cancel each other out"
    if _divides_by_zero(formula.left) or _divides_by_zero(formula.right):
        return "it divides by what is always zero"
    return None


def _divides_by_zero(node: Expr) -> bool:
    if not isinstance(node, Op):
        return False
    return any(map(_divides_by_zero, node.args)) or (node.op == "/" and _always_zero(node.args[1]))


def _always_zero(node: Expr) -> bool:
    stated = linear(Formula(node, "=", Number(Fraction(0))))
    return stated is not None and not stated[0] and stated[1] == 0
