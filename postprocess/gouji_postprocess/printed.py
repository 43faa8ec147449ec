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

from gouji_postprocess.printed_items import Item, ItemKind, items_of


class Scope(StrEnum):
    """Where a printed rule says it holds."""

    COLUMN = "column"  # in every column: its items are rows
    ROW = "row"


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


def formula_of_itself(text: str) -> str:
    """What the line with this label or number is made of: `利润总额（6+7）`, `1+2-3`; else empty.

    >>> formula_of_itself("四、利润总额（6＋7）"), formula_of_itself("年龄（7-12岁）")
    ('6+7', '')
    """
    found = re.search(r"(?:^|\()(\d{1,3}(?:[-+](?:…+\+)?\d{1,3})+)\)?$", fold(text))
    return found[1] if found else ""


def fold(text: str) -> str:
    """Text as it is parsed: NFKC, one kind of minus, no white space."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("﹣", "-").replace("...", "…")
    plain = plain.replace("≧", "≥").replace("≦", "≤").replace("⩾", "≥").replace("⩽", "≤")
    return re.sub(r"[^\S\n]+", "", plain)


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
        sides = [items_of(text, names) for text in texts]
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
