"""How far each edge of a grid is inked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Mask
from gouji_layout.row_sums import Places, row_sums
from gouji_layout.rules import RuleInk

Floats = NDArray[np.float64]
_THROUGHOUT = 0.97  # an edge inked from end to end is drawn however closely text stands beside it
_PIECE, _AT_END = 1.1, 0.12  # text heights: strokes are shorter; from an end of the edge that rules begin at
_TELLING, _LEAST_TELLING = 0.8, 4  # inked share of the edges that tell how a rule leans, and how many must
_AS_MUCH = 0.05  # of the share of the best row: as good a row
_STRAIGHT = 1.5  # rows that these edges may be off a straight line
_FURTHER = 2  # times the reach that an edge may be off the place of its line


def edge_cover(
    ink: RuleInk, lines: Sequence[float], cuts: Sequence[float], reach: int, *, broken: bool = False
) -> Floats:
    """Inked share of each edge: (lines, cuts - 1), edges of line i run between neighbouring cuts.

    An edge counts in full only when ink reaches both of its ends: text in a merged cell covers the
    middle of an edge that is not there, but hardly ever touches the rules beside it. On a page whose
    rules are `broken`, pieces longer than any stroke are enough.
    """
    edges = _Edges.between(cuts, ink.thin.shape[1], ink.unit)
    cover = np.zeros((len(lines), len(edges.starts)))
    near_side, far_side = max(reach + 2, round(0.28 * ink.unit)), max(reach + 4, round(0.6 * ink.unit))
    for i, line in enumerate(lines):
        if not -reach <= round(line) < len(ink.thin) + reach:
            continue
        band = _band(ink.thin, round(line), far_side)
        at = slice(far_side - reach, far_side + reach + 1)
        lean = edges.lean(edges.shares(_thicker(band[at])))
        for edge in np.flatnonzero(lean).tolist():
            columns = edges.with_cuts(edge)
            band[:, columns] = _band(ink.thin[:, columns], round(line) + int(lean[edge]), far_side)
        thin = _thicker(band[at])
        share = edges.shares(thin)
        best = share.argmax(axis=0)
        # The rule may lie a pixel off its best row here and there when it is not quite straight.
        near = _thicker(thin)[best[edges.owner], edges.column]
        drawn, tips = edges.ruled(near, ink.unit), edges.tips(near)
        # Strokes of dense text have as much ink on both sides as on the line, and gaps; a rule has not.
        around = [
            edges.shares(band[side]).max(axis=0)
            for side in (
                slice(0, far_side - near_side + 1),
                slice(far_side + near_side, 2 * far_side + 1),
            )
        ]
        inked = 0.5 * (share.max(axis=0) + drawn)
        straight = np.where(inked >= _THROUGHOUT, inked, inked - 0.6 * np.minimum(*around))
        reached = (tips > 0.5) | (drawn > 0.55) if broken else tips > 0.5
        cover[i] = np.where(reached, straight, np.minimum(straight, 0.9) * 0.75)
    return cover


def _thicker(mask: Mask) -> Mask:
    """The mask, grown by a row to either side."""
    return np.asarray(cv2.dilate(mask, np.ones((3, 1), np.uint8)), dtype=np.uint8)


def _band(mask: Mask, middle: int, reach: int) -> Mask:
    """The rows of a mask around a middle one, none of them inked beyond the picture."""
    band = np.zeros((2 * reach + 1, mask.shape[1]), dtype=np.uint8)
    top = middle - reach
    rows = mask[max(top, 0) : max(middle + reach + 1, 0)]
    band[max(-top, 0) : max(-top, 0) + len(rows)] = rows
    return band


@dataclass(frozen=True, eq=False)
class _Edges:
    """The edges of a line, and all their places one after the other as one row."""

    starts: Places  # (edges,), columns of the picture
    stops: Places
    tip: Places  # pixels at an end of each edge that the rule must reach
    owner: Places  # (places,), the edge of each one
    column: Places  # of the picture
    begins: Places  # (edges,), the first place of each edge

    @classmethod
    def between(cls, cuts: Sequence[float], length: int, unit: float) -> _Edges:
        """Edges between neighbouring cuts of lines that are `length` pixels long."""
        starts = np.clip(np.round(np.asarray(cuts[:-1])).astype(int) + 2, 0, length - 1)
        stops = np.clip(np.round(np.asarray(cuts[1:])).astype(int) - 1, 1, length)
        stops = np.maximum(stops, starts + 1)
        span = stops - starts
        tip = np.minimum(np.minimum(np.maximum(3, span // 7), max(3, int(0.35 * unit))), span)
        owner = np.repeat(np.arange(len(span)), span)
        begins = np.cumsum(span) - span
        return cls(starts, stops, tip, owner, np.arange(len(owner)) + (starts - begins)[owner], begins)

    @property
    def span(self) -> Places:
        """Pixels of each edge."""
        return self.stops - self.starts

    def shares(self, mask: NDArray[np.uint8]) -> Floats:
        """Inked share of each edge in each row of a mask, (rows, edges)."""
        return np.asarray(row_sums(mask, self.starts, self.stops) / self.span, dtype=np.float64)

    def lean(self, share: Floats) -> Places:
        """How many rows off its middle a rule is at each edge, (edges,), if it leans out of these; else 0.

        Args:
            share: inked share of each edge in each row about the middle one, (rows, edges).
        """
        reach, sure = len(share) // 2, share.max(axis=0) >= _TELLING
        none = np.zeros(share.shape[1], dtype=int)
        if sure.sum() < _LEAST_TELLING:
            return none
        top = share >= share.max(axis=0) - _AS_MUCH
        off = (top * (np.arange(len(share)) - reach)[:, None]).sum(axis=0) / top.sum(axis=0)
        middle = (self.starts + self.stops) / 2
        line = np.polynomial.Polynomial.fit(middle[sure], off[sure], 1, w=np.sqrt(self.span[sure]))
        along = np.asarray(line(middle), dtype=np.float64)
        if np.abs(along - off)[sure].max() > _STRAIGHT or np.abs(along).max() <= reach - 1:
            return none
        return np.asarray(np.clip(np.round(along), -_FURTHER * reach, _FURTHER * reach), dtype=int)

    def with_cuts(self, edge: int) -> slice:
        """Columns of an edge and of half of the cuts around it."""
        return slice(max(int(self.starts[edge]) - 2, 0), int(self.stops[edge]) + 2)

    def ruled(self, near: NDArray[np.uint8], unit: float) -> Floats:
        """Share of each edge that lies in pieces which only a rule makes, (edges,), of the ink at its places.

        Such a piece is longer than a stroke, or starts at an end of the edge, where a rule must be and
        text hardly ever is.
        """
        inked = near > 0
        first, last = np.zeros(len(inked), dtype=bool), np.zeros(len(inked), dtype=bool)
        first[self.begins] = last[self.begins + self.span - 1] = True
        starts = np.flatnonzero(inked & (first | ~np.roll(inked, 1)))
        ends = np.flatnonzero(inked & (last | ~np.roll(inked, -1))) + 1
        own = self.owner[starts]
        at_end = (starts - self.begins[own] <= _AT_END * unit) | (
            self.begins[own] + self.span[own] - ends <= _AT_END * unit
        )
        kept = at_end | (ends - starts >= _PIECE * unit)
        lengths = np.where(kept, ends - starts, 0)
        return np.asarray(np.bincount(own, lengths, minlength=len(self.starts)) / self.span, dtype=np.float64)

    def tips(self, near: NDArray[np.uint8]) -> Floats:
        """Inked share of the end of each edge that has less, (edges,), of the ink at its places."""
        total = np.concatenate([[0], np.cumsum(near, dtype=np.int64)])
        ends = self.begins + self.span
        head = (total[self.begins + self.tip] - total[self.begins]) / self.tip
        tail = (total[ends] - total[ends - self.tip]) / self.tip
        lesser = np.minimum(head, tail)
        # At the border of the table the rule may end early: there may be nothing to reach.
        lesser[-1:], lesser[:1] = head[-1:], tail[:1]
        return np.asarray(lesser, dtype=np.float64)
