"""Where the ink of a cell is: paper evened out, rules and dirt left out, one box for each line of text.

Never binarised for reading: the mask only decides *where* to cut, networks see the gray picture.
Sizes are in page pixels; the numbers here were measured in `docs/measured/reading.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Box
from gouji_layout.page import Gray

PAPER = 245
"""What evened paper looks like, of 255."""

EDGE = 3
"""How far outside a cell's box its crop begins: type may stand right at a rule."""

_BOLD_INK, _FAINT_INK = 150, 205  # evened: below the first is always ink, above the second never
_NOISE_MARGIN = 5.0  # standard deviations of the paper that separate ink from it
_LEAST_CONTRAST = 45.0  # gray levels between ink and paper that count as full contrast
_FAINT = 12.0  # gray levels of contrast below which there is only paper
_REVERSED = 30.0  # gray levels by which type must be lighter than its ground
_SPECK = 0.3  # of the height of a line: what is smaller is no type
_RULE_REACH = 5  # how far inside its box a cell's rules are looked for

Mask = NDArray[np.uint8]
Pieces = NDArray[np.int32]
"""Connected pieces of ink as rows of x, y, width, height, area."""


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

    `picture` is evened: `PAPER` and above is paper, 0 the darkest ink, rules and lone specks painted
    out. `tallest` is the height of the tallest connected piece, 0 when the cell is blank.
    """

    picture: Gray
    lines: tuple[LineBox, ...]
    tallest: int

    @property
    def blank(self) -> bool:
        """No ink was found at all."""
        return not self.lines


def cell_crop(gray: Gray, box: Box, quarter_turns: int = 0, outset: float = EDGE) -> Gray:
    """The upright picture of a box and a little around it; at least 1 x 1."""
    rows, cols = box.padded(outset).slices(gray.shape)
    crop = gray[rows, cols]
    if crop.size == 0:
        return np.full((1, 1), 255, dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(crop, quarter_turns)) if quarter_turns else crop


def evened(crop: Gray) -> tuple[Gray, float, float]:
    """The crop stretched so that paper is `PAPER` and its darkest ink 0.

    Returns:
        The stretched crop, the contrast it had in gray levels, and the level below which it is ink:
        hairlines of clean print lie close to the paper, in noisy paper nothing so light can be trusted.
    """
    smooth = cv2.GaussianBlur(crop, (3, 3), 0.8)
    paper, brightest = _percentiles(smooth, (0.80, 0.95))
    contrast = paper - float(smooth.min())
    scale = PAPER / max(contrast, _LEAST_CONTRAST)
    raised = np.maximum(crop, paper - PAPER / scale)
    stretched = cv2.convertScaleAbs(raised, alpha=scale, beta=PAPER - paper * scale)
    noise = (brightest - paper) * scale / 0.8  # the 95th percentile lies 0.8 deviations above the 80th
    ink = min(max(PAPER - _NOISE_MARGIN * noise, _BOLD_INK), _FAINT_INK)
    return np.asarray(stretched, dtype=np.uint8), contrast, ink


def _percentiles(picture: NDArray[np.generic], shares: tuple[float, ...]) -> list[float]:
    """Gray levels below which these shares of the pixels lie; by counting, as there are only 256 levels."""
    counts = np.cumsum(np.bincount(picture.ravel(), minlength=256))
    return [float(level) for level in np.searchsorted(counts, np.array(shares) * counts[-1])]


def dark_on_light(crop: Gray, border: int) -> Gray:
    """The crop, turned to its negative when light type stands on a dark ground; `border` is not looked at."""
    inner = crop[border:-border, border:-border] if border and min(crop.shape) > 3 * border else crop
    dark, ground, light = _percentiles(inner, (0.01, 0.50, 0.99))
    reversed_out = light - ground > _REVERSED and light - ground > 2 * (ground - dark)
    return np.minimum(255 - crop, round(255 - ground)).astype(np.uint8) if reversed_out else crop


def cell_ink(crop: Gray, *, edge: int = EDGE, ruled: bool = True) -> CellInk:
    """Find the lines of text in a crop.

    Args:
        crop: the gray picture.
        edge: how far inside the crop the border of the cell is.
        ruled: whether rules may run along the border.
    """
    crop = dark_on_light(crop, edge + _RULE_REACH if ruled else 0)
    picture, contrast, level = evened(crop)
    if contrast < _FAINT or min(picture.shape) < 4:
        return CellInk(picture, (), 0)
    mask = _mask(picture, level)
    if ruled:
        rules = _rules(mask, edge + _RULE_REACH)
        if rules.any():
            # Evened again from the start: the rule may have been darker than the figures, and a picture
            # already stretched no longer shows how noisy its paper is.
            (paper,) = _percentiles(crop, (0.8,))
            cleaned = np.where(_with_halo(rules, mask), paper, crop).astype(np.uint8)
            picture, contrast, level = evened(cleaned)
            if contrast < _FAINT:
                return CellInk(picture, (), 0)
            mask = _mask(picture, level)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = np.asarray(stats[1:count], dtype=np.int32)
    keep, paint = _sorted_out(pieces, mask.shape, edge if ruled else 0)
    if paint.any():
        doomed = np.isin(labels, np.flatnonzero(paint) + 1).astype(np.uint8)
        grown = cv2.dilate(doomed, np.ones((3, 3), np.uint8)) > 0
        picture = np.where(grown & ((labels == 0) | (doomed > 0)), np.maximum(picture, PAPER), picture)
        picture = picture.astype(np.uint8)
    pieces = pieces[keep]
    if not len(pieces):
        return CellInk(picture, (), 0)
    return CellInk(picture, _bands(pieces), int(pieces[:, 3].max()))


def settled(ink: CellInk, height: float) -> CellInk:
    """The same ink when the usual height of a line of this table is known.

    Lines that touch each other are cut apart; beside real lines, bands too low or too narrow for type
    are dirt or what is left of a rule. A cell with nothing but specks is blank.
    """
    lines: list[LineBox] = []
    for line in ink.lines:
        lines += _cut(ink.picture, line, height) if line.height > 1.65 * height else [line]
    if any(line.height >= 0.7 * height for line in lines):
        lines = [line for line in lines if line.height >= 0.5 * height and not _at_border(line, ink, height)]
    if all(max(line.width, line.height) < _SPECK * height for line in lines):
        return replace(ink, lines=(), tallest=0)
    same = len(lines) == len(ink.lines)
    return ink if same or not lines else replace(ink, lines=tuple(lines))


def _at_border(line: LineBox, ink: CellInk, height: float) -> bool:
    """Whether this is a sliver along the side of a cell that has more to show."""
    near = 2 * EDGE
    at_side = line.left <= near or line.right >= ink.picture.shape[1] - near
    return len(ink.lines) > 1 and at_side and line.width < 0.4 * height


def _mask(picture: Gray, level: float) -> Mask:
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.8) < level, dtype=np.uint8)


def _rules(mask: Mask, reach: int) -> Mask:
    """Long straight ink in the border zone, lying at top and bottom, standing at the sides."""
    height, width = mask.shape
    found = np.zeros_like(mask)
    lying = cv2.getStructuringElement(cv2.MORPH_RECT, (int(max(12, min(0.6 * width, 90))), 1))
    standing = cv2.getStructuringElement(cv2.MORPH_RECT, (1, int(max(12, 0.85 * height))))
    upright = np.ones((3, 1), np.uint8)
    deep, wide = min(reach, height // 3), min(reach, width // 3)
    for rows in (slice(0, deep), slice(height - deep, height)):
        zone = mask[rows]
        smeared = cv2.morphologyEx(cv2.dilate(zone, upright), cv2.MORPH_OPEN, lying)
        found[rows] |= cv2.bitwise_and(cv2.erode(smeared, upright), zone).astype(np.uint8)
    for cols in (slice(0, wide), slice(width - wide, width)):
        zone = np.ascontiguousarray(mask[:, cols])
        smeared = cv2.morphologyEx(cv2.dilate(zone, upright.T), cv2.MORPH_OPEN, standing)
        found[:, cols] |= cv2.bitwise_and(cv2.erode(smeared, upright.T), zone).astype(np.uint8)
    return found


def _with_halo(rules: Mask, mask: Mask) -> NDArray[np.bool_]:
    """Rules and their blurred rims, but not the rim where a stroke of type runs into the rule."""
    rim = cv2.dilate(rules, np.ones((3, 3), np.uint8)) - rules
    # Type runs on beyond the rim: two pixels further there is still ink that is no rule.
    free = cv2.bitwise_and(mask, 1 - cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    type_there = cv2.dilate(free.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray((rules > 0) | ((rim > 0) & (type_there == 0)), dtype=np.bool_)


def _sorted_out(
    pieces: Pieces, shape: tuple[int, ...], edge: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pieces are text and which are remnants of rules or lone specks, to be painted out.

    Points too small to be either stay in the picture but do not stretch the box of the text.
    """
    height, width = shape[:2]
    x, y, w, h, area = pieces.T
    outside = (y + h <= edge + 1) | (y >= height - edge - 1) | (x + w <= edge + 1) | (x >= width - edge - 1)
    lying = (w > 2.2 * h) & ((y + h <= edge + 3) | (y >= height - edge - 3))
    standing = (h > 2.2 * w) & (w <= 5) & ((x + w <= edge + 5) | (x >= width - edge - 5))
    paint = (outside | lying | standing) if edge else np.zeros(len(pieces), dtype=bool)
    keep = ~paint & (area >= 4)
    if not keep.any():
        return keep, paint
    size = np.maximum(w, h)
    if int(size[keep].max()) < 3:
        return np.zeros(len(pieces), dtype=bool), paint
    # Characters that touch are one wide piece: their height tells the size of type, unless all is flat.
    unit = float(np.minimum(size, 1.3 * h)[keep].max())
    if unit < 6:
        unit = float(size[keep].max())
    small = ~paint & (size < 0.35 * unit) & (area < 0.08 * unit**2)
    large = np.flatnonzero(keep & ~small)
    gap_x = np.maximum(x[large][None] - (x + w)[:, None], x[:, None] - (x + w)[large][None])
    gap_y = np.maximum(y[large][None] - (y + h)[:, None], y[:, None] - (y + h)[large][None])
    lone = small & (np.maximum(np.maximum(gap_x, gap_y), 0).min(axis=1) > 0.6 * unit)
    return keep & ~lone, paint | lone


