"""From the printed text of a cell to an exact amount and back, refusing what is not a number.

Nothing here goes through floats: an amount is a whole number and how many of its digits stand after
the point. The printed style (separators, sign, width of the digits) is kept, so that a value which
the rules prefer can be shown the way the paper would have printed it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum


class AmountKind(StrEnum):
    """What stands where a number could stand. What the signs mean is settled per document, not here."""

    FIGURE = "figure"
    BLANK = "blank"
    DASH = "dash"  # - — —— －
    SLASH = "slash"  # / ／
    BELOW_UNIT = "below_unit"  # … : smaller than the unit of the table
    NONE = "none"  # 无
    NOT_APPLICABLE = "not_applicable"  # 不适用, N/A


@dataclass(frozen=True, slots=True)
class AmountStyle:
    """How the amount was printed; enough to print another value the same way."""

    sign: str = ""  # as printed before the digits: "-", "−", "减", "+", "△", "(" for brackets …
    currency: str = ""  # "¥" and the like, as printed
    comma: str = ""  # the thousands separator, empty when the digits are not grouped
    point: str = "."
    bare_point: bool = False  # .5 and not 0.5
    full_width: bool = False  # full-width digits
    gap: str = ""  # white space between number and unit or note ("\n" when the note wraps)
    brackets: str = "（）"  # around the note


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount: `value` in units of the last printed decimal, so 3.70 is value 370, decimals 2.

    For kinds other than FIGURE `value` is 0 and `note` holds the text as printed.
    """

    value: int = 0
    decimals: int = 0
    unit: str = ""
    note: str = ""
    kind: AmountKind = AmountKind.FIGURE
    style: AmountStyle = field(default=AmountStyle(), compare=False)

    def at_scale(self, decimals: int) -> int:
        """The value as a whole number scaled by 10 to this power.

        Raises:
            ValueError: the amount has more decimals than that; nothing is rounded.
        """
        if decimals < self.decimals:
            raise ValueError(f"{self.decimals} decimals do not fit a scale of {decimals}")
        factor: int = 10 ** (decimals - self.decimals)
        return self.value * factor

    def with_value(self, value: int) -> Amount:
        """Another value with the same decimals, unit, note and style; the sign mark follows the value."""
        sign = self.style.sign
        negative = sign in _NEGATIVE
        if value < 0 and not negative:
            sign = _OPPOSITE.get(sign, "-")
        elif value >= 0 and negative:
            sign = ""
        return replace(self, value=value, kind=AmountKind.FIGURE, style=replace(self.style, sign=sign))


_NEGATIVE = ("-", "−", "－", "–", "△", "▲", "减少", "减", "下降", "降低", "降", "负", "(", "（")
_POSITIVE = ("+", "＋", "增加", "增长", "增", "上升", "提高")
_OPPOSITE = {"": "-", "+": "-", "＋": "－", "增": "减", "增加": "减少", "增长": "下降"}
_OPPOSITE |= {"上升": "下降", "提高": "降低"}

# Longest first: the first alternative that fits is taken.
_UNIT = (
    "平方公里|平方千米|万平方米|万千瓦时|个百分点|百万元|千万元|万人次|平方米|千瓦时|百分点|"
    "万元|亿元|千元|元整|人次|万人|户次|件次|万件|条次|万条|公顷|公里|千米|万吨|千克|公斤|"
    "小时|元|角|分|人|户|家|件|条|个|次|项|份|篇|册|部|台|套|辆|场|宗|页|期|名|位|处|所|座|亩|"
    "米|吨|克|天|日|月|年|度|倍|%|％|‰"
)
_MARK = "|".join(re.escape(m) for m in sorted(set(_NEGATIVE[:-2]) | set(_POSITIVE), key=len, reverse=True))
_DIGITS = r"(?:\d{1,3}(?:[,，]\d{3})+|\d+)?(?:[.．]\d+)?"

_FIGURE = re.compile(
    rf"(?P<sign>{_MARK})?(?P<currency>[¥￥$])?(?P<sign2>[-−－])?(?P<digits>{_DIGITS})"
    rf"(?P<gap>\s*)(?P<unit>{_UNIT})?(?P<gap2>\s*)(?:[（(](?P<note>.+)[)）]|(?P<star>[*＊†‡]+))?",
    re.DOTALL,
)
_BRACKETED = re.compile(rf"(?P<open>[（(])(?P<digits>{_DIGITS})(?P<inner>[%％‰]?)[)）](?P<unit>{_UNIT})?")
_DASH = re.compile(r"[-‐‑‒–—―−－─ー]{1,8}")
_SLASH = re.compile(r"[/／\\＼]")
_BELOW = re.compile(r"…{1,3}|⋯{1,3}|\.{3,6}|·{3,6}")
_WORDS = {
    "无": AmountKind.NONE,
    "暂无": AmountKind.NONE,
    "不适用": AmountKind.NOT_APPLICABLE,
    "N/A": AmountKind.NOT_APPLICABLE,
    "n/a": AmountKind.NOT_APPLICABLE,
    "NA": AmountKind.NOT_APPLICABLE,
}


