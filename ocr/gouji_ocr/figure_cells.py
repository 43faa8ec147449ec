"""Asks the figure network about cells: at once, again paler or cut to what is solid, and line by line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np

from gouji_layout.page import Gray
from gouji_ocr import alphabet, grammar
from gouji_ocr.ctc import CtcEvidence, joined
from gouji_ocr.engines import FigureReader
from gouji_ocr.ink import PAPER
from gouji_ocr.lines import LineText
from gouji_ocr.reading import Candidate
from gouji_ocr.recut import solid_line
from gouji_ocr.strips import figure_strip
from gouji_ocr.views import CellView

SURE = math.log(0.98)
"""A figure this probable needs no other reader."""

LIKELY = math.log(0.5)
"""Below this a reader would rather say something else."""

_PALER = 0.7  # of its contrast: strokes of a bad copy run into each other when all that is dark is black
_LONGEST_FIGURE = 16.0  # width over height of a line that may still be a figure
_SIGNS = "-+△▲()%‰元万亿减增件"  # what changes the value of a figure; specks are read as points and slashes


def read_figure_cells(
    views: Sequence[CellView], height: float, network: FigureReader
) -> dict[int, CtcEvidence]:
    """Evidence for every cell of one line that is not too long.

    Args:
        views: the cells of a table.
        height: usual height of type in this table, in pixels.
        network: the figure network.
    """
    asked = [
        i
        for i, view in enumerate(views)
        if len(view.ink.lines) == 1
        and view.ink.lines[0].width <= _LONGEST_FIGURE * max(view.ink.lines[0].height, height)
    ]
    found = _read({i: figure_strip(*views[i].line(0), text_height=height) for i in asked}, network)
    first = {i: evidence.likeliest() for i, evidence in found.items()}
    unsure = {i: views[i] for i, best in first.items() if best.text and best.log_probability < SURE}
    paler = read_again(unsure, height, network)
    shown = {i: evidence.likeliest() for i, evidence in paler.items()}
    kept = [i for i in paler if _keeps_its_marks(first[i].text, shown[i].text)]
    found |= {i: paler[i] for i in kept}
    first |= {i: shown[i] for i in kept}
    doubted = [
        i
        for i in asked
        if first[i].log_probability < LIKELY and (views[i].ink.dirty or alphabet.REJECT not in first[i].text)
    ]
    again = read_again(solid_views(views, doubted, height), height, network)
    return found | {i: e for i, e in again.items() if only_lost_dirt(first[i], e.likeliest())}


def _keeps_its_marks(first: str, paler: str) -> bool:
    """Whether a paler strip still reads, and no point, comma or sign went with the contrast."""
    points_kept = sum(map(paler.count, ".,")) >= sum(map(first.count, ".,"))
    return bool(paler) and points_kept and keeps_its_signs(first, paler)


def keeps_its_signs(first: str, again: str) -> bool:
    """Whether a second reading lacks no sign of the first; of what is never printed, `-0`, it was dirt."""
    return bool(grammar.form(first)) or all(again.count(sign) >= first.count(sign) for sign in _SIGNS)


def only_lost_dirt(first: Candidate, again: Candidate) -> bool:
    """Whether what was cut off was dirt: what is left reads well, and no digit or sign is missing from it.

    Of an outlined or thin sign less is solid than of digits: `△454` is cut to a surely read `454`.
    """
    fewest = sum(char.isdigit() for char in first.text)
    kept = sum(char.isdigit() for char in again.text)
    better = again.log_probability > max(LIKELY, first.log_probability)
    return kept >= fewest > 0 and keeps_its_signs(first.text, again.text) and better


def solid_views(views: Sequence[CellView], asked: Sequence[int], height: float) -> dict[int, CellView]:
    """These cells with only their solid line; cells without one are left out."""
    boxes = {i: box for i in asked if (box := solid_line(views[i].ink, height)) is not None}
    return {i: replace(views[i], ink=replace(views[i].ink, lines=(box,))) for i, box in boxes.items()}


def read_again(views: Mapping[int, CellView], height: float, network: FigureReader) -> dict[int, CtcEvidence]:
    """Evidence for the only line of each cell, shown paler."""
    strips = {i: figure_strip(*view.line(0), text_height=height) for i, view in views.items()}
    return _read({i: _pale(strip) for i, strip in strips.items()}, network)


def read_wrapped_figures(
    views: Sequence[CellView], texts: Mapping[int, Sequence[LineText]], height: float, network: FigureReader
) -> dict[int, CtcEvidence]:
    """Evidence for cells of several lines, all figures: joined over the lines."""
    asked = [
        i
        for i, lines in texts.items()
        if 1 < len(views[i].ink.lines) == len(lines)
        and all(line.text.strip() and not alphabet.outsiders(line.text) for line in lines)
    ]
    lines = [(i, k) for i in asked for k in range(len(views[i].ink.lines))]
    strips = [figure_strip(*views[i].line(k), text_height=height) for i, k in lines]
    found: dict[int, list[CtcEvidence]] = {}
    for (i, _), evidence in zip(lines, network.read_figures(strips), strict=True):
        found.setdefault(i, []).append(evidence)
    return {i: joined(parts) for i, parts in found.items()}


def _read(strips: Mapping[int, Gray], network: FigureReader) -> dict[int, CtcEvidence]:
    return dict(zip(strips, network.read_figures(list(strips.values())), strict=True))


def _pale(strip: Gray) -> Gray:
    return np.asarray(cv2.convertScaleAbs(strip, alpha=_PALER, beta=(1 - _PALER) * PAPER), dtype=np.uint8)
