"""Curved pages of prose, which have no rules to be straightened by."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji_layout.page import Gray, ScanPage
from gouji_layout.upright import upright

WIDTH, HEIGHT = 1100, 1500
WORDS = ("report", "was", "kept", "by each", "office", "and sent", "on in", "time", "with all", "figures")


def prose(seed: int) -> Gray:
    """A page of text lines, some of them short."""
    rng = np.random.default_rng(seed)
    sheet = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for y in range(120, HEIGHT - 100, 44):
        line = " ".join(rng.choice(WORDS, 14))[: 55 if rng.random() < 0.8 else 25]
        cv2.putText(sheet, line, (100, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20,), 2, cv2.LINE_AA)
    return sheet


def bent(sheet: Gray, pixels: float) -> Gray:
    """The sheet with each point moved down by `pixels` in the middle of the page and not at its sides."""
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    wave = (pixels * np.sin(np.pi * x / WIDTH)).astype(np.float32)
    return np.asarray(cv2.remap(sheet, x, y - wave, cv2.INTER_CUBIC, borderValue=(255,)), dtype=np.uint8)


def scan(sheet: Gray) -> ScanPage:
    return ScanPage(1, np.stack([sheet] * 3, axis=2), 150.0)


@pytest.mark.parametrize("pixels", [15.0, 30.0, -22.0])
def test_lines_of_a_curved_page_of_prose_become_straight(pixels: float) -> None:
    page = upright(scan(bent(prose(3), pixels)))
    assert page.straightening.mesh is not None
    x = np.linspace(130, 820, 40)
    for y in (300.0, 700.0, 1200.0):
        line = np.stack([x, y + pixels * np.sin(np.pi * x / WIDTH)], axis=1)
        found = page.straightening.to_page(line)
        fit = np.polyfit(found[:, 0], found[:, 1], 1)
        assert np.abs(found[:, 1] - np.polyval(fit, found[:, 0])).max() < 0.5 + 0.1 * abs(
            pixels
        )  # before: 0.3 of it


@given(seed=st.integers(0, 1000), noise=st.floats(0, 12))
@settings(max_examples=6, deadline=None)
def test_a_flat_page_of_prose_is_not_bent(seed: int, noise: float) -> None:
    grain = np.random.default_rng(seed).normal(0, noise, (HEIGHT, WIDTH))
    page = upright(scan(np.clip(prose(seed) - np.abs(grain), 0, 255).astype(np.uint8)))
    assert page.straightening.mesh is None
