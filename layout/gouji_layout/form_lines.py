"""Which lines of a table are those of a form: the likeliest ones, of how likely each edge is drawn.

An edge on a line of the form is drawn or absent as the form has it, and all edges of other lines are absent.
The lines of one direction are found by dynamic programming when those of the other are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gouji_layout.form_grid import Flags, FormGrid

Floats = NDArray[np.float64]
_SUREST = 5.0  # log-odds: no edge says more than that


class Odds(NamedTuple):
    """Log-probabilities of edges of one direction."""

    drawn: Floats
    absent: Floats

    @classmethod
    def of(cls, chances: Floats) -> Odds:
        """Of how likely each edge is drawn."""
        with np.errstate(divide="ignore"):
            odds = np.clip(np.log(chances) - np.log1p(-chances), -_SUREST, _SUREST)
        return cls(-np.log1p(np.exp(-odds)), -np.log1p(np.exp(odds)))

    def of_pattern(self, drawn: Flags) -> Floats:
        """Log-probability of each edge being as a pattern has it."""
        return np.where(drawn, self.drawn, self.absent)

    def between(self, first: int, last: int) -> Odds:
        """Of the lines or rows from `first` to before `last`."""
        return Odds(self.drawn[first:last], self.absent[first:last])

    @property
    def aside(self) -> Odds:
        """With the axes exchanged."""
        return Odds(self.drawn.T, self.absent.T)


def laid_lines(
    odds: tuple[Odds, Odds],
    form: FormGrid,
    cuts: Sequence[int],
    ends: tuple[range, range],
    *,
    alone: bool = False,
) -> tuple[int, tuple[int, ...]]:
    """The likeliest lines of a table for the level lines of a form, when its upright ones lie on `cuts`.

    Args:
        odds: of the level and the upright edges.
        form: to lay; where it begins or ends within itself it is framed.
        cuts: upright line of the table on which each one of the form lies.
        ends: lines of the form of which one is the first, and of which one is the last.
        alone: whether it does not matter what is drawn above and below.

    Returns:
        The first line of the form, and the line of the table for it and each one after it.
    """
    (own, across), (firsts, lasts) = odds, ends
    inside = slice(cuts[0], cuts[-1])
    level = np.zeros((form.rows + 1, own.drawn.shape[1]), np.bool_)
    level[:, inside] = np.repeat(form.level, np.diff(cuts), axis=1)
    upright = np.zeros((form.rows, across.drawn.shape[1]), np.bool_)
    upright[:, np.asarray(cuts)] = form.upright
    line = level @ own.drawn.T + ~level @ own.absent.T  # of each line of the form on each of the table
    framed = own.absent.sum(axis=1) + (own.drawn - own.absent)[:, inside].sum(axis=1)
    skipped = _until(own.absent.sum(axis=1))  # of lines of the table that are none of the form
    row = _until((upright @ across.drawn.T + ~upright @ across.absent.T).T).T
    outside = _until(across.absent.sum(axis=1))  # of rows of the table beyond the form
    before = np.zeros(len(outside)) if alone else skipped[:-1] + outside
    after = np.zeros(len(outside)) if alone else skipped[-1] - skipped[1:] + outside[-1] - outside
    best, came = np.full(line.shape, -np.inf), np.full(line.shape, -1)
    for at in range(firsts[0], lasts[-1] + 1):
        here = line[at]
        if at > firsts[0]:
            left = best[at - 1] - skipped[1:] - row[at - 1]
            most = np.maximum.accumulate(left)
            last = np.maximum.accumulate(np.where(left == most, np.arange(len(left)), 0))
            came[at, 1:] = last[:-1]
            best[at, 1:] = most[:-1] + (skipped[:-1] + row[at - 1])[1:] + here[1:]
        if at in firsts:
            begun = before + (here if at == 0 else framed)
            came[at] = np.where(begun > best[at], -1, came[at])
            best[at] = np.maximum(begun, best[at])
    done = np.stack([best[at] + after + (0 if at == form.rows else framed - line[at]) for at in lasts])
    at, on = (int(index) for index in np.unravel_index(int(done.argmax()), done.shape))
    at += lasts[0]
    lines = [on]
    while came[at, lines[-1]] >= 0:
        lines.append(int(came[at, lines[-1]]))
        at -= 1
    return at, tuple(reversed(lines))


def columns_by_share(upright: Floats, wanted: Flags) -> tuple[int, ...]:
    """Upright lines of a table, in order, drawn over as much of it as those of a form; none if too few."""
    drawn, share = upright.mean(axis=0), wanted.mean(axis=0)
    if len(drawn) < len(share):
        return ()
    skipped = _until(drawn)
    best = np.abs(drawn - share[0]) + skipped[:-1]
    came = []
    for whole in share[1:]:
        left = best - skipped[1:]
        least = np.minimum.accumulate(left)
        last = np.maximum.accumulate(np.where(left == least, np.arange(len(left)), 0))
        came.append(last[:-1])
        best = np.concatenate([[np.inf], least[:-1] + skipped[1:-1] + np.abs(drawn - whole)[1:]])
    lines = [int((best + skipped[-1] - skipped[1:]).argmin())]
    for back in reversed(came):
        lines.append(int(back[lines[-1] - 1]))
    return tuple(reversed(lines))


def _until(values: Floats) -> Floats:
    """Sums of the values before each place along axis 0, the last one of all."""
    return np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
