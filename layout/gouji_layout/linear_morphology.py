"""Opening and closing of masks along rows or columns, quick for long structuring elements.

OpenCV looks at every pixel of the element. Here its length is doubled step by step (van den Boomgaard and
van Balen 1992), so that an element of 80 pixels takes seven steps, each of eight pixels at once. Results are
those of `cv2.morphologyEx` to the pixel, at the border of the picture, too.
"""

from __future__ import annotations

import cv2
import numpy as np

from gouji_layout.page import Mask

ALONG_COLUMNS, ALONG_ROWS = 0, 1
_TAKES = {  # of neighbouring pixels, one after the other
    cv2.MORPH_ERODE: (np.bitwise_and,),
    cv2.MORPH_DILATE: (np.bitwise_or,),
    cv2.MORPH_OPEN: (np.bitwise_and, np.bitwise_or),
    cv2.MORPH_CLOSE: (np.bitwise_or, np.bitwise_and),
}


def along(mask: Mask, axis: int, *operations: tuple[int, float]) -> Mask:
    """A mask after operations along one axis.

    Args:
        mask: (height, width) bytes, 0 and 1.
        axis: `ALONG_ROWS` or `ALONG_COLUMNS`.
        operations: `cv2.MORPH_OPEN` and its like, with the length of the structuring element in pixels, which
            is rounded, and at least 1.
    """
    upright = np.asarray(cv2.transpose(mask), dtype=np.uint8) if axis == ALONG_ROWS else mask
    packed = np.packbits(upright, axis=1)
    for operation, length in operations:
        for take in _TAKES[operation]:
            packed = _extreme(packed, max(1, round(length)), take)
    found = np.unpackbits(packed, axis=1, count=upright.shape[1])
    return np.asarray(cv2.transpose(found) if axis == ALONG_ROWS else found, dtype=np.uint8)


def _extreme(packed: Mask, size: int, take: np.ufunc) -> Mask:
    """The least or greatest pixel in columns of `size` about each pixel, the middle the latter of two.

    Args:
        packed: (height, bytes), each bit a pixel.
        size: of the structuring element, in pixels.
        take: bitwise and for the least, bitwise or for the greatest.
    """
    height, width = packed.shape
    beyond = 255 if take is np.bitwise_and else 0  # what changes nothing
    found = np.full((height + size - 1, width), beyond, dtype=np.uint8)
    found[size // 2 : size // 2 + height] = packed
    have = 1  # each row is the extreme of this many from it on
    while have < size:
        more = min(have, size - have)
        found = take(found[:-more], found[more:])
        have += more
    return found
