"""Rules printed on the page: from `第一项加第二项之和，等于第三项` or `(1)=(2)+(3)` to statements.

A statement names items (the third column, row 05, the label 合计); which lines these are is settled in
`printed_binding.py`. The sentences come from OCR, so a sentence that is not understood to the last
character gives no rule; it is kept as an unread statement.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
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


class Scope(StrEnum):
    """Where a printed rule says it holds."""

    COLUMN = "column"  # in every column: its items are rows
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Item:
    """One named line with its sign."""

    kind: ItemKind
    number: int = 0
    label: str = ""
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Statement:
    """`sum(left) relation sum(right)` with relation `=` or `<=` (left at most right)."""

    left: tuple[Item, ...]
    relation: str
    right: tuple[Item, ...]
    scope: Scope | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A sentence that speaks of a rule but was not understood."""

    sentence: str
    reason: str  # one Chinese sentence


_LEAD = re.compile(
    r"^(?:(?:填报|填表)?(?:说明|备注|附注|注)[:.、])?"
    r"(?:(?:(?!等于|大于|小于|之和)[^。;=≤≥]){0,24}?(?:[勾钩匀句][稽嵇槽楷]|审核|平衡|逻辑|校验|对应|运算|计算|[栏行]次)(?:关系|公式)(?:式)?(?:为|是|如下)?[:;,]?)?"
    r"(?:表[中内])?"
)
_CUE = re.compile(r"[=≤≥<>]|等于|大于|小于|不小于|不大于|不超过|不少于|不低于|之和|合计为|一致|相等|相符")
_RELATIONS = (
    (">=", ("应大于或等于", "大于或等于", "应大于等于", "大于等于", "不小于", "不少于", "不低于", "≥", ">=")),
    ("<=", ("应小于或等于", "小于或等于", "应小于等于", "小于等于", "不大于", "不超过", "不多于", "≤", "<=")),
    ("=", ("应当等于", "应等于", "必须等于", "等于", "应为", "合计为", "==", "=")),
    (">=", ("应大于", "大于", ">")),
    ("<=", ("应小于", "小于", "<")),
    ("=", ("为", "是")),
)
_HARMLESS = re.compile(r"^(?:详见|参见|见|同上|下同|余同|[勾钩匀句][稽嵇槽]关系(?:同|不变))")
_SAME_AS = re.compile(r"^(.+?)(?:应当?)?与((?:(?!与).)+?)(?:保持)?(?:一致|相等|相符)$")
_WEAK = ("为", "是")  # these relate only when the right side is a sum
_SCOPES = (
    (Scope.COLUMN, re.compile(r"本列|各列|每列|每一列|同列")),
    (Scope.ROW, re.compile(r"本行|各行|每行|每一行|同行|横向")),
)
_SCOPE_WORDS = re.compile(
    r"^(?:在?(?:本|各|每一?|同一?)(?:列|行)(?:中|内|的)?(?:数据|数字)?(?:的)?|表内|横向|纵向)[,:]?"
)
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


def parse_sentences(text: str, labels: Sequence[str] = ()) -> tuple[list[Statement], list[Unread]]:
    """The statements of a text, and what looked like one but was not understood.

    Args:
        text: a sentence or several, as read.
        labels: labels of the table; they are taken whole before operators are looked for, because
            增加 and 减少 contain 加 and 减.

    >>> parse_sentences("（1）=（2）+（3）")[0][0].right[1].number
    3
    """
    statements: list[Statement] = []
    unread: list[Unread] = []
    for part, scope in _parts(text):
        if not _CUE.search(part):
            continue
        made = _statements(part, scope, labels)
        statements += made
        if not made:
            unread.append(Unread(part, "这句话像勾稽关系，但没有完全读懂，未采用"))
    return statements, unread


def cell_formulas(text: str) -> list[str]:
    """Formulas by number inside a label or a numbering cell: `合计（1=2+3）`, `1=2+3+4`, `丙=1+2`."""
    plain = fold(text)
    number = r"\(?\d{1,3}\)?"
    found = re.findall(rf"{number}\s*[=≥≤]\s*{number}(?:\s*[-+]\s*(?:{number}|…+\+{number}))*", plain)
    return [f for f in found if re.search(r"[=≥≤]", f)]


