"""Where rules were printed, as a small network sees it: through gaps, under seals, apart from text.

The network (`rules-v2`, docs/model-cards) is convolutions alone, so it takes a picture of any size; it was
trained on text 17 to 34 pixels high.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np

from gouji_layout.page import Gray
from gouji_models.sessions import session

_STEP = 16  # pixels of the picture in one place of the network
_DARK = 40  # grey levels below paper that may be print; rules fainter than this are worn to nothing
_MARGIN = 32  # pixels of paper put around the print, so that rules are seen to end there


def rule_evidence(evened: Gray) -> tuple[Gray, Gray]:
    """How surely a level rule and an upright rule were printed at each pixel of an evened picture.

    Returns:
        Two pictures of the same size, 0 (surely none) to 255 (surely a rule). A rule is whole where its
        ink has gaps, and lies within a pixel or two of its ink.
    """
    level, upright = np.zeros_like(evened), np.zeros_like(evened)
    rows, columns = _printed(evened)
    part = evened[rows, columns]
    if not part.size:
        return level, upright
    height, width = part.shape
    size = tuple(-(-(side + 2 * _MARGIN) // _STEP) * _STEP for side in part.shape)
    inner = slice(_MARGIN, _MARGIN + height), slice(_MARGIN, _MARGIN + width)
    padded = np.full((1, 1, *size), 255, np.float32)
    padded[0, 0][inner] = part
    (found,) = _session().run(None, {"evened": padded})
    for plane, half in zip((level, upright), np.asarray(found[0] * 255, dtype=np.uint8), strict=True):
        full = cv2.resize(half, size[::-1], interpolation=cv2.INTER_LINEAR)
        plane[rows, columns] = full[inner]
    return level, upright


def _printed(evened: Gray) -> tuple[slice, slice]:
    """The part of the picture that holds print."""
    dark = cv2.reduce(evened, 1, cv2.REDUCE_MIN)[:, 0], cv2.reduce(evened, 0, cv2.REDUCE_MIN)[0]
    inked = [np.flatnonzero(line < 255 - _DARK) for line in dark]
    rows, columns = (slice(int(own[0]), int(own[-1]) + 1) if own.size else slice(0, 0) for own in inked)
    return rows, columns


@cache
def _session() -> Any:
    # Two threads take twice the processor time of one for the same page.
    return session("rules-v2", threads=1)
