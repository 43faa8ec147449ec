"""Figures in prose: each number of a report's text with its unit, its subject, and what makes it doubtful.

Prose speaks loosely (`1.2万余条`), of other scopes (`区政府办`) and of other years; a claim records such
traps instead of hiding them. A claim is evidence only: no cell is ever changed because of one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Claim:
    """One number in a sentence."""

    value: Decimal
    unit: str
    sentence: str
    before: str  # the clause up to the number: its subject
    after: str  # the rest of the clause
    at: int  # character position in the sentence
    about: str = ""  # the subject of an earlier clause of the same sentence
    traps: tuple[str, ...] = ()  # in Chinese, why it may speak of something else


@dataclass(frozen=True, slots=True)
class ListedParts:
    """A total and the parts listed after it: `19件，其中16件、2件、1件`."""

    total: Claim
    parts: tuple[Claim, ...]
    closed: bool  # the list stands in brackets, so its end is known

    @property
    def summed(self) -> int | None:
        """How many of the parts, from the first on, add up to the total; None when no number of them does."""
        so_far = Decimal(0)
        for count, part in enumerate(self.parts, start=1):
            so_far += part.value
            if so_far == self.total.value and (count == len(self.parts) or (count > 1 and not self.closed)):
                return count
        return None


_UNIT = "件次|人次|万元|亿元|千元|元|件|条|篇|份|次|人|个|项|户|家|起|场|期|宗|％|%"
_NUMBER = re.compile(
    rf"(?<![\d.A-Za-z〔\[])(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<wan>[万亿])?(?P<loose>[余多])?"
    rf"(?P<unit>{_UNIT})"
)
_BARE = re.compile(r"(?<=、)\d+(?=[、)])")  # numbers of a list that left its unit out
_LOOSE = re.compile(r"(?:近|约|超过|逾|不足|大约|累计|至少|达到?了?近)$")
_OTHER_YEAR = re.compile(r"(20\d\d)年")
_SCOPES = (
    (re.compile(r"备案"), "说的是备案案件"),
    (
        re.compile(r"代表.{0,4}政府|政府办(?!公厅|公室)|本机关(?!不掌握)|办公[室厅](?:共|受理|收到)"),
        "说的可能只是办公室一家",
    ),
    (re.compile(r"全[市县区省州旗]"), "说的可能是整个行政区域"),
    (re.compile(r"比上年|较上年|同比|比去年|较去年|增长|下降|减少了|增加了"), "说的是增减"),
    (re.compile(r"历年|累计|自\d+年以来|截至|截止"), "说的可能是历年累计"),
    (re.compile(r"建议|提案|信访|投诉举报|咨询"), "说的可能不是依申请公开"),
)


def sentences_of(lines: Sequence[str]) -> list[str]:
    """Lines of text as sentences: wraps closed, picture markers and white space taken out."""
    text = ""
    for line in lines:
        plain = re.sub(r"\[image:[^\]]*\][^\u4e00-\u9fff]*", "", unicodedata.normalize("NFKC", line))
        text += re.sub(r"\s+", "", plain)
        if (
            re.match(r"^[一二三四五六七八九十]、|^\([一二三四五六七八九十]\)", line.strip())
            and len(line.strip()) < 40
        ):
            text += "。"  # a heading is no part of the sentence after it
    return [part for part in re.split(r"(?<=[。!?])", text) if part]


def claims_of(sentence: str, *, year: int | None = None) -> list[Claim]:
    """Every number with a unit in one sentence, in order.

    Args:
        sentence: folded text (see `sentences_of`).
        year: the year of the report; numbers of other years are marked.
    """
    claims: list[Claim] = []
    about = ""
    clause_start = 0
    for match in _NUMBER.finditer(sentence):
        start = max(clause_start, _clause_start(sentence, match.start()))
        before = sentence[start : match.start()]
        end = _clause_end(sentence, match.end())
        if len(before.strip(",;:、(")) >= 2 and not before.lstrip(",;:、(").startswith("占"):
            about = before.strip(",;:、(")
        value = Decimal(match["number"].replace(",", ""))
        unit = match["unit"].replace("％", "%")
        if unit == "元":
            unit = (match["wan"] or "") + unit  # 万元 is a unit, 1.2万件 a round number
        else:
            value *= {"万": 10_000, "亿": 100_000_000}.get(match["wan"] or "", 1)
        claims.append(
            Claim(
                value=value,
                unit=unit,
                sentence=sentence,
                before=before,
                after=sentence[match.end() : end],
                at=match.start(),
                about=about,
                traps=_traps(sentence, match, before, sentence[match.end() : end], year),
            )
        )
        clause_start = match.end()
    for bare in _BARE.finditer(sentence):
        earlier = [claim for claim in claims if claim.at < bare.start()]
        if earlier:
            claims.append(
                replace(earlier[-1], value=Decimal(bare.group()), before="、", after="", at=bare.start())
            )
    return sorted(claims, key=lambda claim: claim.at)


def listed_parts(claims: Sequence[Claim]) -> Iterator[ListedParts]:
    """Totals followed by 其中 or a bracket and at least two parts in the same unit."""
    for i, total in enumerate(claims):
        if i + 2 >= len(claims) or total.unit == "%":
            continue
        lead = claims[i + 1].before
        opened = "其中" in lead or lead.startswith("(") or "分别" in lead
        if not opened:
            continue
        closing = _closing(total, claims[i + 1], lead)
        parts = []
        for part in claims[i + 1 :]:
            if part.sentence != total.sentence or part.at >= closing:
                break
            if part.unit == "%":
                continue
            if part.unit != total.unit:
                break
            parts.append(part)
        if len(parts) >= 2:
            yield ListedParts(total, tuple(parts), lead.startswith("(") and "其中" not in lead)


def _closing(total: Claim, first: Claim, lead: str) -> int:
    """Where the list of parts ends: at the bracket, the semicolon or the full stop."""
    text = total.sentence
    if lead.startswith("("):
        depth, at = 1, first.at
        while at < len(text) and depth:
            depth += (text[at] == "(") - (text[at] == ")")
            at += 1
        return at
    ends = [at for mark in ";。" if (at := text.find(mark, first.at)) >= 0]
    return min(ends, default=len(text))


def _clause_start(sentence: str, at: int) -> int:
    return max(sentence.rfind(mark, 0, at) for mark in ",;。、") + 1


def _clause_end(sentence: str, at: int) -> int:
    ends = [end for mark in ",;。、" if (end := sentence.find(mark, at)) >= 0]
    return min(ends, default=len(sentence))


def _traps(sentence: str, match: re.Match[str], before: str, after: str, year: int | None) -> tuple[str, ...]:
    traps = []
    if match["loose"] or _LOOSE.search(before) or (match["wan"] and match["unit"] != "元"):
        traps.append("是约数")
    clause = before + after
    traps += [words for pattern, words in _SCOPES if pattern.search(clause)]
    others = [int(y) for y in _OTHER_YEAR.findall(clause)]
    if year is not None and others and year not in others:
        traps.append(f"说的是{others[-1]}年")
    return tuple(traps)
