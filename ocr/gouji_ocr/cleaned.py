"""Cleans the cells of a bad copy before their ink is looked for: black spots on pale type, heavy noise.

Both are judged by the type of the table: what is dirt beside pale type may be type beside bold type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_ocr.ink import UsualType, level_light, percentiles, smoothed

_FEWEST = 8  # characters that tell how dark type is
_TYPE_LEVEL = 0.4  # of the contrast of type: what is darker belongs to characters
_TYPE_HEIGHT = (0.6, 1.5)  # times the usual height
_OUTER = 5  # pixels of a crop where rules are
_DARKEST_TYPE = 75  # percentile: spots lie on some of the characters
_CORE, _RIM = 1.4, 1.0  # times the depth of type: how dark a spot is in its middle and at its rim
_SPOT_SIZE = 0.6  # of the height of type
_ROUND, _ROUND_SLACK = 1.7, 0.1  # how much longer than wide a spot may be; further, of the height of type
_FILLED_FROM = 3  # pixels around a spot that tell what is below it
_SAMPLE = 48  # cells of a table looked at
_PAPER, _BRIGHTER, _DEVIATIONS = 0.6, 0.9, 1.03  # shares of pixels, how far apart they lie in pure noise
_NOISY = 0.085  # of the contrast of type
_BLUR = 0.06  # of the height of type: less than half a stroke


@dataclass(frozen=True, eq=False)
class _Spots:
    """Connected dark pieces of a crop: which one each pixel is in, their sizes, how dark each gets."""

    labels: NDArray[np.int32]
    sides: NDArray[np.int32]  # x, y, width, height of each; piece 0 is the rest
    darkest: NDArray[np.uint8]

    @classmethod
    def below(cls, level: NDArray[np.bool_], crop: Gray) -> _Spots:
        """Pieces of a mask over this crop."""
        count, found, stats, _ = cv2.connectedComponentsWithStats(level.astype(np.uint8), connectivity=8)
        labels = np.asarray(found, dtype=np.int32)
        darkest = np.full(count, 255, dtype=np.uint8)
        np.minimum.at(darkest, labels[level], crop[level])
        return cls(labels, np.asarray(stats[:, :4], dtype=np.int32), darkest)


def without_spots(crops: Sequence[Gray], usual: UsualType) -> list[Gray]:
    """The cells of a table; round spots much darker than its type are filled with what is around them.

    Specks come into being on the glass and in the copier and are black however pale the print is. Read as
    print they are points, close zeros, or become the only ink dark enough to be seen.
    """
    depth = _depth_of_type(crops, usual)
    return [_filled(crop, usual.height, depth) for crop in crops] if depth else list(crops)


def _depth_of_type(crops: Sequence[Gray], usual: UsualType) -> float:
    """How much darker than the paper the darkest pixel of a character is; 0 when few are seen."""
    found: list[float] = []
    lowest, highest = (share * usual.height for share in _TYPE_HEIGHT)
    for crop in crops[:: max(1, len(crops) // _SAMPLE)]:
        smooth, paper = _with_paper(crop)
        seen = _Spots.below(smooth < paper - _TYPE_LEVEL * usual.contrast, crop)
        x, y, w, h = seen.sides[1:].T
        inside = (x > _OUTER) & (y > _OUTER)
        inside &= (x + w < crop.shape[1] - _OUTER) & (y + h < crop.shape[0] - _OUTER)
        found += (paper - seen.darkest[1:][inside & (h >= lowest) & (h <= highest)].astype(float)).tolist()
    return float(np.percentile(found, _DARKEST_TYPE)) if len(found) >= _FEWEST else 0.0


def _filled(crop: Gray, height: float, depth: float) -> Gray:
    """One cell without its spots."""
    if float(crop.min()) >= 255 - _CORE * depth:
        return crop
    _, paper = _with_paper(crop)
    if float(crop.min()) >= paper - _CORE * depth:
        return crop
    seen = _Spots.below(crop < paper - _RIM * depth, crop)
    shorter, longer = np.sort(seen.sides[:, 2:], axis=1).T
    spot = (seen.darkest < paper - _CORE * depth) & (longer <= _SPOT_SIZE * height)
    spot &= longer <= _ROUND * shorter + _ROUND_SLACK * height
    spot[0] = False
    if not spot.any():
        return crop
    holes = cv2.dilate(spot[seen.labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.inpaint(crop, holes, _FILLED_FROM, cv2.INPAINT_TELEA), dtype=np.uint8)


def without_noise(crops: Sequence[Gray], usual: UsualType, noise: float) -> list[Gray]:
    """The cells of a table; smoothed a little where noise is strong beside the contrast of the type."""
    if noise < _NOISY:
        return list(crops)
    sigma = _BLUR * usual.height
    return [np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), dtype=np.uint8) for crop in crops]


def noise_of(crops: Sequence[Gray], usual: UsualType) -> float:
    """Standard deviation of the slightly smoothed paper, as a share of the contrast of type.

    Made pages of levels 0 to 2 have less than 0.05, of level 4 about 0.1; two-level scans have none.
    """
    found = []
    for crop in crops[:: max(1, len(crops) // _SAMPLE)]:
        if min(crop.shape) > usual.height:
            smooth = smoothed(level_light(crop, int(usual.height) | 1))
            paper, brighter = percentiles(smooth, (_PAPER, _BRIGHTER))
            found.append((brighter - paper) / _DEVIATIONS)
    return float(np.median(found)) / usual.contrast if found else 0.0


def _with_paper(crop: Gray) -> tuple[Gray, float]:
    """The crop slightly smoothed, and the gray of its paper."""
    smooth = smoothed(crop)
    (paper,) = percentiles(smooth, (0.8,))
    return smooth, paper
