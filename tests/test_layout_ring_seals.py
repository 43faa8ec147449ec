"""Seals without colour: their rings are found, and neither a rule nor a figure is lost with them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fixtures.make import make_page
from fixtures.make.wear import sealed
from gouji_layout.black_rings import without_black_rings
from gouji_layout.page import ScanPage
from gouji_layout.paper import Paper, even
from gouji_layout.ring_seals import find_rings, without_rings
from gouji_layout.table import CellMark
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright

_ROWS, _COLUMNS = range(500, 1301, 50), range(200, 1401, 150)


def table(*, head: bool = False) -> np.ndarray:
    """A sheet of A4 at 200 dpi with a ruled table of figures; with `head` its first row is one cell."""
    page = np.full((2339, 1654), 255, np.uint8)
    for y in _ROWS:
        cv2.line(page, (_COLUMNS[0], y), (_COLUMNS[-1], y), 0, 2)
    for x in _COLUMNS:
        top = _ROWS[1] if head and 0 < x - _COLUMNS[0] < 1200 else _ROWS[0]
        cv2.line(page, (x, top), (x, _ROWS[-1]), 0, 2)
    for row, y in enumerate(_ROWS[:-1]):
        for col, x in enumerate(_COLUMNS[:-1]):
            if not (head and row == 0 and col != 4):
                cv2.putText(page, f"{37 * row + col}", (x + 45, y + 35), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    return page


def stamped(page: np.ndarray, x: int, y: int, darkness: float) -> np.ndarray:
    """The page with a seal of 42 mm that lets 1 - darkness of the light through."""
    seal = np.zeros(page.shape, np.float32)
    cv2.circle(seal, (x, y), 155, 1, 10, cv2.LINE_AA)
    cv2.circle(seal, (x, y), 40, 1, -1, cv2.LINE_AA)
    return np.asarray(page * (1 - darkness * seal), np.uint8)


def cells(gray: np.ndarray) -> list[tuple[int, int, int, int]]:
    page = upright(ScanPage(1, cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB), 200))
    return [(c.row, c.col, c.rowspan, c.colspan) for t in find_tables(page) for c in t.cells]


@pytest.mark.parametrize("darkness", [0.4, 0.7, 1.0])
def test_the_ring_of_a_seal_is_found_where_it_is(darkness: float) -> None:
    [ring] = find_rings(stamped(table(), 900, 800, darkness))
    assert abs(ring.x - 900) < 4
    assert abs(ring.y - 800) < 4
    assert abs(ring.radius - 155) < 4


def test_a_seal_that_is_half_on_the_page_is_found() -> None:
    [ring] = find_rings(stamped(table(), 1590, 1500, 0.7))
    assert abs(ring.x - 1590) < 6


def test_tables_discs_and_frames_are_no_rings() -> None:
    page = table()
    cv2.circle(page, (800, 1700), 155, 0, -1)
    cv2.rectangle(page, (200, 1900), (500, 2200), 0, 10)
    cv2.ellipse(page, (1200, 1800), (155, 155), 0, 0, 200, 0, 10)
    assert find_rings(page) == []


def test_a_page_without_rings_is_the_same_picture() -> None:
    page = table()
    assert without_rings(page, find_rings(page)) is page
    assert without_black_rings(page, find_rings(page)) is page


@pytest.mark.parametrize("dpi", [150, 300])
def test_print_below_a_grey_seal_keeps_its_darkness_and_the_seal_is_gone(dpi: int) -> None:
    clean, page = (
        np.asarray(cv2.resize(one, None, fx=dpi / 200, fy=dpi / 200, interpolation=cv2.INTER_AREA), np.uint8)
        for one in (table(), stamped(table(), 900, 800, 0.5))
    )
    handed_in = page.copy()
    cleaned = without_rings(page, find_rings(page))
    other, left = (np.abs(picture.astype(int) - clean) > 60 for picture in (page, cleaned))
    assert left.sum() < 0.1 * other.sum()
    assert (cleaned[clean < 40] < 110).mean() > 0.995
    assert (page == handed_in).all(), "the page handed in stays as it was"


def test_reading_leaves_a_black_ring_as_nobody_can_tell_what_it_hides() -> None:
    page = stamped(table(), 900, 800, 1.0)
    [ring] = find_rings(page)
    assert ring.black
    assert without_rings(page, [ring]) is page


def test_the_seal_of_a_made_page_is_found_in_grey() -> None:
    made = make_page(5, 0, 200, "2019", parts=("T4",), published="")
    sheet = sealed(made.image, (800.0, 700.0), 200, np.random.default_rng(3))
    [ring] = find_rings(even(np.asarray(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY), dtype=np.uint8)))
    assert (ring.x, ring.y) == pytest.approx((800, 700), abs=4)
    assert not ring.black


def test_rules_go_on_through_a_black_ring() -> None:
    page = stamped(table(), 900, 825, 1.0)
    cleaned = without_black_rings(page, find_rings(page))
    below_ring = cleaned[_ROWS[6], 740:760]  # the rule at 800 enters the ring here
    assert below_ring.max() < 60


@pytest.mark.parametrize(
    ("x", "y", "darkness"), [(655, 560, 0.5), (805, 560, 0.5), (880, 900, 1.0), (730, 1300, 1.0)]
)
def test_the_cells_of_a_table_are_the_same_under_a_seal(x: int, y: int, darkness: float) -> None:
    assert cells(stamped(table(head=True), x, y, darkness)) == cells(table(head=True))


def test_cells_under_a_grey_seal_are_marked_and_others_are_not() -> None:
    gray = stamped(table(), 900, 800, 0.6)
    page = upright(ScanPage(1, cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB), 200))
    [found] = find_tables(page, Paper.of(page))
    marked = {cell.ref for cell in found.cells if CellMark.SEAL in cell.marks}
    under = {c.ref for c in found.cells if 745 < c.box.left < 1000 and 650 < c.box.top < 900}
    far = {c.ref for c in found.cells if c.box.right < 700 or c.box.top > 1000}
    assert under <= marked
    assert not far & marked
