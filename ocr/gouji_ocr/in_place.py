"""Reads cells in doubt once more, cut where the figures of their column stand (`gouji_ocr.places`).

The cuts of a cell differ in what they take for dirt, and the network is asked about each. What they agree on
takes the place of a reading that is less likely; a text that is surely one of words stays.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gouji_ocr import alphabet, grammar
from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.doubts import doubted, is_below_a_spot, is_part_of_a_digit, is_part_of_more
from gouji_ocr.engines import FigureReader
from gouji_ocr.figure_cells import SURE
from gouji_ocr.places import CUTS, Place, cut_at, holds_something, places_of
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.strangers import without_letters, without_strangers
from gouji_ocr.strips import figure_strip
from gouji_ocr.views import CellView

_LEAST = 0.4  # what all cuts together give at least to a figure that is believed
_SUREST = 0.95  # a figure found like this is never sure: digits that are lost may have stood beside it
_LOSS = 0.15  # how much more it must give to a figure with fewer digits, less to one with more: some get lost
_RUBBISH = 0.5  # a character: words less likely than this may be what the line reader makes of dirt
_WORDS = 3  # Chinese characters
_FAR_OFF = 0.9  # times the height of figures: of 3,400 sure ones 8 stood so far away, one of them wrong
_RUN_THROUGH = 2.0  # times the height of type: of 6,800 sure figures one was so high, and two under a ring
_DASH_OFF_ROW = 0.3  # of it: of 325 dashes 4 stood so far from their row, two of them the top of a 7
_SHOWN = 8
_FEWEST_OF_NUMBER = 2  # digits and signs beside which a character is out of place; list numbers have one
_NUMBERS, _DIGIT = re.compile(r"\d[\d.,]*"), re.compile(r"\d")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def read_in_place(
    views: Sequence[CellView], readings: Sequence[Reading], height: float, network: FigureReader
) -> list[Reading]:
    """Readings of a table, those in doubt as they read where the figures of their column stand.

    Args:
        views: the cells of the table.
        readings: what they were read as so far, in the same order.
        height: usual height of type in this table, in pixels.
        network: the figure network.
    """
    sure = {i for i, reading in enumerate(readings) if _is_sure(reading) and len(views[i].ink.lines) == 1}
    dashes = {i for i in sure if readings[i].text == "-"}
    places = places_of(views, {i for i in sure - dashes if readings[i].text[0].isdigit()}, dashes)
    readings = [
        doubted(reading)
        if _contradicts(reading, views[i], places, sure=i in sure)
        or is_below_a_spot(reading, views[i], height)
        or (i in dashes and is_part_of_a_digit(views[i].ink, height))
        or (i in sure and views[i].ink.lines[0].height > _RUN_THROUGH * height)
        else reading
        for i, reading in enumerate(readings)
    ]
    cuts = {
        i: list(cut_at(views[i], places[views[i].cell.col]))
        for i, reading in enumerate(readings)
        if views[i].cell.col in places and not views[i].ink.blank and _is_doubtful(reading)
    }
    strips = [figure_strip(*cut.line(0), text_height=height) for mine in cuts.values() for cut in mine]
    evidence = iter(network.read_figures(strips))
    found = {i: [next(evidence) for _ in mine] for i, mine in cuts.items()}
    settled = [
        _settled(reading, found[i], places[views[i].cell.col], network.name) if i in found else reading
        for i, reading in enumerate(readings)
    ]
    known = [
        without_strangers(view, reading, places, height, network.name)
        for view, reading in zip(views, settled, strict=True)
    ]
    return without_letters(views, known, network.name)


def _is_sure(reading: Reading) -> bool:
    return reading.kind is ReadingKind.FIGURE and reading.log_probability >= SURE


def _is_doubtful(reading: Reading) -> bool:
    """Whether a cell may hold a figure, and another one than was read."""
    if len(_CHINESE.findall(reading.text)) >= _WORDS:
        return reading.log_probability < len(reading.text) * math.log(_RUBBISH)
    # A character or two, however sure: characters of a seal are as clear as print.
    return not _is_sure(reading)


def _contradicts(reading: Reading, view: CellView, places: Mapping[int, Place], *, sure: bool) -> bool:
    """Whether a sure figure or blank is not what its place shows.

    Beside a figure far from the middle of its column others of its digits may be too pale; of a dash in a
    bad copy a speck may be left, on the very spot. A dash above its row may be the upper stroke of a `7`.
    """
    if is_part_of_more(reading, view.ink):
        return True
    place = places.get(view.cell.col)
    if place is None:
        return False
    if reading.kind is ReadingKind.BLANK:
        return holds_something(view, place)
    if reading.kind is not ReadingKind.FIGURE or len(view.ink.lines) != 1:
        return False
    line, picture = view.ink.lines[0], view.ink.picture
    if reading.text == "-" and abs(place.off_row(line, picture)) > _DASH_OFF_ROW:
        return True
    return sure and not place.by_right_ends and abs(place.off(line, picture)) > _FAR_OFF


def _settled(reading: Reading, found: Sequence[CtcEvidence], place: Place, name: str) -> Reading:
    """The reading, or the figure that the cuts of its cell show, where that is likelier."""
    scores = agreed(found)
    if not scores:
        return reading
    text = max(scores, key=lambda one: scores[one])
    score = min(scores[text], _SUREST)
    held = max(math.exp(reading.log_probability), scores.get(reading.text, 0.0))
    if _has_a_stranger(reading, text):
        held = scores.get(reading.text, 0.0)
    lost = _digits(reading.text) - _digits(text)
    held += _LOSS * float(np.sign(lost))
    if lost > 0 and place.by_right_ends:
        return reading  # where first digits were cut off, its right end is still where it must be
    if text == reading.text or score < _LEAST or score <= held:
        return reading
    evidence = max(found, key=lambda one: one.log_probability(text))
    candidates = with_others(text, score, (*reading.candidates, *evidence.best()))
    # Whatever was said of the whole cell was said of another picture.
    opinions = (Opinion(name, candidates, evidence),)
    return replace(
        reading, kind=ReadingKind.FIGURE, candidates=candidates, evidence=evidence, opinions=opinions
    )


def _has_a_stranger(reading: Reading, figure: str) -> bool:
    """Whether a text is this figure with a character beside it that is none of it: `可144`, `公226`."""
    numbers = _NUMBERS.findall(reading.text)
    alike = len(numbers) == 1 and _DIGIT.findall(numbers[0]) == _DIGIT.findall(figure)
    words = reading.kind is ReadingKind.TEXT and _CHINESE.search(reading.text) is not None  # not `#194`
    return words and alike and len(numbers[0]) >= _FEWEST_OF_NUMBER


def agreed(found: Sequence[CtcEvidence]) -> dict[str, float]:
    """The figures that cuts of a cell are read as, each with the geometric mean of best and mean of them."""
    given: dict[str, list[float]] = defaultdict(list)
    for evidence in found:
        best = evidence.best()[0]
        if alphabet.is_figure(best.text) and not grammar.prior(best.text):
            given[best.text].append(math.exp(min(best.log_probability, 0.0)))
    return {text: math.sqrt(max(shares) * sum(shares) / CUTS) for text, shares in given.items()}


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def with_others(text: str, score: float, others: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """A text with this probability, and the other figures that are named sharing what is left of it."""
    named: dict[str, float] = {}
    for other in others:
        if other.text and other.text != text and not alphabet.outsiders(other.text):
            named[other.text] = max(named.get(other.text, 0.0), math.exp(min(other.log_probability, 0.0)))
    left = (1.0 - score) / max(sum(named.values()), 1.0)
    ranked = sorted(named.items(), key=lambda item: -item[1])[: _SHOWN - 1]
    rest = (Candidate(other, math.log(max(share * left, 1e-12))) for other, share in ranked)
    return (Candidate(text, math.log(score)), *rest)
