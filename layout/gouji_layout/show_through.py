"""Rules of the other side of the sheet, which show through: paler and softer than all rules of this one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_layout.rules import Segment

_PALE = 0.3  # of the usual contrast of the rules of a page; a fine rule beside a heavy frame has more
_ACROSS = 7  # pixels: what shows through is as wide as that and is no thin dark line
_NEAR = 2  # pixels a rule may lie off its middle
_ALONG = 9  # pixels

Floats = NDArray[np.float64]


def printed_here(
    evened: tuple[Gray, Gray], level: Sequence[Segment], upright: Sequence[Segment]
) -> tuple[list[Segment], list[Segment]]:
    """The segments that were printed on this side of the sheet."""
    sets = ((evened[0], level), (evened[1], upright))
    contrast = [_contrasts(gray, found) for gray, found in sets]
    every = np.concatenate(contrast)
    if not every.size:
        return list(level), list(upright)
    length = np.array([segment.length for segment in (*level, *upright)])
    order = np.argsort(every)
    share = np.cumsum(length[order]) / length.sum()
    usual = float(every[order][np.searchsorted(share, 0.75)])
    kept = [
        [segment for segment, own in zip(found, values, strict=True) if own > _PALE * usual]
        for (_, found), values in zip(sets, contrast, strict=True)
    ]
    return kept[0], kept[1]


def _contrasts(gray: Gray, found: Sequence[Segment]) -> Floats:
    return np.array([contrast(gray, s.at, s.start, s.end).mean() if s.length > 1 else 0.0 for s in found])


def contrast(gray: Gray, at: float, start: float, end: float) -> Floats:
    """How much darker than the paper beside it a rule is at each of its places, in grey levels."""
    low = max(round(at) - _NEAR - _ACROSS, 0)
    band = gray[low : round(at) + _NEAR + _ACROSS + 1, max(round(start), 0) : max(round(end), 1)]
    if not band.size:
        return np.zeros(1)
    hat = cv2.morphologyEx(band, cv2.MORPH_BLACKHAT, np.ones((_ACROSS, 1), np.uint8))
    hat = cv2.blur(hat, (_ALONG, 1))  # noise is averaged out along the rule
    middle = round(at) - low
    return np.asarray(hat[max(middle - _NEAR, 0) : middle + _NEAR + 1].max(axis=0), dtype=np.float64)
