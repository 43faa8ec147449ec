"""A stand-in for a reader: it reads well what stands in a known picture as it is, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from gouji_layout.page import Gray
from gouji_layout.quarter_turns import LineScorer

_ALIKE = 0.8  # correlation of a crop with a place of the picture


def reads_in(picture: Gray) -> LineScorer:
    """A scorer of crops that likes those found upright in this picture."""

    def score(crops: Sequence[Gray]) -> list[float]:
        scores = []
        for crop in crops:
            fits = crop.shape[0] <= picture.shape[0] and crop.shape[1] <= picture.shape[1]
            match = cv2.matchTemplate(picture, crop, cv2.TM_CCOEFF_NORMED).max() if fits else 0.0
            scores.append(-0.05 if match > _ALIKE else -2.0)
        return scores

    return score
