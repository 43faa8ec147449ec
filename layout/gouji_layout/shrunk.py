"""Smaller pictures, in which what is large is looked for: paper, seals, rings."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def shrunk(picture: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """The picture, gray or in colours, with both sides `step` times smaller, averaged."""
    height, width = picture.shape[:2]
    size = (max(width // step, 1), max(height // step, 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
