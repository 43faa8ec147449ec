"""Comparing printed labels: folded text, and a likeness that forgives wraps, misprints, cuts, remarks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

_DROPPED = re.compile(r"[\s“”\"'‘’《》<>·.,，。、;；:：_|…—-]+")
_CJK = re.compile(r"[\u3400-\u9fff]")
_REMARK = re.compile(r"[（(][^（()）]{4,}[)）]?")
_ORDINAL = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.．,，]|[（(][一二三四五六七八九十\d]+[)）]|\d{1,2}[、.．,，](?!\d)|#)\s*"
)
_UNREPORTED = re.compile(
    r"\(?([未末木没][上填申]?报|[漏缺免停]报|未统计|未调查|未填|暂缺|缺数据?|[缺无]资料|无(数据|统计)|不详|不明|保密|从略)\)?"
)
CUT_SHORT = 3  # fewer characters than this say nothing about where a label was cut


@lru_cache(maxsize=20_000)
def fold_label(text: str) -> str:
    """A label as it is compared: NFKC, no white space, no punctuation.

    >>> fold_label("（一） 予以 公开")
    '(一)予以公开'
    """
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text))


def is_label(text: str) -> bool:
    """Whether a cell's text could be a label: it has a Chinese character and is not a lone mark."""
    folded = fold_label(text)
    return bool(_CJK.search(folded)) and folded not in ("无", "一")


def is_unreported(text: str) -> bool:
    """Whether words say why no figure stands in its place; what the figure would be is not known.

    >>> [is_unreported(text) for text in ("未报", "（暂缺）", "未报数", "无", "-")]
    [True, True, False, False, False]
    """
    return _UNREPORTED.fullmatch(fold_label(text)) is not None


def without_ordinal(text: str) -> str:
    """The label without its number: `（一）予以公开` becomes `予以公开`."""
    return _ORDINAL.sub("", text.strip())


@lru_cache(maxsize=100_000)
def similarity(seen: str, known: str) -> float:
    """How alike a printed label is to the one of the form, or to one of its wordings (`a|b`), 0 to 1.

    Besides plain likeness: the label may be cut off (`本年新` for `本年新制作数量`), may carry a
    remark or explanation the form does not have, or may lack the form's own remark in brackets.
    The numbers before labels count little, they are the first thing a reader gets wrong.
    """
    if "|" in known:
        return max(similarity(seen, wording) for wording in known.split("|"))
    a, b = fold_label(seen), fold_label(known)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    best = fuzz.ratio(a, b) / 100
    if len(a) >= CUT_SHORT and len(a) < len(b):
        best = max(best, 0.92 * fuzz.ratio(a, b[: len(a)]) / 100 * min(1.0, 0.75 + len(a) / len(b)))
    if len(b) >= CUT_SHORT and len(a) > len(b) + 1:
        best = max(best, 0.92 * fuzz.ratio(a[: len(b)], b) / 100)
    bare_a, bare_b = _bare(seen), _bare(known)
    if (bare_a, bare_b) != (a, b) and bare_a and bare_b:
        best = max(best, 0.97 * fuzz.ratio(bare_a, bare_b) / 100)
    return min(best, 0.99)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return fold_label(_REMARK.sub("", without_ordinal(plain)))
