"""A page that was stood upright before stands upright again, pixel for pixel, without being measured."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures.make import Damage, make_page
from gouji_layout.page import ScanPage
from gouji_layout.stand import stand
from gouji_layout.upright import upright


@pytest.mark.parametrize(
    "damage",
    [Damage(angle=3.0), Damage(angle=0.0), Damage(angle=1.0, curl=6.0)],
    ids=["skew", "none", "curl"],
)
def test_the_same_pixels_come_out_again(damage: Damage) -> None:
    made = make_page(seed=3, level=1, dpi=100, form="2021", parts=("T4",), damage=damage)
    scan = ScanPage(1, made.image, 100.0)
    page = upright(scan)
    again = stand(scan, page.straightening, dpi=page.dpi, facts=page.facts)
    assert np.array_equal(again.image, page.image)


def test_another_scan_is_refused() -> None:
    made = make_page(seed=3, level=0, dpi=100, form="2021", parts=("T4",))
    page = upright(ScanPage(1, made.image, 100.0))
    other = ScanPage(1, made.image[:-10], 100.0)
    with pytest.raises(ValueError, match="pixels, not"):
        stand(other, page.straightening, dpi=page.dpi)
