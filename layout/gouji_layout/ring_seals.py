"""Round seals without colour: their rings in grey and two-level scans, and the page without them.

A piece of such a ring that runs along a column passes for a rule. Only the whole ring gives it away, so that
is what is looked for: among ink thicker than strokes and rules there is hardly anything else on a page.
Grey rings and their stars are made as light as the paper; type beneath them stays dark, and so do the
characters of the seal, which are no thicker than type. What a black ring hides nobody can tell
(`gouji_layout.black_rings`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Box
from gouji_layout.page import Gray
from gouji_layout.shrunk import shrunk

_THICK = 0.0036  # of the shorter page side: 0.76 mm of A4, between rules and the 1.2 mm of official rings
_STEP = 4  # rings are looked for in a picture this much smaller
_SMALLEST, _LARGEST = 0.06, 0.16  # radius as a share of the shorter page side; 21 mm of A4 are 0.1
THICK_INK = 20  # grey levels darker than paper, of the smaller picture
_CROWDED = 0.1  # share of thick ink of a page that is no print on paper
_EDGE, _VOTES = 120, 30  # thresholds of Canny and of the accumulator
_DIRECTIONS = 180  # around the ring
_BESIDE = 0.13  # of the radius to either side, where there is paper or thin print
_WHOLE = 0.65  # of the directions that show the ring, and paper on both sides of it
_ON_PAGE = 0.5  # of the directions that must lie on the page at all
HALF_RING = 0.09  # of the radius: half of the ring, and how far it may be from a circle
_ROOM = 1.12  # radii around the middle that a seal may cover
_BLACK = 60  # grey level: what is darker hides the type beneath it
_MILLIMETRES = 21.0  # radius of most seals of offices, in which lengths on a seal are given
_OUTER, _MIDDLE = 1.2, 0.45  # millimetres around the ring; share of its radius inside of which a star is
_ALONG = 4.0  # millimetres along the ring to both sides in which crossing type is lost
_STAR, _TIPS = 1.2, 1.2  # millimetres: thinner than the star, thicker than type; length of its thinner tips
_PAPER = 70  # percentile of the grey levels within a ring: its paper
_FAINT = 15.0  # grey levels: what is less dark than that is a shade of the paper
_LIFT = 30.0  # grey levels added before dividing by the seal: in its darkest parts noise would become black


@dataclass(frozen=True, slots=True)
class Ring:
    """The ring of a seal, in pixels of the picture."""

    x: float
    y: float
    radius: float
    black: bool = False  # it hides what is beneath it

    @property
    def box(self) -> Box:
        """The box around it."""
        reach = self.radius * _ROOM
        return Box(self.x - reach, self.y - reach, self.x + reach, self.y + reach)

    @property
    def millimetre(self) -> float:
        """Pixels of a millimetre if the seal is as large as most are."""
        return self.radius / _MILLIMETRES


def find_rings(evened: Gray) -> list[Ring]:
    """Rings of round seals in an evened picture."""
    thick = np.asarray(255 - shrunk(thick_alone(evened), _STEP), dtype=np.uint8)
    if (thick > THICK_INK).mean() > _CROWDED:
        return []
    short = min(thick.shape)
    radii = {"minRadius": round(_SMALLEST * short), "maxRadius": round(_LARGEST * short)}
    found = cv2.HoughCircles(
        thick, cv2.HOUGH_GRADIENT, dp=1.5, minDist=short * _SMALLEST, param1=_EDGE, param2=_VOTES, **radii
    )
    circles = [] if found is None else np.asarray(found, dtype=np.float64).reshape(-1, 3).tolist()
    rings = [_fitted(thick, Ring(x, y, radius)) for x, y, radius in circles]
    return [
        replace(ring, x=ring.x * _STEP, y=ring.y * _STEP, radius=ring.radius * _STEP)
        for ring in rings
        if ring is not None
    ]


def thick_alone(evened: Gray, area: tuple[slice, slice] = (slice(None), slice(None))) -> Gray:
    """An evened picture, or a part of it, without ink that is as thin as strokes and rules."""
    side = max(3, round(_THICK * min(evened.shape)))
    closed = cv2.morphologyEx(evened[area], cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(closed, dtype=np.uint8)


def without_rings(gray: Gray, rings: Sequence[Ring]) -> Gray:
    """The page with grey ones of these rings, and the stars in them, as light as the paper around them."""
    grey = [ring for ring in rings if not ring.black]
    cleaned = gray.copy() if grey else gray
    for ring in grey:
        reach = ring.radius + _OUTER * ring.millimetre
        top, left = max(0, int(ring.y - reach)), max(0, int(ring.x - reach))
        part = cleaned[top : int(ring.y + reach) + 2, left : int(ring.x + reach) + 2]
        here = replace(ring, x=ring.x - left, y=ring.y - top)
        rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
        away = np.hypot(columns - here.x, rows - here.y)
        paper = float(np.percentile(part[away < ring.radius], _PAPER))
        seal = np.where(away > _MIDDLE * ring.radius, _stroke(part, here), _star(part, ring.millimetre))
        lighter = np.minimum(paper * (part + _LIFT) / (seal + _LIFT), paper)
        sealed = (away < reach) & (seal < paper - _FAINT)
        part[:] = np.where(sealed, np.maximum(lighter, part), part).astype(np.uint8)
    return cleaned


def _stroke(part: Gray, ring: Ring) -> NDArray[np.float32]:
    """What the ring alone looks like: the median along it, in which print that crosses it is lost."""
    start, reach = (int(ring.radius + side * _OUTER * ring.millimetre) for side in (-1, 1))
    reach, steps = reach + 1, int(2 * np.pi * ring.radius)
    unrolled = cv2.warpPolar(part, (reach, steps), (ring.x, ring.y), reach, cv2.WARP_FILL_OUTLIERS)
    along = round(_ALONG * ring.millimetre)
    shifts = range(-along, along + 1, max(1, along // 6))
    median = np.median([np.roll(unrolled[:, start:], shift, axis=0) for shift in shifts], axis=0)
    ideal = np.full((steps, reach), 255, np.float32)
    ideal[:, start:] = cv2.erode(median.astype(np.float32), np.ones((3, 3)))
    y, x = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
    turn = np.mod(np.arctan2(y - ring.y, x - ring.x), 2 * np.pi) * (steps / (2 * np.pi))
    away = np.hypot(x - ring.x, y - ring.y)
    rolled = cv2.remap(ideal, away, turn.astype(np.float32), cv2.INTER_LINEAR, borderValue=(255,))
    return np.asarray(rolled, dtype=np.float32)


def _star(part: Gray, millimetre: float) -> NDArray[np.float32]:
    """What is thicker than type, and the tips it runs out in."""
    smooth = cv2.GaussianBlur(part, (3, 3), 0.8)
    size = round(_STAR * millimetre)
    spot = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    star = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, spot)
    for _ in range(round(_TIPS * millimetre)):
        star = np.maximum(cv2.erode(star, np.ones((3, 3), np.uint8)), smooth)
    return np.asarray(cv2.erode(star, np.ones((3, 3), np.uint8)), dtype=np.float32)


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
    dark = cv2.remap(thick, x, y, cv2.INTER_LINEAR)[on_page]
    inked = dark > THICK_INK
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
    black = bool(np.median(dark[:, band].max(axis=1)) > 255 - _BLACK)
    return Ring(ring.x + moved[0], ring.y + moved[1], ring.radius + moved[2], black)
