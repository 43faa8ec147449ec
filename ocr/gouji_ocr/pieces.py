"""Connected pieces of ink in a cell: which are type, which are remnants of rules, which are dirt."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray

RULE_REACH = 5
"""How far inside its box a cell's rules are looked for, in pixels."""

_PALE = 0.7  # of the depth that type must have: enough for thin strokes beside it
_PALE_RUN = 6  # of them in a row
_WORDS = 6  # pieces as high as type: more than most figures have

Mask = NDArray[np.uint8]
Rows = NDArray[np.int32]
"""Connected pieces of ink as rows of x, y, width, height, area."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The connected pieces of a mask: their boxes, how dark each gets, and which one each pixel is in."""

    rows: Rows
    darkest: NDArray[np.uint8]
    labels: NDArray[np.int32]  # 0 is paper, piece i is i + 1


def pieces_of(picture: Gray, mask: Mask) -> Pieces:
    """The pieces of a mask over this smoothed picture."""
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    labels = np.asarray(found, dtype=np.int32)
    darkest = np.full(count, 255, dtype=np.uint8)
    inked = np.flatnonzero(mask)
    np.minimum.at(darkest, labels.ravel()[inked], picture.ravel()[inked])
    return Pieces(np.asarray(stats[1:count], dtype=np.int32), darkest[1:], labels)


