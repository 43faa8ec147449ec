"""Quarter turns by reading evidence: the way up in which a few lines read best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from gouji_layout.page import Gray, Rgb
from gouji_layout.slant import Slant, page_to_picture

_LINES = 4  # lines read under each hypothesis
_READS_WELL = -0.22  # mean log-probability of a character: text this sure is upright, nothing else is tried
_CLEARLY_BETTER = 0.35  # by how much another way up must read better


class LineScorer(Protocol):
    """Says how well pictures of text lines read; layout itself never reads."""

    def __call__(self, crops: Sequence[Gray], /) -> list[float]:
        """Return the mean log-probability of a character for each crop, minus infinity for no text."""
        ...


def quarter_turns(image: Rgb, look: Gray, slant: Slant, read_lines: LineScorer) -> int:
    """Counter-clockwise quarter turns that stand the page upright; 0 on thin evidence.

    Args:
        image: the scan as it came.
        look: its evened grey copy, smaller or equal in size.
        slant: measured in `look`.
        read_lines: how well crops read.
    """
    matrix, size = page_to_picture(slant, (look.shape[1], look.shape[0]))
    straight = np.asarray(
        cv2.warpPerspective(
            look, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=(255,)
        ),
        dtype=np.uint8,
    )
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scale = gray.shape[1] / look.shape[1]
    crops = {
        turns: _crops(np.asarray(np.rot90(straight, turns)), turns, size, matrix, gray, scale)
        for turns in (0, 1)
    }
    level = crops[0] or []
    scores: dict[int, float] = {}
    if level:
        scores[0] = _mean(read_lines(level))
        if scores[0] > _READS_WELL:
            return 0
        scores[2] = _mean(read_lines([np.asarray(np.rot90(crop, 2)) for crop in level]))
    if crops[1] and max(scores.values(), default=-9.0) < _READS_WELL:
        scores[1] = _mean(read_lines(crops[1]))
        scores[3] = _mean(read_lines([np.asarray(np.rot90(crop, 2)) for crop in crops[1]]))
    stay = scores.get(0, -2.0)
    best = max(scores, key=lambda turns: scores[turns], default=0)
    return best if scores.get(best, -9.0) > max(stay, -2.0) + _CLEARLY_BETTER else 0


def _mean(scores: list[float]) -> float:
    """Mean of the better half: a crop of a stain or a seal says nothing about the way up."""
    known = sorted((max(score, -4.0) for score in scores), reverse=True)
    return float(np.mean(known[: max(len(known) // 2 + 1, 1)])) if known else -4.0


def _crops(  # noqa: PLR0917
    turned: Gray, turns: int, size: tuple[int, int], matrix: np.ndarray, gray: Gray, scale: float
) -> list[Gray]:
    """The widest text lines of the turned small page, cut from the full picture."""
    width, _height = size
    crops = []
    for x, y, w, h in _wide_lines(turned):
        corners = np.array([[x, y], [x + w, y], [x, y + h]], dtype=np.float64)
        if turns == 1:  # back from numpy.rot90 to the page
            corners = np.stack([width - 1 - corners[:, 1], corners[:, 0]], axis=1)
        source = cv2.perspectiveTransform(corners[None], matrix)[0] * scale
        across, down = round(w * scale), round(h * scale)
        target = np.array([[0, 0], [across, 0], [0, down]], dtype=np.float32)
        affine = cv2.getAffineTransform(source.astype(np.float32), target)
        crops.append(
            np.asarray(cv2.warpAffine(gray, affine, (across, down), borderValue=(255,)), dtype=np.uint8)
        )
    return crops


def _wide_lines(evened: Gray) -> list[tuple[int, int, int, int]]:
    """Boxes of the best lines of text: wide, of usual height, not rules."""
    mask = (evened < 150).astype(np.uint8)
    level = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, 60), np.uint8))
    upright = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((60, 1), np.uint8))
    mask[cv2.dilate(cv2.max(level, upright), np.ones((3, 3), np.uint8)) > 0] = 0
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, 15), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for x, y, w, h, area in stats[1:]:
        if not (9 <= h <= 60 and w >= 2.5 * h and area > 0.35 * w * h):
            continue
        found.append((min(w / h, 12.0) * min(h, 24), x - 3, y - 3, min(w, 14 * h) + 6, h + 6))
    found.sort(reverse=True)
    return [(int(x), int(y), int(w), int(h)) for _, x, y, w, h in found[:_LINES]]
