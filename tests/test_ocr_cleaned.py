"""Cells of bad copies are cleaned of black spots and heavy noise, and of nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.page import Gray
from gouji_ocr.cleaned import noise_of, without_noise, without_spots
from gouji_ocr.ink import UsualType

PAPER, TYPE, BLACK = 240, 150, 10
USUAL = UsualType(18.0, float(PAPER - TYPE))


def pale_cell(digit: str = "8") -> Gray:
    """Pale type on even paper."""
    cell = np.full((44, 80), PAPER, dtype=np.uint8)
    cv2.putText(cell, digit, (34, 31), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (TYPE,), 2, cv2.LINE_AA)
    return cell


def spotted(cell: Gray, x: int, y: int) -> Gray:
    """The cell with a round black spot."""
    spot = cell.copy()
    cv2.circle(spot, (x, y), 3, (BLACK,), -1)
    return spot


def test_a_black_spot_beside_pale_type_is_filled_and_the_type_stays() -> None:
    clean = [pale_cell() for _ in range(12)]
    found = without_spots([spotted(clean[0], 14, 22), *clean[1:]], USUAL)
    assert int(found[0].min()) >= TYPE - 10
    assert np.abs(found[0].astype(int) - clean[0]).max() <= 25


def test_a_black_spot_on_a_stroke_is_filled_too() -> None:
    clean = [pale_cell() for _ in range(12)]
    found = without_spots([spotted(clean[0], 42, 31), *clean[1:]], USUAL)
    assert int(found[0].min()) > (BLACK + TYPE) / 2


def test_points_as_dark_as_the_type_stay() -> None:
    cells = [pale_cell("3.8") for _ in range(12)]
    assert all((a == b).all() for a, b in zip(without_spots(cells, USUAL), cells, strict=True))


def test_black_figures_among_pale_ones_are_no_spots() -> None:
    bold = np.full((44, 80), PAPER, dtype=np.uint8)
    cv2.putText(bold, "47", (30, 31), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (BLACK,), 2, cv2.LINE_AA)
    found = without_spots([bold, *(pale_cell() for _ in range(12))], USUAL)
    assert (found[0] == bold).all()


def test_too_few_characters_tell_nothing_about_spots() -> None:
    cell = spotted(pale_cell(), 14, 22)
    assert (without_spots([cell], USUAL)[0] == cell).all()


@pytest.mark.parametrize("deviation", [0.0, 3.0, 12.0])
def test_noise_is_told_as_a_share_of_the_contrast_of_type(deviation: float) -> None:
    rng = np.random.default_rng(5)
    cells = [
        np.clip(pale_cell() + rng.normal(0, deviation, (44, 80)), 0, 255).astype(np.uint8) for _ in range(9)
    ]
    assert noise_of(cells, USUAL) == pytest.approx(0.4 * deviation / USUAL.contrast, rel=0.5, abs=0.005)


def test_only_heavy_noise_is_smoothed() -> None:
    cells = [pale_cell()]
    assert (without_noise(cells, USUAL, 0.04)[0] == cells[0]).all()
    assert (without_noise(cells, USUAL, 0.12)[0] != cells[0]).any()
