"""Where the figures of a table stand, learned from those surely read, and cells in doubt cut at that place.

Figures stand in rows and columns: on one height in their cells and under each other, by their middles or by
their right ends. What lies elsewhere in a cell, strokes of a seal, what shines through from the other side,
remnants of rules, is then no part of its figure, however much it looks like print.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_ocr.ink import EDGE, PAPER, CellInk, smoothed
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

_FEWEST, _FEWEST_OF_COLUMN = 4, 3  # figures surely read that tell where a table, or a column, has them
_MOST = 80  # percentile of how far they stand from their middle
_OUT_OF_ROW, _OUT_OF_COLUMN = 0.25, 0.35  # of their height: further away, and they stand in no row or column
_BEYOND = 0.22  # of it: what reaches further out of the row is no part of the figure
_APART = 0.6  # of it: the widest gap inside a figure
_SHOWN = 0.3  # of it: paper shown at both ends of the figure
_GRAIN, _LEAST = 0.2, 0.01  # of it, of its square: what is smaller is dirt
_HIGH = 0.5  # of it: high enough to be a digit
_LOW = 0.7  # of it: what is lower is cut as high as a figure, unless it is flat
_FLAT = 1.6  # times as wide as high
_INK, _SOLID = 170, 140  # evened: ink, and what of it stays so dark when it is blurred
_BORDER = EDGE + 2  # pixels: what lies so close to the sides of a crop is a rule


@dataclass(frozen=True, slots=True)
class Place:
    """Where figures stand in their cells, in pixels."""

    row: float  # from the middle of the cell's picture, downwards
    height: float
    across: float  # from the middle of the picture, or from its right side
    by_right_ends: bool

    def middle_row(self, picture: Gray) -> float:
        """The row of a cell's picture on which its figure stands."""
        return float(picture.shape[0] / 2 + self.row)

    def off(self, box: LineBox, picture: Gray) -> float:
        """How far to the right of its place a figure in this box stands, in shares of its height."""
        width = picture.shape[1]
        stands = box.right - width if self.by_right_ends else (box.left + box.right - width) / 2
        return float((stands - self.across) / self.height)

    def is_in(self, box: LineBox, picture: Gray) -> bool:
        """Whether the middle of its figures, or their right end, is within the sides of this box."""
        width = picture.shape[1]
        at = self.across + (width if self.by_right_ends else width / 2)
        return bool(box.left <= at <= box.right)

    def off_row(self, box: LineBox, picture: Gray) -> float:
        """How far below the row of figures this box is, in shares of their height."""
        return float(((box.top + box.bottom) / 2 - self.middle_row(picture)) / self.height)


@dataclass(frozen=True, slots=True)
class _Cut:
    """One way to tell the figure from what is around it."""

    blur: float  # of the height of figures: sparse dirt pales, strokes stay dark
    without_others: bool  # what reaches out of the row is taken out, else it is cut off at the row


_CUTS = (
    _Cut(0.0, without_others=False),
    _Cut(0.06, without_others=False),
    _Cut(0.06, without_others=True),
    _Cut(0.1, without_others=True),
)

CUTS = len(_CUTS)
"""In how many ways a cell is cut at most."""


def places_of(
    views: Sequence[CellView], figures: Collection[int], dashes: Collection[int]
) -> dict[int, Place]:
    """Where the figures of each column stand; columns without any, or without order in them, are left out.

    Args:
        views: the cells of a table.
        figures: those of which figures were surely read.
        dashes: those of which a dash was surely read; it stands where a figure would, but is not as high.
    """
    known = [views[i] for i in sorted((*figures, *dashes))]
    heights = [views[i].ink.lines[0].height for i in figures]
    if len(heights) < _FEWEST:
        return {}
    height = float(np.median(heights))
    row, uneven = _usual([_row(view.ink) for view in known])
    if uneven > _OUT_OF_ROW * height:
        return {}
    columns: dict[int, list[CellView]] = {}
    for view in known:
        columns.setdefault(view.cell.col, []).append(view)
    found = {}
    for column, mine in columns.items():
        alike = mine if len(mine) >= _FEWEST_OF_COLUMN else known
        middles, rights = [_across(view.ink) for view in alike], [_right(view.ink) for view in alike]
        (middle, off_middle), (right, off_right) = _usual(middles), _usual(rights)
        if min(off_middle, off_right) <= _OUT_OF_COLUMN * height:
            # Where nearly all are `0.00` only the few longer ones tell.
            by_right_ends = _mean_off(rights, right) < _mean_off(middles, middle)
            found[column] = Place(row, height, right if by_right_ends else middle, by_right_ends)
    return found


