"""The items of one side of a printed rule: `第2栏至第6栏之和`, `(2)+(3)`, `财政拨款、事业收入与其他收入`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class ItemKind(StrEnum):
    """How a printed rule names a line."""

    ENTRY = "项"  # the n-th entry: the numbered headings, else the n-th line
    ROW = "行"
    COLUMN = "栏"
    NUMBER = "号"  # a bare number or (n): whatever is numbered so
    LABEL = "名"
    OTHERS = "余"  # 各项之和: everything the line is the total of
    ITSELF = "己"  # the line in whose label the formula stands: that label, and its row or column in the grid


@dataclass(frozen=True, slots=True)
class Item:
    """One named line with its sign."""

    kind: ItemKind
    number: int = 0
    label: str = ""
    sign: int = 1


_NUMERAL = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_ITEM = re.compile(
    rf"(?:第\(?(?P<a>{_NUMERAL})\)?(?P<ua>[项行列栏款])|\((?P<b>{_NUMERAL})\)(?P<ub>[项行列栏])?"
    rf"|(?P<c>{_NUMERAL})(?P<uc>[项行列栏])|(?P<d>\d{{1,3}})|(?P<e>[①-⑳])(?P<ue>[项行列栏])?"
    rf"|(?P<uf>[项行列栏]次?)(?P<f>\d{{1,3}}))(?:数|数据|数字)?"
)
_RANGE = re.compile(
    rf"第?\(?(?P<a>{_NUMERAL})\)?(?P<u>[项行列栏])?(?:至|到|~|-|—|―)+第?\(?(?P<b>{_NUMERAL})\)?(?P<v>[项行列栏])?"
)
_DOTS = re.compile(r"(?P<a>.+?)\+(?:…+|\.{2,}|⋯+)\+(?P<b>[^+]+)")
_TRIM = re.compile(r"(?:之和|之差|的和|的差|的合计数|合计数|的总和|总和|相加)$")
_OTHERS = re.compile(
    r"(?:以[上下]|下列|其余|其他|所列|前述)?各(?:分)?(?:项|行|列|栏|类|款|地区|单位)(?:数据|数)?|(?:以[上下]|下列)所?有?项目?"
)
_UNITS = {
    "项": ItemKind.ENTRY,
    "款": ItemKind.ENTRY,
    "行": ItemKind.ROW,
    "列": ItemKind.COLUMN,
    "栏": ItemKind.COLUMN,
}
_NUMERALS = {c: i for i, c in enumerate("〇一二三四五六七八九十")}


def numeral(text: str) -> int | None:
    """A number in digits or in Chinese up to 99.

    >>> numeral("十二"), numeral("03"), numeral("二十一")
    (12, 3, 21)
    """
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _NUMERALS.get(text)
    if (tens and tens not in _NUMERALS) or (ones and ones not in _NUMERALS):
        return None
    return (_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0)


def items_of(text: str, names: dict[str, str]) -> tuple[Item, ...]:
    """The items of one side; empty when anything is left that is not understood."""
    plain = text.strip(",:、 ")
    plain = re.sub(r"[“”\"《》]", "", plain)
    while (shorter := _TRIM.sub("", plain).strip(",")) != plain:
        plain = shorter
    if _OTHERS.fullmatch(plain):
        return (Item(ItemKind.OTHERS),)
    span = _span(plain)
    if span is not None:
        return span
    dotted = _DOTS.fullmatch(plain)
    if dotted is not None:
        return _dotted(dotted["a"], dotted["b"], names)
    plain = re.sub(r"加上|,?再?加", "+", plain)
    plain = re.sub(r"减去|扣除|,?再?减", "-", plain)
    items: list[Item] = []
    sign = 1
    for piece in re.split(r"([-+、]|(?<=[项行列栏\ue000-\uf8ff])(?:和|与|及))", plain):
        if piece in ("+", "和", "与", "及"):
            sign = 1
        elif piece == "-":
            sign = -1
        elif piece.strip(",、"):
            found = _one(piece.strip(","), names, sign)
            if not found:
                return ()
            items += found
    return tuple(items)


def _one(token: str, names: dict[str, str], sign: int) -> tuple[Item, ...]:
    core = _TRIM.sub("", token)
    if core in names:
        return (Item(ItemKind.LABEL, label=names[core], sign=sign),)
    if _OTHERS.fullmatch(core):
        return (Item(ItemKind.OTHERS, sign=sign),)
    span = _span(core, sign)
    if span is not None:
        return span
    match = _ITEM.fullmatch(core)
    if match is not None:
        groups = match.groupdict()
        digits = next(groups[g] for g in "abcdef" if groups[g])
        value = ord(digits) - ord("①") + 1 if "①" <= digits <= "⑳" else numeral(digits)
        unit = next((groups[g] for g in ("ua", "ub", "uc", "ue", "uf") if groups[g]), None)
        kind = _UNITS[unit[0]] if unit else ItemKind.NUMBER
        return (Item(kind, value, sign=sign),) if value else ()
    if re.fullmatch(r"[\u4e00-\u9fffA-Za-z()]{2,24}", core):
        return (Item(ItemKind.LABEL, label=core, sign=sign),)
    return ()


def _span(text: str, sign: int = 1) -> tuple[Item, ...] | None:
    """`第二栏至第六栏`, `2-6栏`; a stroke between two whole items is a minus, not a range."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    words = "至" in text or "到" in text or "~" in text
    if not words and (match["u"] or not match["v"]):
        return None
    return _range(match["a"], match["b"], match["u"] or match["v"], sign)


def _range(first: str, last: str, unit: str | None, sign: int = 1) -> tuple[Item, ...]:
    a, b = numeral(first), numeral(last)
    if a is None or b is None or not a < b <= a + 60:
        return ()
    kind = _UNITS[unit] if unit else ItemKind.NUMBER
    return tuple(Item(kind, n, sign=sign) for n in range(a, b + 1))


def _dotted(first: str, last: str, names: dict[str, str]) -> tuple[Item, ...]:
    """`2+…+7`, or `2+3+…+7` where the first part ends in the item before the dots."""
    before, after = items_of(first, names), items_of(last, names)
    if not before or not after or after[0].kind is not before[-1].kind or before[-1].kind is ItemKind.LABEL:
        return ()
    gap = range(before[-1].number + 1, after[0].number)
    return (*before, *(Item(before[-1].kind, n) for n in gap), *after)
