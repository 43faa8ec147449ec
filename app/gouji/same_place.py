"""Which found cell lies where a cell of the truth lies on the paper, whatever its row and column were called.

One false row shifts the index of every cell below it, and the strict measures then say only that the
structure is wrong. Matching by place tells reading apart from structure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gouji.truth import Corners

Boxes = Sequence[Corners | None]
_ANCHORS = 4  # fewer cells with the same text on both sides do not fix the frame


def same_place(
    truth_boxes: Boxes, truth_texts: Sequence[str], found_boxes: Boxes, found_texts: Sequence[str]
) -> dict[int, int]:
    """Index of the found cell over the middle of each cell of the truth; cells without one are left out.

    The truth is in the page before skew, the found boxes in the straightened page: they differ by a shift and
    a scale along each axis, which is fitted to cells whose text occurs once on both sides, or else to the
    frames of the tables.
    """
    placed = [(at, box) for at, box in enumerate(found_boxes) if box is not None]
    known = [box for box in truth_boxes if box is not None]
    if not placed or not known:
        return {}
    to_page = _fitted(truth_boxes, truth_texts, found_boxes, found_texts) or _framed(
        np.array(known), np.array([box for _, box in placed])
    )
    partners: dict[int, int] = {}
    for at, box in enumerate(truth_boxes):
        if box is None:
            continue
        x, y = to_page(np.array([[(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]]))[0]
        over = [
            other for other, (left, top, right, bottom) in placed if left <= x < right and top <= y < bottom
        ]
        if over:
            partners[at] = over[0]
    return partners


Mapping = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _fitted(
    truth_boxes: Boxes, truth_texts: Sequence[str], found_boxes: Boxes, found_texts: Sequence[str]
) -> Mapping | None:
    once = {text for text, count in Counter(truth_texts).items() if count == 1 and text}
    once &= {text for text, count in Counter(found_texts).items() if count == 1}
    there = {text: box for text, box in zip(found_texts, found_boxes, strict=True) if box is not None}
    pairs = [
        (box, there[text])
        for text, box in zip(truth_texts, truth_boxes, strict=True)
        if box is not None and text in once and text in there
    ]
    if len(pairs) < _ANCHORS:
        return None
    one, other = (np.array([_middle(pair[side]) for pair in pairs]) for side in (0, 1))
    axes = [_line(one[:, axis], other[:, axis]) for axis in (0, 1)]
    (scale_x, shift_x), (scale_y, shift_y) = axes
    return lambda points: points * [scale_x, scale_y] + [shift_x, shift_y]


def _line(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """Scale and shift of one axis, by medians, so that a few wrong anchors do no harm."""
    first, second = np.triu_indices(len(one), 1)
    apart = np.abs(one[first] - one[second]) > 0.3 * max(np.ptp(one), 1.0)
    if np.ptp(one) < 1 or not apart.any():
        return 1.0, float(np.median(other - one))
    slopes = (other[first] - other[second])[apart] / (one[first] - one[second])[apart]
    scale = float(np.median(slopes))
    return scale, float(np.median(other - scale * one))


def _framed(truth: NDArray[np.float64], found: NDArray[np.float64]) -> Mapping:
    low, high = truth[:, :2].min(axis=0), truth[:, 2:].max(axis=0)
    found_low, found_high = found[:, :2].min(axis=0), found[:, 2:].max(axis=0)
    scale = (found_high - found_low) / np.maximum(high - low, 1.0)
    return lambda points: (points - low) * scale + found_low


def _middle(box: Corners) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
