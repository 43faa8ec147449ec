"""Laying seen labels beside those of a form, in order, with gaps on both sides.

This is the global alignment of Needleman and Wunsch (1970) with a likeness threshold: a pair that is
not alike enough is never made, so a label that fits nothing stays unmatched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Path = tuple[str, ...]

ALIKE = 0.55  # below this two labels are not the same label (see docs/measured/rules.md)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of (seen index, known index) in order, their likeness, and the mean over all known."""

    pairs: tuple[tuple[int, int], ...]
    likeness: tuple[float, ...]

    @property
    def total(self) -> float:
        """Sum of the likeness of all pairs."""
        return sum(self.likeness)


def align(seen: Sequence[Path], known: Sequence[Path], likeness: Callable[[Path, Path], float]) -> Alignment:
    """The pairing in order with the largest sum of (likeness above the threshold)."""
    n, m = len(seen), len(known)
    score = [[likeness(a, b) for b in known] for a in seen]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            skip = max(best[i + 1][j], best[i][j + 1])
            gain = score[i][j] - ALIKE
            best[i][j] = max(skip, gain + 0.1 + best[i + 1][j + 1]) if gain >= 0 else skip
    pairs, i, j = [], 0, 0
    while i < n and j < m:
        gain = score[i][j] - ALIKE
        if gain >= 0 and best[i][j] == gain + 0.1 + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:  # of equal pairings the one with the earliest seen labels
            j += 1
        else:
            i += 1
    return Alignment(tuple(pairs), tuple(score[i][j] for i, j in pairs))


def path_likeness(seen: Path, known: Path, similarity: Callable[[str, str], float]) -> float:
    """Likeness of two label paths: the innermost label decides, the outer ones settle between equals."""
    if not seen or not known or not seen[-1]:
        return 0.0
    leaf = similarity(seen[-1], known[-1])
    joined = similarity("".join(seen), "".join(known))
    if len(seen) == 1 and len(known) == 1:
        return leaf
    outer = _outer(seen[:-1], known[:-1], similarity)
    return max(0.8 * leaf + 0.2 * outer, joined)


def _outer(seen: Path, known: Path, similarity: Callable[[str, str], float]) -> float:
    if not seen and not known:
        return 1.0
    if not seen or not known:
        return 0.5  # a merged label that was lost says nothing either way
    return max(similarity(a, b) for a in seen[-2:] for b in known[-2:])
