"""The picture of a page to read in, and where seals without colour lie on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from gouji_layout.page import Gray, Mask, Page
from gouji_layout.paper import Paper
from gouji_layout.ring_seals import Ring, thick_alone, without_rings
from gouji_layout.seals import without_seals

_LIFTED = 12  # grey levels by which a pixel became lighter: more than rounding, less than the palest seal
_BESIDE, _STAR = 0.09, 0.45  # of the radius: how far from the circle its ring, from the middle its star is
_DARK = 0.5  # of the way from paper to black: thick ink that is seal
_LEAST = 0.02  # of the square of the radius: smaller pieces of thick ink may be bold type
_RIM = 3  # pixels: the soft border of the seal's ink
_PAPER = 70  # percentile of the grey levels within a ring: its paper

LIFTED, BLACK = 1, 2
"""Pixels off which a grey seal was taken, and pale print with it; of a black one, which hides print."""


@dataclass(frozen=True, eq=False)
class Plane:
    """The picture to read in: gray, with seals and stamps as light as the paper around them.

    `sealed` is `LIFTED` where a seal in grey was taken off, `BLACK` where the ring or the star of a black one
    still is, 0 elsewhere; None where no seal is without colour.
    """

    gray: Gray
    sealed: Mask | None = None

    @classmethod
    def of(cls, page: Page, paper: Paper | None = None) -> Self:
        """The plane of an upright page.

        Args:
            page: upright.
            paper: of the page, when it was looked at before.
        """
        paper = paper or Paper.of(page)
        return cls.without(without_seals(page.image, paper.coloured), paper.rings)

    @classmethod
    def without(cls, gray: Gray, rings: Sequence[Ring]) -> Self:
        """A gray picture without these seals."""
        if not rings:
            return cls(gray)
        lifted = without_rings(gray, rings)
        sealed = np.greater(cv2.subtract(lifted, gray), _LIFTED).astype(np.uint8) * LIFTED
        for ring in rings:
            if ring.black:
                area = ring.box.slices(gray.shape)
                sealed[area][_ring_and_star(gray, ring) > 0] = BLACK
        return cls(lifted, np.asarray(sealed, dtype=np.uint8))


def _ring_and_star(gray: Gray, ring: Ring) -> Mask:
    """1 where the ring or the star of a black seal is, in its box; its characters are as thin as type."""
    area = ring.box.slices(gray.shape)
    rows, columns = np.ogrid[area]
    away = np.hypot(rows - ring.y, columns - ring.x) / ring.radius
    paper = float(np.percentile(gray[area], _PAPER))
    thick = (thick_alone(gray, area) < (1 - _DARK) * paper).astype(np.uint8)
    thick[(np.abs(away - 1) > _BESIDE) & (away > _STAR)] = 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= _LEAST * ring.radius**2
    large[0] = False
    seal = large[labels].astype(np.uint8)
    return np.asarray(cv2.dilate(seal, np.ones((_RIM, _RIM), np.uint8)), dtype=np.uint8)
