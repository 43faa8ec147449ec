"""Finds pages that seem to show one sheet scanned twice: by their fingerprints, then by the figures read.

Two fingerprints of 256 bits that differ in fewer bits than there are bands agree in at least one band
(pigeonhole), so only pages that share a band are compared: the work grows with the pages, not with
their pairs. Sheets of one form filled in by two organs look alike too; their figures tell them apart.
A sheet that is named needlessly costs a look, one that is missed counts its figures twice: pages are
only held apart by figures that were read well on both.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gouji.records import PageReading
from gouji_layout.facts import fingerprint_distance
from gouji_ocr.amounts import AmountKind, parse_amount

_BITS = 256
_BANDS = 16  # finds every pair that differs in 15 bits or fewer
_CROWD = 50  # pages that share one band: a common look, not a common sheet
_SURE = math.log(0.9)  # of a reading; of 54 made pages of levels 2 to 5 the worst has 71 % of such right
_TELLING = 100  # smaller whole numbers stand on every sheet
_FEW = 3  # sure figures; fewer tell nothing
_SHARED = 0.6  # of the sure figures, on two scans of a sheet; two sheets may share the codes of their form


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page by name."""

    document: str
    page: int


@dataclass(frozen=True, slots=True)
class TellingFigures:
    """The figures of a page that few other sheets have, as (value, decimals), with how often each stands."""

    read: Counter[tuple[int, int]]
    sure: Counter[tuple[int, int]]  # those of them that were read well

    def tell(self) -> bool:
        """Whether enough was read well enough to know another sheet by it."""
        return self.sure.total() >= max(_FEW, self.read.total() / 2)

    def share(self, other: TellingFigures) -> float:
        """How many of the sure figures, 0 to 1, were read on the other page too."""
        return (self.sure & other.read).total() / self.sure.total()


def telling_figures(page: PageReading) -> TellingFigures:
    """Gather the figures of a page by their best readings."""
    found = TellingFigures(Counter(), Counter())
    for reading in (reading for table in page.readings for reading in table):
        amount = parse_amount(reading.text)
        if amount is None or amount.kind is not AmountKind.FIGURE or abs(amount.value) < _TELLING:
            continue
        figure = amount.value, amount.decimals
        found.read[figure] += 1
        found.sure[figure] += reading.log_probability > _SURE and not reading.doubted
    return found


def same_sheets(
    pages: Iterable[tuple[Sheet, str]], figures: Callable[[Sheet], TellingFigures | None]
) -> Iterator[tuple[Sheet, ...]]:
    """Groups of pages that seem to show one sheet, in the order of their first page.

    Args:
        pages: pages with their fingerprints, 64 hexadecimal digits each.
        figures: the figures of a page, asked once for each page that looks like another; None where they
            are not at hand, and looks alone decide.
    """
    known = list(pages)
    bands: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (_, fingerprint) in enumerate(known):
        number = int(fingerprint, 16)
        for band in range(_BANDS):
            bands[band, (number >> (band * _BITS // _BANDS)) & 0xFFFF].append(index)
    leader = list(range(len(known)))
    asked: dict[int, TellingFigures | None] = {}
    for one, other in _alike(known, bands.values()):
        for index in (one, other):
            if index not in asked:
                asked[index] = figures(known[index][0])
        if not _differ(asked[one], asked[other]):
            _join(leader, one, other)
    groups: dict[int, list[Sheet]] = defaultdict(list)
    for index, (sheet, _) in enumerate(known):
        groups[_leader(leader, index)].append(sheet)
    yield from (tuple(group) for group in groups.values() if len(group) > 1)


def _alike(known: list[tuple[Sheet, str]], bands: Iterable[list[int]]) -> Iterator[tuple[int, int]]:
    """Pairs of pages that look like one sheet; a pair may come once for each band that it shares."""
    for members in bands:
        if 1 < len(members) <= _CROWD:
            for position, one in enumerate(members):
                for other in members[position + 1 :]:
                    if fingerprint_distance(known[one][1], known[other][1]) < _BANDS:
                        yield one, other


def _differ(one: TellingFigures | None, other: TellingFigures | None) -> bool:
    """Whether the figures say that the pages are two sheets."""
    if one is None or other is None or not (one.tell() and other.tell()):
        return False
    return max(one.share(other), other.share(one)) < _SHARED


def _leader(leader: list[int], index: int) -> int:
    while leader[index] != index:
        leader[index] = leader[leader[index]]
        index = leader[index]
    return index


def _join(leader: list[int], one: int, other: int) -> None:
    low, high = sorted((_leader(leader, one), _leader(leader, other)))
    leader[high] = low
