"""Marks that stand raised behind a figure: stars of significance, numbers of notes.

The figure network knows none of them: it reads the figure without its stars and is sure, and a raised `1` as
one more digit (`19.95¹` as `19.951`, which the line reader reads, too). So a figure with such ink at its end
is shown to the line reader; stars that it surely sees belong to the text, anything else is asked about.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

import cv2
import numpy as np

from gouji_layout.page import Gray
from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.doubts import doubted
from gouji_ocr.ink import EDGE, CellInk, smoothed
from gouji_ocr.lines import LineText
from gouji_ocr.pieces import Mask
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

_INK = 170  # evened, smoothed
_DIGIT = 0.8  # of the tallest piece: what is as high is a digit
_FEET = 0.28  # of the height of digits: a mark ends so far above their feet
_HEAD = 0.3  # of it: and begins no further below their heads
_LEAST, _MOST = 0.14, 0.72  # of it: how high marks are
_MARK = 0.3  # of it: how high one is at least that was painted out as a speck
_NEXT = 0.6  # of it: how far from the figure, or the mark before it, such a one begins at most
_ABOVE = 0.3  # of its width: so much of a mark may stand over other ink
_ONE_OFF = 0.65  # of a star: by so much the width of stars may be another than that of their number
_SEEN = math.log(0.9)  # a star that the line reader surely sees
_AGREED = math.log(
    0.02
)  # what the network gives at least to the figure that the line reader has before its stars
_STARRED = re.compile(r"(?P<figure>[^*†‡]*\d[%‰)]?)(?P<stars>[*†‡]{1,3})")


def with_marks_at_ends(views: Sequence[CellView]) -> list[CellView]:
    """The cells, with raised marks at the end of a line of digits that were painted out as specks."""
    return [view if (ink := _with_marks(view.ink)) is view.ink else replace(view, ink=ink) for view in views]


def _with_marks(ink: CellInk) -> CellInk:
    if ink.whole is None or ink.dirty or len(ink.lines) != 1:
        return ink
    line = ink.lines[0]
    right = line.right
    mask = _mask(ink.whole, line, ink.picture.shape[1] - EDGE)
    digits = _digits(_pieces(_mask(ink.picture, line, line.right)))
    if digits is None:
        return ink
    size = digits.height
    for piece in sorted(_pieces(mask), key=lambda piece: piece.left):
        left, end = line.left + piece.left, line.left + piece.right
        near = right - 2 <= left <= right + _NEXT * size
        if near and piece.height >= _MARK * size and _is_raised(piece, mask, digits):
            right = end
    if right == line.right:
        return ink
    picture = ink.picture.copy()
    shown = np.s_[line.top : line.bottom, line.right : right + 2]
    picture[shown] = ink.whole[shown]
    return replace(ink, picture=picture, lines=(replace(line, right=right),))


def has_raised_end(ink: CellInk) -> bool:
    """Whether the last piece of ink of a line of digits stands above its foot, over nothing."""
    return bool(_marks(ink))


def _marks(ink: CellInk) -> list[LineBox]:
    """The raised pieces at the end of a line of digits, from its end."""
    if len(ink.lines) != 1:
        return []
    line = ink.lines[0]
    mask = _mask(ink.picture, line, line.right)
    pieces = _pieces(mask)
    digits = _digits(pieces)
    if digits is None:
        return []
    at_end = sorted(pieces, key=lambda piece: -piece.right)
    return list(takewhile(lambda piece: _is_raised(piece, mask, digits), at_end))


def _mask(picture: Gray, line: LineBox, right: int) -> Mask:
    """Ink on the rows of a line, from where it begins."""
    return np.asarray(smoothed(picture[line.top : line.bottom, line.left : right]) < _INK)


def _pieces(mask: Mask) -> list[LineBox]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    return [LineBox(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist()]


def _digits(pieces: Sequence[LineBox]) -> LineBox | None:
    """Where the digits of a line stand, their usual head and foot; None where there is no ink."""
    tallest = max((piece.height for piece in pieces), default=0)
    high = [piece for piece in pieces if piece.height >= _DIGIT * tallest]
    if not high:
        return None
    head, foot = (round(float(np.median([getattr(d, side) for d in high]))) for side in ("top", "bottom"))
    return LineBox(high[0].left, head, high[-1].right, foot)


def _is_raised(piece: LineBox, mask: Mask, digits: LineBox) -> bool:
    size = digits.height
    if not (_LEAST * size <= piece.height <= _MOST * size and piece.width >= _LEAST * size):
        return False
    if piece.bottom > digits.bottom - _FEET * size or piece.top > digits.top + _HEAD * size:
        return False
    below = mask[piece.bottom :, piece.left : piece.right].any(axis=0)
    return bool(np.count_nonzero(below) <= _ABOVE * piece.width)


def with_stars(
    view: CellView, network: Opinion | None, lines: Sequence[LineText], reader: str
) -> Reading | None:
    """A figure with the stars behind it, where the line reader surely sees them; None otherwise."""
    if network is None or not isinstance(network.evidence, CtcEvidence) or len(lines) != 1:
        return None
    marks = _marks(view.ink)
    if not marks:
        return None
    line = lines[0]
    found = _STARRED.fullmatch(alphabet.fold(line.text))
    if found is None or not alphabet.is_figure(found["figure"]) or alphabet.outsiders(found["figure"]):
        return None
    stars = line.character_log_probabilities[-len(found["stars"]) :]
    agreed = max(network.evidence.log_probability(text) for text in (found["figure"], found[0]))
    if min(stars) < _SEEN or agreed < _AGREED:
        return None
    # A star is about as wide as high; of stars that touch the line reader may see one less.
    wide = (marks[0].right - marks[-1].left) / max(mark.height for mark in marks)
    sure = abs(wide - len(found["stars"])) <= _ONE_OFF
    seen = Opinion(reader, (Candidate(found[0], line.log_probability),))
    digits = Opinion(network.reader, _starred(network.evidence, found["figure"], found["stars"]))
    kind = ReadingKind.FIGURE
    reading = Reading(view.cell.ref, view.cell.box, kind, seen.candidates, None, (seen, digits))
    return reading if sure else doubted(reading)


def _starred(evidence: CtcEvidence, figure: str, stars: str) -> tuple[Candidate, ...]:
    """What the network makes of the digits: it has no sign for a star and sees anything in one."""
    shares: dict[str, float] = {}
    for candidate in (evidence.likeliest(), *evidence.best()):
        bare = figure if candidate.text.startswith(figure) else candidate.text.rstrip(alphabet.REJECT)
        if alphabet.is_figure(bare):
            shares[bare + stars] = shares.get(bare + stars, 0.0) + math.exp(candidate.log_probability)
    whole = sum(shares.values())
    ranked = sorted(shares.items(), key=lambda share: -share[1])
    return tuple(Candidate(text, math.log(share / whole)) for text, share in ranked)


def names_a_mark(reading: Reading) -> bool:
    """Whether the text of a figure ends with stars; they would be lost in further looks."""
    return reading.kind is ReadingKind.FIGURE and _STARRED.fullmatch(reading.text) is not None


def is_sure_of_its_end(reading: Reading, ink: CellInk) -> bool:
    """Whether a figure has no mark at its end, or its text names it."""
    digits = reading.kind is ReadingKind.FIGURE and any(char.isdigit() for char in reading.text)
    return not digits or names_a_mark(reading) or not has_raised_end(ink)
