"""From a scan to an upright page: quarter turns, skew, perspective and curl taken out in one resampling."""

from __future__ import annotations

import cv2
import numpy as np

from gouji_layout.facts import intake_facts
from gouji_layout.geometry import Straightening
from gouji_layout.page import Gray, Page, Rgb, ScanPage
from gouji_layout.paper import even, guessed_dpi, text_height
from gouji_layout.quarter_turns import LineScorer, quarter_turns
from gouji_layout.seals import ink
from gouji_layout.slant import Slant, find_slant, page_to_picture

_LOOK_SIDE = 1500  # pixels of the longer side at which slant is measured
_STRAIGHT_ENOUGH = 0.004  # degrees; a page straighter than this is not resampled for nothing


def upright(scan_page: ScanPage, *, read_lines: LineScorer | None = None) -> Page:
    """Stand a page upright; without a `read_lines` the page is never turned by quarters.

    The page picture is resampled at most once, and not at all when it is already straight.
    """
    image = scan_page.image
    look, scale = _look(ink(image))
    slant = find_slant(look)
    turns = quarter_turns(image, look, slant, read_lines) if read_lines is not None else 0
    if turns:
        image = np.ascontiguousarray(np.rot90(image, turns))
        look, scale = _look(ink(image))
        slant = find_slant(look)
    height, width = image.shape[:2]
    matrix, size = np.eye(3), (width, height)
    if _bent(slant):
        matrix, size = _matrix(slant, scale, (width, height))
    straight = _resampled(image, matrix, size)
    dpi = scan_page.dpi or guessed_dpi(text_height(look) / scale)
    facts = intake_facts(
        np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8),
        look,
        dpi,
        dpi_guessed=scan_page.dpi is None,
    )
    straightening = Straightening(
        scan_size=(int(scan_page.image.shape[1]), int(scan_page.image.shape[0])),
        page_size=size,
        quarter_turns=turns,
        degrees=slant.degrees if _bent(slant) else 0.0,
        page_to_turned=matrix if _bent(slant) else None,
    )
    return Page(scan_page.number, straight, dpi, straightening, facts)


def _look(gray: Gray) -> tuple[Gray, float]:
    """An evened copy small enough to measure in quickly, and its scale."""
    scale = min(_LOOK_SIDE / max(gray.shape), 1.0)
    if scale < 1:
        gray = np.asarray(
            cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
    return even(gray), scale


def _bent(slant: Slant) -> bool:
    return max(abs(value) for value in (slant.level[1], slant.upright[1])) > _STRAIGHT_ENOUGH or any(
        (slant.level[0], slant.upright[0])
    )


def _matrix(slant: Slant, scale: float, size: tuple[int, int]) -> tuple[np.ndarray, tuple[int, int]]:
    """The slant measured in the small copy, as a homography of the full picture."""
    full = Slant(
        (slant.level[0] * scale, slant.level[1]), (slant.upright[0] * scale, slant.upright[1]), slant.certain
    )
    return page_to_picture(full, size)


def _resampled(image: Rgb, matrix: np.ndarray, size: tuple[int, int]) -> Rgb:
    if np.array_equal(matrix, np.eye(3)):
        return image
    straight = cv2.warpPerspective(
        image, matrix, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(straight, dtype=np.uint8)
