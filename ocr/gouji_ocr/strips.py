"""Cuts the strips that the networks read out of evened cell pictures."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_ocr.ink import PAPER
from gouji_ocr.text_lines import LineBox

FIGURE_HEIGHT = 32
_FIGURE_INK = 20.0  # height of the ink inside a figure strip
_FIGURE_WIDEST = 320
LINE_HEIGHT = 48
_LINE_WIDEST = 2400


def figure_strip(
    picture: Gray,
    line: LineBox,
    *,
    text_height: float = 0.0,
    zoom: float = 1.0,
    shift: tuple[float, float] = (0, 0),
) -> Gray:
    """One line as a strip 32 high with its ink 20 high and centred, on `PAPER`.

    Low ink (dashes, points) is scaled as if it were `text_height` high, so that a dash stays flat;
    without a known text height it is guessed from the height of the cell.
    """
    height = line.height
    tall = max(height, 7.0)
    guess = text_height or 0.42 * picture.shape[0]
    if height < 0.55 * guess:
        tall = max(tall, min(guess, 1.2 * max(line.width, height) + guess / 2))
    scale = _FIGURE_INK / tall * zoom
    scale = min(scale, (_FIGURE_WIDEST - 12) / max(1, line.width))
    width = min(max(24, -(-int(line.width * scale + 13) // 8) * 8), _FIGURE_WIDEST)
    centre = (line.top + line.bottom - 1) / 2
    left = (width - line.width * scale) / 2
    offset = (left - line.left * scale + shift[0], FIGURE_HEIGHT / 2 - centre * scale + shift[1])
    return _warped(picture, (scale, scale), offset, (width, FIGURE_HEIGHT))


def line_strip(picture: Gray, line: LineBox, *, margin: float = 0.25, squeeze: float = 1.0) -> Gray:
    """One line as a strip 48 high with this share of its height as margin on all sides.

    The cost of reading grows with the width; text may be squeezed to this share of its width.
    """
    tall = max(line.height, 6) * (1 + 2 * margin)
    scale = LINE_HEIGHT / tall
    side = margin * max(line.height, 6)
    width = -(-int((line.width + 2 * side) * scale * squeeze) // 8) * 8
    width = min(max(width, 16), _LINE_WIDEST)
    across = min(scale * squeeze, width / (line.width + 2 * side))
    centre = (line.top + line.bottom - 1) / 2
    left = (width - line.width * across) / 2
    offset = (left - line.left * across, LINE_HEIGHT / 2 - centre * scale)
    return _warped(picture, (across, scale), offset, (width, LINE_HEIGHT))


def side_by_side(strips: Sequence[Gray]) -> Gray:
    """Strips of one height behind each other, as for text that stands one character below the other."""
    return np.concatenate(strips, axis=1)


def stacked(strips: Sequence[Gray]) -> NDArray[np.uint8]:
    """A batch (n, height, widest) of strips of one height, padded with paper on the right."""
    widest = max(strip.shape[1] for strip in strips)
    batch = np.full((len(strips), strips[0].shape[0], widest), PAPER, dtype=np.uint8)
    for row, strip in zip(batch, strips, strict=True):
        row[:, : strip.shape[1]] = strip
    return batch


def batches(widths: Sequence[int], *, most_pixels: int, waste: float = 1.15) -> list[list[int]]:
    """Positions grouped so that strips in one batch are about equally wide."""
    order = sorted(range(len(widths)), key=lambda i: widths[i])
    groups: list[list[int]] = []
    for i in order:
        if (
            groups
            and widths[i] <= waste * widths[groups[-1][0]] + 8
            and (len(groups[-1]) + 1) * widths[i] <= most_pixels
        ):
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _warped(
    picture: Gray, scale: tuple[float, float], offset: tuple[float, float], size: tuple[int, int]
) -> Gray:
    across, down = scale
    source: Gray = picture
    if across < 0.75:  # else hairlines fall between the samples
        blurred = cv2.GaussianBlur(picture, (0, 0), sigmaX=0.45 / across, sigmaY=0.45 / max(down, across))
        source = np.asarray(blurred, dtype=np.uint8)
    matrix = np.array([[across, 0.0, offset[0]], [0.0, down, offset[1]]])
    flags = cv2.INTER_LINEAR if down < 1.6 else cv2.INTER_CUBIC
    warped = cv2.warpAffine(
        source, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(PAPER,)
    )
    return np.asarray(warped, dtype=np.uint8)
