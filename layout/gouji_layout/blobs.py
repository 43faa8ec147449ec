"""Connected ink and the box around each piece of it.

`cv2.connectedComponentsWithStats` sums over every pixel of the page, which takes three times as long as
looking at the inked ones alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Blobs:
    """Connected pieces of a mask; piece `i` carries the label `i + 1`, all measures are in pixels."""

    labels: NDArray[np.int32]  # (height, width), 0 is no ink
    left: Ints
    top: Ints
    width: Ints
    height: Ints
    area: Ints
    inked: tuple[NDArray[np.int32], NDArray[np.int32]]  # rows and columns of the inked pixels

    def __len__(self) -> int:
        return len(self.area)

    @property
    def middle_row(self) -> NDArray[np.float64]:
        """Mean row of each piece."""
        rows, columns = self.inked
        total = np.bincount(self.labels[rows, columns] - 1, weights=rows, minlength=len(self))
        return np.asarray(total / self.area, dtype=np.float64)

    def only(self, wanted: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """The mask of the flagged pieces alone, as 0 and 1."""
        mask = np.zeros(self.labels.shape, dtype=np.uint8)
        mask[self.inked] = wanted[self.labels[self.inked] - 1]
        return mask


def blobs(mask: NDArray[Any]) -> Blobs:
    """Find the pieces of a mask whose pixels touch by a side or a corner.

    Args:
        mask: (height, width) bytes, anything but 0 is ink.
    """
    count, found = cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, dtype=np.int32)
    points = cv2.findNonZero(mask)
    if points is None:
        points = np.zeros((0, 2), dtype=np.int32)
    x, y = np.ascontiguousarray(points.reshape(-1, 2).T, dtype=np.int32)
    own = labels[y, x] - 1
    left, right, top, bottom = np.zeros((4, count - 1), dtype=np.int32)
    left += mask.shape[1]
    np.minimum.at(left, own, x)  # quick only while all types agree
    np.maximum.at(right, own, x)
    # Pixels come row by row and the last assignment counts: forwards the lowest, backwards the highest.
    bottom[own] = y
    top[own[::-1]] = y[::-1]
    area = np.bincount(own, minlength=count - 1).astype(np.int32)
    return Blobs(labels, left, top, right - left + 1, bottom - top + 1, area, (y, x))
