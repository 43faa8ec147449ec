"""Finds pages that seem to show one sheet scanned twice, by their fingerprints.

Two fingerprints of 256 bits that differ in fewer bits than there are bands agree in at least one band
(pigeonhole), so only pages that share a band are compared: the work grows with the pages, not with
their pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gouji_layout.facts import fingerprint_distance

_BITS = 256
_BANDS = 16  # finds every pair that differs in 15 bits or fewer
_CROWD = 50  # pages that share one band: a common look, not a common sheet


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page by name."""

    document: str
    page: int


def same_sheets(pages: Iterable[tuple[Sheet, str]]) -> Iterator[tuple[Sheet, ...]]:
    """Groups of pages that seem to show one sheet, in the order of their first page.

    Args:
        pages: pages with their fingerprints, 64 hexadecimal digits each.
    """
    known = list(pages)
    bands: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (_, fingerprint) in enumerate(known):
        number = int(fingerprint, 16)
        for band in range(_BANDS):
            bands[band, (number >> (band * _BITS // _BANDS)) & 0xFFFF].append(index)
    leader = list(range(len(known)))
    for members in bands.values():
        if 1 < len(members) <= _CROWD:
            for position, one in enumerate(members):
                for other in members[position + 1 :]:
                    if fingerprint_distance(known[one][1], known[other][1]) < _BANDS:
                        _join(leader, one, other)
    groups: dict[int, list[Sheet]] = defaultdict(list)
    for index, (sheet, _) in enumerate(known):
        groups[_leader(leader, index)].append(sheet)
    yield from (tuple(group) for group in groups.values() if len(group) > 1)


def _leader(leader: list[int], index: int) -> int:
    while leader[index] != index:
        leader[index] = leader[leader[index]]
        index = leader[index]
    return index


def _join(leader: list[int], one: int, other: int) -> None:
    low, high = sorted((_leader(leader, one), _leader(leader, other)))
    leader[high] = low
