"""The bed of the scanner: the dark that shows beside the sheet, which is neither ink nor paper.

Straightening puts white around the scan, so that what is left of the bed lies between two whites like a thick
stroke; it would pass for the blackest ink of the page, and pale print beside it for none.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Straightening
from gouji_layout.page import Gray, Mask

_DARK = 0.45  # of the grey level of paper: what is darker may be bed
_THICK, _THIN = 3, 2  # pixels of the small picture that bed is wide somewhere, and away from the border
_NEAR = 5  # pixels of the small picture between the bed and what is beyond it
_SOFT = 7  # pixels of the small picture with the soft border of the bed
_STEP = 16  # pixels of the page between places looked up in the scan


def scanner_bed(small: Gray, beyond: Mask | None = None) -> Mask:
    """1 where the bed of the scanner shows, its soft border included.

    Args:
        small: a picture of the page, about 50 dpi.
        beyond: 1 where the page is beyond the scan, of the same size; None if the scan fills the picture.
    """
    dark = (small < _DARK * float(np.median(small))).astype(np.uint8)
    thick = _opened(dark, _THICK)
    if not thick.any():
        return thick
    outside = np.zeros_like(dark) if beyond is None else beyond.copy()
    outside[[0, -1]] = outside[:, [0, -1]] = 1
    outside = np.asarray(cv2.dilate(outside, np.ones((_NEAR, _NEAR), np.uint8)), dtype=np.uint8)
    count, labels = cv2.connectedComponents(_opened(dark, _THIN) | (dark & outside))
    bed = np.zeros(count, np.uint8)
    bed[np.intersect1d(labels[outside > 0], labels[thick > 0])] = 1
    bed[0] = 0
    return np.asarray(cv2.dilate(bed[labels], np.ones((_SOFT, _SOFT), np.uint8)), dtype=np.uint8)


def _opened(mask: Mask, size: int) -> Mask:
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((size, size), np.uint8)), dtype=np.uint8)


def beyond_scan(straightening: Straightening, size: tuple[int, int]) -> Mask | None:
    """1 where an upright page is beyond the scan it was made of, in a picture of `size` (width, height).

    None for a page that was not resampled: the scan fills it.
    """
    if straightening.page_to_turned is None and straightening.mesh is None:
        return None
    width, height = straightening.page_size
    columns, rows = -(-width // _STEP), -(-height // _STEP)
    # Middles of blocks, as `resize` takes them to be.
    x, y = np.meshgrid(
        (np.arange(columns) + 0.5) * (width / columns) - 0.5, (np.arange(rows) + 0.5) * (height / rows) - 0.5
    )
    scan = straightening.to_scan(np.stack([x.ravel(), y.ravel()], axis=1))
    inside: NDArray[np.float64] = np.minimum(scan, np.array(straightening.scan_size) - 1 - scan).min(axis=1)
    spread = cv2.resize(inside.reshape(rows, columns).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(spread < 0, dtype=np.uint8)
