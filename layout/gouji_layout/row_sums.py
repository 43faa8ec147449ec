"""Sums along parts of rows: what every measure of an edge comes down to."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int_]


def row_sums(values: NDArray[np.uint8], starts: Places, stops: Places) -> NDArray[np.int32]:
    """Sum of each row between places, (rows, places), of a picture (height, width).

    Args:
        values: bytes; no row sums up to more than 2^31.
        starts: first columns, (places,).
        stops: columns past the last ones, (places,).

    >>> row_sums(np.array([[1, 2, 3], [4, 5, 6]], np.uint8), np.array([0, 1]), np.array([2, 3]))
    array([[ 3,  5],
           [ 9, 11]], dtype=int32)
    """
    if not values.size:
        return np.zeros((len(values), len(starts)), dtype=np.int32)
    # Of the picture's integral (Crow 1984), which OpenCV makes five times as fast as NumPy sums up rows.
    # Its entries may wrap round in huge pictures; the differences do not.
    total = cv2.integral(values)
    return np.asarray(np.diff(total[:, stops] - total[:, starts], axis=0), dtype=np.int32)
