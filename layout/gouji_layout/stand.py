"""The upright picture of a page that was straightened before: scan and `Straightening` in, page out.

Nothing is measured here, so the same picture comes out every time: the review page and second looks
need no stored page pictures.
"""

from __future__ import annotations

import cv2
import numpy as np

from gouji_layout.geometry import Straightening
from gouji_layout.page import IntakeFacts, Page, Rgb, ScanPage


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
    turned = np.ascontiguousarray(np.rot90(image, straightening.quarter_turns))
    matrix, mesh = straightening.page_to_turned, straightening.mesh
    if matrix is None and mesh is None:
        return turned
    size = straightening.page_size
    homography = np.eye(3) if matrix is None else np.asarray(matrix, dtype=np.float64)
    if mesh is None:
        flat = cv2.warpPerspective(
            turned,
            homography,
            size,
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(flat, dtype=np.uint8)
    # Points of the page, moved by the mesh, then by the homography, say where each pixel comes from.
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    rows, cols = mesh.shape[:2]
    offsets = cv2.remap(
        mesh,
        x / max(size[0] - 1, 1) * (cols - 1),
        y / max(size[1] - 1, 1) * (rows - 1),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    moved = np.stack([x, y], axis=-1) + offsets
    source = cv2.perspectiveTransform(moved.reshape(1, -1, 2), homography).reshape(*moved.shape)
    straight = cv2.remap(
        turned,
        source[..., 0].astype(np.float32),
        source[..., 1].astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(straight, dtype=np.uint8)
