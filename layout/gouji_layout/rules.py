"""Where rules run on an upright page: thin dark lines longer than any stroke of text."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.linear_morphology import ALONG_ROWS, along
from gouji_layout.page import Gray, Mask
from gouji_layout.paper import ink_depth, middle_and_noise

_LEVEL_STROKE, _UPRIGHT_STROKE = 1.5, 1.2  # text heights; strokes of text are shorter


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a rule; `at` is y of a level rule or x of an upright one, `start` and `end` run along it."""

    at: float
    start: float
    end: float
    thickness: float

    @property
    def length(self) -> float:
        """Length in pixels."""
        return self.end - self.start


@dataclass(frozen=True, eq=False)
class RuleInk:
    """Evidence of rules of one direction, laid so that the rules run along axis 1.

    For upright rules everything is transposed. `thin` is 1 where there is dark ink, thin across the
    rule and as dark as rules of this page are; `long` is 1 where such ink goes on longer than
    strokes of text do.
    """

    thin: Mask
    long: Mask
    unit: float  # text height in pixels


def rule_ink(evened: Gray, unit: float) -> tuple[RuleInk, RuleInk]:
    """Evidence of level and of upright rules in an evened picture with text `unit` pixels high."""
    least = max(12.0, 0.14 * ink_depth(evened))
    level = _thin(evened, unit, least, _LEVEL_STROKE)
    upright = _thin(np.asarray(cv2.transpose(evened), dtype=np.uint8), unit, least, _UPRIGHT_STROKE)
    return (
        RuleInk(level, _long(level, unit, _LEVEL_STROKE), unit),
        RuleInk(upright, _long(upright, unit, _UPRIGHT_STROKE), unit),
    )


def level_rules(evened: Gray, unit: float) -> list[Segment]:
    """Level rules alone: a quick look where tables may be."""
    thin = _thin(evened, unit, max(12.0, 0.14 * ink_depth(evened)), _LEVEL_STROKE)
    return segments(RuleInk(thin, _long(thin, unit, _LEVEL_STROKE), unit), 4.0)


def _thin(gray: Gray, unit: float, least: float, stroke: float) -> Mask:
    """1 where there is ink thin across axis 1 and as dark as rules are."""
    across = max(7, round(unit * 0.5)) | 1
    hat = np.asarray(
        cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, np.ones((across, 1), np.uint8)), dtype=np.uint8
    )
    middle, noise = _paper_level(hat)
    smooth = np.asarray(cv2.blur(hat, (round(0.3 * unit) | 1, 1)), dtype=np.uint8)
    middle_smooth, noise_smooth = _paper_level(smooth)
    rough = (smooth > max(least, middle_smooth + 5 * noise_smooth)).astype(np.uint8)
    rules = smooth[(_long(rough, unit, stroke) & rough).astype(bool)]
    typical = 2.2 * least
    if rules.size > 10 * unit:
        typical = max(typical, float(np.percentile(rules[:: max(rules.size // 20000, 1)], 35)))
    # Noise is averaged along the rule, which a rule survives and speckle does not; but no further than
    # needed, because the same average bridges the gaps between characters.
    needed = (3.5 * noise / max(0.45 * typical - middle, 4.0)) ** 2
    window = int(np.clip(needed, 3, 0.4 * unit)) | 1
    hat = np.asarray(cv2.blur(hat, (window, 1)), dtype=np.uint8)
    return np.asarray(hat > max(0.45 * typical, middle + 3.5 * noise / np.sqrt(window)), dtype=np.uint8)


def _paper_level(hat: Gray) -> tuple[float, float]:
    """Median and spread of the evidence where there is only paper, which is most of the page."""
    return middle_and_noise(np.bincount(hat[::3, ::5].ravel(), minlength=256))


def _long(thin: Mask, unit: float, stroke: float) -> Mask:
    # A rule that climbs a pixel over its length stays whole when its neighbours above and below count.
    thick = np.asarray(cv2.dilate(thin, np.ones((3, 1), np.uint8)), dtype=np.uint8)
    return along(thick, ALONG_ROWS, (cv2.MORPH_OPEN, unit * stroke), (cv2.MORPH_CLOSE, unit))


def segments(ink: RuleInk, least: float, gap: float = 1.5) -> list[Segment]:
    """Pieces of rules at least `least` text heights long; those nearer than `gap` text heights are one."""
    unit = ink.unit
    mask = along(ink.long, ALONG_ROWS, (cv2.MORPH_CLOSE, gap * unit), (cv2.MORPH_OPEN, least * unit))
    pieces = blobs(mask)
    middles = pieces.middle_row
    found = []
    for at in np.flatnonzero(pieces.width >= least * unit):
        x, y, w, h, area = (
            int(v[at]) for v in (pieces.left, pieces.top, pieces.width, pieces.height, pieces.area)
        )
        if h <= 0.6 * unit + 3:
            found.append(Segment(float(middles[at]), float(x), float(x + w), area / w))
        else:  # rules that touch: a double rule, or one that is not level; take it apart row by row
            own = pieces.labels[y : y + h, x : x + w] == at + 1
            found += _apart(own, float(x), float(y), unit, least)
    return found


def _apart(mask: NDArray[np.bool_], left: float, top: float, unit: float, least: float) -> list[Segment]:
    found = []
    profile = mask.sum(axis=1)
    strong = profile >= max(least * unit, 0.3 * profile.max())
    for start, end in runs(strong):
        columns = np.flatnonzero(mask[start:end].any(axis=0))
        if len(columns) and np.ptp(columns) >= least * unit:
            found.append(
                Segment(
                    top + (start + end - 1) / 2, left + columns[0], left + columns[-1] + 1, float(end - start)
                )
            )
    return found


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open (start, end) of each run of True.

    >>> runs(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    steps = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))
