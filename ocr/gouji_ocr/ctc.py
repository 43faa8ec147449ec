"""What a CTC network said, kept so that any string can be scored against it later.

Method: Graves et al., "Connectionist Temporal Classification" (2006), section 4.1 for the forward
recursion, and prefix search with a beam for the n-best list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gouji_ocr.reading import Candidate

Frames = NDArray[np.float16]
"""Log-probabilities as (steps, classes); class 0 is the CTC blank."""

_FLOOR = -16.0  # least log-probability a frame keeps: float16 and certainty of a network end there
_LONGEST_RUN = 8
_NOTHING = 1e-12  # of the beam's own mass: continuations below it are not followed
_OUTWEIGHED = 0.004  # of the lightest path of a full beam
OUTSIDER = math.log(1e-3)
"""Further price of a glyph the network has no class for."""


@dataclass(frozen=True, slots=True, eq=False)
class CtcEvidence:
    """The frames of one picture and the alphabet they speak.

    `classes` takes a text to class numbers, `outsiders` counts its glyphs that have no class of their
    own; `symbols[i]` is the text of class i + 1. A class of `runs` means the same standing alone or
    repeated, as dashes do. `spelling` takes symbols to the text they are written as.
    """

    frames: Frames = field(repr=False)
    symbols: Sequence[str] = field(repr=False)
    classes: Callable[[str], list[int]] = field(repr=False)
    outsiders: Callable[[str], int] = field(repr=False)
    runs: frozenset[int] = field(default=frozenset(), repr=False)
    spelling: Callable[[str], str] = field(default=str, repr=False)

    def log_probability(self, text: str) -> float:
        """Natural-log probability of exactly this text: the sum over all its alignments."""
        frames, labels = self.frames.astype(np.float64), self.classes(text)
        exact = forward(frames, labels)
        if len(labels) == 1 and labels[0] in self.runs:
            repeated = (forward(frames, labels * count) for count in range(2, _LONGEST_RUN + 1))
            exact = float(np.logaddexp.reduce([exact, *repeated]))
        return exact + OUTSIDER * self.outsiders(text)

    def likeliest(self) -> Candidate:
        """The text of the single best path, which is quick to find, with that path's probability."""
        frames = self.frames.astype(np.float32)
        path, _ = best_path(frames)
        score = float(frames.max(axis=1).sum(dtype=np.float64))
        return Candidate(self.spelling(self._symbols(path)), score)

    def best(self, count: int = 8) -> tuple[Candidate, ...]:
        """The most probable texts by prefix beam search, best first; texts that mean the same are one."""
        merged: dict[str, float] = {}
        for path, score in prefix_beam(self.frames, width=max(count + 2, 8)):
            text = self._symbols(path)
            if self.runs and not text.isdecimal():  # digits alone are no runs of anything
                text = self.spelling(self._symbols(self.classes(text)))
            merged[text] = float(np.logaddexp(merged[text], score)) if text in merged else score
        ranked = sorted(merged.items(), key=lambda item: -item[1])
        return tuple(Candidate(text, score) for text, score in ranked[:count])

    def _symbols(self, path: Iterable[int]) -> str:
        return "".join(self.symbols[number - 1] for number in path)


def frames_of(log_probabilities: NDArray[np.float32]) -> Frames:
    """Frames for keeping: floored and packed to half precision."""
    return np.maximum(log_probabilities, _FLOOR).astype(np.float16)


def joined(parts: Sequence[CtcEvidence]) -> CtcEvidence:
    """Evidence of several lines as of one line; a sure blank frame keeps equal neighbours apart."""
    first = parts[0]
    gap = np.full((1, first.frames.shape[1]), _FLOOR, dtype=np.float16)
    gap[0, 0] = 0.0
    rows: list[Frames] = [first.frames]
    for part in parts[1:]:
        rows += [gap, part.frames]
    return replace(first, frames=np.concatenate(rows))


