"""Grey rings of seals are found by their shape and taken off; print, rules and black rings stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fixtures.make import make_page
from fixtures.make.wear import sealed
from gouji_layout.page import Gray
from gouji_layout.ring_seals import find_rings, without_rings

CENTRE = (400.0, 380.0)


def page(seal: int | None, dpi: int = 200) -> Gray:
    """Rules and figures in black, and on them a ring and a star of this grey level."""
    scale = dpi / 200
    gray = np.full((round(800 * scale), round(800 * scale)), 230, dtype=np.uint8)
    for at in range(60, 800, 48):
        cv2.line(gray, (0, round(at * scale)), (gray.shape[1], round(at * scale)), 40, 2)
        for x in range(90, 760, 130):
            where = (round(x * scale), round((at + 36) * scale))
            cv2.putText(gray, "4807", where, cv2.FONT_HERSHEY_SIMPLEX, 0.8 * scale, 30, 2)
    if seal is not None:
        stamp = np.full_like(gray, 255)
        centre = (round(CENTRE[0] * scale), round(CENTRE[1] * scale))
        cv2.circle(stamp, centre, round(155 * scale), seal, round(10 * scale))
        cv2.circle(stamp, centre, round(30 * scale), seal, cv2.FILLED)
        gray = np.minimum(gray, (gray.astype(np.float32) * stamp / 255).astype(np.uint8))
    return gray


@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_a_grey_ring_is_found_where_it_is(dpi: int) -> None:
    (ring,) = find_rings(page(110, dpi), dpi)
    assert (ring.x, ring.y) == pytest.approx(tuple(c * dpi / 200 for c in CENTRE), abs=4)
    assert ring.radius == pytest.approx(155 * dpi / 200, abs=3)


def test_print_and_rules_are_no_ring() -> None:
    assert find_rings(page(None), 200) == []


def test_a_black_ring_stays_as_nobody_can_tell_what_it_hides() -> None:
    assert find_rings(page(0), 200) == []


def test_without_its_ring_and_star_the_page_is_as_it_was_before_the_seal() -> None:
    before, stamped = page(None), page(110)
    cleaned = without_rings(stamped, find_rings(stamped, 200), 200)
    other, left = (np.abs(picture.astype(int) - before) > 60 for picture in (stamped, cleaned))
    assert left.sum() < 0.1 * other.sum()
    assert (stamped == page(110)).all(), "the page handed in stays as it was"


def test_the_seal_of_a_made_page_is_found_in_grey() -> None:
    made = make_page(5, 0, 200, "2019", parts=("T4",), published="")
    sheet = sealed(made.image, (800.0, 700.0), 200, np.random.default_rng(3))
    gray = np.asarray(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    (ring,) = find_rings(gray, 200)
    assert (ring.x, ring.y) == pytest.approx((800, 700), abs=4)
