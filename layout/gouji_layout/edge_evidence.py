"""What ink, network and text say about every edge of a grid, as numbers a small model can weigh.

One edge alone is often not enough: a stroke of a character fills the place of a short edge, and a worn
rule leaves half of one. What the rest of the same rule looks like, and whether text runs across the
place, tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.edge_cover import edge_cover
from gouji_layout.edge_network import edge_looks
from gouji_layout.grid import Grid, reach_of
from gouji_layout.page import Mask
from gouji_layout.ring_seals import Ring
from gouji_layout.row_sums import row_sums
from gouji_layout.rules import RuleInk
from gouji_layout.worn_grid import Evidence

Floats = NDArray[np.float64]
_SPECK = 0.03  # square text heights; smaller ink is no text
_RULE = 0.12  # text heights to either side of a place that its rule may cover
_BESIDE = 0.5  # text heights within which text stands close to a rule
_CORNER = 0.2  # text heights at the ends of an edge, where rules cross
_FAR = 2.0  # text heights; text further away says nothing
_ONE_TEXT = 0.8  # text heights of white within one text
_SURELY = 0.01  # a chance that is as good as none
_LINE = 0.15  # text heights of ink across which there is text

OWN = (
    "inked", "seen", "seen_throughout", "contrast", "off_place", "length",
    "crossing", "near_text", "far_text", "text_on_both", "border", "looks",
)  # fmt: skip
"""What is known of an edge without its neighbours, in this order."""


@dataclass(frozen=True, eq=False)
class Looks:
    """A picture as the edges of its grids see it; each pair is for level rules, then for upright ones."""

    ink: tuple[RuleInk, RuleInk]
    evidence: tuple[Evidence, Evidence]
    inked: Mask  # 1 where there is a stroke or a rule
    rings: tuple[Ring, ...] = ()  # of seals without colour

    def text(self, grid: Grid) -> tuple[Mask, Mask]:
        """Ink of a table that is neither rule nor speck; the second one transposed.

        Rules are left out where the grid has them, and not where ink runs long: so do strokes of text.
        """
        unit = self.ink[0].unit
        frame = grid.box.padded(unit).slices(self.inked.shape)
        part, half = self.inked[frame].copy(), round(_RULE * unit)
        for y in grid.ys:
            middle = round(y) - frame[0].start
            part[max(middle - half, 0) : max(middle + half + 1, 0)] = 0
        for x in grid.xs:
            middle = round(x) - frame[1].start
            part[:, max(middle - half, 0) : max(middle + half + 1, 0)] = 0
        pieces = blobs(part)
        text = np.zeros_like(self.inked)
        text[frame] = pieces.only(pieces.area >= max(4, _SPECK * unit * unit))
        return text, np.asarray(cv2.transpose(text), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of the edges of one direction without their neighbours."""

    own: Floats  # (lines, edges, len(OWN))
    hidden: NDArray[np.float32]  # (lines, edges, HIDDEN), see `Looked`


def edge_evidence(grid: Grid, looks: Looks, text: tuple[Mask, Mask]) -> tuple[Known, Known]:
    """What is known of each edge: of the level rules, then of the upright ones.

    Args:
        grid: of one table.
        looks: at the picture it was found in.
        text: of the table, see `Looks.text`.
    """
    contrasts = [
        _contrast(looks.evidence[0], grid.ys, grid.xs),
        _contrast(looks.evidence[1], grid.xs, grid.ys),
    ]
    usual = float(np.percentile(np.concatenate([c.ravel() for c in contrasts]), 70))
    own: list[list[Floats]] = []
    for at, (lines, cuts) in enumerate(((grid.ys, grid.xs), (grid.xs, grid.ys))):
        unit = looks.ink[at].unit
        inked = edge_cover(looks.ink[at], lines, cuts, reach_of(unit))
        seen, throughout, off = _seen(looks.evidence[at], lines, cuts)
        lengths = np.broadcast_to(np.minimum(np.diff(cuts) / unit, 8.0) / 8.0, inked.shape)
        border = np.zeros(inked.shape)
        border[[0, -1]] = 1.0
        beside = _text(text[at], lines, cuts, unit)
        own.append([inked, seen, throughout, contrasts[at] / max(usual, 1.0), off, lengths, *beside, border])
    (inked, seen), (inked_aside, seen_aside) = own[0][:2], own[1][:2]
    looked = edge_looks(grid, looks.evidence, (inked, inked_aside), (seen, seen_aside))
    level, upright = (
        Known(np.stack([*o, look.drawn], axis=-1), look.hidden) for o, look in zip(own, looked, strict=True)
    )
    return level, upright


