"""Seals that lost their colour: rings of round seals in grey and two-level scans, and the ink without them.

A piece of such a ring that runs along a column passes for a rule. Only the whole ring gives it away, so that
is what is looked for: among ink thicker than strokes and rules there is hardly anything else on a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Box
from gouji_layout.page import Gray

_THICK = 0.0036  # of the shorter page side: 0.76 mm of A4, between rules and the 1.2 mm of official rings
_STEP = 4  # rings are looked for in a picture this much smaller
_SMALLEST, _LARGEST = 0.06, 0.16  # radius as a share of the shorter page side; 21 mm of A4 are 0.1
_INK = 20  # grey levels darker than paper, of the smaller picture
_CROWDED = 0.1  # share of thick ink of a page that is no print on paper
_EDGE, _VOTES = 120, 30  # thresholds of Canny and of the accumulator
_DIRECTIONS = 180  # around the ring
_BESIDE = 0.13  # of the radius to either side, where there is paper or thin print
_HALF = 0.09  # of the radius: half of the ring, and how far it may be from a circle
_WHOLE = 0.65  # of the directions that show the ring, and paper on both sides of it
_ON_PAGE = 0.5  # of the directions that must lie on the page at all
_ROOM = 1.12  # radii around the middle that a seal may cover
_BLACK = 48  # grey level below which nothing can be seen under a seal
_PIECE, _CHORD = (
    0.11,
    0.45,
)  # of the box of a seal: least piece of a rule beside its ring, longest way under it
_DEPTH = 20  # percentile of the grey levels on the ring: the ring itself, without print below it


@dataclass(frozen=True, slots=True)
class Ring:
    """The ring of a seal, in pixels of the picture."""

    x: float
    y: float
    radius: float

    @property
    def box(self) -> Box:
        """The box around it."""
        reach = self.radius * _ROOM
        return Box(self.x - reach, self.y - reach, self.x + reach, self.y + reach)


def find_rings(evened: Gray) -> list[Ring]:
    """Rings of round seals in an evened picture."""
    height, width = evened.shape
    thick = 255 - cv2.resize(
        _thick_alone(evened),
        (max(width // _STEP, 1), max(height // _STEP, 1)),
        interpolation=cv2.INTER_AREA,
    )
    if (thick > _INK).mean() > _CROWDED:
        return []
    short = min(thick.shape)
    radii = {"minRadius": round(_SMALLEST * short), "maxRadius": round(_LARGEST * short)}
    found = cv2.HoughCircles(
        thick, cv2.HOUGH_GRADIENT, dp=1.5, minDist=short * _SMALLEST, param1=_EDGE, param2=_VOTES, **radii
    )
    circles = [] if found is None else np.asarray(found, dtype=np.float64).reshape(-1, 3).tolist()
    rings = [_fitted(thick, Ring(*circle)) for circle in circles]
    return [Ring(ring.x * _STEP, ring.y * _STEP, ring.radius * _STEP) for ring in rings if ring is not None]


def without_rings(evened: Gray, rings: Sequence[Ring]) -> Gray:
    """The evened picture with these seals as light as paper, but for their thin strokes.

    Print below is darker than a grey seal and stays: nothing is lightened by more than the seal darkens.
    Below a black ring nothing can be seen: rules that reach it on both sides are drawn through it, and the
    star is left, as rules may go on below.
    """
    if not rings:
        return evened
    cleaned = evened.copy()
    for ring in rings:
        area = ring.box.slices(evened.shape)
        part = evened[area]
        thick = cv2.erode(_thick_alone(evened, area), np.ones((3, 3), np.uint8))  # with its soft border
        rows, columns = np.ogrid[area]
        away = np.hypot(rows - ring.y, columns - ring.x) / ring.radius
        hidden = (np.abs(away - 1) < _HALF) & (thick < 255 - _INK)
        depth = float(np.percentile(thick[hidden], _DEPTH)) if hidden.any() else 255.0
        if depth < _BLACK:
            cleaned[area] = _with_rules_through(np.where(hidden, 255, part).astype(np.uint8), hidden)
        else:
            lighter = np.minimum(part * 255.0 / np.maximum(thick, depth), 255)
            cleaned[area] = np.where(away < _ROOM, lighter, part).astype(np.uint8)
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


def _thick_alone(evened: Gray, area: tuple[slice, slice] = (slice(None), slice(None))) -> Gray:
    """An evened picture, or a part of it, without ink that is as thin as strokes and rules."""
    side = max(3, round(_THICK * min(evened.shape)))
    closed = cv2.morphologyEx(evened[area], cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(closed, dtype=np.uint8)


def _fitted(thick: Gray, ring: Ring) -> Ring | None:
    """The circle through the middle of the thick ink around a circle; None where that is no whole ring."""
    angles = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    right, down = np.cos(angles), np.sin(angles)
    beside = max(2, round(_BESIDE * ring.radius))
    steps = np.arange(-2 * beside, 2 * beside + 1)
    x, y = (
        (middle + np.outer(towards, ring.radius + steps)).astype(np.float32)
        for middle, towards in ((ring.x, right), (ring.y, down))
    )
    height, width = thick.shape
    on_page = ((x >= 0) & (x < width - 1) & (y >= 0) & (y < height - 1)).all(axis=1)
    if on_page.mean() < _ON_PAGE:
        return None
    inked = (cv2.remap(thick, x, y, cv2.INTER_LINEAR) > _INK)[on_page]
    places = np.arange(beside, steps.size - beside)
    near = inked[:, places - 1] | inked[:, places] | inked[:, places + 1]  # no ring is a perfect circle
    filled = inked[:, places - beside] | inked[:, places + beside]
    shares = (near & ~filled).mean(axis=0)
    if shares.max() < _WHOLE:
        return None
    band = slice(places[shares.argmax()] - beside, places[shares.argmax()] + beside + 1)
    counts = inked[:, band].sum(axis=1)
    seen = counts > 0
    off = (inked[:, band] @ steps[band])[seen] / counts[seen]
    terms = np.stack([right[on_page][seen], down[on_page][seen], np.ones(off.size)], axis=1)
    moved = np.linalg.lstsq(terms, off)[0].tolist()
    return Ring(ring.x + moved[0], ring.y + moved[1], ring.radius + moved[2])
