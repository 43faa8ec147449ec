"""Error rates with honest intervals: Wilson for one share, MOVER for weighted sums and differences.

Wilson (1927), J. Am. Stat. Assoc. 22; Zou and Donner (2008), Stat. Med. 27 (MOVER); the difference
of two shares with Wilson limits is Newcombe's method 10 (1998), Stat. Med. 17.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval; all between 0 and 1, differences between -1 and 1."""

    value: float
    low: float
    high: float


def wilson(errors: int, trials: int) -> Estimate:
    """The share of errors.

    >>> wilson(0, 100).high < 0.04
    True
    """
    if trials == 0:
        return Estimate(0.0, 0.0, 1.0)
    share = errors / trials
    spread = 1 + _Z95**2 / trials
    middle = (share + _Z95**2 / (2 * trials)) / spread
    half = _Z95 / spread * math.sqrt(share * (1 - share) / trials + _Z95**2 / (4 * trials**2))
    return Estimate(
        share,
        0.0 if errors == 0 else max(middle - half, 0.0),
        1.0 if errors == trials else min(middle + half, 1.0),
    )


def weighted(parts: Sequence[tuple[float, Estimate]]) -> Estimate:
    """The weighted sum of independent estimates; weights add up to one."""
    value = sum(weight * part.value for weight, part in parts)
    below = math.sqrt(sum((weight * (part.value - part.low)) ** 2 for weight, part in parts))
    above = math.sqrt(sum((weight * (part.high - part.value)) ** 2 for weight, part in parts))
    return Estimate(value, max(value - below, 0.0), min(value + above, 1.0))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """`one` minus `other`."""
    value = one.value - other.value
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, max(value - below, -1.0), min(value + above, 1.0))


def character_errors(printed: str, decided: str) -> int:
    """Characters to insert, delete or replace to make what is printed of what was decided."""
    return Levenshtein.distance(printed, decided)
