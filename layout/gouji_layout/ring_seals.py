"""Round seals without colour: their rings in a grey copy, and the page without them.

In such a copy only its shape tells a seal from print: a circle as large as seals are, drawn with a stroke
much thicker than that of type. Its ring and its star are made as light as the paper, type beneath them stays
dark. Its characters are no thicker than type and stay where they are. In a copy of two levels nobody can tell
what a black ring hides, so there it stays too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray

_INCH = 25.4  # millimetres
_SMALL_DPI = 40  # circles are looked for in a picture this coarse
_RADII = (17.0, 24.0)  # millimetres: seals of offices measure 38 to 45 across
_EDGE, _ROUND = 60, 0.3  # gradient that is an edge; how perfect a circle has to be to be looked at closely
_SECTORS, _STEPS = 36, 20  # a circle is looked at in sectors of this many directions
_LIGHTER = 70  # percentile of them: print may cover as much of the ring
_NEAR, _BESIDE = 2.0, 1.6  # millimetres: how far away the ring is looked for; beside it there is paper
_SLACK = 0.6  # millimetres by which it may leave its circle
_DEPTH = 25.0  # grey levels by which the ring is darker than the paper on both of its sides
_BLACK = 60.0  # grey level: what is darker hides the type beneath it
_FEWEST = 0.7  # of the sectors: in 12 grey rings of made pages more show one, on 140 other pages fewer
_OUTER, _MIDDLE = 1.2, 0.45  # millimetres around the ring; share of its radius inside of which a star is
_ALONG = 4.0  # millimetres along the ring to both sides in which crossing type is lost
_STAR, _TIPS = 1.2, 1.2  # millimetres: thinner than the star, thicker than type; length of its thinner tips
_FAINT = 15.0  # grey levels: what is less dark than that is a shade of the paper
_LIFT = 30.0  # grey levels added before dividing by the seal: in its darkest parts noise would become black


@dataclass(frozen=True, slots=True)
class Ring:
    """The circle of a seal, in pixels."""

    x: float
    y: float
    radius: float


def find_rings(gray: Gray, dpi: float) -> list[Ring]:
    """The grey rings of the round seals of a page."""
    scale, mm = _SMALL_DPI / dpi, dpi / _INCH
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lowest, highest = (round(radius / _INCH * _SMALL_DPI) for radius in _RADII)
    circles = cv2.HoughCircles(
        small,
        cv2.HOUGH_GRADIENT_ALT,
        dp=1.5,
        minDist=lowest,
        param1=_EDGE,
        param2=_ROUND,
        minRadius=lowest,
        maxRadius=highest,
    )
    if circles is None:
        return []
    found = (Ring(*(float(value) / scale for value in circle[:3])) for circle in circles[0])
    fitted = (_fitted(gray, ring, mm) for ring in found)
    return [ring for ring in fitted if ring is not None]


def _fitted(gray: Gray, near: Ring, mm: float) -> Ring | None:
    """The grey ring that runs close to this circle; None where print and rules only look like one from afar.

    In each sector its lighter directions are looked at, in which print and rules that cross it are lost.

    Args:
        gray: the page.
        near: a circle that is right to a few pixels.
        mm: a millimetre in pixels.
    """
    reach = int(near.radius + (_NEAR + _BESIDE) * mm)
    steps = (reach, _SECTORS * _STEPS)
    unrolled = cv2.warpPolar(gray, steps, (near.x, near.y), reach, cv2.WARP_FILL_OUTLIERS)
    sectors = np.percentile(unrolled.reshape(_SECTORS, _STEPS, reach), _LIGHTER, axis=1)
    start = int(near.radius - _NEAR * mm)
    band = sectors[:, start : int(near.radius + _NEAR * mm)]
    darkest = band.min(axis=1)
    stroke = band <= darkest[:, None] + _DEPTH / 2
    at = start + (stroke * np.arange(band.shape[1])).sum(axis=1) / stroke.sum(axis=1)
    side, rows = _BESIDE * mm, np.arange(_SECTORS)
    inside, outside = (sectors[rows, (at + step).astype(int).clip(0, reach - 1)] for step in (-side, side))
    dark = (np.minimum(inside, outside) - darkest >= _DEPTH) & (darkest >= _BLACK)
    angles = (rows + 0.5) * (2 * np.pi / _SECTORS)
    circle = np.stack([np.cos(angles), np.sin(angles), np.ones(_SECTORS)], axis=1)
    shown, fit = dark, np.zeros(3)
    for slack in (2 * _SLACK * mm, _SLACK * mm):  # the first fit is drawn aside by what is not the ring
        if shown.sum() >= _FEWEST * _SECTORS:
            fit = np.linalg.lstsq(circle[shown], at[shown], rcond=None)[0]
            shown = dark & (np.abs(circle @ fit - at) <= slack)
    if shown.sum() < _FEWEST * _SECTORS:
        return None
    return Ring(near.x + float(fit[0]), near.y + float(fit[1]), float(fit[2]))


def without_rings(gray: Gray, rings: Sequence[Ring], dpi: float) -> Gray:
    """The page with these rings, and the stars in them, as light as the paper around them."""
    cleaned, mm = gray.copy(), dpi / _INCH
    for ring in rings:
        reach = ring.radius + _OUTER * mm
        top, left = max(0, int(ring.y - reach)), max(0, int(ring.x - reach))
        part = cleaned[top : int(ring.y + reach) + 2, left : int(ring.x + reach) + 2]
        here = Ring(ring.x - left, ring.y - top, ring.radius)
        y, x = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
        away = np.hypot(x - here.x, y - here.y)
        paper = float(np.percentile(part[away < ring.radius], 70))
        seal = np.where(away > _MIDDLE * ring.radius, _stroke(part, here, mm), _star(part, mm))
        lighter = np.minimum(paper * (part + _LIFT) / (seal + _LIFT), paper)
        sealed = (away < reach) & (seal < paper - _FAINT)
        part[:] = np.where(sealed, np.maximum(lighter, part), part).astype(np.uint8)
    return cleaned


def _stroke(part: Gray, ring: Ring, mm: float) -> NDArray[np.float32]:
    """What the ring alone looks like: the median along it, in which print that crosses it is lost."""
    start, reach = int(ring.radius - _OUTER * mm), int(ring.radius + _OUTER * mm) + 1
    steps = int(2 * np.pi * ring.radius)
    unrolled = cv2.warpPolar(part, (reach, steps), (ring.x, ring.y), reach, cv2.WARP_FILL_OUTLIERS)
    along = round(_ALONG * mm)
    shifts = range(-along, along + 1, max(1, along // 6))
    median = np.median([np.roll(unrolled[:, start:], shift, axis=0) for shift in shifts], axis=0)
    ideal = np.full((steps, reach), 255, np.float32)
    ideal[:, start:] = cv2.erode(median.astype(np.float32), np.ones((3, 3)))
    y, x = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
    turn = np.mod(np.arctan2(y - ring.y, x - ring.x), 2 * np.pi) * (steps / (2 * np.pi))
    away = np.hypot(x - ring.x, y - ring.y)
    rolled = cv2.remap(ideal, away, turn.astype(np.float32), cv2.INTER_LINEAR, borderValue=(255,))
    return np.asarray(rolled, dtype=np.float32)


def _star(part: Gray, mm: float) -> NDArray[np.float32]:
    """What is thicker than type, and the tips it runs out in."""
    smooth = cv2.GaussianBlur(part, (3, 3), 0.8)
    size = round(_STAR * mm)
    spot = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    star = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, spot)
    for _ in range(round(_TIPS * mm)):
        star = np.maximum(cv2.erode(star, np.ones((3, 3), np.uint8)), smooth)
    return np.asarray(cv2.erode(star, np.ones((3, 3), np.uint8)), dtype=np.float32)
