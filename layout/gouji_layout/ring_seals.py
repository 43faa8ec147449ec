"""Seals that lost their colour: the rings of round seals in grey and two-level scans, and the ink without them.

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
_BESIDE = 0.13  # of the radius to either side, where there is no thick ink
_HALF = 0.09  # of the radius: half of the ring, and how far it may be from a circle
_WHOLE = 0.75  # of the directions that show the ring
_ON_PAGE = 0.5  # of the directions that must lie on the page at all
_ROOM = 1.12  # radii around the middle that a seal may cover
_BLACK = 48  # grey level below which nothing can be seen under a seal
_PIECE, _CHORD = 0.14, 0.45  # of the box of a seal: least piece of a rule beside its ring, longest way under it
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
    """Rings of round seals in an evened picture, the most complete first."""
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
    rings = [_settled(thick, *circle) for circle in circles]
    whole = sorted(((share, ring) for share, ring in rings if share >= _WHOLE), key=lambda one: -one[0])
    return [Ring(ring.x * _STEP, ring.y * _STEP, ring.radius * _STEP) for _, ring in whole]


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
        on_ring = np.abs(away - 1) < _HALF
        depth = float(np.percentile(thick[on_ring & (thick < 255 - _INK)], _DEPTH))
        if depth < _BLACK:
            hidden = on_ring & (thick < 255 - _INK)
            cleaned[area] = _with_rules_through(np.where(hidden, 255, part).astype(np.uint8), hidden)
        else:
            lighter = np.minimum(part * 255.0 / np.maximum(thick, depth), 255)
            cleaned[area] = np.where(away < _ROOM, lighter, part).astype(np.uint8)
    return cleaned


def _with_rules_through(part: Gray, hidden: NDArray[np.bool_]) -> Gray:
    """A picture with the level and upright rules that end on both sides of a hidden stretch drawn through it."""
    inked = (part < _BLACK).astype(np.uint8)
    piece, gap = (round(share * min(part.shape)) for share in (_PIECE, _CHORD))
    through = np.zeros_like(inked)
    for ahead in ((1, 0), (0, 1)):
        along, across = (np.ones([length if one else 1 for one in ahead], np.uint8) for length in (piece, gap))
        rules = cv2.morphologyEx(inked, cv2.MORPH_OPEN, along)
        through |= cv2.morphologyEx(rules, cv2.MORPH_CLOSE, across)
    return np.where(hidden & (through > 0), 0, part).astype(np.uint8)


def _thick_alone(evened: Gray, area: tuple[slice, slice] = (slice(None), slice(None))) -> Gray:
    """An evened picture, or a part of it, without ink that is as thin as strokes and rules."""
    side = max(3, round(_THICK * min(evened.shape)))
    closed = cv2.morphologyEx(evened[area], cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(closed, dtype=np.uint8)


def _settled(thick: Gray, x: float, y: float, radius: float) -> tuple[float, Ring]:
    """How whole a ring is, and the ring with the radius at which it is so."""
    angles = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    beside = max(2, round(_BESIDE * radius))
    steps = np.arange(-2 * beside, 2 * beside + 1)
    at_x = x + np.outer(np.cos(angles), radius + steps)
    at_y = y + np.outer(np.sin(angles), radius + steps)
    height, width = thick.shape
    on_page = (at_x >= 0) & (at_x < width - 1) & (at_y >= 0) & (at_y < height - 1)
    around = cv2.remap(thick, at_x.astype(np.float32), at_y.astype(np.float32), cv2.INTER_LINEAR) > _INK
    known = on_page.all(axis=1)
    if known.mean() < _ON_PAGE:
        return 0.0, Ring(x, y, radius)
    inked: NDArray[np.bool_] = around[known]
    inside = np.arange(beside, steps.size - beside)
    near = inked[:, inside - 1] | inked[:, inside] | inked[:, inside + 1]  # no ring is a perfect circle
    ring = near & ~(inked[:, inside - beside] & inked[:, inside + beside])
    shares = ring.mean(axis=0)
    best = int(inside[shares.argmax()])
    on_ring = inked[:, best - beside : best + beside + 1]
    seen = on_ring.any(axis=1)
    if shares.max() < _WHOLE:
        return float(shares.max()), Ring(x, y, radius)
    middle = (on_ring * steps[best - beside : best + beside + 1])[seen].sum(axis=1) / on_ring[seen].sum(axis=1)
    towards = np.stack([np.cos(angles[known][seen]), np.sin(angles[known][seen]), np.ones(seen.sum())], axis=1)
    (right, down, out), *_ = np.linalg.lstsq(towards, middle)
    return float(shares.max()), Ring(x + float(right), y + float(down), radius + float(out))
