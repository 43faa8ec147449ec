"""The dark beside the sheet is neither ink nor paper."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.geometry import Straightening
from gouji_layout.page import Gray, Page, Rgb, ScanPage
from gouji_layout.paper import Paper, even, ink_depth, without_bed
from gouji_layout.scanner_bed import beyond_scan, scanner_bed
from gouji_layout.stand import stand
from gouji_layout.upright import upright

_WIDTH, _HEIGHT = 1240, 1754


def _sheet(*, bed: int | None, degrees: float, ink: int = 150) -> Rgb:
    """A pale page at 150 dpi lying askew; what shows beside it is as dark as `bed`, or paper."""
    sheet = np.full((_HEIGHT, _WIDTH), 235, np.uint8)
    for y in range(300, 1300, 60):
        cv2.line(sheet, (180, y), (1060, y), ink, 2)
        for x in range(200, 1000, 150):
            cv2.putText(sheet, "4830", (x, y + 42), cv2.FONT_HERSHEY_SIMPLEX, 0.9, ink, 2)
    turn = cv2.getRotationMatrix2D((_WIDTH / 2, _HEIGHT / 2), degrees, 0.97)
    beside = 235 if bed is None else bed
    laid = cv2.warpAffine(sheet, turn, (_WIDTH, _HEIGHT), flags=cv2.INTER_CUBIC, borderValue=(beside,))
    grain = np.random.default_rng(5).normal(0, 6, laid.shape)
    return np.repeat(np.clip(laid + grain, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _quarter(gray: Gray) -> Gray:
    return np.asarray(cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), dtype=np.uint8)


@pytest.mark.parametrize("degrees", [-4.0, 1.5])
@pytest.mark.parametrize("bed", [12, 35, 80])
def test_pale_print_is_as_deep_beside_a_dark_bed_as_without_one(bed: int, degrees: float) -> None:
    dark, plain = (
        Paper.of(upright(ScanPage(1, _sheet(bed=shade, degrees=degrees), 150.0))) for shade in (bed, None)
    )
    assert dark.ink_depth == pytest.approx(plain.ink_depth, rel=0.1)
    assert dark.text_height == pytest.approx(plain.text_height, abs=1)
    assert (dark.evened > 60).mean() > 0.999


def test_a_page_without_a_bed_keeps_all_its_ink() -> None:
    scan = _sheet(bed=None, degrees=2.0, ink=20)
    assert not scanner_bed(_quarter(scan[..., 0])).any()


def test_a_rule_cut_by_the_border_of_the_picture_is_no_bed() -> None:
    gray = np.full((1200, 900), 240, np.uint8)
    gray[600:605] = 10
    gray[:, 300:304] = 10
    assert (without_bed(even(gray), gray)[600:605] < 80).all()


def test_a_thick_frame_at_the_border_of_a_fine_scan_is_no_bed() -> None:
    gray = np.full((2400, 5000), 240, np.uint8)
    cv2.rectangle(gray, (4, 4), (4994, 2394), 10, 14)
    assert (without_bed(even(gray), gray)[2000, 5:9] < 80).all()


def test_a_dark_head_with_white_print_is_no_bed_where_a_table_fills_the_picture() -> None:
    gray = np.full((500, 900), 240, np.uint8)
    gray[:46] = 30
    for x in range(20, 800, 120):
        cv2.putText(gray, "2024", (x, 34), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 240, 3)
    assert not scanner_bed(_quarter(gray)).any()


def test_the_ring_of_a_black_seal_at_the_foot_of_a_page_is_no_bed() -> None:
    gray = np.full((2376, 1680), 240, np.uint8)
    cv2.circle(gray, (1000, 2230), 143, 10, 14)
    assert not scanner_bed(_quarter(gray)).any()


def test_a_black_star_inside_the_page_is_no_bed() -> None:
    gray = np.full((1200, 900), 240, np.uint8)
    gray[500:600, 400:500] = 10
    assert ink_depth(without_bed(even(gray), gray)) > 200


def test_where_a_page_is_beyond_its_scan_is_where_straightening_painted_white() -> None:
    black: Rgb = np.zeros((400, 600, 3), np.uint8)
    matrix = np.vstack([cv2.getRotationMatrix2D((300, 200), 7, 1.1), [0, 0, 1]])
    lain = Straightening((600, 400), (640, 480), degrees=7.0, page_to_turned=matrix)
    page: Page = stand(ScanPage(1, black, 150.0), lain, dpi=150.0)
    beyond = beyond_scan(lain, (640, 480))
    assert beyond is not None
    assert ((page.image[..., 0] > 127) != (beyond > 0)).mean() < 0.005
    assert beyond_scan(Straightening((600, 400), (600, 400)), (150, 100)) is None
