"""Standing pages upright, and the way back to the scan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from crop_scorer import reads_in
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make import make_page
from gouji_layout.facts import fingerprint, fingerprint_distance
from gouji_layout.geometry import Straightening
from gouji_layout.page import ScanPage
from gouji_layout.upright import upright


@pytest.fixture(scope="module")
def straight() -> np.ndarray:
    return make_page(seed=11, level=0, dpi=100, form="2021").image


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderValue=(255, 255, 255)))


def test_a_straight_page_is_not_resampled(straight: np.ndarray) -> None:
    page = upright(ScanPage(1, straight, 100.0))
    assert page.image is straight
    assert page.straightening.page_to_turned is None
    assert page.straightening.mesh is None


@pytest.mark.parametrize("degrees", [-14.0, -3.3, -0.4, 0.2, 1.7, 6.0, 14.0])
def test_skew_is_measured_to_a_twentieth_of_a_degree(straight: np.ndarray, degrees: float) -> None:
    page = upright(ScanPage(1, turned(straight, degrees), 100.0))
    assert abs(page.straightening.degrees - degrees) < 0.05


def test_a_scan_without_resolution_gets_one_from_its_text(straight: np.ndarray) -> None:
    page = upright(ScanPage(1, straight, None))
    assert page.facts.dpi_guessed
    assert 60 < page.dpi < 160


def test_an_empty_sheet_is_called_blank_and_a_table_is_not(straight: np.ndarray) -> None:
    sheet = np.full((400, 300, 3), 250, np.uint8)
    assert upright(ScanPage(1, sheet, 100.0)).facts.blank
    assert not upright(ScanPage(1, straight, 100.0)).facts.blank


def test_the_same_sheet_scanned_again_has_nearly_the_same_fingerprint(straight: np.ndarray) -> None:
    gray = cv2.cvtColor(straight, cv2.COLOR_RGB2GRAY)
    noise = np.random.default_rng(5).normal(0, 4, gray.shape)
    again = np.clip(gray + noise, 0, 255).astype(np.uint8)
    other = cv2.cvtColor(make_page(seed=12, level=0, dpi=100, form="2019").image, cv2.COLOR_RGB2GRAY)
    assert fingerprint_distance(fingerprint(gray), fingerprint(again)) < 24
    assert fingerprint_distance(fingerprint(gray), fingerprint(other)) > 24


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_page_lying_on_its_side_is_stood_up_by_how_it_reads(straight: np.ndarray, turns: int) -> None:
    lying = np.ascontiguousarray(np.rot90(straight, turns))
    page = upright(ScanPage(1, lying, 100.0), read_lines=reads_in(cv2.cvtColor(straight, cv2.COLOR_RGB2GRAY)))
    assert page.straightening.quarter_turns == -turns % 4
    assert page.image.shape[:2] == straight.shape[:2]


def test_a_page_stays_as_it_lies_when_no_way_up_reads_well(straight: np.ndarray) -> None:
    lying = np.ascontiguousarray(np.rot90(straight))
    page = upright(ScanPage(1, lying, 100.0), read_lines=lambda crops: [-3.0] * len(crops))
    assert page.straightening.quarter_turns == 0


def test_a_curved_page_becomes_flat() -> None:
    sheet = np.full((900, 1000, 3), 255, np.uint8)
    for y in range(100, 820, 40):
        cv2.line(sheet, (100, y), (900, y), (0, 0, 0), 2)
    for x in range(100, 901, 100):
        cv2.line(sheet, (x, 100), (x, 780), (0, 0, 0), 2)
    x, y = np.meshgrid(np.arange(1000, dtype=np.float32), np.arange(900, dtype=np.float32))
    curved = cv2.remap(sheet, x, y - 16 * np.sin(np.pi * x / 1000), cv2.INTER_CUBIC, borderValue=(255,) * 3)
    page = upright(ScanPage(1, np.asarray(curved, dtype=np.uint8), 150.0))
    assert page.straightening.mesh is not None
    dark = 255 - page.image[..., 0].astype(float)
    rows = dark[:, 200:800].mean(axis=1)
    assert rows.max() > 0.75 * dark.max()  # a level rule fills one row again


@given(
    turns=st.integers(0, 3),
    tilt=st.floats(-0.2, 0.2),
    bend=st.floats(-6, 6),
    x=st.floats(0.05, 0.95),
    y=st.floats(0.05, 0.95),
)
@settings(max_examples=60, deadline=None)
def test_a_point_taken_to_the_scan_and_back_has_not_moved(
    turns: int, tilt: float, bend: float, x: float, y: float
) -> None:
    width, height = 600, 800
    cos, sin = np.cos(tilt), np.sin(tilt)
    wave = bend * np.sin(np.linspace(0, np.pi, 9))
    mesh = np.stack([np.zeros((9, 9)), np.tile(wave, (9, 1))], axis=2).astype(np.float32)
    scan_size = (width, height) if turns % 2 == 0 else (height, width)
    way = Straightening(
        scan_size, (width, height), turns, 0.0, np.array([[cos, -sin, 9], [sin, cos, -4], [1e-5, 0, 1]]), mesh
    )
    point = np.array([[x * width, y * height]])
    assert np.abs(way.to_page(way.to_scan(point)) - point).max() < 0.01
