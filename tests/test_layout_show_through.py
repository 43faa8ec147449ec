"""Rules of the other side are told by how pale they are, wherever paper bends them."""

from __future__ import annotations

import numpy as np
import pytest

from gouji_layout.rules import Segment
from gouji_layout.show_through import contrast, printed_here

INK, THROUGH, PAPER = 110, 200, 230


def sheet(*rules: tuple[float, int, float]) -> np.ndarray:
    """Level rules of 900 pixels by their middle, darkness, and how far down their ends are bent."""
    picture = np.random.default_rng(4).normal(PAPER, 4, (400, 1000))
    for at, ink, bent in rules:
        for x in range(50, 950):
            y = round(at + bent * (abs(x - 500) / 450) ** 2)
            picture[y - 1 : y + 2, x] = ink
    return np.clip(picture, 0, 255).astype(np.uint8)


def pieces(*places: float) -> list[Segment]:
    return [Segment(at, 50.0, 950.0, 3.0) for at in places]


@pytest.mark.parametrize("bent", [0.0, 8.0])
def test_a_rule_is_as_dark_where_the_paper_is_bent(bent: float) -> None:
    dark = contrast(sheet((100, INK, bent)), 100 + bent / 3, 50, 950)
    assert dark == pytest.approx(PAPER - INK, rel=0.15)


@pytest.mark.parametrize("at", [10, 388])
def test_a_long_rule_near_the_edge_of_the_picture_is_as_dark(at: int) -> None:
    assert contrast(sheet((at, INK, 0)), at, 50, 950) == pytest.approx(PAPER - INK, rel=0.15)


def test_what_shows_through_is_told_apart_on_bent_paper() -> None:
    picture = sheet(*((at, INK, 8) for at in (60, 120, 180)), (240, THROUGH, -8), (330, THROUGH, 0))
    level = pieces(62, 122, 182, 238, 330)
    kept, upright = printed_here((picture, np.full((1000, 400), PAPER, np.uint8)), level, [])
    assert [piece.at for piece in kept] == [62, 122, 182]
    assert upright == []
