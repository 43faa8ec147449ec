"""What shines through from the back of the paper is no ink; faint type and dashes are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gouji_ocr.ink import UsualType, cell_ink

TYPE = UsualType(height=20.0, contrast=90.0)
PAPER = 225


def cell(text: str, depth: int, *, blur: float = 0.8) -> NDArray[np.uint8]:
    """A cell of 40 x 160 with text this much darker than its paper."""
    print_ = np.zeros((40, 160), dtype=np.uint8)
    cv2.putText(print_, text, (40, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.75, 255, 3, cv2.LINE_AA)
    mask = cv2.GaussianBlur(print_.astype(np.float32), (0, 0), blur)
    noise = np.random.default_rng(3).normal(0.0, 1.5, mask.shape)
    return np.clip(PAPER - depth * mask / mask.max() + noise, 0, 255).astype(np.uint8)


def test_soft_shapes_of_the_other_side_leave_a_cell_blank() -> None:
    assert cell_ink(cell("826", 20, blur=3.0), ruled=False, usual=TYPE).blank


@pytest.mark.parametrize(("text", "depth"), [("826", 40), ("826", 90), ("-", 35), ("1", 45)])
def test_type_printed_faintly_is_ink(text: str, depth: int) -> None:
    assert not cell_ink(cell(text, depth), ruled=False, usual=TYPE).blank
