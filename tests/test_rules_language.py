"""The rule language: what it reads, what it refuses, and that linear and general evaluation agree."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gouji_postprocess.formula_words import say_formula
from gouji_postprocess.language import (
    Expr,
    Formula,
    FormulaError,
    Name,
    Number,
    Op,
    evaluate,
    linear,
    names_in,
    parse_formula,
)
from gouji_postprocess.pack_names import matching_names


def expressions() -> st.SearchStrategy[Expr]:
    leaves = st.one_of(
        st.integers(0, 20).map(lambda n: Number(Fraction(n))), st.sampled_from("abcd").map(Name)
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["+", "-", "*"]), inner, inner).map(lambda t: Op(t[0], (t[1], t[2]))),
            inner.map(lambda e: Op("neg", (e,))),
            st.lists(inner, min_size=1, max_size=3).map(lambda es: Op("sum", tuple(es))),
        ),
        max_leaves=8,
    )


VALUES = {"a": Fraction(7), "b": Fraction(-3), "c": Fraction(0), "d": Fraction(1000)}


@given(expressions(), expressions())
def test_a_formula_that_is_linear_has_the_same_value_as_its_coefficients(left: Expr, right: Expr) -> None:
    flat = linear(Formula(left, "=", right))
    if flat is not None:
        total = sum((factor * VALUES[name] for name, factor in flat[0].items()), Fraction(0)) + flat[1]
        exact = evaluate(left, VALUES) - evaluate(right, VALUES)
        assert (total == 0) == (exact == 0)


def test_sums_differences_and_balances_are_linear() -> None:
    assert linear(parse_formula("a + b = c + d")) == ({"a": 1, "b": 1, "c": -1, "d": -1}, 0)
    assert linear(parse_formula("a = sum(b, c) - d")) == ({"a": 1, "b": -1, "c": -1, "d": 1}, 0)
    assert linear(parse_formula("a / 2 = b")) == ({"a": 1, "b": -2}, 0)


def test_a_sum_written_out_may_be_as_long_as_a_table() -> None:
    names = [f"a{i}" for i in range(3000)]
    formula = parse_formula("total = " + " + ".join(names))
    assert names_in(formula) == ["total", *names]
    flat = linear(formula)
    assert flat is not None
    assert flat[0]["a2999"] == -1


@pytest.mark.parametrize("operator", ["-", "*", "/"])
def test_operations_within_each_other_have_an_end(operator: str) -> None:
    assert parse_formula("a = " + operator.join(["b"] * 150)).relation == "="
    with pytest.raises(FormulaError, match="more than 200 operations"):
        parse_formula("a = " + operator.join(["b"] * 300))


def test_ratios_and_extremes_are_not_linear() -> None:
    assert linear(parse_formula("a ~ b / c * 100")) is None
    assert linear(parse_formula("max(a, b) <= c")) is None


def test_at_least_is_turned_round() -> None:
    assert parse_formula("a >= b") == parse_formula("b <= a")


def test_products_bind_closer_than_sums() -> None:
    values = {"a": Fraction(2), "b": Fraction(3), "c": Fraction(4)}
    assert evaluate(parse_formula("a + b * c = a").left, values) == 14
    assert evaluate(parse_formula("(a + b) * c = a").left, values) == 20


@pytest.mark.parametrize(
    "text",
    ["", "a", "a =", "= a", "a = b = c", "a + = b", "sum(a = b", "a = b)", "甲 = 乙", "a ! b", "a = b c"],
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_formula(text)


def test_nesting_has_a_limit() -> None:
    with pytest.raises(FormulaError, match="too many brackets"):
        parse_formula("a = " + "(" * 500 + "b" + ")" * 500)
    with pytest.raises(FormulaError, match="too many brackets"):
        parse_formula("a = " + "-" * 500 + "b")


def test_a_formula_is_said_with_labels() -> None:
    words = {"total": "合计", "a": "甲", "b": "乙"}
    assert say_formula(parse_formula("total = sum(a, b)"), words.__getitem__) == "合计 = 甲 + 乙"
    assert say_formula(parse_formula("a - (b - a) = a"), words.__getitem__) == "甲 - （乙 - 甲） = 甲"


def test_a_star_stands_for_every_deeper_key() -> None:
    names = ["x", "x.a", "x.a.b", "y.a"]
    assert matching_names("x.*", names) == ("x.a", "x.a.b")
    assert matching_names("*.a", names) == ("x.a", "y.a")
    assert matching_names("x", names) == ("x",)


def test_names_are_listed_in_reading_order() -> None:
    assert names_in(parse_formula("t = sum(a.*) + b")) == ["t", "a.*", "b"]
