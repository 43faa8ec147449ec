"""Figures that something about their cell speaks against, so that no reader is believed to be sure of them.

Readers are asked about cut-out lines: what lies beside a line they do not see, and each of them sees a broken
point the same wrong way. Such readings are *doubted*: stated less, and not looked at again on the same cuts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from gouji_layout.page import Gray
from gouji_ocr import alphabet
from gouji_ocr.figure_cells import LIKELY, keeps_its_signs
from gouji_ocr.ink import BOLD_INK, EDGE, CellInk, smoothed
from gouji_ocr.pieces import RULE_REACH
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.text_lines import LineBox
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
_SPOT = 0.1  # of the square of the height of type: 19 sure figures had so much filled, two of them wrong
_SPECKS = 0.03  # of the square of the height of type: of 419 right dashes none has so much above or below it
_MOST_DIGITS, _MOST_LINES = 15, 2  # of one figure: hundreds of billions in cents; one that wraps
_GAP = 1.5  # of the height of its line: paper within one figure, more than a wide space
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
    return any(box.right <= ink.lines[0].left for box in digits_beside(ink.picture, ink.lines[0], _INK))


def is_below_a_spot(reading: Reading, view: CellView, height: float) -> bool:
    """Whether a good part of a figure lay below a spot: what fills it is a guess, a filled `0` may be `6`."""
    if view.filled is None or reading.kind is not ReadingKind.FIGURE or len(view.ink.lines) != 1:
        return False
    line = view.ink.lines[0]
    filled = view.filled[line.top : line.bottom, line.left : line.right]
    return bool(np.count_nonzero(filled) > _SPOT * height**2)


def is_part_of_a_digit(ink: CellInk, height: float) -> bool:
    """Whether specks stand above or below a dash: of a `2` in a copy in two levels its foot may be left.

    Args:
        ink: of a cell with a dash alone.
        height: usual height of type, in pixels.
    """
    line, picture = ink.lines[0], ink.everything
    border, reach = EDGE + RULE_REACH, round(height)
    across = slice(max(line.left - 2, border), min(line.right + 2, picture.shape[1] - border))
    sides = (
        picture[max(line.top - reach, border) : line.top, across],
        picture[line.bottom : min(line.bottom + reach, len(picture) - border), across],
    )
    dark = [np.count_nonzero(smoothed(side) < BOLD_INK) for side in sides if side.size]
    return bool(max(dark, default=0) > _SPECKS * height**2)


def is_several(reading: Reading, ink: CellInk) -> bool:
    """Whether what was read as one figure may be several: far apart, on many lines, or with too many digits.

    Where the layout has lost a rule or a column, figures of two cells and more stand in one.
    """
    if reading.kind is not ReadingKind.FIGURE:
        return False
    if sum(char.isdigit() for char in reading.text) > _MOST_DIGITS or len(ink.lines) > _MOST_LINES:
        return True
    return any(_widest_gap(ink.picture, line) > _GAP * line.height for line in ink.lines)


def _widest_gap(picture: Gray, line: LineBox) -> int:
    """Columns of paper within a line, the most of them side by side."""
    inked = (picture[line.top : line.bottom, line.left : line.right] < BOLD_INK).any(axis=0)
    return int(np.diff(np.flatnonzero(np.r_[True, inked, True])).max()) - 1


def digits_beside(picture: Gray, line: LineBox, level: int, crack: int = 0) -> list[LineBox]:
    """Ink on the row of a line, as high as its digits and no further away from it than they are high.

    Args:
        picture: evened.
        line: a figure in there.
        level: what is darker is ink.
        crack: pixels; pieces above one another with no more paper between them are parts of one digit.
    """
    apart = _APART * line.height
    found: list[LineBox] = []
    for start, end in ((0, line.left), (line.right, picture.shape[1])):
        near = slice(max(start, line.left - round(apart) - 2), min(end, line.right + round(apart) + 2))
        if start >= end or picture[:, near].min() >= level:
            continue
        mask = np.less(smoothed(picture[:, start:end]), level).view(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        boxes = [LineBox(start + x, y, start + x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist()]
        whole = _joined(boxes, crack) if crack else boxes
        found += [box for box in whole if _is_like_its_digits(box, line, picture.shape[1])]
    return found


def _joined(boxes: Sequence[LineBox], crack: int) -> list[LineBox]:
    """Boxes, those above one another with no more than a crack between them as one."""
    joined: list[LineBox] = []
    for box in sorted(boxes, key=lambda box: box.top):
        for at, other in enumerate(joined):
            above = box.left < other.right and other.left < box.right
            if above and box.top - other.bottom <= crack:
                left, right = min(box.left, other.left), max(box.right, other.right)
                joined[at] = LineBox(left, other.top, right, max(box.bottom, other.bottom))
                break
        else:
            joined.append(box)
    return joined


def _is_like_its_digits(box: LineBox, line: LineBox, width: int) -> bool:
    height, border = line.height, EDGE + 2
    off = abs(box.top + box.bottom - line.top - line.bottom) / 2
    return (
        border < box.left
        and box.right < width - border
        and max(line.left - box.right, box.left - line.right) <= _APART * height
        and _HIGH * height <= box.height <= _HIGHEST * height
        and box.width >= _NARROWEST * height
        and off <= _OFF_ROW * height
    )


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


def has_more(seen: Candidate, figure: str) -> bool:
    """Whether the line reader sees all digits of a figure, and further digits or a sign that it lacks.

    The network overlooks signs of which a bad copy leaves little, and digits outweigh them in both readings.
    Digits it lacks where it was shown a narrower cut: of 8,000 figures three, one of them wrong.
    """
    digits, own = ("".join(char for char in text if char.isdigit()) for text in (seen.text, figure))
    if seen.log_probability <= LIKELY:
        return False
    return not keeps_its_signs(seen.text, figure) if own == digits else bool(own) and own in digits
