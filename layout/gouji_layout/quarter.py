"""Smaller pictures, quickly: paper, seals and beds of scanners are looked for at a quarter of the size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

STEP = 4  # pixels of the picture in one pixel of its quarter


def halved(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of each block of 2 x 2 pixels, of one channel or more; blocks that are not whole are left out.

    OpenCV does this ten times as fast as other ratios.
    """
    height, width = (max(side // 2, 1) for side in picture.shape[:2])
    half = cv2.resize(picture[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(half, dtype=np.uint8)


def quarter(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture halved twice."""
    return halved(halved(picture))


def from_quarter(small: NDArray[np.uint8], size: tuple[int, int], interpolation: int) -> NDArray[np.uint8]:
    """What was found in the quarter of a picture of `size` (width, height), as large as the picture."""
    height, width = (side * STEP for side in small.shape[:2])
    whole = cv2.resize(small, (width, height), interpolation=interpolation)[: size[1], : size[0]]
    below, beside = size[1] - whole.shape[0], size[0] - whole.shape[1]
    return np.asarray(cv2.copyMakeBorder(whole, 0, below, 0, beside, cv2.BORDER_REPLICATE), dtype=np.uint8)
