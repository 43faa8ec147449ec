"""What the text says beside what the tables say: evidence for a reviewer, never a cause to overwrite.

Every claim is laid beside the quantities its subject may mean. `受理` may mean received, or received
and carried in; whichever agrees is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.claims import Claim, ListedParts, claims_of, listed_parts, sentences_of
from gouji_postprocess.narrative_subjects import SUBJECTS, Subject, Sum, totals
from gouji_postprocess.pack_names import matching_names
from gouji_postprocess.rule import Verdict


@dataclass(frozen=True, slots=True)
class NarrativeFinding:
    """One claim beside the tables."""

    sentence: str
    name: str  # the quantity in words
    claimed: Decimal
    unit: str
    found: Decimal | None  # what the tables say
    verdict: Verdict
    cells: tuple[CellRef, ...]
    reason: str  # one Chinese sentence


ALL_LISTED = 4  # so many parts are taken for a full list
_FALSE_FRIENDS = re.compile(r"主动公开|网站|微信|微博|公众号|培训|会议|公开政府信息\d*$|解读|文件")


def narrative_findings(
    lines: Sequence[str],
    cells: Mapping[str, CellRef],
    values: Mapping[CellRef, Amount | None],
    *,
    year: int | None = None,
) -> list[NarrativeFinding]:
    """Lay every claim of the text beside the tables.

    Args:
        lines: text lines outside tables, in reading order.
        cells: quantity keys of all recognised tables of the document.
        values: decided amounts.
        year: the year of the report.
    """
    findings: list[NarrativeFinding] = []
    for sentence in sentences_of(lines):
        claims = claims_of(sentence, year=year)
        lists = list(listed_parts(claims))
        findings += [_list_finding(parts) for parts in lists]
        foreign = {part.at for parts in lists if _subject(parts.total) is None for part in parts.parts}
        last: NarrativeFinding | None = None
        for claim in claims:
            if claim.unit == "%":
                findings += _share(claim, last, cells, values)
                continue
            if claim.unit not in ("件", "起", "宗", "次", "份"):
                last = None
                continue
            if claim.at in foreign:
                continue  # a part of something that is no quantity of the tables
            last = _compared(claim, cells, values)
            if last is not None:
                findings.append(last)
    return findings


def _compared(
    claim: Claim, cells: Mapping[str, CellRef], values: Mapping[CellRef, Amount | None]
) -> NarrativeFinding | None:
    subject = _subject(claim)
    if subject is None:
        return None
    sums = [total for meaning in subject.meanings if (total := _sum(meaning, cells, values)) is not None]
    if not sums:
        return None
    agreeing = next(((value, refs) for value, refs in sums if value == claim.value), None)
    value, refs = agreeing or sums[0]
    if agreeing is not None:
        verdict, reason = Verdict.HOLDS, f"正文“{subject.name}{claim.value}{claim.unit}”与表中相符"
    elif claim.traps:
        verdict = Verdict.NOT_ASSESSABLE
        reason = f"正文{claim.value}{claim.unit}，表中{value}；{'，'.join(claim.traps)}，口径可能不同"
    else:
        verdict = Verdict.SOURCE_INCONSISTENT
        reason = f"正文“{subject.name}”{claim.value}{claim.unit}，表中{value}，不一致（以表为准，不据此改表）"
    return NarrativeFinding(
        claim.sentence, subject.name, claim.value, claim.unit, value, verdict, refs, reason
    )


def _subject(claim: Claim) -> Subject | None:
    """The quantity a claim speaks of: in its own clause the name nearest to the number wins."""
    for text in (claim.before, claim.about):
        if _FALSE_FRIENDS.search(text) and not re.search(r"申请|复议|诉讼", text):
            continue
        found = [
            (match.end(), -k, subject)
            for k, subject in enumerate(SUBJECTS)
            for match in subject.words.finditer(text)
        ]
        if found:
            return max(found, key=lambda hit: (not hit[2].weak, hit[0], hit[1]))[2]
        if text is claim.before and len(text.strip(",;:、(其中")) >= 4:
            return None
    return None


def _sum(
    meaning: Sum, cells: Mapping[str, CellRef], values: Mapping[CellRef, Amount | None]
) -> tuple[Decimal, tuple[CellRef, ...]] | None:
    refs: list[CellRef] = []
    for pattern in meaning:
        found = matching_names(pattern, cells)
        if "*" not in pattern and not found and not _has_deeper(pattern, cells):
            return None
        refs += [cells[key] for key in found]
    added = list(refs)
    for key in _keys(meaning, cells):
        row, dot, last = key.rpartition(".")
        if last == "total" and _is_blank(values.get(cells[key])):  # its row is added up instead
            added += [cells[other] for other in matching_names(f"{row}{dot}*", cells) if other != key]
    amounts = [amount for ref in added if (amount := values.get(ref)) is not None]
    if not refs or len(amounts) < len(added):
        return None  # what cannot be read as a figure is not nothing
    return sum(map(_figure, amounts), Decimal(0)), tuple(refs)


def _keys(meaning: Sum, cells: Mapping[str, CellRef]) -> list[str]:
    return [key for pattern in meaning for key in matching_names(pattern, cells)]


def _is_blank(amount: Amount | None) -> bool:
    return amount is not None and amount.kind is AmountKind.BLANK


def _figure(amount: Amount) -> Decimal:
    if amount.kind is not AmountKind.FIGURE:
        return Decimal(0)
    return Decimal(amount.value).scaleb(-amount.decimals)


def _has_deeper(pattern: str, cells: Mapping[str, CellRef]) -> bool:
    head, _, last = pattern.rpartition(".")
    return bool(matching_names(f"{head}.*.{last}", cells))


def _share(
    claim: Claim,
    last: NarrativeFinding | None,
    cells: Mapping[str, CellRef],
    values: Mapping[CellRef, Amount | None],
) -> Iterator[NarrativeFinding]:
    """A percentage after a count: of the count just named, over all results of the year."""
    if last is None or last.found is None or "占" not in claim.before:
        return
    bases = [
        _sum(m, cells, values)
        for m in (totals("outcome.total"), totals("received"), totals("received", "carried_in"))
    ]
    decimals = max(0, -int(claim.value.as_tuple().exponent))
    unit = Decimal(1).scaleb(-decimals)
    shares = [
        (last.found / base[0] * 100).quantize(unit, ROUND_HALF_UP)
        for base in bases
        if base is not None and base[0]
    ]
    if not shares:
        return
    near = min(shares, key=lambda share: abs(share - claim.value))
    gap = abs(near - claim.value)
    if gap == 0:
        verdict, reason = Verdict.HOLDS, f"占比{claim.value}%与表中相符"
    elif gap <= unit:
        verdict, reason = Verdict.ROUNDING, f"占比{claim.value}%，按表计算为{near}%，相差在四舍五入范围内"
    else:
        verdict = Verdict.SOURCE_INCONSISTENT
        reason = f"正文占比{claim.value}%，按表计算为{shares[0]}%，不一致"
    yield NarrativeFinding(
        claim.sentence, f"{last.name}占比", claim.value, "%", shares[0], verdict, last.cells, reason
    )


def _list_finding(listed: ListedParts) -> NarrativeFinding:
    count = listed.summed
    parts = listed.parts[: count or len(listed.parts)]
    total = sum((part.value for part in parts), Decimal(0))
    said = f"{listed.total.value}{listed.total.unit}"
    shown = "+".join(str(part.value) for part in parts)
    if count is not None:
        verdict, reason = Verdict.HOLDS, f"正文所列 {shown} = {total}，与总数相符"
    elif listed.total.traps:
        verdict, reason = Verdict.NOT_ASSESSABLE, f"正文总数{said}{'，'.join(listed.total.traps)}"
    elif (total < listed.total.value and len(parts) < ALL_LISTED and not listed.closed) or (
        total > listed.total.value and not listed.closed
    ):
        verdict, reason = (
            Verdict.NOT_ASSESSABLE,
            f"正文总数{said}，所列 {shown} = {total}，所列各项未必是全部或只属此项",
        )
    else:
        verdict = Verdict.SOURCE_INCONSISTENT
        reason = f"正文总数{said}，所列各项 {shown} = {total}，不一致"
    return NarrativeFinding(
        listed.total.sentence, "正文列举", listed.total.value, listed.total.unit, total, verdict, (), reason
    )
