"""Lines of text in a cell, from the pieces of ink they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_ocr.pieces import Rows

_SHORT_DASH = 0.2  # of the height of type: what is flat and shorter is no dash
_FLAT = 1.5  # times as wide as high: may be a dash; hyphens of some faces are 7 by 4 pixels at 200 dpi
_SPECK = 0.3  # of the height of a line: what is smaller is no type
_CRACK = 2  # pixels: paper between the parts of a broken stroke
_BLUR, _INK, _DARK = 0.045, 170, 120  # of the height of a line; evened: ink, and what its darkest spot is
_THIN, _PALE = 0.25, 165  # of that height: brackets and strokes of numerals, which blur pales more
_ROW, _PART, _GAP = 0.15, 0.3, 1.3  # of that height: how far out of the row, how large, how far away
_SIDE = 6  # pixels: what reaches the sides of the cell is a rule
_ONE_LINE, _NEAR = 1.3, 0.25  # times the height of type: the height of a broken line, the gap in it


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


def bands(rows: Rows) -> tuple[LineBox, ...]:
    """Pieces that overlap in height as lines; a band too flat to be a line joins its nearest neighbour."""
    found: list[list[int]] = []  # left, top, right, bottom
    for x, y, w, h, _ in rows[np.argsort(rows[:, 1])]:
        if found and y < found[-1][3]:
            last = found[-1]
            last[0], last[2], last[3] = min(last[0], x), max(last[2], x + w), max(last[3], y + h)
        else:
            found.append([x, y, x + w, y + h])
    tall = max(band[3] - band[1] for band in found)
    broad = min(max(int(w) for w in rows[:, 2]), 60)
    least = max(5.0, 0.55 * tall, 0.4 * broad)
    while len(found) > 1:
        flat = min(range(len(found)), key=lambda i: found[i][3] - found[i][1])
        if found[flat][3] - found[flat][1] >= least:
            break
        above = found[flat][1] - found[flat - 1][3] if flat else np.inf
        below = found[flat + 1][1] - found[flat][3] if flat + 1 < len(found) else np.inf
        first = flat - 1 if above <= below else flat
        one, two = found[first], found[first + 1]
        joined = [min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])]
        found[first : first + 2] = [joined]
    return tuple(LineBox(*(int(v) for v in band)) for band in found)


def tallest_character(rows: Rows) -> int:
    """Height of the tallest character, in pixels; what a bad copy broke in two is taken together again."""
    order = rows[np.argsort(rows[:, 1])].tolist()
    found: list[list[int]] = []  # left, top, right, bottom
    for x, y, w, h, _ in order:
        for part in found:
            shared = min(part[2], x + w) - max(part[0], x)
            if shared >= 0.5 * min(part[2] - part[0], w) and 0 <= y - part[3] <= _CRACK:
                part[:] = [min(part[0], x), part[1], max(part[2], x + w), y + h]
                break
        else:
            found.append([x, y, x + w, y + h])
    return max(bottom - top for _, top, _, bottom in found)


def rejoined(lines: Sequence[LineBox], height: float) -> list[LineBox]:
    """Lines of which two that are together no higher than type, and close, are one: broken print."""
    found: list[LineBox] = []
    for line in lines:
        last = found[-1] if found else line
        low = line.bottom - last.top <= _ONE_LINE * height and line.top - last.bottom <= _NEAR * height
        shared = min(last.right, line.right) - max(last.left, line.left)
        if found and low and shared > 0:
            left, right = min(last.left, line.left), max(last.right, line.right)
            found[-1] = LineBox(left, last.top, right, line.bottom)
        else:
            found.append(line)
    return found


def cut(dark: NDArray[np.bool_], line: LineBox, height: float) -> list[LineBox]:
    """One band cut at its emptiest rows into as many lines as fit.

    Args:
        dark: which pixels of the cell are certainly ink.
        line: the band.
        height: usual height of a line.
    """
    inside = dark[line.top : line.bottom, line.left : line.right]
    rows = inside.sum(axis=1).astype(np.float64)
    likely = round(line.height / (1.3 * height))
    for count in dict.fromkeys((max(2, likely), likely + 1, max(2, likely - 1))):
        cuts = _valleys(rows, count, height)
        if cuts:
            found = [_around(inside[top:bottom], line.left, line.top + top) for top, bottom in pairwise(cuts)]
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


def widened(picture: NDArray[np.uint8], line: LineBox) -> LineBox:
    """A line of words with what stands before and behind it in its row, as dark and as high as type.

    In dirty cells only the darkest pieces are taken for type, which keeps dirt out of figures; words lose
    thin characters at their ends with it, above all what a bracket or a mark sets apart (`二、`, `（六）项`).

    Args:
        picture: the evened picture of the line, without its neighbours.
        line: its box in there.
    """
    height = line.height
    smooth = cv2.GaussianBlur(picture, (0, 0), max(1.0, _BLUR * height))
    count, _, stats, _ = cv2.connectedComponentsWithStats((smooth < _INK).astype(np.uint8), connectivity=8)
    slack = _ROW * height
    left, right = line.left, line.right
    pieces = []
    for x, y, w, h, area in stats[1:count].tolist():
        in_row = y >= line.top - slack and y + h <= line.bottom + slack
        inside = x > _SIDE and x + w < picture.shape[1] - _SIDE
        least = _PART * height
        of_type = (
            max(w, h) >= least and area >= _PART * least and (h >= least or w <= height)
        )  # no rule, no dirt
        thin = min(w, h) <= _THIN * height and max(w, h) >= 0.5 * height
        if in_row and inside and of_type and smooth[y : y + h, x : x + w].min() < (_PALE if thin else _DARK):
            pieces.append((x, x + w))
    for x, end in sorted(pieces):
        if 0 <= x - right <= _GAP * height:
            right = end
    for x, end in sorted(pieces, reverse=True):
        if 0 <= left - end <= _GAP * height:
            left = x
    return LineBox(left, line.top, right, line.bottom)


def is_flat(line: LineBox) -> bool:
    """Whether this has the shape of a dash."""
    return line.width >= _FLAT * line.height


def is_speck(line: LineBox, height: float) -> bool:
    """Whether this is too small for type; what is flat may be a short dash."""
    least = _SHORT_DASH if is_flat(line) else _SPECK
    return max(line.width, line.height) < least * height
