"""One page from picture to readings: upright, tables, regions, cells read. No rule is applied here."""

from __future__ import annotations

from collections.abc import Sequence

from gouji.records import PageReading, Region
from gouji_layout.form_grid import FormGrid
from gouji_layout.lines import text_lines
from gouji_layout.page import Page, ScanPage
from gouji_layout.paper import Paper
from gouji_layout.regions import regions
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright
from gouji_ocr.engines import Engines
from gouji_ocr.planes import Plane
from gouji_ocr.prose import line_scorer, read_lines
from gouji_ocr.reader import read_table
from gouji_ocr.steps import StepClock


def read_page(
    scan_page: ScanPage, engines: Engines, forms: Sequence[FormGrid] = ()
) -> tuple[Page, PageReading]:
    """Read one page; the upright picture is handed back for a second look at doubtful cells.

    `forms` are the grids of the forms that its tables may be.
    """
    clock = StepClock()
    with clock.step("upright"):
        page = upright(scan_page, read_lines=line_scorer(engines))
    with clock.step("tables"):
        paper = Paper.of(page)
        tables = find_tables(page, paper, read_lines=line_scorer(engines), forms=forms)
    with clock.step("regions"):
        layout = regions(page, tables, paper)
        boxes = text_lines(page, tables, paper)
    with clock.step("crops"):
        plane = Plane.of(page, paper)
    readings = [
        tuple(read_table(page, table, engines, plane=lambda _: plane, clock=clock)) for table in tables
    ]
    with clock.step("lines"):
        lines = read_lines(page, boxes, engines, plane=lambda _: plane.gray)
    return page, PageReading(
        number=page.number,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        straightening=page.straightening,
        facts=page.facts,
        tables=tuple(tables),
        readings=tuple(readings),
        regions=tuple(_region(block) for block in layout),
        lines=tuple(lines),
        seconds=clock.seconds,
    )


def _region(block: object) -> Region:
    from gouji_layout.geometry import Box  # noqa: PLC0415

    left, top, right, bottom = (float(v) for v in block.coordinates)  # type: ignore[attr-defined]
    score = block.score  # type: ignore[attr-defined]
    return Region(str(block.type), Box(left, top, right, bottom), None if score is None else float(score))  # type: ignore[attr-defined]
