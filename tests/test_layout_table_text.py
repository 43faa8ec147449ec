"""How high the text of a table is, where prose around it is set larger."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fixtures.make import FORMS, make_page
from gouji_layout.geometry import Box
from gouji_layout.page import ScanPage
from gouji_layout.paper import Paper
from gouji_layout.table_text import smaller_text_height, work_scale
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright
from gouji_postprocess.form_layout import form_grids
from gouji_postprocess.packs import load_packs

TABLE = Box(80, 460, 900, 860)


def paper(size: float) -> Paper:
    """Lines of large letters, and a block of digits that are `size` times as high."""
    picture = np.full((900, 1000), 250, np.uint8)
    for line in range(7):
        cv2.putText(picture, "HIJKHIJKHIJKHI", (30, 70 + 55 * line), 0, 1.8, (40,), 4)
    for line in range(10):
        cv2.putText(picture, "1900  79  15  2075", (100, 490 + 38 * line), 0, 1.8 * size, (40,), 2)
    return Paper(picture)


def test_text_of_a_table_that_is_half_as_high_is_measured_in_the_table() -> None:
    large = paper(0.5).text_height
    own = smaller_text_height(paper(0.5), [Box(0, 0, 90, 20), TABLE], large, 200)
    assert own == pytest.approx(large / 2, abs=3)


def test_where_no_table_was_found_all_small_text_is_measured() -> None:
    large = paper(0.5).text_height
    assert smaller_text_height(paper(0.5), [], large, 200) == pytest.approx(large / 2, abs=3)
    assert smaller_text_height(paper(0.5), [], large, 400) is None
    assert smaller_text_height(paper(0.85), [], large, 200) is None


def test_text_nearly_as_high_and_dirt_say_nothing() -> None:
    large = paper(0.5).text_height
    assert smaller_text_height(paper(0.85), [TABLE], large, 200) is None
    assert smaller_text_height(paper(0.5), [TABLE], large, 400) is None  # of 4 points


def test_pictures_are_scaled_only_where_text_is_far_from_the_usual_height() -> None:
    page = 1654 * 2339
    assert work_scale(20, page) == work_scale(30, page) == 1.0
    assert work_scale(44, page) == pytest.approx(0.5)
    assert work_scale(5, page) == 3.0


@pytest.mark.parametrize("pixels", [3_000_000, 30_000_000, 120_000_000, 200_000_000])
def test_no_picture_is_enlarged_to_more_pixels_than_a_scan_may_have(pixels: int) -> None:
    scale = work_scale(5, pixels)
    assert scale >= 1
    assert scale == 1 or pixels * scale**2 <= 1.001 * 120_000_000


def test_a_worn_page_whose_table_is_set_half_as_high_as_its_prose_is_exact() -> None:
    page = make_page(1_010_350_033, 5, 200, FORMS[33 % len(FORMS)])
    stood = upright(
        ScanPage(1, np.ascontiguousarray(np.rot90(page.image, -page.truth["quarter_turns"])), 200.0)
    )
    tables = find_tables(stood, forms=form_grids(load_packs().tables))
    assert [len(table.cells) for table in tables] == [len(table["cells"]) for table in page.truth["tables"]]
