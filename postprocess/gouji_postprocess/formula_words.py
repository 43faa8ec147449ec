"""A formula as people write it: with labels, or with values, for the name of every figure."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gouji_postprocess.language import Expr, Formula, Name, Number

_SIGNS = {"=": " = ", "<=": " ≤ ", "~": " ≈ "}
_OPS = {"+": " + ", "-": " - ", "*": " × ", "/": " ÷ "}


def say_formula(formula: Formula, say: Callable[[str], str]) -> str:
    """Write the formula with `say(name)` for every name.

    >>> from gouji_postprocess.language import parse_formula
    >>> say_formula(parse_formula("total >= sum(a, b) - c"), str.upper)
    'A + B - C ≤ TOTAL'
    """
    return _expr(formula.left, say) + _SIGNS[formula.relation] + _expr(formula.right, say)


def _expr(node: Expr, say: Callable[[str], str], *, inside: bool = False) -> str:
    match node:
        case Number():
            return _number(node.value)
        case Name():
            return say(node.key)
    if node.op in ("min", "max"):
        name = "最小值" if node.op == "min" else "最大值"
        return f"{name}（{'，'.join(_expr(arg, say) for arg in node.args)}）"
    if node.op == "neg":
        return "-" + _expr(node.args[0], say, inside=True)
    op = "+" if node.op == "sum" else node.op
    tight = op in "*/"
    parts = [_expr(node.args[0], say, inside=tight)]
    parts += [_expr(arg, say, inside=tight or op == "-") for arg in node.args[1:]]
    text = _OPS[op].join(parts)
    return f"（{text}）" if inside and len(parts) > 1 else text


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(float(value))
