"""The upright picture of a page that was straightened before: scan and `Straightening` in, page out.

Nothing is measured here, so the same picture comes out every time: the review page and second looks
need no stored page pictures.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Straightening
from gouji_layout.page import IntakeFacts, Page, Rgb, ScanPage

_MAP_STEP = 8  # the map of a curved page is exact at every so many pixels, linear between
_PAPER = (255, 255, 255)  # around the scan; repeating its border would smear ink into false rules


def stand(
    scan_page: ScanPage, straightening: Straightening, *, dpi: float, facts: IntakeFacts | None = None
) -> Page:
    """Stand a scan upright the way it was stood upright before.

    Raises:
        ValueError: the scan is not of the size the straightening was measured on.
    """
    height, width = scan_page.image.shape[:2]
    if (width, height) != tuple(straightening.scan_size):
        raise ValueError(f"the scan is {width} x {height} pixels, not {straightening.scan_size}")
    picture = resample(scan_page.image, straightening)
    return Page(scan_page.number, picture, dpi, straightening, facts or IntakeFacts())


def resample(image: Rgb, straightening: Straightening) -> Rgb:
    """Turn and straighten the pixels of a scan: one resampling, none for a straight page."""
    turns = straightening.quarter_turns % 4
    turned = np.ascontiguousarray(np.rot90(image, turns)) if turns else image
    matrix, size = straightening.page_to_turned, straightening.page_size
    if straightening.mesh is not None:
        straight = cv2.remap(turned, *_map(straightening), cv2.INTER_CUBIC, borderValue=_PAPER)
    elif matrix is not None:
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        straight = cv2.warpPerspective(turned, matrix, size, flags=flags, borderValue=_PAPER)
    else:
        return turned
    return np.asarray(straight, dtype=np.uint8)


def _map(straightening: Straightening) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Column and row of the turned scan at which every page pixel lies."""
    width, height = straightening.page_size
    columns, rows = -(-width // _MAP_STEP) + 1, -(-height // _MAP_STEP) + 1
    x, y = np.meshgrid(np.arange(columns) * float(_MAP_STEP), np.arange(rows) * float(_MAP_STEP))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    exact = straightening.to_turned(points).reshape(rows, columns, 2).astype(np.float32)
    # Each coarse sample is the value at the first pixel of its block of `_MAP_STEP` pixels.
    grow = np.array([[_MAP_STEP, 0, 0], [0, _MAP_STEP, 0]], dtype=np.float64)
    column, row = (
        cv2.warpAffine(
            plane, grow, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32, copy=False)
        for plane in cv2.split(exact)
    )
    return column, row
