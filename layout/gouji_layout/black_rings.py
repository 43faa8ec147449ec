"""Black rings of seals: rules are drawn on where such a ring hides them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_layout.ring_seals import Ring, thick_alone

_INK, _BLACK = 20, 48  # grey levels darker than paper of thick ink; below which a pixel is black
_HALF = 0.09  # of the radius: half of the ring, and how far it may be from a circle
_PIECE, _CHORD = 0.11, 0.45  # of the box of a seal: least piece of a rule beside it, longest way under it


def without_black_rings(evened: Gray, rings: Sequence[Ring]) -> Gray:
    """An evened picture, to look for rules in, with the black ones of these rings taken out.

    Rules that such a ring hides are drawn on to their other piece, or to the next rule across. Its star is
    left: rules may go on below as far as anybody knows.
    """
    black = [ring for ring in rings if ring.black]
    cleaned = evened.copy() if black else evened
    for ring in black:
        area = ring.box.slices(evened.shape)
        thick = cv2.erode(thick_alone(evened, area), np.ones((3, 3), np.uint8))  # with its soft border
        rows, columns = np.ogrid[area]
        away = np.hypot(rows - ring.y, columns - ring.x) / ring.radius
        hidden = (np.abs(away - 1) < _HALF) & (thick < 255 - _INK)
        part = np.where(hidden, 255, evened[area]).astype(np.uint8)
        cleaned[area] = _with_rules_through(part, hidden)
    return cleaned


def _with_rules_through(part: Gray, hidden: NDArray[np.bool_]) -> Gray:
    """A picture with rules drawn on where they are hidden: to their other piece, or the next rule across."""
    inked = (part < _BLACK).astype(np.uint8)
    piece, gap = (round(share * min(part.shape)) for share in (_PIECE, _CHORD))
    pieces = [cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones(k, np.uint8)) for k in ((1, piece), (piece, 1))]
    whole = [
        cv2.morphologyEx(rules, cv2.MORPH_CLOSE, np.ones(k, np.uint8))
        for rules, k in zip(pieces, ((1, gap), (gap, 1)), strict=True)
    ]
    through = whole[0] | whole[1]
    for at, step in enumerate(((1, 3), (3, 1))):
        across = cv2.dilate(whole[1 - at], np.ones((3, 3), np.uint8))
        room = pieces[at] | (hidden & (across == 0)).astype(np.uint8)
        reached = pieces[at]
        for _ in range(gap // 2):
            reached = cv2.dilate(reached, np.ones(step, np.uint8)) & room
        ends = cv2.dilate(across, np.ones(step, np.uint8)) & reached  # of rules that did find one across
        for _ in range(gap // 2):
            ends = cv2.dilate(ends, np.ones(step, np.uint8)) & reached
        through |= ends
    return np.where(hidden & (through > 0), 0, part).astype(np.uint8)
