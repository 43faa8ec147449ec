"""What every step needs of a picture first: even paper, the depth of its ink and the height of its text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.black_rings import without_black_rings
from gouji_layout.blobs import blobs
from gouji_layout.geometry import Box, Straightening
from gouji_layout.page import Gray, Page, Rgb
from gouji_layout.ring_seals import Ring, find_rings, without_rings
from gouji_layout.scanner_bed import beyond_scan, scanner_bed
from gouji_layout.seals import seal_boxes, without_seals
from gouji_layout.shrunk import shrunk

_PAPER_STEP = 4  # the paper changes slowly: it is looked at in a picture this much smaller
_BED = 45  # grey level below which a wide area is no paper
_USUAL_TEXT_MILLIMETRES = 3.0  # between a digit (2.6) and a Chinese character (3.6) of 10.5 pt
_BLACK = 0.002  # of the pixels that are as dark as the ink gets
_FAINT = 20  # grey levels below paper that are no noise
_GREY = 0.7  # of the black pixels of a copy in two levels that others may be
_LEVELS = np.arange(256.0)
_SMALLEST, _USUAL, _LARGEST = 4.6, 8.0, 15.0  # points that characters of reports are high
_FEW, _HARDLY_ANY = 12, 20.0  # characters that say how high text is; what is said where there are fewer
_INK = 0.45  # of the depth of the ink: what is darker is a stroke


@dataclass(frozen=True, eq=False)
class Paper:
    """A picture as ink on even paper, and what the steps ask of it; each is measured once, when asked.

    Example:
        ``paper = Paper.of(page)``, then ``find_tables(page, paper)``, ``text_lines(page, tables, paper)``.
    """

    evened: Gray  # without seals; 255 is paper
    coloured: tuple[Box, ...] = ()  # seals, in pixels of the picture, largest first
    rings: tuple[Ring, ...] = ()  # of seals without colour

    @property
    def seals(self) -> tuple[Box, ...]:
        """Boxes of all seals, coloured ones first."""
        others = (ring.box for ring in self.rings)
        return (
            *self.coloured,
            *(box for box in others if not any(box.overlap(seal) for seal in self.coloured)),
        )

    @classmethod
    def of(cls, picture: Page | Rgb) -> Paper:
        """Take the seals off a picture and even its paper."""
        rgb = picture.image if isinstance(picture, Page) else picture
        coloured = seal_boxes(rgb)
        straightening = picture.straightening if isinstance(picture, Page) else None
        gray = without_seals(rgb, coloured)
        evened = without_bed(even(gray), gray, straightening)
        rings = find_rings(evened)
        evened = without_black_rings(without_rings(evened, rings), rings)
        return cls(evened, tuple(coloured), tuple(rings))

    def scaled(self, scale: float) -> Paper:
        """The same paper in a larger or smaller picture; itself when `scale` is 1."""
        if scale == 1:
            return self
        method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        resized = cv2.resize(self.evened, None, fx=scale, fy=scale, interpolation=method)
        coloured = (
            Box(*(edge * scale for edge in (s.left, s.top, s.right, s.bottom))) for s in self.coloured
        )
        rings = (replace(r, x=r.x * scale, y=r.y * scale, radius=r.radius * scale) for r in self.rings)
        return Paper(np.asarray(resized, dtype=np.uint8), tuple(coloured), tuple(rings))

    @cached_property
    def soft(self) -> Gray:
        """The evened picture with the noise of single pixels smoothed."""
        return np.asarray(cv2.blur(self.evened, (3, 3)), dtype=np.uint8)

    @cached_property
    def ink_depth(self) -> float:
        """See `ink_depth`."""
        return _depth(self.soft)

    @cached_property
    def text_height(self) -> float:
        """See `text_height`."""
        return _height_of_text(self.soft)

    @cached_property
    def inked(self) -> NDArray[np.uint8]:
        """1 where there is a stroke."""
        return (self.soft < 255 - _INK * self.ink_depth).astype(np.uint8)


def even(gray: Gray) -> Gray:
    """Divide out shade, tint and shaded cells: paper becomes 255, ink keeps its share of darkness.

    The paper under the ink is guessed by a grey closing wider than any stroke, so that the border of
    a shaded header stays where it is and does not look like a rule.
    """
    height, width = gray.shape
    small = shrunk(gray, _PAPER_STEP)
    reach = max(5, round(max(height, width) / 130)) | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.blur(cv2.medianBlur(paper, 5), (5, 5))
    # The bed of the scanner is no paper; dividing by it would blow its noise up into ink.
    paper[paper < _BED] = 0
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    evened = cv2.divide(gray, paper, scale=255.0)  # by zero gives zero
    evened[paper < _BED] = 255
    return np.asarray(evened, dtype=np.uint8)


def without_bed(evened: Gray, gray: Gray, straightening: Straightening | None = None) -> Gray:
    """The evened picture with paper where the bed of the scanner shows beside the sheet.

    Args:
        evened: of `gray`; returned itself where there is no bed.
        gray: the picture.
        straightening: how it came out of the scan, if it is a page: then the bed ends where the scan does.
    """
    small = shrunk(gray, _PAPER_STEP)
    size = (small.shape[1], small.shape[0])
    bed = scanner_bed(small, None if straightening is None else beyond_scan(straightening, size))
    if not bed.any():
        return evened
    whole = cv2.resize(bed, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.where(whole > 0, np.uint8(255), evened)


def ink_depth(evened: Gray) -> float:
    """How much darker than paper the ink of an evened picture is, in grey levels (24 to 245).

    The median of what stands out from the noise of the paper, so that specks and faint print do not
    decide; strokes have soft edges, their middle is about 1.4 times darker than that.
    """
    return _depth(np.asarray(cv2.blur(evened, (3, 3)), dtype=np.uint8))


def _depth(soft: Gray) -> float:
    counts = np.bincount(255 - soft[::3, ::3].ravel(), minlength=256)
    middle, noise = middle_and_noise(counts)
    ink = np.where(max(25.0, middle + 5 * noise) < _LEVELS, counts, 0)
    return float(np.clip(1.4 * _median(_LEVELS, ink), 24, 245)) if ink.sum() > 50 else 24.0


def has_two_levels(evened: Gray) -> bool:
    """Whether a picture is a copy in black and white, as faxes and old scanners make: hardly any ink is grey.

    Straightening and JPEG turn the borders of its strokes grey, which is far less than a grey copy has.
    """
    counts = np.bincount(255 - evened[::2, ::2].ravel(), minlength=256)
    reached = np.cumsum(counts[::-1])
    black = 255 - int(np.searchsorted(reached, _BLACK * reached[-1]))
    full = max(int(counts[round(0.75 * black) :].sum()), 1)
    half = counts[round(0.25 * black) : round(0.75 * black)].sum()
    faint = counts[_FAINT : max(round(0.25 * black), _FAINT)].sum()
    return bool(half < _GREY * full and faint < _GREY * full)


def middle_and_noise(counts: NDArray[np.int64]) -> tuple[float, float]:
    """Median of grey levels that occur so many times each, (256,), and their spread about it.

    The spread is that of the middle half, as the standard deviation it would be of normal noise.
    """
    middle = _median(_LEVELS, counts)
    return middle, 1.48 * _median(np.abs(_LEVELS - middle), counts)


def _median(values: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    """Median of values that occur so many times each."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(counts[order])
    lower, upper = np.searchsorted(reached, [(reached[-1] + 1) // 2, reached[-1] // 2 + 1])
    return float(values[order[lower]] + values[order[upper]]) / 2


def text_height(evened: Gray) -> float:
    """The usual height of a character in pixels, 8 to 80; 20 when there is hardly any text.

    The median is weighted by area: radicals, dots and specks are small, whole characters are not.
    """
    return _height_of_text(np.asarray(cv2.blur(evened, (3, 3)), dtype=np.uint8))


def _height_of_text(soft: Gray) -> float:
    heights, areas = characters(soft)
    if len(heights) < _FEW:
        return _HARDLY_ANY
    weight = np.cumsum(areas)
    return float(np.clip(heights[np.searchsorted(weight, 0.45 * weight[-1])], 8, 80))


def characters(soft: Gray) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Height and area of what may be a character, lowest first, in a smoothed picture."""
    pieces = blobs((soft < 255 - 0.4 * ink_depth(soft)).astype(np.uint8))
    widths, heights, areas = pieces.width, pieces.height, pieces.area
    tallest = max(soft.shape[1] // 20, 30)
    character = (
        (heights >= 6) & (heights <= tallest) & (widths >= 3)
        & (widths < 2.5 * heights) & (heights < 4 * widths) & (areas > 0.12 * widths * heights) & (areas > 12)
    )  # fmt: skip
    heights, widths = heights[character], widths[character]
    order = np.argsort(heights)
    return heights[order], widths[order] * heights[order]


def believable_height(height: float, dpi: float) -> float:
    """The text height that was measured, or a usual one where no report is set so small or so large.

    What was measured then is noise, or characters that run together.
    """
    return height if _SMALLEST < height / dpi * 72 < _LARGEST else _USUAL * dpi / 72


def guessed_dpi(height: float) -> float:
    """The resolution at which text of this height in pixels would be usual body text."""
    return float(np.clip(round(height / _USUAL_TEXT_MILLIMETRES * 25.4), 50, 1200))
