"""What readings are measured by: exactness by level, font and kind, calibration, character errors."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from gouji_ocr import alphabet
from gouji_ocr.amounts import fold_text
from gouji_ocr.reading import Reading


def same(one: str, other: str) -> bool:
    """Whether two texts print the same: full-width folded, white space dropped, dashes as one."""
    return canonical(one) == canonical(other)


def canonical(text: str) -> str:
    """A text for comparing."""
    return re.sub(r"[-‐‑–—―−一]+(?=$)|^[-‐‑–—―−]+", "-", fold_text(text))


def figure_kind(text: str) -> str:
    """A name for what a figure looks like."""
    folded = alphabet.fold(text)
    if not folded:
        return "blank"
    if folded in "-/…":
        return {"-": "dash", "/": "slash", "…": "omission"}[folded]
    if folded.isdigit():
        return "digit" if len(folded) == 1 else "whole"
    return "separators" if set(folded) <= set("0123456789.,") else "other"


@dataclass(frozen=True)
class Seen:
    """One figure cell as read."""

    truth: str
    reading: Reading
    level: int
    font: str

    @property
    def right(self) -> bool:
        """Whether the first candidate is what is printed."""
        return same(self.reading.text, self.truth)

    @property
    def in_five(self) -> bool:
        """Whether what is printed is among five candidates, or nothing is and nothing was read."""
        return self.right or any(same(c.text, self.truth) for c in self.reading.candidates[:5])


def shares(seen: Iterable[Seen], key: str) -> dict[str, list[int]]:
    """Right and all, by level, font or kind."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in seen:
        name = figure_kind(one.truth) if key == "kind" else str(getattr(one, key))
        counts[name][0] += one.right
        counts[name][1] += 1
    return dict(sorted(counts.items()))


def calibration(seen: Sequence[Seen]) -> dict[str, object]:
    """Expected calibration error, ranking by confidence, and how sure the surest error was.

    Each bin is its lower edge, how many figures are in it, what they state on average, how many are right.
    """
    asked = [one for one in seen if one.reading.candidates]
    sure = np.array([math.exp(min(one.reading.log_probability, 0.0)) for one in asked])
    right = np.array([one.right for one in asked])
    edges = [0, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.01]
    bins = []
    error = 0.0
    for low, high in itertools.pairwise(edges):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            stated = round(float(sure[inside].mean()), 5)
            bins.append([low, int(inside.sum()), stated, round(float(right[inside].mean()), 5)])
            error += abs(float(sure[inside].mean() - right[inside].mean())) * inside.mean()
    wrong = sure[~right]
    auroc = None
    if len(wrong) and right.any():
        auroc = float(np.mean([(w < sure[right]).mean() + 0.5 * (w == sure[right]).mean() for w in wrong]))
    return {
        "ece": round(error, 5),
        "auroc": auroc and round(auroc, 5),
        "surest_error": round(float(wrong.max()), 5) if len(wrong) else None,
        "bins": bins,
    }


def error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    """Character error rate of (truth, read) pairs."""
    edits = sum(Levenshtein.distance(fold_text(t), fold_text(r)) for t, r in pairs)
    return round(edits / max(1, sum(len(fold_text(t)) for t, _ in pairs)), 5)
