"""Connected ink and the box around each piece of it.

`cv2.connectedComponentsWithStats` sums over every pixel of the page, which takes three times as long as
looking at the runs of ink in its rows alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Blobs:
    """Connected pieces of a mask; piece `i` carries the label `i + 1`, all measures are in pixels."""

    labels: NDArray[np.int32]  # (height, width), 0 is no ink
    left: Ints
    top: Ints
    width: Ints
    height: Ints
    area: Ints
    ink: Places  # places of the inked pixels, row by row, in `labels` as one row
    lengths: Places  # of each run of them within a row
    owners: Ints  # the piece of each run

    def __len__(self) -> int:
        return len(self.area)

    @property
    def middle_row(self) -> NDArray[np.float64]:
        """Mean row of each piece."""
        rows = self.ink[np.cumsum(self.lengths) - 1] // self.labels.shape[1]
        total = np.bincount(self.owners, weights=rows * self.lengths, minlength=len(self))
        return np.asarray(total / self.area, dtype=np.float64)

    @property
    def pixels(self) -> tuple[Places, Places, Ints]:
        """Row, column and piece of each inked pixel, row by row."""
        rows, columns = np.divmod(self.ink, self.labels.shape[1])
        return rows, columns, np.repeat(self.owners, self.lengths)

    def only(self, wanted: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """The mask of the flagged pieces alone, as 0 and 1."""
        mask = np.zeros(self.labels.shape, dtype=np.uint8)
        mask.reshape(-1)[self.ink] = np.repeat(wanted[self.owners], self.lengths)
        return mask


def blobs(mask: NDArray[Any]) -> Blobs:
    """Find the pieces of a mask whose pixels touch by a side or a corner.

    Args:
        mask: (height, width) bytes, anything but 0 is ink.
    """
    count, found = cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_32S)
    labels, width = np.asarray(found, dtype=np.int32), mask.shape[1]
    ink = np.flatnonzero(mask != 0)
    begins = np.diff(ink, prepend=-2) != 1
    rows = np.searchsorted(ink, np.arange(0, mask.size, width))
    begins[rows[rows < ink.size]] = True  # a run ends where its row does
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=ink.size)
    first = ink[starts]
    owners = labels.reshape(-1)[first] - 1
    y, x = (side.astype(np.int32) for side in np.divmod(first, width))
    left, right, top, bottom = np.zeros((4, count - 1), dtype=np.int32)
    left += width
    np.minimum.at(left, owners, x)  # quick only while all types agree
    np.maximum.at(right, owners, x + lengths.astype(np.int32))
    # Runs come row by row and the last assignment counts: forwards the lowest, backwards the highest.
    bottom[owners] = y
    top[owners[::-1]] = y[::-1]
    area = np.bincount(owners, weights=lengths, minlength=count - 1).astype(np.int32)
    return Blobs(labels, left, top, right - left, bottom - top + 1, area, ink, lengths, owners)
