"""Reads every cell of a table: figures by the figure network, the rest by the line reader.

What a cell holds is decided by what the readers find in it, never by where it stands. Figures the network
is not sure of are at once shown to the line reader too, whose opinion is kept beside the network's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from gouji_layout.page import Gray, Page
from gouji_layout.table import Table
from gouji_ocr import alphabet, grammar
from gouji_ocr.cell_text import join_lines, read_text_cells
from gouji_ocr.combine import combined
from gouji_ocr.ctc import CtcEvidence, joined
from gouji_ocr.engines import Engines
from gouji_ocr.lines import LineText
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.recut import solid_line
from gouji_ocr.separators import settle_separators
from gouji_ocr.steps import StepClock
from gouji_ocr.strips import figure_strip
from gouji_ocr.views import CellView, plain_gray, text_height, view_cells

_SURE = math.log(0.98)  # a figure this probable needs no other reader
_LIKELY = math.log(0.5)
_RUBBISH = math.log(0.3)  # what the line reader makes of dirt is less probable
_DISMISSED = math.log(0.9)  # blank, but something pale or loose was left out of account
_SPECKS = " .,·•'`´:;°*★☆-–_~^\""  # what the line reader makes of dirt; a dash is the network's to see
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FEW_GLYPHS = 2
_LETTERS = str.maketrans("oOQ〇lI|", "0000111")  # what the line reader makes of lone digits
_LONGEST_FIGURE = 16.0  # width over height of a line that may still be a figure


def read_table(
    page: Page,
    table: Table,
    engines: Engines,
    *,
    plane: Callable[[Page], Gray] = plain_gray,
    clock: StepClock | None = None,
) -> list[Reading]:
    """Read every cell of a table.

    Args:
        page: the upright page.
        table: its cells; sideways tables are turned by their own quarter turns.
        engines: opened readers.
        plane: the gray picture to read in.
        clock: is told what the crops, the figures and the labels cost.

    Returns:
        One reading per cell, in cell order.
    """
    clock = clock or StepClock()
    with clock.step("crops"):
        views = view_cells(plane(page), table)
    with clock.step("figures"):
        evidence = _ask_network(views, text_height(views), engines)
        opinions = {i: Opinion(engines.figures.name, _named(e), e) for i, e in evidence.items()}
    sure = {i: opinion for i, opinion in opinions.items() if _is_sure_figure(opinion)}
    rest = [i for i, view in enumerate(views) if i not in sure and not view.ink.blank]
    with clock.step("labels"):
        texts = dict(zip(rest, read_text_cells([views[i] for i in rest], engines.lines), strict=True))
    with clock.step("figures"):
        wrapped = _ask_network_by_line(views, texts, text_height(views), engines)
        opinions |= {i: Opinion(engines.figures.name, _named(e), e) for i, e in wrapped.items()}
    readings: list[Reading] = []
    for i, view in enumerate(views):
        if i in sure:
            readings.append(_sure_figure(view, sure[i], evidence[i]))
        elif i in texts:
            readings.append(_looked_at_twice(view, opinions.get(i), texts[i], engines.lines.name))
        else:
            blank = (Candidate("", _DISMISSED if view.ink.dismissed else 0.0),)
            readings.append(Reading(view.cell.ref, view.cell.box, ReadingKind.BLANK, blank))
    return settle_separators(table, readings)


def _ask_network(views: Sequence[CellView], height: float, engines: Engines) -> dict[int, CtcEvidence]:
    """Evidence of the figure network for every cell of one line that is not too long."""
    asked = [
        i
        for i, view in enumerate(views)
        if len(view.ink.lines) == 1
        and view.ink.lines[0].width <= _LONGEST_FIGURE * max(view.ink.lines[0].height, height)
    ]
    strips = [figure_strip(*views[i].line(0), text_height=height) for i in asked]
    found = dict(zip(asked, engines.figures.read_figures(strips), strict=True))
    first = {i: evidence.likeliest() for i, evidence in found.items()}
    doubted = [
        i
        for i in asked
        if first[i].log_probability < _LIKELY and (views[i].ink.dirty or alphabet.REJECT not in first[i].text)
    ]
    boxes = {i: box for i in doubted if (box := solid_line(views[i].ink, height)) is not None}
    strips = [figure_strip(views[i].ink.picture, box, text_height=height) for i, box in boxes.items()]
    again = zip(boxes, engines.figures.read_figures(strips), strict=True)
    return found | {i: e for i, e in again if _only_lost_dirt(first[i], e.likeliest())}


def _only_lost_dirt(first: Candidate, again: Candidate) -> bool:
    """Whether what was cut off was dirt: what is left reads well, and no digit is missing from it."""
    fewest = sum(char.isdigit() for char in first.text)
    kept = sum(char.isdigit() for char in again.text)
    return kept >= fewest > 0 and again.log_probability > max(_LIKELY, first.log_probability)


def _ask_network_by_line(
    views: Sequence[CellView], texts: Mapping[int, Sequence[LineText]], height: float, engines: Engines
) -> dict[int, CtcEvidence]:
    """Evidence of the figure network for cells of several lines, all figures: joined over the lines."""
    asked = [
        i
        for i, lines in texts.items()
        if 1 < len(views[i].ink.lines) == len(lines)
        and all(line.text.strip() and not alphabet.outsiders(line.text) for line in lines)
    ]
    lines = [(i, k) for i in asked for k in range(len(views[i].ink.lines))]
    strips = [figure_strip(*views[i].line(k), text_height=height) for i, k in lines]
    found: dict[int, list[CtcEvidence]] = {}
    for (i, _), evidence in zip(lines, engines.figures.read_figures(strips), strict=True):
        found.setdefault(i, []).append(evidence)
    return {i: joined(parts) for i, parts in found.items()}


def _named(evidence: CtcEvidence) -> tuple[Candidate, ...]:
    """Candidates of the network; only the likeliest path where that holds glyphs of no figure."""
    likeliest = evidence.likeliest()
    return (likeliest,) if alphabet.REJECT in likeliest.text else evidence.best()


def _is_sure_figure(opinion: Opinion) -> bool:
    best = opinion.candidates[0]
    return (
        bool(best.text)
        and alphabet.REJECT not in best.text
        and best.log_probability >= _SURE
        and not grammar.prior(best.text)
    )


def _sure_figure(view: CellView, opinion: Opinion, evidence: CtcEvidence) -> Reading:
    candidates = tuple(c for c in opinion.candidates if alphabet.REJECT not in c.text)
    return Reading(view.cell.ref, view.cell.box, ReadingKind.FIGURE, candidates, evidence, (opinion,))


def _looked_at_twice(
    view: CellView, network: Opinion | None, lines: Sequence[LineText], reader: str
) -> Reading:
    """A cell that both readers saw: a figure when either takes it for one and the other does not object."""
    spoken = [line for line in lines if line.text.strip(_SPECKS)]
    text = join_lines([line.text for line in spoken]) if spoken else ""
    if spoken and view.fills_its_first_line and alphabet.outsiders(text) == 0:
        text = text.replace("\n", "")  # a figure that wraps
    score = sum(sum(line.character_log_probabilities) for line in spoken) if spoken else float("-inf")
    as_text = Candidate(text, score)
    if spoken and network is not None and _only_dirt(network, as_text):
        spoken = []
    elif _is_figure(network, as_text):
        figures = joined([line.figures for line in lines])
        mine = Opinion(reader, figures.best(), figures)
        opinions = (mine,) if network is None else (network, mine)
        candidates = combined(opinions)
        if candidates and candidates[0].text:
            if "\n" in text:
                candidates = (as_text, *candidates)
            evidence = figures if network is None else network.evidence
            return Reading(view.cell.ref, view.cell.box, ReadingKind.FIGURE, candidates, evidence, opinions)
    kept = () if network is None else (network,)
    if not spoken:
        return Reading(view.cell.ref, view.cell.box, ReadingKind.UNREADABLE, (), None, kept)
    evidence = spoken[0].evidence if len(spoken) == 1 else None
    opinion = Opinion(reader, (as_text,), evidence)
    return Reading(view.cell.ref, view.cell.box, ReadingKind.TEXT, (as_text,), evidence, (opinion, *kept))


def _only_dirt(network: Opinion, text: Candidate) -> bool:
    """Whether the figure network sees nothing where the line reader has few glyphs or unsure rubbish."""
    best = network.candidates[0]
    if best.text:
        return False
    few = len(text.text) <= _FEW_GLYPHS and best.log_probability > _LIKELY
    return few or (text.log_probability < _RUBBISH and not _CHINESE.search(text.text))


def _is_figure(network: Opinion | None, text: Candidate) -> bool:
    """Whether a cell holds a figure: both say so, or one does and is surer than the other."""
    spelt = bool(text.text) and alphabet.outsiders(text.text) == 0
    if network is None:
        return spelt
    best = network.candidates[0]
    if best.text and text.text.translate(_LETTERS) == best.text:
        return True
    says_figure = bool(best.text) and alphabet.REJECT not in best.text
    if says_figure and len(text.text) <= _FEW_GLYPHS and not _CHINESE.search(text.text):
        return True  # a letter or two are no text of a cell
    if spelt:
        return says_figure or text.log_probability > _LIKELY
    return says_figure and best.log_probability > max(text.log_probability, _LIKELY)
