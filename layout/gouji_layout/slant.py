"""Skew, shear and perspective of a page from its straight strokes.

Line segments (LSD, von Gioi et al. 2012, doi:10.5201/ipol.2012.gjmr-lsd) vote with their length for the
angle of rules; how the angle changes over the page gives the perspective. On ruled pages the length-
weighted median is exact to thousandths of a degree.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray

LARGEST_SKEW = 17.0  # degrees; the promise is 15
_SAME_FAMILY = 4.0  # degrees: strokes further from the median than this are text or diagonals
_LEAST_LENGTH = 0.03  # of the longer page side: shorter segments are strokes of text

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slant:
    """Angles of level and upright rules as straight-line functions of position.

    A level rule through (x, y) has slope `level[0] * (y - height / 2) + level[1]` degrees, downwards to
    the right positive; an upright rule leans `upright[0] * (x - width / 2) + upright[1]` degrees.
    """

    level: tuple[float, float] = (0.0, 0.0)
    upright: tuple[float, float] = (0.0, 0.0)
    certain: bool = False  # rules were seen; False: text alone, or nothing

    @property
    def degrees(self) -> float:
        """Skew at the middle of the page, counter-clockwise positive."""
        return -self.level[1]


@dataclass(frozen=True, eq=False)
class Strokes:
    """Straight strokes of a picture: (N, 4) ends as x0, y0, x1, y1 in its pixels."""

    ends: Floats

    @property
    def length(self) -> Floats:
        """Lengths in pixels, (N,)."""
        return np.asarray(np.hypot(self.ends[:, 2] - self.ends[:, 0], self.ends[:, 3] - self.ends[:, 1]))

    def longer_than(self, pixels: float) -> Strokes:
        """Only the strokes longer than this."""
        return Strokes(self.ends[self.length > pixels])

    def moved(self, matrix: Floats) -> Strokes:
        """The strokes after a homography."""
        points = self.ends.reshape(1, -1, 2)
        return Strokes(cv2.perspectiveTransform(points, matrix).reshape(-1, 4).astype(np.float64))


def find_strokes(gray: Gray) -> Strokes:
    """Straight strokes of an evened picture, those of text included."""
    found = cv2.createLineSegmentDetector().detect(gray)[0]
    return Strokes(np.zeros((0, 4)) if found is None else np.asarray(found, dtype=np.float64).reshape(-1, 4))


def find_slant(gray: Gray, strokes: Strokes) -> Slant:
    """Measure the slant of an evened picture (about 1,000 to 1,600 pixels high is enough)."""
    height, width = gray.shape
    strokes = strokes.longer_than(max(24.0, _LEAST_LENGTH * max(height, width)))
    ends, length = strokes.ends, strokes.length
    angle = np.degrees(np.arctan2(ends[:, 3] - ends[:, 1], ends[:, 2] - ends[:, 0]))
    angle = (angle + 90) % 180 - 90
    lean = np.where(angle > 0, angle - 90, angle + 90)
    middle_x, middle_y = (ends[:, 0] + ends[:, 2]) / 2, (ends[:, 1] + ends[:, 3]) / 2
    level, level_sure = _family(angle, middle_y - height / 2, length, height)
    upright, upright_sure = _family(lean, middle_x - width / 2, length, width)
    if not level_sure and not upright_sure:
        slope = _text_slope(gray)
        return Slant((0.0, slope), (0.0, slope))
    if not level_sure:
        level = (0.0, upright[1])
    if not upright_sure:
        upright = (0.0, level[1])
    return Slant(level, upright, certain=True)


def page_to_picture(slant: Slant, size: tuple[int, int]) -> tuple[Floats, tuple[int, int]]:
    """The homography from straight page pixels to pixels of the slanted picture, and the page size.

    Lengths in the middle of the page are kept; the page is large enough to hold the whole picture.
    """
    width, height = size
    if not any((*slant.level, *slant.upright)):
        return np.eye(3), size
    top, bottom, left, right = -0.4 * height, 0.4 * height, -0.4 * width, 0.4 * width
    corners = [
        _meet(slant, x, y) + np.array([width / 2, height / 2])
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    picture = np.array(corners, dtype=np.float32)
    across = (np.linalg.norm(picture[1] - picture[0]) + np.linalg.norm(picture[2] - picture[3])) / 2
    down = (np.linalg.norm(picture[3] - picture[0]) + np.linalg.norm(picture[2] - picture[1])) / 2
    page = np.array([[0, 0], [across, 0], [across, down], [0, down]], dtype=np.float32)
    to_page = cv2.getPerspectiveTransform(picture, page)
    border = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float64)
    reach = cv2.perspectiveTransform(border, to_page)[0]
    low = np.floor(reach.min(axis=0))
    page_width, page_height = np.minimum(np.ceil(reach.max(axis=0) - low), 2 * max(size)).astype(int)
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]])
    back = np.asarray(np.linalg.inv(shift @ to_page), dtype=np.float64)
    return back, (int(page_width), int(page_height))


def _family(angle: Floats, place: Floats, length: Floats, span: int) -> tuple[tuple[float, float], bool]:
    near = np.abs(angle) < LARGEST_SKEW
    if near.sum() < 2:
        return (0.0, 0.0), False
    middle = weighted_median(angle[near], length[near])
    own = near & (np.abs(angle - middle) < _SAME_FAMILY)
    angle, place, length = angle[own], place[own], length[own]
    # Two strokes of text are no family: rules together are longer than a fifth of the page.
    if len(angle) < 2 or length.sum() < 0.2 * span:
        return (0.0, 0.0), False
    if len(angle) < 6:
        return (0.0, weighted_median(angle, length)), True
    kept = np.ones(len(angle), dtype=bool)
    fit = np.zeros(2)
    for _ in range(5):
        fit = np.polyfit(place[kept], angle[kept], 1, w=np.sqrt(length[kept]))
        off = np.abs(np.polyval(fit, place) - angle)
        tight = off < max(0.08, 2 * float(np.median(off[kept])))
        if tight.sum() < 4 or (tight == kept).all():
            break
        kept = tight
    median = weighted_median(angle, length)
    change = abs(fit[0]) * np.ptp(place[kept])
    # A change of angle is believed only when rules are spread over the page.
    if np.ptp(place[kept]) < 0.25 * span or change < 0.05:
        return (0.0, median), True
    return (float(fit[0]), float(fit[1])), True


def weighted_median(values: Floats, weights: Floats) -> float:
    """The value that half of the weight lies below."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _meet(slant: Slant, x: float, y: float) -> Floats:
    """Where the level rule through (0, y) meets the upright rule through (x, 0), from the middle."""
    slope = np.tan(np.radians(slant.level[0] * y + slant.level[1]))
    lean = -np.tan(np.radians(slant.upright[0] * x + slant.upright[1]))
    across = np.array([[1.0, -lean], [slope, -1.0]])
    along = np.linalg.solve(across, np.array([x, -y]))
    return np.array([along[0], y + along[0] * slope])


def _text_slope(gray: Gray) -> float:
    """Slope of text lines in degrees: the shear that makes rows of ink and paper most distinct."""
    small = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    dark = 255 - small.astype(np.float32)
    if dark.mean() < 0.3:
        return 0.0

    def sharpness(degrees: float) -> float:
        height, width = dark.shape
        turn = np.array(
            [[1, 0, 0], [-np.tan(np.radians(degrees)), 1, np.tan(np.radians(degrees)) * width / 2]]
        )
        rows = cv2.warpAffine(dark, turn, (width, height), flags=cv2.INTER_LINEAR).sum(axis=1)
        return float(np.square(np.diff(rows)).sum())

    best, step = 0.0, 1.0
    tries = np.arange(-15.0, 15.5, step)
    for _ in range(4):
        scores = [sharpness(float(at)) for at in tries]
        best = float(tries[int(np.argmax(scores))])
        step /= 3
        tries = best + step * np.arange(-3, 4)
    return best if abs(best) > 0.04 else 0.0