def forward(frames: NDArray[np.float64], labels: Sequence[int]) -> float:
    """Log-likelihood of the labels under (steps, classes) log-probabilities."""
    steps = len(frames)
    if not labels:
        return float(frames[:, 0].sum())
    extended = np.zeros(2 * len(labels) + 1, dtype=np.intp)
    extended[1::2] = labels
    if len(labels) + int((np.diff(labels) == 0).sum()) > steps:
        return float("-inf")
    skip = np.full(len(extended), -np.inf)
    skip[3::2] = np.where(extended[3::2] != extended[1:-2:2], 0.0, -np.inf)
    emitted = frames[:, extended]
    alpha = np.full(len(extended) + 2, -np.inf)
    alpha[2:4] = emitted[0, :2]
    for t in range(1, steps):
        reached = np.logaddexp(alpha[2:], alpha[1:-1])
        alpha[2:] = np.logaddexp(reached, alpha[:-2] + skip) + emitted[t]
    return float(np.logaddexp(alpha[-1], alpha[-2]))


def best_path(frames: NDArray[np.floating]) -> tuple[list[int], list[int]]:
    """The classes on the single best path and the frame each one was emitted at."""
    top = frames.argmax(axis=1)
    keep = (top != 0) & np.concatenate([[True], top[1:] != top[:-1]])
    at = np.flatnonzero(keep)
    return [int(c) for c in top[at]], [int(i) for i in at]


def prefix_beam(
    frames: NDArray[np.floating], *, width: int = 8, drop: float = 1e-5
) -> list[tuple[tuple[int, ...], float]]:
    """The most probable label sequences with their log-probabilities, best first.

    Symbols below `drop` in a frame are not followed there, so the scores are lower bounds, tight for
    the sequences that matter.
    """
    probabilities = np.exp(frames.astype(np.float64))
    live_at: list[list[tuple[float, int]]] = [[] for _ in range(len(frames))]
    steps, symbols = np.nonzero(probabilities[:, 1:] > drop)
    shares = probabilities[steps, symbols + 1].tolist()
    for t, symbol, share in zip(steps.tolist(), (symbols + 1).tolist(), shares, strict=True):
        live_at[t].append((share, symbol))
    beam: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}  # ends in blank, in its symbol
    log_scale = 0.0
    for blank, live in zip(probabilities[:, 0].tolist(), live_at, strict=True):
        if not live:  # most frames: nothing but paper
            beam = {path: (b + s, 0.0) for path, (b, s) in beam.items()}
            log_scale += math.log(max(blank, 1e-300))
            continue
        live.sort(reverse=True)
        held = {symbol: share for share, symbol in live}
        # The likeliest step takes every path of a full beam on; what weighs next to nothing beside the
        # lightest of those would fall out again, so it is not grown at all.
        least = _NOTHING
        if len(beam) >= width:
            least = max(least, _OUTWEIGHED * sum(next(reversed(beam.values()))) * max(blank, live[0][0]))
        grown: dict[tuple[int, ...], list[float]] = {}
        for path, (in_blank, in_symbol) in beam.items():
            weight = in_blank + in_symbol
            last = path[-1] if path else 0
            entry = grown.setdefault(path, [0.0, 0.0])
            entry[0] += weight * blank
            entry[1] += in_symbol * held.get(last, 0.0)
            for share, symbol in live:
                added = (in_blank if symbol == last else weight) * share
                if added > least:
                    grown.setdefault((*path, symbol), [0.0, 0.0])[1] += added
                elif symbol != last:
                    break  # the others are less likely still
        ranked = sorted(grown.items(), key=_weight, reverse=True)[:width]
        total = sum(b + s for _, (b, s) in ranked) or 1e-300
        log_scale += math.log(total)
        beam = {path: (b / total, s / total) for path, (b, s) in ranked}
    scored = [(path, math.log(b + s) + log_scale) for path, (b, s) in beam.items() if b + s > 0]
    return sorted(scored, key=lambda item: -item[1])


def _weight(item: tuple[tuple[int, ...], list[float]]) -> float:
    return item[1][0] + item[1][1]
