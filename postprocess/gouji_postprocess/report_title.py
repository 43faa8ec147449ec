"""Whose report it is and of which year, from its first lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

FIRST_LINES = 30
SAME_ORGAN = 88.0  # one character in nine may be misread; in eight or fewer it is another name (沭阳, 沐阳)

_TITLE = re.compile(
    r"(?P<organ>[\u4e00-\u9fff()]{2,40}?)?(?:关于)?(?P<year>20[0-3]\d|二[〇○零0O][一二三四五六七八九〇○零]{2})年度?"
    r"[\u4e00-\u9fff]{0,8}(?:政府信息公开|信息公开|政务公开)[\u4e00-\u9fff]{0,8}(?:报告|统计表|情况表)"
)
_ORGAN = re.compile(
    r"^[\u4e00-\u9fff()]{2,40}(?:政府|办公室|办公厅|委员会|委|局|厅|部|院|中心|街道|街道办事处|街|镇|乡|管委会|大队|支队|站|所|处|室|会|社|校|集团|公司|馆|区|县|市)$"
)
_DIGITS = str.maketrans("〇○零O一二三四五六七八九", "0000123456789")


@dataclass(frozen=True, slots=True)
class ReportTitle:
    """The organ as printed (empty when it was not found) and the year (None likewise)."""

    organ: str
    year: int | None


def read_title(lines: Sequence[str]) -> ReportTitle:
    """Organ and year from the first lines; the organ may stand in the title or on the lines above it."""
    plain = [re.sub(r"\s+", "", unicodedata.normalize("NFKC", line)) for line in lines[:FIRST_LINES]]
    plain = [line for line in plain if line]
    for first in range(len(plain)):
        for count in (1, 2, 3):
            text = "".join(plain[first : first + count])
            match = _TITLE.search(text)
            if match is None:
                continue
            organ = _organ_in(match["organ"] or "") or _organ_above(plain[:first])
            return ReportTitle(organ, int(match["year"].translate(_DIGITS)))
    return ReportTitle(_organ_above(plain[:3]), None)


def same_organ(one: str, other: str) -> bool:
    """Whether two printed names are of the same organ, a few misread characters apart.

    >>> same_organ("沭阳县人民政府", "沐阳县人民政府")
    False
    """
    if one == other:
        return True
    if min(len(one), len(other)) < 8:  # in a short name one character is another place
        return False
    return fuzz.ratio(one, other) >= SAME_ORGAN and one[-2:] == other[-2:]


def _organ_in(text: str) -> str:
    organ = re.sub(r"^(?:附件\d?|关于|公开)", "", text)
    return organ if len(organ) >= 2 else ""


def _organ_above(lines: Sequence[str]) -> str:
    return next((line for line in reversed(lines) if _ORGAN.match(line)), "")
