"""Reads every cell of a table: figures by the figure network, the rest by the line reader.

What a cell holds is decided by what the readers find in it, never by where it stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gouji_layout import seals
from gouji_layout.page import Gray, Page
from gouji_layout.table import Cell, Table
from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.engines import Engines
from gouji_ocr.ink import CellInk, LineBox, cell_crop, cell_ink, settled
from gouji_ocr.lines import LineText
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.strips import figure_strip, line_strip

BLANK = (Candidate("", 0.0),)

_SURE_FIGURE = math.log(0.5)
_LONGEST_FIGURE = 16.0  # width over height of a line that may still be a figure


def plain_gray(page: Page) -> Gray:
    """The plane to read in: gray, with seals and stamps as light as the paper around them."""
    return seals.ink(page)


@dataclass(frozen=True, eq=False)
class CellView:
    """A cell prepared for reading: its ink and the pictures of its lines, each with room around it."""

    cell: Cell
    ink: CellInk

    def line(self, index: int) -> tuple[Gray, LineBox]:
        """The picture of one line without its neighbours, and its box in there."""
        lines, picture = self.ink.lines, self.ink.picture
        box = lines[index]
        top = (lines[index - 1].bottom + box.top) // 2 if index else 0
        bottom = (box.bottom + lines[index + 1].top + 1) // 2 if index + 1 < len(lines) else len(picture)
        return picture[top:bottom], LineBox(box.left, box.top - top, box.right, box.bottom - top)


def view_cells(gray: Gray, table: Table) -> list[CellView]:
    """Find the ink of every cell, in cell order; settled by the usual text height."""
    inks = [cell_ink(cell_crop(gray, cell.box, table.quarter_turns)) for cell in table.cells]
    height = _usual_height(inks)
    if height:
        inks = [settled(ink, height) for ink in inks]
    return [CellView(cell, ink) for cell, ink in zip(table.cells, inks, strict=True)]


def text_height(views: Sequence[CellView]) -> float:
    """Usual height of a line of text in this table, in pixels; 0 when it has no ink."""
    return _usual_height([view.ink for view in views])


def _usual_height(inks: Sequence[CellInk]) -> float:
    heights = [ink.tallest for ink in inks if ink.tallest >= 6]
    return float(np.median(heights)) if heights else 0.0


def read_table(
    page: Page,
    table: Table,
    engines: Engines,
    *,
    plane: Callable[[Page], Gray] = plain_gray,
) -> list[Reading]:
    """Read every cell of a table.

    Args:
        page: the upright page.
        table: its cells; sideways tables are turned by their own quarter turns.
        engines: opened readers.
        plane: the gray picture to read in.

    Returns:
        One reading per cell, in cell order.
    """
    views = view_cells(plane(page), table)
    height = text_height(views)
    figures = _read_figures(views, height, engines)
    readings = {i: _figure_reading(views[i], evidence, engines) for i, evidence in figures.items()}
    rest = [i for i, view in enumerate(views) if readings.get(i) is None and not view.ink.blank]
    texts = read_text_cells([views[i] for i in rest], engines)
    for i, lines in zip(rest, texts, strict=True):
        readings[i] = _text_reading(views[i], lines, figures.get(i), engines)
    return [readings.get(i) or blank_reading(view) for i, view in enumerate(views)]


def blank_reading(view: CellView) -> Reading:
    """The reading of a cell in which there is no ink."""
    return Reading(view.cell.ref, view.cell.box, ReadingKind.BLANK, BLANK)


def read_text_cells(views: Sequence[CellView], engines: Engines) -> list[list[LineText]]:
    """The lines of each cell by the line reader.

    A tall narrow cell may hold one character below the other, or a line on its side; such a cell is
    read as each of them and the reading with the likeliest characters is taken.
    """
    strips: list[Gray] = []
    ways: list[list[range]] = []  # of each cell: the strips of each way to read it
    for view in views:
        mine: list[range] = []
        for parts in _ways(view):
            mine.append(range(len(strips), len(strips) + len(parts)))
            strips += parts
        ways.append(mine)
    read = engines.lines.read(strips)
    return [max(([read[i] for i in way] for way in mine), key=_likeliness) for mine in ways]


def _likeliness(lines: Sequence[LineText]) -> float:
    known = [p for line in lines for p in line.character_log_probabilities]
    return sum(known) / len(known) if known else float("-inf")


def _ways(view: CellView) -> list[list[Gray]]:
    """The strips of a cell, once for each way it may be read."""
    upright = [line_strip(*view.line(k)) for k in range(len(view.ink.lines))]
    lines = view.ink.lines
    narrow = all(line.width <= 1.4 * max(line.height, 8) for line in lines)
    if len(lines) < 2 or not narrow:
        return [upright]
    ways = [[np.concatenate(upright, axis=1)]]
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    top, bottom = lines[0].top, lines[-1].bottom
    if bottom - top > 2.5 * (right - left):
        picture = view.ink.picture
        height, width = picture.shape
        ways.append(
            [
                line_strip(
                    np.ascontiguousarray(np.rot90(picture)), LineBox(top, width - right, bottom, width - left)
                )
            ]
        )
        ways.append(
            [
                line_strip(
                    np.ascontiguousarray(np.rot90(picture, 3)),
                    LineBox(height - bottom, left, height - top, right),
                )
            ]
        )
    return ways


def _read_figures(views: Sequence[CellView], height: float, engines: Engines) -> dict[int, CtcEvidence]:
    """Evidence of the figure network for every cell of one line that is not too long."""
    asked = [
        i
        for i, view in enumerate(views)
        if len(view.ink.lines) == 1
        and view.ink.lines[0].width <= _LONGEST_FIGURE * max(view.ink.lines[0].height, height)
    ]
    strips = [figure_strip(*views[i].line(0), text_height=height) for i in asked]
    return dict(zip(asked, engines.figures.read_figures(strips), strict=True))


def _figure_reading(view: CellView, evidence: CtcEvidence, engines: Engines) -> Reading | None:
    """The reading when the figure network is sure enough that this is a figure."""
    candidates = evidence.best()
    best = candidates[0]
    if not best.text or alphabet.REJECT in best.text or best.log_probability < _SURE_FIGURE:
        return None
    kept = tuple(c for c in candidates if alphabet.REJECT not in c.text)
    opinion = Opinion(engines.figures.name, kept, evidence)
    return Reading(view.cell.ref, view.cell.box, ReadingKind.FIGURE, kept, evidence, (opinion,))


def _text_reading(
    view: CellView,
    lines: Sequence[LineText],
    figure: CtcEvidence | None,
    engines: Engines,
) -> Reading:
    spoken = [line for line in lines if line.text.strip()]
    opinions: tuple[Opinion, ...] = ()
    if figure is not None:
        opinions = (Opinion(engines.figures.name, figure.best(), figure),)
    if not spoken:
        return Reading(view.cell.ref, view.cell.box, ReadingKind.UNREADABLE, (), figure, opinions)
    text = join_lines([line.text for line in spoken])
    score = sum(sum(line.character_log_probabilities) for line in spoken)
    candidates = (Candidate(text, score),)
    evidence = spoken[0].evidence if len(spoken) == 1 else None
    opinion = Opinion(engines.lines.name, candidates, evidence)
    kind = ReadingKind.FIGURE if alphabet.outsiders(text) == 0 else ReadingKind.TEXT
    if kind is ReadingKind.FIGURE and figure is not None:
        evidence = figure
    return Reading(view.cell.ref, view.cell.box, kind, candidates, evidence, (opinion, *opinions))


def join_lines(texts: Sequence[str]) -> str:
    r"""Lines of a cell as one text: Chinese runs on, figures above each other stay apart.

    >>> join_lines(["一般公共", "预算"])
    '一般公共预算'
    >>> join_lines(["22", "（其中修订16件）"])
    '22\n（其中修订16件）'
    """
    whole = texts[0].strip()
    for text in texts[1:]:
        following = text.strip()
        apart = whole[-1:].isdigit() and (following[:1].isdigit() or following[:1] in "（(+-")
        whole += ("\n" if apart else "") + following
    return whole
