"""Quarter turns by reading evidence: the way up in which a few lines read best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.page import Gray, Rgb
from gouji_layout.paper import Paper
from gouji_layout.slant import Slant, page_to_picture

_LINES = 4  # lines read under each hypothesis
CLEARLY_LONGER = 3.0  # by how much text must run rather one way than the other for the other not to be read
_READS_WELL = -0.22  # mean log-probability of a character: text this sure is upright, nothing else is tried
_CLEARLY_BETTER = 0.3  # by how much another way up must read better than all the rest
_LEGIBLE = -1.2  # what reads worse than this is thin evidence
_NOTHING = -4.0  # the score of a crop without text

Line = tuple[int, int, int, int]
"""Left, top, width and height of a line in the small page."""


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
    lines = {0: wide_lines(straight), 1: wide_lines(np.ascontiguousarray(np.rot90(straight)))}
    length = {turns: sum(w for _, _, w, _ in own) for turns, own in lines.items()}
    # Characters stand closer in a line than lines stand to each other, whichever way the page lies.
    likely = 0 if length[0] >= length[1] else 1
    decisive = length[likely] > CLEARLY_LONGER * length[1 - likely]
    scores: dict[int, float] = {}
    for turns in (likely, 1 - likely):
        if turns != likely and (decisive or max(scores.values(), default=_NOTHING) > _READS_WELL):
            break
        crops = _crops(lines[turns][:_LINES], turns, size, matrix, gray, scale)
        if not crops:
            continue
        scores[turns] = mean_score(read_lines(crops))
        if turns == 0 and scores[0] > _READS_WELL:
            return 0
        scores[turns + 2] = mean_score(read_lines([np.asarray(np.rot90(crop, 2)) for crop in crops]))
    return clearly_best(scores)


def clearly_best(scores: Mapping[int, float]) -> int:
    """The turns under which lines read clearly better than under all others; 0 when none is clear."""
    best = max(scores, key=lambda turns: scores[turns], default=0)
    rest = max((score for turns, score in scores.items() if turns != best), default=_NOTHING)
    return best if scores.get(best, _NOTHING) > max(rest + _CLEARLY_BETTER, _LEGIBLE) else 0


def mean_score(scores: list[float]) -> float:
    """Mean of the better half: a crop of a stain or a seal says nothing about the way up."""
    known = sorted((max(score, _NOTHING) for score in scores), reverse=True)
    return float(np.mean(known[: len(known) // 2 + 1])) if known else _NOTHING


def _crops(  # noqa: PLR0917
    lines: Sequence[Line],
    turns: int,
    size: tuple[int, int],
    matrix: NDArray[np.float64],
    gray: Gray,
    scale: float,
) -> list[Gray]:
    """Text lines of the small page turned `turns` times, cut from the full picture."""
    crops = []
    for x, y, w, h in lines:
        corners = np.array([[x, y], [x + w, y], [x, y + h]], dtype=np.float64)
        if turns == 1:  # back from numpy.rot90 to the page
            corners = np.stack([size[0] - 1 - corners[:, 1], corners[:, 0]], axis=1)
        source = cv2.perspectiveTransform(corners[None], matrix)[0] * scale
        across, down = round(w * scale), round(h * scale)
        target = np.array([[0, 0], [across, 0], [0, down]], dtype=np.float32)
        affine = cv2.getAffineTransform(source.astype(np.float32), target)
        crop = cv2.warpAffine(gray, affine, (across, down), borderValue=(255,))
        crops.append(np.asarray(crop, dtype=np.uint8))
    return crops


def wide_lines(evened: Gray) -> list[Line]:
    """Boxes of the lines of text, best to read first: long, of usual height, no rules."""
    paper = Paper(evened)
    mask, unit = (evened < 255 - 0.45 * paper.ink_depth).astype(np.uint8), paper.text_height
    level = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, 60), np.uint8))
    upright = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((60, 1), np.uint8))
    mask[cv2.dilate(cv2.max(level, upright), np.ones((3, 3), np.uint8)) > 0] = 0
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, max(round(0.45 * unit), 3)), np.uint8))
    pieces = blobs(joined)
    found = []
    for x, y, w, h, area in zip(
        pieces.left, pieces.top, pieces.width, pieces.height, pieces.area, strict=True
    ):
        if not (0.6 * unit <= h <= 2.5 * unit and w >= 3.5 * h and area > 0.3 * w * h):
            continue
        found.append((int(x) - 3, int(y) - 3, min(int(w), 14 * int(h)) + 6, int(h) + 6))
    return sorted(found, key=lambda line: -min(line[2] / line[3], 10.0) * line[3])
