"""Amounts: exact both ways, and nothing that is not a number becomes one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gouji_ocr.amounts import Amount, AmountKind, AmountStyle, format_amount, parse_amount


@pytest.mark.parametrize(
    ("text", "value", "decimals", "unit", "note"),
    [
        ("0", 0, 0, "", ""),
        ("1,234,567.00", 123456700, 2, "", ""),
        ("１２，３４５", 12345, 0, "", ""),
        ("251000元", 251000, 0, "元", ""),
        ("160.5964万元", 1605964, 4, "万元", ""),
        ("22（其中修订16件）", 22, 0, "", "其中修订16件"),
        ("22\n（其中修订16件）", 22, 0, "", "其中修订16件"),
        ("55件(含自然失效29件)", 55, 0, "件", "含自然失效29件"),
        ("减4", -4, 0, "", ""),
        ("+2", 2, 0, "", ""),
        ("－1", -1, 0, "", ""),
        ("(3.7)", -37, 1, "", ""),
        ("△3.70%", -370, 2, "%", ""),
        ("下降3.7%", -37, 1, "%", ""),
        ("¥1,000.00", 100000, 2, "", ""),
        (".50", 50, 2, "", ""),
        ("1,234,\n567.00", 123456700, 2, "", ""),
        ("12 件", 12, 0, "件", ""),
        ("35*", 35, 0, "", "*"),
    ],
)
def test_printed_amounts_are_read_exactly_and_printed_back(
    text: str, value: int, decimals: int, unit: str, note: str
) -> None:
    amount = parse_amount(text)
    assert amount is not None
    assert (amount.value, amount.decimals, amount.unit, amount.note) == (value, decimals, unit, note)
    assert amount.kind is AmountKind.FIGURE
    assert format_amount(amount) == text.replace(",\n", ",")


@pytest.mark.parametrize(
    "text",
    [
        "0 0",
        "1\n2",
        "12,34",
        "1,2345",
        "01",
        "00",
        "2024-01-01",
        "2011/12/3",
        "1/2",
        "3.4.5",
        "总计",
        "O",
        "l2",
        "约3",
        "3至5",
        "1-2",
        "第3项",
        "①",
        "1２a",
        "+-3",
        "减-4",
        ".",
        "%",
        "元",
        "5.",
        "1.9\n2.0\n3.1",
        "一",
    ],
)
def test_what_is_not_one_number_is_refused(text: str) -> None:
    amount = parse_amount(text)
    assert amount is None or amount.kind is not AmountKind.FIGURE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", AmountKind.BLANK),
        ("  \n", AmountKind.BLANK),
        ("-", AmountKind.DASH),
        ("——", AmountKind.DASH),
        ("－", AmountKind.DASH),
        ("/", AmountKind.SLASH),
        ("／", AmountKind.SLASH),
        ("…", AmountKind.BELOW_UNIT),
        ("...", AmountKind.BELOW_UNIT),
        ("无", AmountKind.NONE),
        ("不适用", AmountKind.NOT_APPLICABLE),
    ],
)
def test_the_kinds_of_nothing_are_told_apart(text: str, kind: AmountKind) -> None:
    amount = parse_amount(text)
    assert amount is not None
    assert amount.kind is kind


styles = st.builds(
    AmountStyle,
    comma=st.sampled_from(["", ",", "，"]),
    point=st.sampled_from([".", "．"]),
    bare_point=st.booleans(),
    full_width=st.booleans(),
    currency=st.sampled_from(["", "¥", "￥"]),
)


@given(
    value=st.integers(-(10**15), 10**15),
    decimals=st.integers(0, 4),
    unit=st.sampled_from(["", "元", "万元", "%", "件"]),
    note=st.sampled_from(["", "其中修订16件", "*"]),
    style=styles,
)
def test_every_amount_printed_in_its_style_is_read_back_as_itself(
    value: int, decimals: int, unit: str, note: str, style: AmountStyle
) -> None:
    amount = Amount(0, decimals, unit, note, style=style).with_value(value)
    assert parse_amount(format_amount(amount)) == amount


@given(st.text(alphabet="0123456789.,-/%()（）减元 \n…", max_size=12))
def test_whatever_is_accepted_is_stable(text: str) -> None:
    amount = parse_amount(text)
    if amount is not None:
        assert parse_amount(format_amount(amount)) == amount


def test_a_new_value_takes_the_sign_of_the_paper() -> None:
    rising = parse_amount("增4")
    assert rising is not None
    assert format_amount(rising.with_value(-3)) == "减3"
    falling = parse_amount("(3.70)")
    assert falling is not None
    assert format_amount(falling.with_value(370)) == "3.70"


def test_scaling_never_rounds() -> None:
    amount = parse_amount("3.75")
    assert amount is not None
    assert amount.at_scale(4) == 37500
    with pytest.raises(ValueError, match="decimals"):
        amount.at_scale(1)