def _ends(cuts: Sequence[float], length: int, margin: int) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """First and past-the-last place of each edge, without the rules it ends at."""
    starts = np.clip(np.round(np.asarray(cuts[:-1])).astype(int) + margin, 0, length - 1)
    stops = np.clip(np.round(np.asarray(cuts[1:])).astype(int) - margin + 1, 1, length)
    return starts, np.maximum(stops, starts + 1)


def _means(values: NDArray[np.generic], starts: NDArray[np.int_], stops: NDArray[np.int_]) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray((total[stops] - total[starts]) / (stops - starts), dtype=np.float64)


def _seen(evidence: Evidence, lines: Sequence[float], cuts: Sequence[float]) -> tuple[Floats, Floats, Floats]:
    """Mean evidence of the network, the share of places where it says yes, and text heights off the rule."""
    size, length = evidence.seen.shape
    reach = reach_of(evidence.unit)
    starts, stops = _ends(cuts, length, 4)
    mean, share, off = (np.zeros((len(lines), len(starts))) for _ in range(3))
    for at, line in enumerate(lines):
        low, high = max(round(line) - reach, 0), min(round(line) + reach + 1, size)
        if high <= low:
            continue
        band = evidence.seen[low:high]
        best = band.max(axis=0)
        mean[at] = _means(best, starts, stops) / 255.0
        share[at] = _means(best > 127, starts, stops)
        weight = _means(band.sum(axis=0), starts, stops) + 1.0
        rows = np.arange(low, high, dtype=np.float64)[:, None]
        place = _means((band * rows).sum(axis=0), starts, stops) / weight
        usual = float(np.average(place, weights=weight * mean[at] ** 2 + 1e-9))
        off[at] = np.minimum(np.abs(place - usual) / evidence.unit, 0.3)
    return mean, share, off


def _contrast(evidence: Evidence, lines: Sequence[float], cuts: Sequence[float]) -> Floats:
    """How much darker than both of its sides the place of each edge is on average, in grey levels."""
    size, length = evidence.evened.shape
    starts, stops = _ends(cuts, length, 4)
    found = np.zeros((len(lines), len(starts)))
    gap = max(4, round(0.25 * evidence.unit))
    for at, line in enumerate(lines):
        low, high = max(round(line) - gap - 4, 0), min(round(line) + gap + 5, size)
        if high - low < 2 * gap + 9:
            continue
        rows = row_sums(evidence.evened[low:high], starts + 1, stops) / np.maximum(stops - 1 - starts, 1)
        rows = (rows[:-2] + rows[1:-1] + rows[2:]) / 3  # three rows together, the first around low + 1
        middle = rows[gap + 1 : gap + 6]  # the place itself and two pixels to either side
        found[at] = (np.minimum(rows[1:6], rows[2 * gap + 1 : 2 * gap + 6]) - middle).max(axis=0)
    return found