def _usual(values: Sequence[float]) -> tuple[float, float]:
    """The median of some values, and how far most of them are from it."""
    median = float(np.median(values))
    return median, float(np.percentile(np.abs(np.subtract(values, median)), _MOST))


def _mean_off(values: Sequence[float], median: float) -> float:
    return float(np.mean(np.abs(np.subtract(values, median))))


def _row(ink: CellInk) -> float:
    return float(ink.lines[0].top + ink.lines[0].bottom - ink.picture.shape[0]) / 2


def _across(ink: CellInk) -> float:
    return float(ink.lines[0].left + ink.lines[0].right - ink.picture.shape[1]) / 2


def _right(ink: CellInk) -> float:
    return float(ink.lines[0].right - ink.picture.shape[1])


def cut_at(view: CellView, place: Place) -> Iterator[CellView]:
    """The cell with nothing but what may be its figure, once for each way to tell what that is.

    A way that finds nothing, or something that stands elsewhere, is left out.
    """
    for cut in _CUTS:
        ink = _cut(view.ink, place, cut)
        if ink is not None:
            yield replace(view, ink=ink)


def holds_something(view: CellView, place: Place) -> bool:
    """Whether ink stands where the figure of a cell would, be it too small for type."""
    return _cut(view.ink, place, _CUTS[0]) is not None


def _cut(ink: CellInk, place: Place, cut: _Cut) -> CellInk | None:
    picture, height = ink.picture, place.height
    middle = place.middle_row(picture)
    top, bottom = max(0, round(middle - height / 2 - 1)), min(len(picture), round(middle + height / 2 + 1))
    slack = round(_BEYOND * height)
    mask = _ink(picture, cut.blur * height)
    shown = picture.copy()
    if cut.without_others:
        others = _reaching_out(mask, top - slack, bottom + slack)
        shown[cv2.dilate(others, np.ones((3, 3), np.uint8)) > 0] = PAPER
        mask[others > 0] = 0
    shown[: max(0, top - slack)] = PAPER
    shown[bottom + slack :] = PAPER
    mask[:top], mask[bottom:], mask[:, :_BORDER], mask[:, -_BORDER:] = 0, 0, 0, 0
    box = _figure_in(mask, picture, place)
    if box is None:
        return None
    if box.height < _LOW * height and box.width <= _FLAT * box.height:
        box = replace(box, top=top, bottom=bottom)
    margin = round(_SHOWN * height)
    shown[:, : max(0, box.left - margin)] = PAPER
    shown[:, box.right + margin :] = PAPER
    return replace(ink, picture=shown, lines=(box,))


def _ink(picture: Gray, sigma: float) -> NDArray[np.uint8]:
    """1 where there is ink, or what is solid of it."""
    seen = cv2.GaussianBlur(picture, (0, 0), sigma) if sigma else picture
    return np.asarray(smoothed(np.asarray(seen)) < (_SOLID if sigma else _INK), dtype=np.uint8)


def _reaching_out(mask: NDArray[np.uint8], top: int, bottom: int) -> NDArray[np.uint8]:
    """1 where pieces of ink are that reach out of these rows."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    y, h = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    others = (y < top) | (y + h > bottom)
    others[0] = False
    return np.asarray(others[labels], dtype=np.uint8)


def _figure_in(mask: NDArray[np.uint8], picture: Gray, place: Place) -> LineBox | None:
    """The box of the pieces that together stand where the figure must; None without any."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least = max(3.0, _LEAST * place.height**2)
    pieces = [
        LineBox(x, y, x + w, y + h)
        for x, y, w, h, area in stats[1:count].tolist()
        if area >= least and max(w, h) >= _GRAIN * place.height
    ]
    high = [piece for piece in pieces if piece.height >= _HIGH * place.height]
    for begun in (high, pieces):  # among all of them there may be a dash
        if begun:
            first = min(begun, key=lambda piece: abs(place.off(piece, picture)))
            box = _around(_together(first, pieces, _APART * place.height))
            if abs(place.off(box, picture)) <= _OUT_OF_COLUMN:
                return box
    return None


def _around(pieces: Sequence[LineBox]) -> LineBox:
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    return LineBox(left, min(piece.top for piece in pieces), right, max(piece.bottom for piece in pieces))


def _together(first: LineBox, pieces: Sequence[LineBox], gap: float) -> list[LineBox]:
    """The pieces that stand no further apart than this, from the first one on to both sides."""
    left, right = first.left, first.right
    for piece in sorted(pieces, key=lambda piece: piece.left):
        if piece.right > left and piece.left - right <= gap:
            right = max(right, piece.right)
    for piece in sorted(pieces, key=lambda piece: -piece.right):
        if piece.left < right and left - piece.right <= gap:
            left = min(left, piece.left)
    return [piece for piece in pieces if piece.left >= left and piece.right <= right]