def _bands(pieces: Pieces) -> tuple[LineBox, ...]:
    """Pieces that overlap in height as lines; a band too flat to be a line joins its nearest neighbour."""
    bands: list[list[int]] = []  # left, top, right, bottom
    for x, y, w, h, _ in pieces[np.argsort(pieces[:, 1])]:
        if bands and y < bands[-1][3]:
            last = bands[-1]
            last[0], last[2], last[3] = min(last[0], x), max(last[2], x + w), max(last[3], y + h)
        else:
            bands.append([x, y, x + w, y + h])
    tall = max(band[3] - band[1] for band in bands)
    broad = min(max(int(w) for w in pieces[:, 2]), 60)
    least = max(5.0, 0.55 * tall, 0.4 * broad)
    while len(bands) > 1:
        flat = min(range(len(bands)), key=lambda i: bands[i][3] - bands[i][1])
        if bands[flat][3] - bands[flat][1] >= least:
            break
        above = bands[flat][1] - bands[flat - 1][3] if flat else np.inf
        below = bands[flat + 1][1] - bands[flat][3] if flat + 1 < len(bands) else np.inf
        first = flat - 1 if above <= below else flat
        one, two = bands[first], bands[first + 1]
        joined = [min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])]
        bands[first : first + 2] = [joined]
    return tuple(LineBox(*(int(v) for v in band)) for band in bands)


