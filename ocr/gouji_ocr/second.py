"""A second look at cells in doubt, by readers that make other mistakes and on other crops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from gouji_layout.geometry import CellRef
from gouji_layout.page import Gray, Page
from gouji_layout.table import Table
from gouji_ocr.combine import combined
from gouji_ocr.engines import Engines
from gouji_ocr.raised import names_a_mark
from gouji_ocr.reading import Opinion, Reading, ReadingKind
from gouji_ocr.strips import figure_strip, line_strip
from gouji_ocr.views import CellView, plain_gray, text_height, view_cells

_ZOOMS = (0.87, 1.12)  # other scales the figure network is shown


def second_look(
    page: Page,
    table: Table,
    readings: Sequence[Reading],
    refs: Iterable[CellRef],
    engines: Engines,
    *,
    plane: Callable[[Page], Gray] = plain_gray,
) -> list[Reading]:
    """Read these cells again with every reader.

    Args:
        page: the upright page.
        table: the table of the cells.
        readings: the first readings of all cells of the table, in cell order.
        refs: the cells in doubt; names of cells that this table has not are ignored.
        engines: opened readers.
        plane: the gray picture to read in.

    Returns:
        New readings of the named inked cells of one line, in cell order, with all opinions and the
        combined candidates. Cells that cannot be looked at again are left out, and those whose reading is
        doubted for what lies around it: their cuts would show the same.
    """
    wanted = set(refs)
    views = view_cells(plane(page), table)
    height = text_height(views)
    asked = [
        i
        for i, view in enumerate(views)
        if view.cell.ref in wanted
        and len(view.ink.lines) == 1
        and not readings[i].doubted
        and not names_a_mark(readings[i])
    ]
    opinions = _opinions([views[i] for i in asked], height, engines)
    return [_with(readings[i], more) for i, more in zip(asked, opinions, strict=True)]


def _opinions(views: Sequence[CellView], height: float, engines: Engines) -> list[list[Opinion]]:
    found: list[list[Opinion]] = [[] for _ in views]
    tight = [line_strip(*view.line(0), margin=0.35) for view in views]
    for mine, evidence in zip(found, engines.lines.read_figures(tight), strict=True):
        mine.append(Opinion(engines.lines.name, evidence.best(), evidence))
    for zoom in _ZOOMS:
        strips = [figure_strip(*view.line(0), text_height=height, zoom=zoom) for view in views]
        for mine, evidence in zip(found, engines.figures.read_figures(strips), strict=True):
            mine.append(Opinion(f"{engines.figures.name}@{zoom}", evidence.best(), evidence))
    for mine, guess in zip(found, engines.tesseract.read_figures(tight), strict=True):
        if guess:
            mine.append(Opinion(engines.tesseract.name, guess))
    return found


def _with(reading: Reading, more: Sequence[Opinion]) -> Reading:
    """The reading with further opinions; one opinion of a reader replaces none of its earlier ones."""
    opinions = (*reading.opinions, *more)
    candidates = combined(opinions)
    if not candidates or reading.kind is ReadingKind.TEXT:
        return replace(reading, opinions=opinions)
    kind = ReadingKind.FIGURE if candidates[0].text else reading.kind
    return replace(reading, kind=kind, candidates=candidates, opinions=opinions)
