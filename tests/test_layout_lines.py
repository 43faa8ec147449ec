"""Lines of text of pages with very many pieces of ink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.geometry import Box, Straightening
from gouji_layout.lines import text_lines, text_pieces, text_words
from gouji_layout.page import Page
from gouji_layout.paper import Paper


def mark(picture: np.ndarray, left: int, top: int, side: int) -> None:
    """A square that is no rule and no solid blot: a frame."""
    picture[top : top + side, left : left + side] = 0
    picture[top + 3 : top + side - 3, left + 3 : left + side - 3] = 255


def test_a_title_spaced_by_whole_characters_is_one_line_above_many_pieces_of_small_type() -> None:
    picture = np.full((1400, 1200), 255, dtype=np.uint8)
    for place in range(8):
        mark(picture, 300 + 80 * place, 60, 40)
    for row in range(40):
        for piece in range(8):  # two characters and a gap of three
            mark(picture, 60 + 140 * piece, 200 + 28 * row, 18)
            mark(picture, 82 + 140 * piece, 200 + 28 * row, 18)
    size = (1200, 1400)
    page = Page(1, np.repeat(picture[:, :, None], 3, axis=2), 200.0, Straightening(size, size))
    lines = text_lines(page, [])
    [title] = [line for line in lines if line.top < 150]
    assert (title.left, title.right) == pytest.approx((300, 900), abs=8)
    assert len(lines) == 1 + 40 * 8


def test_a_piece_of_ink_is_compared_only_with_those_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.full((2000, 2000), 255, dtype=np.uint8)
    rng = np.random.default_rng(1)
    for row in range(40):
        for col in range(40):
            left, top = 50 * col + int(rng.integers(0, 10)), 50 * row + int(rng.integers(0, 10))
            picture[top : top + 14, left : left + 12] = 0
    compared = 0
    overlap = Box.overlap

    def counted(box: Box, other: Box) -> float:
        nonlocal compared
        compared += 1
        return overlap(box, other)

    monkeypatch.setattr(Box, "overlap", counted)
    pieces = text_pieces(Paper(picture), 14.0)
    assert len(pieces) == 1600
    assert compared < 10 * len(pieces)  # 1.3 million when each met all others


def test_a_figure_is_one_word_with_its_point_and_a_dash_is_one_too() -> None:
    picture = np.full((120, 500), 255, np.uint8)
    for at, text in ((20, "47.6"), (200, "5"), (330, "-")):
        cv2.putText(picture, text, (at, 70), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2)
    words = text_words(Paper(picture), 20.0)
    assert [round(word.left, -2) for word in sorted(words)] == [0, 200, 300]