def _text(text: Mask, lines: Sequence[float], cuts: Sequence[float], unit: float) -> tuple[Floats, ...]:
    """Ink on both sides of each edge at once, how far the nearer and further text is, text on both sides."""
    size, length = text.shape
    starts, stops = _ends(cuts, length, round(_CORNER * unit) + 1)
    shape = len(lines), len(starts)
    crossing, near, far, both = (np.zeros(shape) for _ in range(4))
    edge, beside = max(2, round(_RULE * unit)), round(_BESIDE * unit)
    for at, line in enumerate(lines):
        middle = round(line)
        bands = (
            text[max(middle - beside, 0) : max(middle - edge, 0)],
            text[middle + edge + 1 : middle + beside + 1],
        )
        upper, lower = (np.asarray(band.any(axis=0), dtype=np.bool_) for band in bands)
        # As a length: a merged cell of one line of text crosses its edge along the height of that line.
        crossing[at] = np.minimum(_means(upper & lower, starts, stops) * (stops - starts) / unit, 3.0) / 3.0
        stretch = [
            (lines[at - 1] if at else line - _FAR * unit, line),
            (line, lines[at + 1] if at + 1 < len(lines) else line + _FAR * unit),
        ]
        gaps: list[Floats] = []
        filled: list[NDArray[np.bool_]] = []
        for (low, high), away in zip(stretch, (-1, 1), strict=True):
            first, last = max(round(low) + edge + 1, 0), min(round(high) - edge, size)
            if last <= first:
                gaps.append(np.full(len(starts), _FAR))
                filled.append(np.zeros(len(starts), dtype=bool))
                continue
            inked = row_sums(text[first:last], starts + 1, stops) > _LINE * unit
            inked = inked[::-1] if away < 0 else inked
            gap = np.where(inked.any(axis=0), (inked.argmax(axis=0) + edge) / unit, _FAR)
            gaps.append(np.minimum(gap, _FAR))
            filled.append(np.asarray(inked.any(axis=0), dtype=np.bool_))
        near[at], far[at] = np.minimum(*gaps) / _FAR, np.maximum(*gaps) / _FAR
        both[at] = filled[0] & filled[1]
    return crossing, near, far, both


def text_is_centred(
    text: Mask, lines: Sequence[float], cuts: Sequence[float], drawn: Floats, unit: float
) -> Floats:
    """How much better the text around each edge is centred in both cells as one than in its own cell.

    Args:
        text: ink that is no rule, laid so that the edges' rules run along axis 1.
        lines: places of the rules.
        cuts: places the rules are cut at.
        drawn: (lines, edges) how likely each edge is drawn; only the others are looked at.
        unit: text height in pixels.

    Returns:
        (lines, edges) text heights, -3 to 3; 0 where there is no text, where both cells have their own, or
        where the edge is surely drawn or surely absent.
    """
    starts, stops = _ends(cuts, text.shape[1], round(_CORNER * unit) + 1)
    found = np.zeros(drawn.shape)
    edge = max(2, round(_RULE * unit))
    for at, slot in zip(*np.nonzero((drawn > _SURELY) & (drawn < 1 - _SURELY)), strict=True):
        if at in {0, len(lines) - 1}:
            continue
        before = (
            at - 1 - int((drawn[at - 1 : 0 : -1, slot] >= 0.5).argmax())
            if (drawn[1:at, slot] >= 0.5).any()
            else 0
        )
        later = drawn[at + 1 : -1, slot] >= 0.5
        after = at + 1 + int(later.argmax()) if later.any() else len(lines) - 1
        low, high = round(lines[before]) + edge + 1, round(lines[after]) - edge
        if high <= low:
            continue
        inked = text[max(low, 0) : high, starts[slot] : stops[slot]].sum(axis=1) > _LINE * unit
        places = np.flatnonzero(inked) + low
        if not places.size:
            continue
        above, below = places[places < lines[at]], places[places > lines[at]]
        if above.size and below.size and below[0] - above[-1] > _ONE_TEXT * unit:
            continue
        middle = (places[0] + places[-1]) / 2
        whole = abs(middle - (lines[before] + lines[after]) / 2)
        own = (lines[before] + lines[at], lines[at] + lines[after])
        alone = abs(middle - own[int(below.size > above.size)] / 2)
        found[at, slot] = np.clip((alone - whole) / unit, -3.0, 3.0)
    return found
