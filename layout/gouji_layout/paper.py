"""What every step needs of a picture first: even paper and the height of its text."""

from __future__ import annotations

import cv2
import numpy as np

from gouji_layout.page import Gray

_PAPER_STEP = 4  # the paper changes slowly: it is looked at in a picture this much smaller
_BED = 45  # grey level below which a wide area is no paper
_USUAL_TEXT_MILLIMETRES = 3.0  # between a digit (2.6) and a Chinese character (3.6) of 10.5 pt


def even(gray: Gray) -> Gray:
    """Divide out shade, tint and shaded cells: paper becomes 255, ink keeps its share of darkness.

    The paper under the ink is guessed by a grey closing wider than any stroke, so that the border of
    a shaded header stays where it is and does not look like a rule.
    """
    height, width = gray.shape
    size = (max(width // _PAPER_STEP, 1), max(height // _PAPER_STEP, 1))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    reach = max(5, round(max(height, width) / 130)) | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.blur(cv2.medianBlur(paper, 5), (5, 5))
    # The bed of the scanner is no paper; dividing by it would blow its noise up into ink.
    paper[paper < _BED] = 0
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    evened = cv2.divide(gray, paper, scale=255.0)  # by zero gives zero
    evened[paper < _BED] = 255
    return np.asarray(evened, dtype=np.uint8)


def ink_depth(evened: Gray) -> float:
    """How much darker than paper the ink of an evened picture is, in grey levels (24 to 245).

    The median of what stands out from the noise of the paper, so that specks and faint print do not
    decide; strokes have soft edges, their middle is about 1.4 times darker than that.
    """
    dark = 255 - cv2.blur(evened, (3, 3))[::3, ::3].astype(np.float32)
    middle = float(np.median(dark))
    noise = 1.48 * float(np.median(np.abs(dark - middle)))
    ink = dark[dark > max(25.0, middle + 5 * noise)]
    return float(np.clip(1.4 * np.median(ink), 24, 245)) if ink.size > 50 else 24.0


def text_height(evened: Gray) -> float:
    """The usual height of a character in pixels, 8 to 80; 20 when there is hardly any text.

    The median is weighted by area: radicals, dots and specks are small, whole characters are not.
    """
    soft = np.asarray(cv2.blur(evened, (3, 3)), dtype=np.uint8)
    mask = (soft < 255 - 0.4 * ink_depth(soft)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    widths, heights, areas = stats[1:, 2], stats[1:, 3], stats[1:, 4]
    tallest = max(evened.shape[1] // 20, 30)
    character = (
        (heights >= 6) & (heights <= tallest) & (widths >= 3)
        & (widths < 2.5 * heights) & (heights < 4 * widths) & (areas > 0.12 * widths * heights) & (areas > 12)
    )  # fmt: skip
    if character.sum() < 12:
        return 20.0
    heights, widths = heights[character], widths[character]
    order = np.argsort(heights)
    weight = np.cumsum(widths[order] * heights[order])
    middle = heights[order][np.searchsorted(weight, 0.45 * weight[-1])]
    return float(np.clip(middle, 8, 80))


def guessed_dpi(height: float) -> float:
    """The resolution at which text of this height in pixels would be usual body text."""
    return float(np.clip(round(height / _USUAL_TEXT_MILLIMETRES * 25.4), 50, 1200))
