"""A second look at cells in doubt, by readers that make other mistakes and on other crops.

Opinions are combined in log-odds, each with a measured weight (`docs/measured/reading.md`), and all
of them are kept apart beside the combined list: disagreement is never averaged away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from gouji_layout.geometry import CellRef
from gouji_layout.page import Gray, Page
from gouji_layout.table import Table
from gouji_ocr import alphabet
from gouji_ocr.engines import Engines
from gouji_ocr.reader import CellView, plain_gray, text_height, view_cells
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.strips import figure_strip, line_strip

WEIGHTS: Mapping[str, float] = {"ppocr-v6": 0.5, "tesseract-5": 0.3}
"""How much an opinion counts beside the first reader's, which counts 1."""

_LEAST = math.log(1e-4)  # what an opinion gives a candidate it does not name
_SHOWN = 8


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
        combined candidates. Cells that cannot be looked at again are left out.
    """
    wanted = set(refs)
    views = view_cells(plane(page), table)
    height = text_height(views)
    asked = [i for i, view in enumerate(views) if view.cell.ref in wanted and len(view.ink.lines) == 1]
    opinions = _opinions([views[i] for i in asked], height, engines)
    return [combine(readings[i], more) for i, more in zip(asked, opinions, strict=True)]


def _opinions(views: Sequence[CellView], height: float, engines: Engines) -> list[list[Opinion]]:
    tight = [line_strip(*view.line(0), margin=0.3) for view in views]
    other = [figure_strip(*view.line(0), text_height=height, zoom=0.88) for view in views]
    lines = engines.lines.read_figures(tight)
    figures = engines.figures.read_figures(other) if engines.figures is not engines.lines else []
    guesses = engines.tesseract.read_figures(tight)
    found: list[list[Opinion]] = []
    for i in range(len(views)):
        mine = [Opinion(engines.lines.name, lines[i].best(), lines[i])]
        if figures:
            mine.append(Opinion(f"{engines.figures.name}-smaller", figures[i].best(), figures[i]))
        if guesses[i]:
            mine.append(Opinion(engines.tesseract.name, guesses[i]))
        found.append(mine)
    return found


def combine(reading: Reading, more: Sequence[Opinion]) -> Reading:
    """The reading with further opinions and a combined candidate list.

    The score of a text is the weighted sum of what each opinion gives it, made a probability over all
    texts any opinion names.
    """
    opinions = (*reading.opinions, *more)
    texts = {c.text for opinion in opinions for c in opinion.candidates if alphabet.REJECT not in c.text}
    if not texts:
        return Reading(reading.ref, reading.box, reading.kind, reading.candidates, reading.evidence, opinions)
    scores = {
        text: sum(WEIGHTS.get(opinion.reader, 1.0) * _score(opinion, text) for opinion in opinions)
        for text in texts
    }
    peak = max(scores.values())
    total = peak + math.log(sum(math.exp(score - peak) for score in scores.values()))
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    candidates = tuple(Candidate(text, score - total) for text, score in ranked)
    kind = reading.kind
    if kind is ReadingKind.UNREADABLE and candidates[0].text:
        kind = ReadingKind.FIGURE
    return Reading(reading.ref, reading.box, kind, candidates, reading.evidence, opinions)


def _score(opinion: Opinion, text: str) -> float:
    if opinion.evidence is not None:
        return max(opinion.evidence.log_probability(text), _LEAST)
    return next((max(c.log_probability, _LEAST) for c in opinion.candidates if c.text == text), _LEAST)
