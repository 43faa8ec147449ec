"""Black rings of seals: rules are drawn on where such a ring hides them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray, Mask
from gouji_layout.ring_seals import HALF_RING, THICK_INK, Ring, thick_alone

_BLACK = 48  # grey level below which a pixel of an evened picture is black
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
        hidden = (np.abs(away - 1) < HALF_RING) & (thick < 255 - THICK_INK)
        part = np.where(hidden, 255, evened[area]).astype(np.uint8)
        cleaned[area] = _with_rules_through(part, hidden)
    return cleaned


def _with_rules_through(part: Gray, hidden: NDArray[np.bool_]) -> Gray:
    """A picture with rules drawn on where they are hidden: to their other piece, or the next rule across."""
    inked = (part < _BLACK).astype(np.uint8)
    piece, gap = (round(share * min(part.shape)) for share in (_PIECE, _CHORD))
    pieces = [_morphed(inked, cv2.MORPH_OPEN, size) for size in ((1, piece), (piece, 1))]
    whole = [
        _morphed(rules, cv2.MORPH_CLOSE, size)
        for rules, size in zip(pieces, ((1, gap), (gap, 1)), strict=True)
    ]
    through = (whole[0] > 0) | (whole[1] > 0)
    for at, step in enumerate(((1, 3), (3, 1))):
        across = _morphed(whole[1 - at], cv2.MORPH_DILATE, (3, 3))
        room = pieces[at] | (hidden & (across == 0))
        reached = _grown(pieces[at], room, step, gap // 2)
        ends = _morphed(across, cv2.MORPH_DILATE, step) & reached  # of rules that did find one across
        through |= _grown(ends, reached, step, gap // 2) > 0
    return np.where(hidden & through, 0, part).astype(np.uint8)


def _grown(seed: Mask, room: Mask, step: tuple[int, int], times: int) -> Mask:
    """The mask grown step by step as far as there is room (geodesic dilation)."""
    for _ in range(times):
        seed = _morphed(seed, cv2.MORPH_DILATE, step) & room
    return seed


def _morphed(mask: Mask, operation: int, size: tuple[int, int]) -> Mask:
    return np.asarray(cv2.morphologyEx(mask, operation, np.ones(size, np.uint8)), dtype=np.uint8)
