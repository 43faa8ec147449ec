"""The rule language: `total = a + sum(b.*)`, `a <= b`, `share ~ part / whole * 100`.

    formula  = expr relation expr
    relation = "=" | "<=" | ">=" | "~"        "~": equal after rounding to the decimals that are printed
    expr     = product (("+" | "-") product)*
    product  = unary (("*" | "/") unary)*
    unary    = "-" unary | number | name | sum(pattern, …) | min(…) | max(…) | "(" expr ")"
    name     = dotted key; `*` at the end of a pattern stands for every deeper key

Names are resolved by whoever binds the formula (rows, columns or quantities). Nothing here is a
float: numbers are fractions, and a formula that is linear becomes whole coefficients.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

MAX_DEPTH = 40
MAX_NESTED = 200
"""Operations within each other, brackets or not; a sum that is written out is one."""


class FormulaError(ValueError):
    """A rule is not written in the rule language, or names something that does not exist."""


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """One figure, or with `*` many; many may stand only inside sum, min and max."""

    key: str


@dataclass(frozen=True, slots=True)
class Op:
    """An operation: + - * / neg, or sum, min, max over any number of operands."""

    op: str
    args: tuple[Expr, ...]


Expr = Number | Name | Op


@dataclass(frozen=True, slots=True)
class Formula:
    """Two expressions and how they relate: `=`, `<=` or `~` (`>=` is turned round)."""

    left: Expr
    relation: str
    right: Expr


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z@][a-z0-9_@]*(?:\.(?:[a-z0-9_@]+|\*))*)|(?P<sign><=|>=|[-+*/()=~,]))"
)
_RELATIONS = ("=", "<=", ">=", "~")


def parse_formula(text: str) -> Formula:
    """Read a rule.

    Raises:
        FormulaError: what cannot be understood, and where.

    >>> parse_formula("total = a + b").relation
    '='
    """
    parser = _Parser(_tokens(text))
    left = parser.expr(0)
    relation = parser.take(*_RELATIONS)
    if relation is None:
        raise FormulaError(f"one of = <= >= ~ is expected at {parser.rest()!r}")
    right = parser.expr(0)
    if parser.left():
        raise FormulaError(f"not understood: {parser.rest()!r}")
    return Formula(right, "<=", left) if relation == ">=" else Formula(left, relation, right)


def names_in(node: Formula | Expr) -> list[str]:
    """The names of a formula in reading order, patterns included."""
    match node:
        case Formula():
            return names_in(node.left) + names_in(node.right)
        case Name():
            return [node.key]
        case Op():
            return [name for arg in node.args for name in names_in(arg)]
        case _:
            return []


def expand(node: Expr, resolve: Callable[[str], tuple[str, ...]]) -> Expr:
    """Replace patterns inside sum, min and max by the names they stand for."""
    match node:
        case Op() if node.op in ("sum", "min", "max"):
            args: list[Expr] = []
            for arg in node.args:
                if isinstance(arg, Name):
                    args += [Name(key) for key in resolve(arg.key)]
                else:
                    args.append(expand(arg, resolve))
            return Op(node.op, tuple(args))
        case Op():
            return Op(node.op, tuple(expand(arg, resolve) for arg in node.args))
        case Name():
            found = resolve(node.key)
            if len(found) != 1:
                raise FormulaError(f"{node.key} is {len(found)} figures where one is needed")
            return Name(found[0])
        case _:
            return node


def linear(formula: Formula) -> tuple[dict[str, int], Fraction] | None:
    """`sum(coefficient * name) + constant relation 0` with whole coefficients; None when not linear."""
    left, right = _linear(formula.left), _linear(formula.right)
    if left is None or right is None:
        return None
    names = dict(left[0])
    for name, factor in right[0].items():
        names[name] = names.get(name, Fraction(0)) - factor
    names = {name: factor for name, factor in names.items() if factor}
    scale = lcm(*(factor.denominator for factor in names.values())) if names else 1
    return {name: int(factor * scale) for name, factor in names.items()}, (left[1] - right[1]) * scale


def evaluate(node: Expr, values: Mapping[str, Fraction]) -> Fraction:
    """The exact value.

    Raises:
        KeyError: a figure has no value.
        ZeroDivisionError: the base of a ratio is zero.
    """
    match node:
        case Number():
            return node.value
        case Name():
            return values[node.key]
    parts = [evaluate(arg, values) for arg in node.args]
    return _OPERATIONS[node.op](parts)


_OPERATIONS: Mapping[str, Callable[[list[Fraction]], Fraction]] = {
    "+": lambda parts: sum(parts, Fraction(0)),
    "sum": lambda parts: sum(parts, Fraction(0)),
    "-": lambda parts: parts[0] - parts[1],
    "neg": lambda parts: -parts[0],
    "*": lambda parts: parts[0] * parts[1],
    "/": lambda parts: parts[0] / parts[1],
    "min": min,
    "max": max,
}


def _linear(node: Expr) -> tuple[dict[str, Fraction], Fraction] | None:
    match node:
        case Number():
            return {}, node.value
        case Name():
            return {node.key: Fraction(1)}, Fraction(0)
    parts = [_linear(arg) for arg in node.args]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or node.op in ("min", "max"):
        return None
    if node.op in ("*", "/"):
        return _scaled(node.op, *known)
    signs = {"-": [Fraction(1), Fraction(-1)], "neg": [Fraction(-1)]}
    return _combined(known, signs.get(node.op, [Fraction(1)] * len(known)))


def _scaled(
    op: str, left: tuple[dict[str, Fraction], Fraction], right: tuple[dict[str, Fraction], Fraction]
) -> tuple[dict[str, Fraction], Fraction] | None:
    """A product with, or a quotient by, something constant."""
    if op == "*" and not left[0]:
        return _combined([right], [left[1]])
    if right[0] or (op == "/" and not right[1]):
        return None
    return _combined([left], [right[1] if op == "*" else 1 / right[1]])


def _combined(
    parts: list[tuple[dict[str, Fraction], Fraction]], factors: list[Fraction]
) -> tuple[dict[str, Fraction], Fraction]:
    total: dict[str, Fraction] = {}
    constant = Fraction(0)
    for (names, fixed), factor in zip(parts, factors, strict=True):
        for name, value in names.items():
            total[name] = total.get(name, Fraction(0)) + value * factor
        constant += fixed * factor
    return total, constant


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError(f"not understood at {text[at : at + 20]!r}")
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at, self._nested = tokens, 0, 0

    def left(self) -> bool:
        return self._at < len(self._tokens)

    def rest(self) -> str:
        return " ".join(self._tokens[self._at : self._at + 6]) or "the end"

    def take(self, *wanted: str) -> str | None:
        if self.left() and self._tokens[self._at] in wanted:
            self._at += 1
            return self._tokens[self._at - 1]
        return None

    def expr(self, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise FormulaError("too many brackets")
        return self._chain(self._product, ("+", "-"), depth)

    def _product(self, depth: int) -> Expr:
        return self._chain(self._unary, ("*", "/"), depth)

    def _chain(self, part: Callable[[int], Expr], operators: tuple[str, str], depth: int) -> Expr:
        node = part(depth)
        while op := self.take(*operators):
            term = part(depth)
            if op == "+" and isinstance(node, Op) and node.op == "+":
                node = Op(op, (*node.args, term))
                continue
            self._nested += 1
            if self._nested > MAX_NESTED:
                raise FormulaError(f"more than {MAX_NESTED} operations within each other")
            node = Op(op, (node, term))
        return node

    def _unary(self, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise FormulaError("too many brackets")
        if self.take("-"):
            return Op("neg", (self._unary(depth + 1),))
        if self.take("("):
            node = self.expr(depth + 1)
            self._close()
            return node
        if not self.left() or self._tokens[self._at] in (*_RELATIONS, "+", "*", "/", ")", ","):
            raise FormulaError(f"a name or number is expected at {self.rest()!r}")
        token = self._tokens[self._at]
        self._at += 1
        if token[0].isdigit():
            return Number(Fraction(token))
        if token in ("sum", "min", "max") and self.take("("):
            args = [self.expr(depth + 1)]
            while self.take(","):
                args.append(self.expr(depth + 1))
            self._close()
            return Op(token, tuple(args))
        return Name(token)

    def _close(self) -> None:
        if self.take(")") is None:
            raise FormulaError(f"a closing bracket is expected at {self.rest()!r}")
