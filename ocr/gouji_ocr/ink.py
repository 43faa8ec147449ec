"""Where the ink of a cell is: paper evened out, rules left out, one box for each line of text.

Never binarised for reading: the mask only decides *where* to cut, networks see the gray picture.
Sizes are in page pixels; the numbers here were measured in `docs/measured/reading.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Box
from gouji_layout.page import Gray

_INK = 158  # of 255 after evening: darker is ink
_LEAST_CONTRAST = 45.0  # gray levels between ink and paper that count as full contrast
_INSET = 2  # pixels of a cell's border never looked at: half of a thin rule

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LineBox:
    """A line of text inside a cell crop; right and bottom are outside it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True, eq=False)
class CellInk:
    """A cell ready for reading.

    `picture` is evened: 255 paper, 0 the darkest ink, rules at the edges painted out. `tallest` is
    the height of the tallest connected piece of ink, 0 when the cell is blank.
    """

    picture: Gray
    lines: tuple[LineBox, ...]
    tallest: int
    darkest: float  # contrast of the darkest ink to the paper, gray levels of the page

    @property
    def blank(self) -> bool:
        """No ink was found at all."""
        return not self.lines


def cell_crop(gray: Gray, box: Box, quarter_turns: int = 0, inset: float = _INSET) -> Gray:
    """The upright picture of a box, without its border pixels; at least 1 x 1."""
    rows, cols = box.padded(-inset if min(box.width, box.height) > 4 * inset else 0).slices(gray.shape)
    crop = gray[rows, cols]
    if crop.size == 0:
        return np.full((1, 1), 255, dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(crop, quarter_turns)) if quarter_turns else crop


def evened(crop: Gray) -> tuple[Gray, float]:
    """The crop stretched so that paper is 255 and its darkest ink 0, and the contrast it had."""
    smooth = cv2.GaussianBlur(crop, (3, 3), 0.7)
    paper = float(np.percentile(smooth, 80))
    contrast = paper - float(smooth.min())
    scale = 245.0 / max(contrast, _LEAST_CONTRAST)
    raised = np.maximum(crop, paper - 245.0 / scale)
    return np.asarray(
        cv2.convertScaleAbs(raised, alpha=scale, beta=245.0 - paper * scale), dtype=np.uint8
    ), contrast


def cell_ink(crop: Gray) -> CellInk:
    """Find the lines of text in a cell crop."""
    picture, contrast = evened(crop)
    if contrast < 12 or min(picture.shape) < 4:
        return CellInk(picture, (), 0, contrast)
    mask = (cv2.GaussianBlur(picture, (3, 3), 0.8) < _INK).astype(np.uint8)
    top, bottom, left, right = _inside_rules(mask)
    picture, mask = picture[top:bottom, left:right], mask[top:bottom, left:right]
    if min(picture.shape) < 4:
        return CellInk(picture, (), 0, contrast)
    kept, picture = _without_remnants(mask, picture)
    if not len(kept):
        return CellInk(picture, (), 0, contrast)
    return CellInk(picture, _lines(kept), int(kept[:, 3].max()), contrast)


def _inside_rules(mask: Mask) -> tuple[int, int, int, int]:
    """Row and column range left when full-length dark rows and columns at the border are cut off."""
    height, width = mask.shape
    across, down = mask.mean(axis=1), mask.mean(axis=0)
    deep, wide = max(3, min(9, height // 5)), max(3, min(9, width // 8))
    top = _past(across[:deep], 0.6)
    bottom = height - _past(across[::-1][:deep], 0.6)
    left = _past(down[:wide], 0.8)
    right = width - _past(down[::-1][:wide], 0.8)
    return top, bottom, left, right


def _past(share: NDArray[np.float64], least: float) -> int:
    dark = np.flatnonzero(share > least)
    return int(dark[-1]) + 2 if len(dark) else 0


def _without_remnants(mask: Mask, picture: Gray) -> tuple[NDArray[np.int32], Gray]:
    """Connected pieces that are not remnants of rules or specks, and the picture without remnants."""
    height, width = mask.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = stats[1:count]
    x, y, w, h, area = pieces.T
    at_side = (x <= 1) | (x + w >= width - 1)
    at_end = (y <= 1) | (y + h >= height - 1)
    lying = at_end & (w > 2.2 * h) & (h <= max(4, 0.16 * height))
    standing = at_side & (h > 2.2 * w) & (w <= max(4, 0.09 * height)) & (h > 0.3 * height)
    through = (w > 0.8 * width) & (h <= 4) & (width > 3 * height)
    rules = lying | standing | through
    if rules.any():
        picture = picture.copy()
        doomed = np.isin(labels, np.flatnonzero(rules) + 1).astype(np.uint8)
        grown = cv2.dilate(doomed, np.ones((3, 3), np.uint8)).astype(bool)
        picture[grown & ((labels == 0) | doomed.astype(bool))] = 245
    kept = pieces[~rules & (area >= 5)]
    if len(kept) and int(np.maximum(kept[:, 2], kept[:, 3]).max()) < 3:
        kept = kept[:0]
    if len(kept):
        kept = kept[kept[:, 4] >= max(5.0, 0.03 * float(kept[:, 4].max()))]
    return kept, picture


def _lines(pieces: NDArray[np.int32]) -> tuple[LineBox, ...]:
    """Bands of pieces that overlap in height; a band too flat to be a line joins its nearest neighbour."""
    order = pieces[np.argsort(pieces[:, 1])]
    bands: list[list[int]] = []  # left, top, right, bottom
    for x, y, w, h, _ in order:
        if bands and y < bands[-1][3]:
            last = bands[-1]
            last[0], last[2], last[3] = min(last[0], x), max(last[2], x + w), max(last[3], y + h)
        else:
            bands.append([x, y, x + w, y + h])
    tall = max(band[3] - band[1] for band in bands)
    wide = max(int(w) for w in pieces[:, 2])
    least = max(5.0, 0.55 * tall, 0.4 * min(wide, 60))
    while len(bands) > 1:
        flat = min(range(len(bands)), key=lambda i: bands[i][3] - bands[i][1])
        if bands[flat][3] - bands[flat][1] >= least:
            break
        above = bands[flat][1] - bands[flat - 1][3] if flat else np.inf
        below = bands[flat + 1][1] - bands[flat][3] if flat + 1 < len(bands) else np.inf
        first = flat - 1 if above <= below else flat
        one, two = bands[first], bands[first + 1]
        bands[first : first + 2] = [
            [min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])]
        ]
    return tuple(LineBox(*(int(v) for v in band)) for band in bands)