def _cut(picture: Gray, line: LineBox, height: float) -> list[LineBox]:
    """One band cut at its emptiest rows into as many lines as fit."""
    dark = picture[line.top : line.bottom, line.left : line.right] < _BOLD_INK
    rows = dark.sum(axis=1).astype(np.float64)
    likely = round(line.height / (1.3 * height))
    for count in dict.fromkeys((max(2, likely), likely + 1, max(2, likely - 1))):
        cuts = _valleys(rows, count, height)
        if cuts:
            found = [_around(dark[top:bottom], line.left, line.top + top) for top, bottom in pairwise(cuts)]
            if all(found):
                return [box for box in found if box]
    return [line]


def _valleys(rows: NDArray[np.float64], count: int, height: float) -> list[int]:
    """Where to cut a profile of ink into this many lines; nothing when a cut would go through type."""
    cuts = [0]
    for k in range(1, count):
        middle = k * len(rows) / count
        low = max(int(middle - 0.3 * height), cuts[-1] + 1)
        valley = rows[low : int(middle + 0.3 * height) + 1]
        if not len(valley) or valley.min() > 0.35 * rows.mean():
            return []
        cuts.append(low + int(np.median(np.flatnonzero(valley == valley.min()))))
    return [*cuts, len(rows)]


def _around(dark: NDArray[np.bool_], left: int, top: int) -> LineBox | None:
    """The box around the dark pixels of a part that begins at left, top."""
    cols, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    if not len(cols):
        return None
    return LineBox(left + int(cols[0]), top + int(rows[0]), left + int(cols[-1]) + 1, top + int(rows[-1]) + 1)
