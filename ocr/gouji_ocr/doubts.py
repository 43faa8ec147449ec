"""Figures that something about their cell speaks against, so that no reader is believed to be sure of them.

Readers are asked about cut-out lines: what lies beside a line they do not see, and each of them sees a broken
point the same wrong way. Such readings are *doubted*: stated less, and not looked at again on the same cuts.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

import cv2
import numpy as np

from gouji_ocr import alphabet
from gouji_ocr.ink import EDGE, CellInk
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.views import CellView

OUT_OF_PLACE = math.log(0.9)
"""Nothing that its cell contradicts is surer than this."""

_COLON = math.log(0.1)  # a text with one is proposed beside the figure
_BROKEN = re.compile(r"(?<=\d)[:;：；](?=\d)")  # a point with a speck above or below it
_INK = 205  # evened, smoothed: what is lighter is noise of the paper
_APART = 1.0  # times the height of the figure: digits further away belong to another
_HIGH, _HIGHEST = 0.6, 1.3  # of its height: parts of digits
_NARROWEST = 0.15  # of its height
_OFF_ROW = 0.25  # of its height
_FEWEST_DIGITS = 2  # of a number whose first digits are lost; beside lone digits there is much dirt


def doubted(reading: Reading) -> Reading:
    """The reading with no candidate surer than `OUT_OF_PLACE`; of its opinions only the first stays.

    Further readers agree on what is cut out, which is not what is in doubt.
    """
    opinions = tuple(
        replace(opinion, candidates=_at_most(opinion.candidates)) for opinion in reading.opinions[:1]
    )
    return replace(reading, candidates=_at_most(reading.candidates), opinions=opinions, doubted=True)


def _at_most(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    return tuple(replace(one, log_probability=min(one.log_probability, OUT_OF_PLACE)) for one in candidates)


def is_part_of_more(reading: Reading, ink: CellInk) -> bool:
    """Whether left of a figure there is more ink of the height of its digits: `602` of `5 602`."""
    digits = sum(char.isdigit() for char in reading.text)
    if reading.kind is not ReadingKind.FIGURE or len(ink.lines) != 1 or digits < _FEWEST_DIGITS:
        return False
    line = ink.lines[0]
    near = ink.picture[:, max(0, line.left - round(_APART * line.height) - 2) : line.left]
    if not near.size or near.min() >= _INK:
        return False
    smooth = cv2.GaussianBlur(ink.picture[:, : line.left], (3, 3), 0.8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(smooth < _INK, np.uint8), connectivity=8)
    x, y, w, h, _ = stats[1:count].T
    off = np.abs(y + h / 2 - (line.top + line.bottom) / 2)
    beside = (x > EDGE + 2) & (line.left - x - w <= _APART * line.height) & (w >= _NARROWEST * line.height)
    high = (h >= _HIGH * line.height) & (h <= _HIGHEST * line.height) & (off <= _OFF_ROW * line.height)
    return bool((beside & high).any())


def with_broken_point(view: CellView, network: Opinion | None, text: Candidate) -> Reading | None:
    """The figure of a cell that the line reader reads as `100:4` and the network as `100.4`; else None.

    A true colon the network would not take for a sign of figures. Both are proposed, neither is sure.
    """
    if network is None or not _BROKEN.search(text.text):
        return None
    best = network.candidates[0].text
    shape = _BROKEN.sub("\0", alphabet.fold(text.text))
    alike = "".join("[.,]" if char in "\0.," else re.escape(char) for char in shape)
    if not alphabet.is_figure(best) or not re.fullmatch(alike, best):
        return None
    proposed = (*network.candidates, Candidate(text.text, _COLON))
    opinion = replace(network, candidates=proposed)
    figure = ReadingKind.FIGURE
    return doubted(Reading(view.cell.ref, view.cell.box, figure, proposed, network.evidence, (opinion,)))
