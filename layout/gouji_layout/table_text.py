"""How high the text of tables is, and the scale at which their rules are looked for.

Tables are often set smaller than the prose around them, by half on official reports.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gouji_layout.geometry import Box
from gouji_layout.paper import Paper, characters, text_height
from gouji_layout.rules import level_rules
from gouji_layout.scan import ScanLimits

_WORK_TEXT = (
    22.0  # text height in pixels at which rules are looked for when the scan is much coarser or finer
)
_LARGEST_ENLARGEMENT = 3.0
_MOST_PIXELS = ScanLimits().pixels  # of a picture that is enlarged: as many as a scan may have
_HEAD, _BODY = 1.5, 4.0  # text heights between rules that say a little, or enough, of the type of a table
_SMALLER = 0.7  # of the text height that was taken for that of a table: lower text is another type
_MUCH = 0.15  # of all text, by area: as much is that of a table
_SMALLEST = 5.5  # points of text that is low for sure; what is measured lower on a worn page is dirt


def table_text_height(paper: Paper) -> float:
    """Height of the text between level rules, which is often smaller than that of the prose around."""
    unit = paper.text_height
    rules = level_rules(paper.evened, unit)
    between = np.zeros(paper.evened.shape[0] + 1, dtype=bool)
    starts = sorted(rules, key=lambda rule: rule.at)
    for upper, lower in pairwise(starts):
        shared = min(upper.end, lower.end) - max(upper.start, lower.start)
        if lower.at - upper.at < 4 * unit and shared > 6 * unit:
            between[int(upper.at) : int(lower.at)] = True
    if between.sum() < _HEAD * unit:
        return unit
    own = text_height(paper.evened[between[:-1]])
    # A head alone, or a low table, tells when it is set smaller than the prose; dirt would make it larger.
    return own if between.sum() >= _BODY * unit or own < unit else unit


def smaller_text_height(paper: Paper, tables: Sequence[Box], unit: float, dpi: float) -> float | None:
    """Height of the text of tables, if it is set much smaller than was thought.

    Where rules are worn too few of them are found between which the text could have been measured before. It
    is measured in the largest table; where none was found it is that of all small text, if there is much.

    Args:
        paper: of the page.
        tables: that were found with the larger height.
        unit: that height in pixels.
        dpi: of the page.
    """
    lowest = _SMALLEST / 72 * dpi
    if not tables:
        heights, areas = characters(paper.soft)
        small = (heights >= lowest) & (heights < _SMALLER * unit)
        reached = np.cumsum(areas[small])
        if not small.any() or reached[-1] < _MUCH * areas.sum():
            return None
        return float(heights[small][np.searchsorted(reached, reached[-1] / 2)])
    largest = max(tables, key=lambda box: box.area)
    top, bottom, left, right = (
        max(round(side), 0) for side in (largest.top, largest.bottom, largest.left, largest.right)
    )
    own = text_height(paper.evened[top:bottom, left:right])
    return own if lowest <= own < _SMALLER * unit else None


def work_scale(unit: float, pixels: int) -> float:
    """By how much a picture is scaled before rules are looked for.

    Args:
        unit: text height in pixels.
        pixels: of the picture; it is not enlarged to more than a scan may have.
    """
    if 0.75 < unit / _WORK_TEXT < 1.6:
        return 1.0
    return min(_WORK_TEXT / unit, _LARGEST_ENLARGEMENT, max(1.0, math.sqrt(_MOST_PIXELS / pixels)))
