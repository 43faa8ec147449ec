"""Red seals and blue stamps: where they are, and the picture without them.

Colour alone would also delete red and blue *figures*, which books do print; only coloured marks that
have the size and shape of a seal are taken out.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.geometry import Box
from gouji_layout.page import Gray, Page, Rgb
from gouji_layout.shrunk import shrunk

_STEP = 4  # seals are large: they are looked for in a picture this much smaller
_LEAST_CHROMA = 22  # grey levels between the strongest channel and the next; tinted paper stays below
_FULLY_COLOURED = 0.8  # share of the strongest colour from which a pixel is seal and nothing else
_SMALLEST, _LARGEST = 0.035, 0.45  # side of a seal as a share of the shorter page side
_LEAST_FILL = 0.06  # coloured share of its box; a thin faded ring has about 0.1


def ink(picture: Page | Rgb) -> Gray:
    """The picture in grey with seals and stamps made as light as the paper around them."""
    rgb = picture.image if isinstance(picture, Page) else picture
    return without_seals(rgb, seal_boxes(rgb))


def without_seals(rgb: Rgb, boxes: Sequence[Box]) -> Gray:
    """The picture in grey with the seals in these boxes made as light as the paper around them.

    Black ink under a seal stays: it is dark in every channel, a seal only in some.
    """
    gray = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if not boxes:
        return gray
    cleaned = gray.copy()
    for box in boxes:
        area = box.padded(2 * _STEP).slices(gray.shape)
        part = rgb[area]
        brightest = part.max(axis=2)
        # Tinted paper is a little brighter in its best channel than in grey; without this the box would show.
        paper_gray, paper_best = np.percentile(gray[area], 80), np.percentile(brightest, 80)
        lighter = brightest * (paper_gray / max(paper_best, 1.0)) / _shade(part, brightest, paper_best)
        lighter = np.minimum(lighter, max(paper_gray, 1.0)).astype(np.uint8)
        coloured = cv2.dilate(_chroma_mask(part), np.ones((5, 5), np.uint8)) > 0
        cleaned[area] = np.where(coloured, np.maximum(lighter, gray[area]), gray[area])
    return cleaned


def _shade(part: Rgb, brightest: Gray, paper: float) -> NDArray[np.float32]:
    """How dark the seal itself is in its own channel, as a share of the paper, by how coloured each pixel is.

    Seal ink is no pure colour: it darkens even its own channel. Black ink beneath is hardly coloured, so that
    next to nothing of it is taken for seal.
    """
    chroma = cv2.blur((brightest - part.min(axis=2)).astype(np.float32), (3, 3))
    ground = float(np.median(chroma))
    full = float(np.percentile(chroma, 98))
    if full - ground < _LEAST_CHROMA:
        return np.ones(chroma.shape, dtype=np.float32)
    share = np.clip((chroma - ground) / (full - ground), 0.0, 1.0)
    own = float(np.median(brightest[share > _FULLY_COLOURED])) / max(paper, 1.0)
    return np.asarray(1.0 - share * (1.0 - min(own, 1.0)), dtype=np.float32)


def _chroma_mask(rgb: Rgb) -> NDArray[np.uint8]:
    """1 where a pixel is clearly red or clearly blue (violet counts as either)."""
    red, green, blue = (rgb[..., i].astype(np.int16) for i in range(3))
    reddish = (red - np.maximum(green, blue) > _LEAST_CHROMA) | (
        (red - green > 2 * _LEAST_CHROMA) & (blue < red)
    )
    bluish = blue - np.maximum(red, green) > _LEAST_CHROMA
    return (reddish | bluish).astype(np.uint8)


def seal_boxes(rgb: Rgb) -> list[Box]:
    """Boxes of seals and stamps in pixels of the picture, largest first."""
    small = shrunk(rgb, _STEP)
    paper = np.median(small[::4, ::4].reshape(-1, 3), axis=0)
    # Tint of the paper out: yellowed sheets are all slightly red.
    level = np.clip(small.astype(np.int16) + (paper.max() - paper).astype(np.int16), 0, 255).astype(np.uint8)
    mask = _chroma_mask(level)
    if mask.mean() > 0.25:  # a coloured page, not a stamped one
        return []
    short = min(small.shape[:2])
    reach = max(3, round(short / 90)) | 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    found = blobs(joined)
    smaller, larger = np.minimum(found.width, found.height), np.maximum(found.width, found.height)
    sized = (smaller > _SMALLEST * short) & (larger < _LARGEST * short) & (larger < 2.2 * smaller)
    boxes = []
    for at in np.flatnonzero(sized):
        x, y, w, h = (int(edge[at]) for edge in (found.left, found.top, found.width, found.height))
        own = found.labels[y : y + h, x : x + w] == at + 1
        if mask[y : y + h, x : x + w][own].sum() < _LEAST_FILL * w * h or not _ring_or_stamp(own):
            continue
        boxes.append(Box(x * _STEP, y * _STEP, (x + w) * _STEP, (y + h) * _STEP))
    outermost: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.area):  # the star in a ring is no seal of its own
        if not any(box.overlap(other) > 0.8 * box.area for other in outermost):
            outermost.append(box)
    return outermost


def _ring_or_stamp(shape: NDArray[np.bool_]) -> bool:
    """Whether ink lies all along the border of the box, as with a ring, oval or frame.

    Coloured text and shaded cells fail: text leaves gaps, a shaded cell fills its box evenly.
    """
    if shape.mean() > 0.93:
        return False
    height, width = shape.shape
    y, x = np.nonzero(shape)
    angle = np.arctan2((y - height / 2) / height, (x - width / 2) / width)
    radius = np.hypot((y - height / 2) / height, (x - width / 2) / width)
    outer = radius > 0.36
    sectors = np.unique(((angle[outer] + np.pi) / (2 * np.pi) * 16).astype(int).clip(0, 15))
    return bool(len(sectors) >= 11)