def rules(mask: Mask, reach: int, usual: float = 0.0) -> Mask:
    """Long straight ink in the border zone, lying at top and bottom, standing at the sides.

    Args:
        mask: the ink.
        reach: how far from the border of the crop rules are looked for.
        usual: height of type around, in pixels; 0 when unknown.
    """
    height, width = mask.shape
    found = np.zeros_like(mask)
    longest = 3 * usual if usual else 90.0  # no stroke of type is as long
    long = int(max(12, min(0.6 * width, longest)))
    # In a cell of many rows, a broken rule at its side is whole nowhere.
    high = int(max(12, min(0.85 * height, 2 * longest)))
    upright = np.ones((3, 1), np.uint8)
    deep, wide = min(reach, height // 3), min(reach, width // 3)
    for rows in (slice(0, deep), slice(height - deep, height)):
        zone = mask[rows]
        if cv2.countNonZero(zone) < min(long // 2, width):  # beyond the crop a rule may go on
            continue
        smeared = cv2.morphologyEx(cv2.dilate(zone, upright), cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
        found[rows] |= cv2.bitwise_and(cv2.erode(smeared, upright), zone).astype(np.uint8)
    for cols in (slice(0, wide), slice(width - wide, width)):
        zone = np.ascontiguousarray(mask[:, cols])
        if cv2.countNonZero(zone) < min(high // 2, height):
            continue
        smeared = cv2.morphologyEx(cv2.dilate(zone, upright.T), cv2.MORPH_OPEN, np.ones((high, 1), np.uint8))
        found[:, cols] |= cv2.bitwise_and(cv2.erode(smeared, upright.T), zone).astype(np.uint8)
    return found


def with_halo(found: Mask, mask: Mask) -> Flags:
    """Rules and their blurred rims, but not the rim where a stroke of type runs into the rule."""
    grown = cv2.dilate(found, np.ones((3, 3), np.uint8))
    # Type runs on beyond the rim: two pixels further there is still ink that is no rule.
    type_there = cv2.dilate(cv2.bitwise_and(mask, 1 - grown), np.ones((3, 3), np.uint8))
    return np.asarray((found > 0) | ((grown > 0) & (type_there == 0)), dtype=np.bool_)


def sorted_out(cell: Pieces, edge: int, usual: float, clear: float, dash: float) -> tuple[Flags, Flags]:
    """Which pieces are text and which are remnants of rules or lone specks, to be painted out.

    Points too small to be either stay in the picture but do not stretch the box of the text.

    Args:
        cell: the pieces.
        edge: how far inside the crop the border of the cell is; 0 without rules.
        usual: height of type around, in pixels; 0 when unknown.
        clear: a piece that is nowhere darker than this is paper,
        dash: unless it is flat and reaches this.
    """
    w, h, area = cell.rows[:, 2:].T
    flat = (w >= 2 * h) & (w >= 0.2 * usual)
    shown = (cell.darkest < clear) | (flat & (cell.darkest < dash))
    paint = _remnants(cell, edge, usual) & shown
    keep = shown & ~paint & (area >= 4)
    if not keep.any():
        return keep, paint
    size = np.maximum(w, h)
    if int(size[keep].max()) < 3:
        return np.zeros(len(w), dtype=bool), paint
    # Characters that touch are one wide piece: their height tells the size of type, unless all is flat.
    unit = float(np.minimum(size, 1.3 * h)[keep].max())
    if unit < 6:
        unit = float(size[keep].max())
    if usual and unit > 0.6 * usual:
        unit = min(unit, 1.2 * usual)
    small = ~paint & (size < 0.35 * unit) & (area < 0.08 * unit**2)
    if usual:
        small |= ~paint & (size < 0.55 * unit)
        dashes = keep & flat & (w >= 0.3 * usual)
        if dashes.any() and not (keep & (h >= 0.5 * usual)).any():
            small |= ~paint & ~flat  # beside a dash that stands alone, round things are dirt
    if not (keep & ~small).any():
        return keep, paint
    large = keep & ~small
    if usual:
        # Thin strokes are paler than bold ones: beside type, a bracket need not be as dark as the rest.
        pale = ~shown & (cell.darkest < 255 - _PALE * (255 - clear)) & (h >= 0.5 * usual) & (h <= 1.5 * usual)
        for _ in range(_PALE_RUN if pale.any() else 0):
            near = pale & (_gaps(cell.rows, np.flatnonzero(large)).min(axis=1) <= 0.6 * unit)
            if not (near & ~large).any():
                break
            large, keep = large | near, keep | near
    if not small.any():
        return keep, paint
    away = _gaps(cell.rows, np.flatnonzero(large)).min(axis=1)
    far = np.full(len(w), 0.6 * unit)
    if usual:
        far[_in_column(cell.rows, large, unit) | _in_row(cell.rows, large)] = 2 * unit
    lone = small & (away > far)
    return keep & ~lone, paint | (lone & shown)


def _in_column(rows: Rows, large: Flags, unit: float) -> Flags:
    """Pieces in line with characters that stand below each other: a mark there is far from its neighbours."""
    x, y, w, h, _ = rows.T
    right, bottom = x + w, y + h
    left, top = x[large].min(), y[large].min()
    if right[large].max() - left > 1.5 * unit or bottom[large].max() - top < 4 * unit:
        return np.zeros(len(rows), dtype=bool)
    across = (x >= left - 0.2 * unit) & (right <= right[large].max() + 0.2 * unit)
    return np.asarray(
        across & (bottom > top - 3 * unit) & (y < bottom[large].max() + 3 * unit), dtype=np.bool_
    )


def _in_row(rows: Rows, large: Flags) -> Flags:
    """Pieces in line with words: of `一、` at their beginning little may be dark enough to be found."""
    _, y, _, h, _ = rows.T
    if large.sum() < _WORDS:
        return np.zeros(len(rows), dtype=bool)
    top, bottom = np.median(y[large]), np.median((y + h)[large])
    return np.asarray((y >= top) & (y + h <= bottom), dtype=np.bool_)


def inside(cell: Pieces, edge: int) -> Flags:
    """Which pieces stay inside a border of this width."""
    height, width = cell.labels.shape
    x, y, w, h, _ = cell.rows.T
    within = (x >= edge) & (y >= edge) & (x + w <= width - edge) & (y + h <= height - edge)
    return np.asarray(within, dtype=np.bool_)


def _gaps(rows: Rows, among: NDArray[np.intp]) -> NDArray[np.int32]:
    """Distance of every piece to each of some, along the axis on which they are further apart."""
    x, y, w, h, _ = rows.T
    gap_x = np.maximum(x[among][None] - (x + w)[:, None], x[:, None] - (x + w)[among][None])
    gap_y = np.maximum(y[among][None] - (y + h)[:, None], y[:, None] - (y + h)[among][None])
    return np.asarray(np.maximum(np.maximum(gap_x, gap_y), 0), dtype=np.int32)


def _remnants(cell: Pieces, edge: int, usual: float) -> Flags:
    """Pieces that are what is left of rules: they never get away from the border of the cell."""
    if not edge:
        return np.zeros(len(cell.rows), dtype=bool)
    height, width = cell.labels.shape
    x, y, w, h, _ = cell.rows.T
    right, bottom = x + w, y + h
    outside = (bottom <= edge + 1) | (y >= height - edge - 1) | (right <= edge + 1) | (x >= width - edge - 1)
    lying = (w > 2.2 * h) & ((bottom <= edge + 3) | (y >= height - edge - 3))
    standing = (h > 2.2 * w) & (w <= 5) & ((right <= edge + 5) | (x >= width - edge - 5))
    found = np.asarray(outside | lying | standing)
    if not usual:
        return found
    zone = edge + max(RULE_REACH, round(0.4 * usual))
    thin = max(5.0, 0.45 * usual)
    at_top, at_foot = (bottom <= zone) & (y <= edge + 2), (y >= height - zone) & (bottom >= height - edge - 2)
    at_left, at_right = (right <= zone) & (x <= edge + 2), (x >= width - zone) & (right >= width - edge - 2)
    low, slim = h <= thin, w <= thin
    # A comma may hang down to the rule, but it hangs close beside a digit and is not flat.
    comma = at_foot & (w <= 0.45 * usual) & (h >= 0.6 * w)
    if comma.any():
        tall = np.flatnonzero((h >= 0.6 * usual) & (h <= 1.6 * usual))
        comma &= _gaps(cell.rows, tall).min(axis=1, initial=10**6) <= 0.35 * usual
    # Thick rules of small type are no slimmer than a `1`, but no character stands on the side of its cell.
    astride = (at_left & (x < edge)) | (at_right & (right > width - edge))
    beside = np.asarray(((at_top | at_foot & ~comma) & low) | ((at_left | at_right) & slim) | astride)
    # Where rules cross, what is left reaches out of the cell at two sides and not far into it.
    corner = ((x < edge) | (right > width - edge)) & ((y < edge) | (bottom > height - edge))
    corner &= (w < max(0.5 * width, zone)) & (h < max(0.6 * height, zone))
    if corner.any():
        corner &= ~_reaches_in(cell, zone)
    return np.asarray(found | beside | corner, dtype=np.bool_)


def _reaches_in(cell: Pieces, zone: int) -> Flags:
    """Pieces with more than a little of their ink away from the border: type that touches a rule."""
    inner = cell.labels[zone:-zone, zone:-zone]
    counts = np.bincount(inner.ravel(), minlength=len(cell.rows) + 1)[1:]
    return np.asarray(counts > 0.25 * cell.rows[:, 4], dtype=np.bool_)


def painted(picture: Gray, cell: Pieces, doomed: Flags, paper: int) -> Gray:
    """The picture with these pieces and their rims made paper."""
    if not doomed.any():
        return picture
    gone = np.concatenate([[False], doomed])[cell.labels].astype(np.uint8)
    grown = cv2.dilate(gone, np.ones((3, 3), np.uint8)) > 0
    free = grown & ((cell.labels == 0) | (gone > 0))
    return np.asarray(np.where(free, np.maximum(picture, paper), picture), dtype=np.uint8)
