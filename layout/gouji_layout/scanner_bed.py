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
_THICK = 0.005  # of the longer side that bed is wide somewhere: 1.5 mm of A4, and no rule is
_NEAR, _SOFT = 2, 3  # pixels of the small picture: how near to its end the bed begins, and how far it is soft
_ALONG = 0.2  # of the longer side that bed runs along its end; the ring of a seal near the border does less
_PRINTED = 0.05  # of dark ground: one white character on it fills less, all of them more
_STEP = 16  # pixels of the page between places looked up in the scan


def scanner_bed(small: Gray, beyond: Mask | None = None) -> Mask:
    """1 where the bed of the scanner shows, its soft border included.

    Args:
        small: a picture of the page at a quarter of its resolution.
        beyond: 1 where the page is beyond the scan, of the same size; None if the scan fills the picture.
    """
    dark = (small < _DARK * float(np.median(small))).astype(np.uint8)
    width = max(2, round(_THICK * max(small.shape)))
    thick = _morphed(dark, cv2.MORPH_OPEN, width)
    if not thick.any():
        return thick
    outside = np.zeros_like(dark) if beyond is None else beyond.copy()
    outside[[0, -1]] = outside[:, [0, -1]] = 1
    outside = _morphed(outside, cv2.MORPH_DILATE, 2 * _NEAR + 1)
    _, labels = cv2.connectedComponents(_morphed(dark, cv2.MORPH_OPEN, 2) | (dark & outside))
    bed = np.zeros_like(dark)
    along = np.bincount(labels[outside > 0], minlength=int(labels.max()) + 1) >= _ALONG * max(small.shape)
    for label in np.flatnonzero(along[1:]) + 1:
        own = (labels == label).astype(np.uint8)
        if (own & thick).any() and not _printed(own, outside):
            bed |= own
    return _morphed(bed, cv2.MORPH_DILATE, 2 * _SOFT + 1)


def _printed(dark: Mask, outside: Mask) -> bool:
    """Whether white characters stand on dark ground, as in the head of a table that fills its picture."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - dark, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA]
    character = area < _PRINTED * dark.sum()
    character[0] = character[labels[outside > 0]] = False
    return bool(area[character].sum() > _PRINTED * dark.sum())


def _morphed(mask: Mask, operation: int, size: int) -> Mask:
    kernel = np.ones((size, size), np.uint8)
    return np.asarray(
        cv2.morphologyEx(mask, operation, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,)),
        dtype=np.uint8,
    )


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
    spread = cv2.resize(
        inside.reshape(rows, columns).astype(np.float32), size, interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(spread < 0, dtype=np.uint8)
