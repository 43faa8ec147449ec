"""Lines of text outside tables, in reading order, found from ink alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.geometry import Box
from gouji_layout.linear_morphology import ALONG_COLUMNS, ALONG_ROWS, along
from gouji_layout.page import Page
from gouji_layout.paper import Paper, believable_height
from gouji_layout.table import Table

_GAP = 1.3  # text heights between characters of one line
_WORD_GAP = 0.45  # text heights between characters of one word
_TALLEST = 2.5  # text heights of a word
_PAD = 0.15  # of the line height around its ink
_TILE = 16  # times as wide as high: lines are long


def text_lines(page: Page, tables: Sequence[Table], paper: Paper | None = None) -> list[Box]:
    """Boxes of the lines of text that belong to no table, in reading order.

    Args:
        page: upright.
        tables: found on it.
        paper: of the page, when it was looked at before.
    """
    paper = paper or Paper.of(page)
    unit = paper.text_height
    if not page.facts.dpi_guessed:  # specks of a bad copy are no type; large type of a title page is
        unit = max(unit, believable_height(unit, page.dpi))
    pieces = text_pieces(paper, unit, [table.box for table in tables])
    lines = [box for box in _joined(pieces) if box.height >= 0.5 * unit]
    # A page has at most as much prose as fits its width; wider gaps than two characters part columns.
    return [
        box.padded(max(2.0, _PAD * min(box.height, 2 * unit))) for box in reading_order(lines, 1.5 * unit)
    ]


def text_pieces(paper: Paper, unit: float, taken: Sequence[Box] = ()) -> list[Box]:
    """Boxes of runs of text without wide gaps, outside the `taken` boxes, tight around the ink."""
    runs = _runs(_text_ink(paper, unit, taken), _GAP * unit)
    return _merged([b for b in runs if b.width >= 0.4 * unit and 0.35 * unit <= b.height <= 4.5 * unit])


def text_words(paper: Paper, unit: float, taken: Sequence[Box] = ()) -> list[Box]:
    """Boxes of runs of text that only letter spacing parts, and of the stops and dashes between them.

    Args:
        paper: of the picture.
        unit: text height in pixels.
        taken: boxes that are left out, in pixels.
    """
    runs = _runs(_text_ink(paper, unit, taken), _WORD_GAP * unit)
    return _merged([run for run in runs if run.height <= _TALLEST * unit])


def _runs(ink: NDArray[np.uint8], gap: float) -> list[Box]:
    """Boxes of ink along rows, gaps of at most so many pixels closed."""
    found = blobs(along(ink, ALONG_ROWS, (cv2.MORPH_CLOSE, gap)))
    sides = zip(found.left, found.top, found.width, found.height, strict=True)
    return [Box(float(x), float(y), float(x + w), float(y + h)) for x, y, w, h in sides]


def _text_ink(paper: Paper, unit: float, taken: Sequence[Box]) -> NDArray[np.uint8]:
    """The ink outside the `taken` boxes that may be text, with the strokes of characters joined."""
    mask = paper.inked.copy()
    for box in taken:
        mask[box.padded(0.3 * unit).slices(mask.shape)] = 0
    return along(without_rules_and_specks(mask, unit), ALONG_COLUMNS, (cv2.MORPH_CLOSE, 0.25 * unit))


def _joined(pieces: Sequence[Box]) -> list[Box]:
    """Join pieces of one line: a full stop or a comma leaves a gap of a whole character."""
    kept = _Kept(pieces)
    for piece in sorted(pieces, key=lambda box: box.left):
        # A gap is under five heights of the lower of the two.
        for at in kept.near(replace(piece, left=piece.left - 5 * piece.height)):
            line = kept.boxes[at]
            shared = min(piece.bottom, line.bottom) - max(piece.top, line.top)
            gap = piece.left - line.right
            taller = max(piece.height, line.height)
            if shared > 0.6 * min(piece.height, line.height) and gap < 1.25 * taller < 5 * min(
                piece.height, line.height
            ):
                kept.grow(at, piece)
                break
        else:
            kept.add(piece)
    return kept.boxes


def reading_order(boxes: Sequence[Box], gutter: float) -> list[Box]:
    """Order boxes as a person reads: by blocks across the page, and in each block column by column.

    Recursive cuts along white space (Nagy and Seth 1984, the X-Y cut); a column gap must be at least
    `gutter` pixels wide and have more than one line on both sides.
    """
    if len(boxes) < 2:
        return list(boxes)
    columns = _cut(boxes, gutter, upright=True)
    if len(columns) > 1 and all(len(column) > 2 for column in columns):
        return [box for column in columns for box in reading_order(column, gutter)]
    bands = _cut(boxes, 0.0, upright=False)
    if len(bands) == 1:
        return sorted(boxes, key=lambda box: (round(box.centre[1] / max(gutter, 1.0)), box.left))
    # Neighbouring bands that share a column gap are read together, column by column.
    groups: list[list[Box]] = [list(bands[0])]
    for band in bands[1:]:
        together = _cut([*groups[-1], *band], gutter, upright=True)
        alone = _cut(band, gutter, upright=True)
        if len(together) > 1 and len(alone) > 1 and len(_cut(groups[-1], gutter, upright=True)) > 1:
            groups[-1].extend(band)
        else:
            groups.append(list(band))
    if len(groups) == 1:
        return sorted(boxes, key=lambda box: (box.top, box.left))
    return [box for group in groups for box in reading_order(group, gutter)]


def _cut(boxes: Sequence[Box], gap: float, *, upright: bool) -> list[list[Box]]:
    """Part boxes at white strips wider than `gap`: columns when `upright`, else bands."""
    ordered = sorted(boxes, key=lambda box: box.left if upright else box.top)
    parts: list[list[Box]] = []
    reached = float("-inf")
    for box in ordered:
        start, end = (box.left, box.right) if upright else (box.top, box.bottom)
        if parts and start - reached <= gap:
            parts[-1].append(box)
        else:
            parts.append([box])
        reached = max(reached, end)
    return parts


def without_rules_and_specks(mask: NDArray[np.uint8], unit: float) -> NDArray[np.uint8]:
    """Ink that may be text: no run longer than characters, and no dirt."""
    long = cv2.MORPH_OPEN, 3.5 * unit
    level, upright = along(mask, ALONG_ROWS, long), along(mask, ALONG_COLUMNS, long)
    rules = cv2.dilate(cv2.max(level, upright), np.ones((3, 3), np.uint8))
    found = blobs(np.asarray(mask * (1 - rules), dtype=np.uint8))
    return found.only(found.area >= max(4, 0.012 * unit * unit))


def _merged(boxes: Sequence[Box]) -> list[Box]:
    """Join boxes that overlap vertically and touch or lie inside one another."""
    kept = _Kept(boxes)
    for box in sorted(boxes, key=lambda box: -box.area):
        for at in kept.near(box):
            if box.overlap(kept.boxes[at]) > 0.3 * box.area:
                kept.grow(at, box)
                break
        else:
            kept.add(box)
    return kept.boxes


class _Kept:
    """Boxes in the order they were kept, and by the tiles of the page that they reach into.

    A noisy page has thousands of them; compared each with all others, eight thousand take minutes.
    """

    def __init__(self, coming: Sequence[Box]) -> None:
        self.boxes: list[Box] = []
        self._high = max(1.0, float(np.median([box.height for box in coming]))) if coming else 1.0
        self._tiles: defaultdict[tuple[int, int], set[int]] = defaultdict(set)

    def add(self, box: Box) -> None:
        self.boxes.append(box)
        self._enter(len(self.boxes) - 1)

    def grow(self, at: int, by: Box) -> None:
        self.boxes[at] = self.boxes[at].union(by)
        self._enter(at)

    def near(self, box: Box) -> list[int]:
        """Places of all boxes that touch this one, and of some others, first kept first."""
        return sorted(set().union(*(self._tiles.get(tile, ()) for tile in self._reached(box))))

    def _enter(self, at: int) -> None:
        for tile in self._reached(self.boxes[at]):
            self._tiles[tile].add(at)

    def _reached(self, box: Box) -> Iterator[tuple[int, int]]:
        wide = _TILE * self._high
        return product(
            range(int(box.top // self._high), int(box.bottom // self._high) + 1),
            range(int(box.left // wide), int(box.right // wide) + 1),
        )