def fold(text: str) -> str:
    """Text as it is parsed: NFKC, one kind of minus, no white space."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("﹣", "-").replace("...", "…")
    plain = plain.replace("≧", "≥").replace("≦", "≤").replace("⩾", "≥").replace("⩽", "≤")
    return re.sub(r"[^\S\n]+", "", plain)


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


def _parts(text: str) -> Iterator[tuple[str, Scope | None]]:
    plain = _unwrapped(fold(text))
    scope = next((scope for scope, words in _SCOPES if words.search(plain)), None)
    body = _LEAD.sub("", plain)
    body = _closed(body)
    enumerated = [int(n) for n in re.findall(r"(?:^|[;。\n])(\d{1,2})[.、]", body)]
    runs = len(enumerated) > 1 and enumerated == list(range(1, len(enumerated) + 1))
    for piece in re.split(r"[;。\n]", body):
        part = re.sub(r"^\d{1,2}[.、]", "", piece) if runs else piece
        for clause in _clauses(part):
            own = next((s for s, words in _SCOPES if words.search(clause)), scope)
            yield _SCOPE_WORDS.sub("", clause.strip(",:")), own


def _unwrapped(text: str) -> str:
    """Brackets around the whole text taken off, and line breaks inside a sentence closed."""
    joined = re.sub(r"(?<=[^;。\n])\n(?=[^\d(（第\n])", "", text.strip())
    return (
        joined[1:-1] if joined.startswith("(") and joined.endswith(")") and _one_bracket(joined) else joined
    )


def _one_bracket(text: str) -> bool:
    depth = 0
    for i, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0 and i < len(text) - 1:
            return False
    return True


def _closed(text: str) -> str:
    return text[:-1] if text.count(")") > text.count("(") and text.endswith(")") else text


def _clauses(part: str) -> list[str]:
    """Split at commas, but not before the relation that the clause still waits for."""
    clauses: list[str] = []
    for piece in part.split(","):
        if clauses and _has_relation(clauses[-1]) and _HARMLESS.match(piece):
            continue
        if clauses and (not _has_relation(clauses[-1]) or not _has_relation(piece)):
            clauses[-1] += "," + piece
        else:
            clauses.append(piece)
    return [clause for clause in clauses if clause]


def _has_relation(text: str) -> bool:
    return any(word in text for _, words in _RELATIONS for word in words if word not in _WEAK)


def _statements(part: str, scope: Scope | None, labels: Sequence[str]) -> list[Statement]:
    """The statements of one clause, several where equal signs are chained; none when not understood."""
    coded, names = _with_names(_SAME_AS.sub(r"\1等于\2", part), labels)
    for relation, words in _RELATIONS:
        word = next((word for word in words if word in coded), None)
        if word is None:
            continue
        texts = coded.split(word) if relation == "=" and word not in _WEAK else coded.split(word, 1)
        sides = [_side(text, names) for text in texts]
        if not all(sides) or (word in _WEAK and not _is_sum(sides[1])):
            return []
        left, *rights = sides
        if relation == ">=":
            return [Statement(rights[0], "<=", left, scope, part)]
        return [Statement(left, relation, right, scope, part) for right in rights]
    return []


def _is_sum(side: tuple[Item, ...]) -> bool:
    return len(side) > 1 or side[0].kind is ItemKind.OTHERS


def _with_names(text: str, labels: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The text with every label of the table replaced by one private character, longest first."""
    names: dict[str, str] = {}
    coded = text
    for k, label in enumerate(sorted({fold(label) for label in labels}, key=len, reverse=True)):
        if len(label) == 1:
            names[label] = label  # too short to be looked for inside words: taken as a whole item only
        elif label in coded and not label.isdigit():
            mark = chr(0xE000 + k)
            names[mark] = label
            coded = coded.replace(label, mark)
    # A number in brackets right after a label only repeats which line it is.
    coded = re.sub(r"(?<=[\ue000-\uf8ff])\(\d{1,3}\)", "", coded)
    return coded, names


def _side(text: str, names: dict[str, str]) -> tuple[Item, ...]:
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
    before, after = _side(first, names), _side(last, names)
    if not before or not after or after[0].kind is not before[-1].kind or before[-1].kind is ItemKind.LABEL:
        return ()
    gap = range(before[-1].number + 1, after[0].number)
    return (*before, *(Item(before[-1].kind, n) for n in gap), *after)