def parse_amount(text: str) -> Amount | None:
    """The amount that this text states, or None when it is not an amount.

    Refused are: digits with white space between them (two neighbours read as one), thousands that
    are not groups of three, leading zeros (codes such as `01`), a minus before a whole 0 (statements do
    print `-0.00` and `(0)`), dates, ranges and ratios, a number with other words. A line break is accepted
    beside a separator (`1,234,` over `567.00`) and before the note.

    >>> parse_amount("1,234.50 万元")
    Amount(value=123450, decimals=2, unit='万元', note='', kind=<AmountKind.FIGURE: 'figure'>, style=...)
    >>> parse_amount("2024-01-01") is None and parse_amount("-0") is None
    True
    """
    stripped = text.strip()
    if not stripped:
        return Amount(kind=AmountKind.BLANK)
    special = _special(stripped)
    if special is not None:
        return Amount(kind=special, note=stripped)
    joined = re.sub(r"(?<=[,，.．])\s*\n\s*(?=\d)|(?<=\d)\s*\n\s*(?=[,，.．]\d)", "", stripped)
    return _bracketed(joined) or _figure(joined)


def format_amount(amount: Amount) -> str:
    """The text of an amount in its own style; `parse_amount` reads it back as the same amount.

    >>> format_amount(parse_amount("1,234.50").with_value(-99950))
    '-999.50'
    """
    if amount.kind is not AmountKind.FIGURE:
        return amount.note
    style = amount.style
    number = _digits(abs(amount.value), amount.decimals, style)
    if style.sign in ("(", "（"):
        closing = ")" if style.sign == "(" else "）"
        inner, outer = (amount.unit, "") if amount.unit in ("%", "％", "‰") else ("", amount.unit)
        return f"{style.sign}{number}{inner}{closing}{outer}"
    unit = amount.unit
    shown = f"{style.sign}{style.currency}{number}"
    note = ""
    if amount.note:
        note = amount.note if set(amount.note) <= set("*＊†‡") else amount.note.join(style.brackets)
    if note and style.gap.endswith("\n"):
        return f"{shown}{unit}\n{note}"
    return f"{shown}{style.gap}{unit}{note}" if unit else f"{shown}{note}"


def fold_text(text: str) -> str:
    """Full-width letters, digits and signs as their plain forms, white space dropped: for comparing only.

    Chinese punctuation keeps its meaning, because only compatibility forms are folded (NFKC).
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _special(text: str) -> AmountKind | None:
    compact = re.sub(r"\s+", "", text)
    if _DASH.fullmatch(compact):
        return AmountKind.DASH
    if _SLASH.fullmatch(compact):
        return AmountKind.SLASH
    if _BELOW.fullmatch(compact):
        return AmountKind.BELOW_UNIT
    return _WORDS.get(compact)


def _bracketed(text: str) -> Amount | None:
    match = _BRACKETED.fullmatch(text)
    if match is None:
        return None
    number = _number(match["digits"])
    if number is None or (match["inner"] and match["unit"]):
        return None
    value, decimals, style = number
    unit = match["inner"] or match["unit"] or ""
    return Amount(-value, decimals, unit, style=replace(style, sign=match["open"]))


def _figure(text: str) -> Amount | None:
    match = _FIGURE.fullmatch(text)
    if match is None or (match["sign"] and match["sign2"]):
        return None
    number = _number(match["digits"])
    if number is None:
        return None
    value, decimals, style = number
    sign = match["sign"] or match["sign2"] or ""
    if sign in _NEGATIVE and not value and not decimals:
        return None
    note = match["note"] or match["star"] or ""
    gap = match["gap2"] if match["unit"] else match["gap"]
    brackets = "()" if match["note"] and text.rstrip().endswith(")") else "（）"
    style = replace(
        style,
        sign=sign,
        currency=match["currency"] or "",
        gap="\n" if "\n" in gap and note else (match["gap"] if match["unit"] else ""),
        brackets=brackets,
    )
    return Amount(
        -value if sign in _NEGATIVE else value, decimals, match["unit"] or "", note.strip(), style=style
    )


def _number(digits: str) -> tuple[int, int, AmountStyle] | None:
    plain = unicodedata.normalize("NFKC", digits).replace(",", "")
    whole, point, fraction = plain.partition(".")
    if not (whole or fraction) or not (whole + fraction).isascii():
        return None
    if len(whole) > 1 and whole.startswith("0"):
        return None
    comma = next((c for c in digits if c in ",，"), "")
    printed = next((c for c in digits if c in ".．"), ".")
    wide = any("０" <= c <= "９" for c in digits)
    style = AmountStyle(comma=comma, point=printed, bare_point=bool(point) and not whole, full_width=wide)
    return int(whole + fraction), len(fraction), style


def _digits(value: int, decimals: int, style: AmountStyle) -> str:
    padded = str(value).rjust(decimals + 1, "0")
    whole, fraction = (padded[:-decimals], padded[-decimals:]) if decimals else (padded, "")
    if style.comma:
        whole = f"{int(whole):,}".replace(",", style.comma)
    if style.bare_point and whole == "0" and decimals:
        whole = ""
    shown = whole + (style.point + fraction if decimals else "")
    if style.full_width:
        shown = shown.translate({ord("0") + i: "０１２３４５６７８９"[i] for i in range(10)})
    return shown
