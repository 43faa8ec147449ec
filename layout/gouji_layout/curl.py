"""Curved pages made flat from their own rules: book gutters, waves of a photographed sheet.

Every long stroke says that two points of the page should lie level (or upright); the smoothest
displacement of the page that obeys them all is found by least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.slant import Strokes, weighted_median

Floats = NDArray[np.float64]
_ALONG, _ACROSS = 21, 9  # nodes along the rules and across them; a gutter needs one every 5 % of the width
_SIDE = 61  # of the mesh handed on: finer than the nodes
_FAMILY = 9.0  # degrees off level or upright that a curved rule may run
_ROUNDS = 6  # of reweighting: strokes of text that disagree with their surroundings lose their vote
_LEAST_STROKES = 12
_BLOCKS = 6  # along each side, for the quick look whether anything is bent
_BLOCK_LENGTH = 120.0  # pixels of strokes that let a block of the page speak
_BLOCK_SLOPE = 0.07  # degrees off: over half a page this is about one pixel


@dataclass(frozen=True, slots=True)
class Trust:
    """How far single strokes are believed."""

    least_bend: float  # pixels of the look picture (standard deviation); less is not worth a mesh
    stiffness: float  # of the page, against the votes of the strokes


RULES = Trust(0.5, 1.0)
TEXT = Trust(1.2, 10.0)  # the middle of a line of text wavers with its characters
"""Strokes are pieces of rules, or of lines of text."""


def flatten(strokes: Strokes, size: tuple[int, int], trust: Trust = RULES) -> NDArray[np.float32] | None:
    """Find the mesh that makes curved strokes straight.

    Args:
        strokes: in pixels of the picture after skew and perspective have been taken out.
        size: width and height of that picture.
        trust: what the strokes are pieces of.

    Returns:
        (rows, cols, 2) offsets in pixels, to be added to a point of the flat page to find it in the
        picture; None when the strokes are straight enough or too few to tell.
    """
    width, height = size
    down = _displacement(strokes, size, trust, upright=False)
    across = _displacement(strokes, size, trust, upright=True)
    if down is None and across is None:
        return None
    still = np.zeros((_SIDE, _SIDE), dtype=np.float32)
    forward = np.stack([still if across is None else across, still if down is None else down], axis=2)
    # `forward` moves picture points to the page; the page needs the opposite, by fixed-point steps.
    step = np.array([(width - 1) / (_SIDE - 1), (height - 1) / (_SIDE - 1)], dtype=np.float32)
    index_x, index_y = np.meshgrid(np.arange(_SIDE, dtype=np.float32), np.arange(_SIDE, dtype=np.float32))
    back = np.zeros_like(forward)
    for _ in range(8):
        back[...] = -cv2.remap(
            forward,
            index_x + back[..., 0] / step[0],
            index_y + back[..., 1] / step[1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return np.asarray(back, dtype=np.float32)


def _displacement(
    strokes: Strokes, size: tuple[int, int], trust: Trust, *, upright: bool
) -> NDArray[np.float32] | None:
    """Displacement across the rules on a fine square mesh; None when they are straight.

    Upright strokes are handled as level ones of the page mirrored at its diagonal.
    """
    ends = strokes.ends
    if upright:
        ends, size = ends[:, [1, 0, 3, 2]], (size[1], size[0])
    ends = np.where((ends[:, 0] <= ends[:, 2])[:, None], ends, ends[:, [2, 3, 0, 1]])
    slope = np.degrees(np.arctan2(ends[:, 3] - ends[:, 1], ends[:, 2] - ends[:, 0]))
    own = np.abs(slope) < _FAMILY
    ends, slope = ends[own], slope[own]
    length = ends[:, 2] - ends[:, 0]
    if len(ends) < _LEAST_STROKES or not _bent(ends, slope, length, size):
        return None
    first, last = _weights(ends[:, :2], size), _weights(ends[:, 2:], size)
    votes, wanted = last - first, ends[:, 1] - ends[:, 3]
    smooth = trust.stiffness * _smoothness()
    weight = np.ones(len(ends))
    solved = np.zeros(_ALONG * _ACROSS)
    off = np.abs(wanted)
    for _ in range(_ROUNDS):
        heavy = votes * weight[:, None]
        solved[:] = np.linalg.solve(heavy.T @ votes + smooth, heavy.T @ wanted)
        off = np.abs(votes @ solved - wanted)
        scale = max(0.5, 1.5 * float(np.median(off)))
        weight = 1 / (1 + (off / scale) ** 2)
    moved = (first + last) @ solved / 2
    share = weight * length
    middle = float(np.average(moved, weights=share))
    if np.sqrt(np.average((moved - middle) ** 2, weights=share)) < trust.least_bend:
        return None
    if np.average(off, weights=length) > 0.9 * np.average(np.abs(wanted), weights=length):
        return None  # the strokes do not agree on any bend
    at_x = np.linspace(2, _ALONG + 1, _SIDE, dtype=np.float32)
    at_y = np.linspace(2, _ACROSS + 1, _SIDE, dtype=np.float32)
    nodes = (solved.reshape(_ACROSS, _ALONG) - middle).astype(np.float32)
    padded = cv2.copyMakeBorder(nodes, 2, 2, 2, 2, cv2.BORDER_REPLICATE)
    fine = cv2.remap(padded, *np.meshgrid(at_x, at_y), cv2.INTER_CUBIC)
    return np.asarray(fine.T if upright else fine, dtype=np.float32)


def _bent(ends: Floats, slope: Floats, length: Floats, size: tuple[int, int]) -> bool:
    """A quick look: does the typical slope of any part of the page differ from level?"""
    column = ((ends[:, 0] + ends[:, 2]) / 2 / size[0] * _BLOCKS).astype(int).clip(0, _BLOCKS - 1)
    row = ((ends[:, 1] + ends[:, 3]) / 2 / size[1] * _BLOCKS).astype(int).clip(0, _BLOCKS - 1)
    block = row * _BLOCKS + column
    return any(
        length[block == at].sum() > _BLOCK_LENGTH
        and abs(weighted_median(slope[block == at], length[block == at] ** 2)) > _BLOCK_SLOPE
        for at in np.unique(block)
    )


def _weights(points: Floats, size: tuple[int, int]) -> Floats:
    """Bilinear weight of every node at (N, 2) points, as (N, nodes)."""
    column = np.clip(points[:, 0] / max(size[0] - 1, 1), 0, 1) * (_ALONG - 1)
    row = np.clip(points[:, 1] / max(size[1] - 1, 1), 0, 1) * (_ACROSS - 1)
    left = np.minimum(column.astype(int), _ALONG - 2)
    top = np.minimum(row.astype(int), _ACROSS - 2)
    part_x, part_y = column - left, row - top
    weights = np.zeros((len(points), _ALONG * _ACROSS))
    each = np.arange(len(points))
    for down, share_y in ((0, 1 - part_y), (1, part_y)):
        for right, share_x in ((0, 1 - part_x), (1, part_x)):
            weights[each, (top + down) * _ALONG + left + right] += share_y * share_x
    return weights


def _smoothness() -> Floats:
    """Penalty of second differences (curvature) and, very lightly, of any displacement at all."""
    along, across = np.eye(_ALONG), np.eye(_ACROSS)
    bend_along, bend_across = (np.diff(one, n=2, axis=0) for one in (along, across))
    slope_along, slope_across = (np.diff(one, axis=0) for one in (along, across))
    total = (
        np.kron(across, bend_along.T @ bend_along)
        # Nodes lie further apart across the rules, so the same bend shows a larger difference.
        + 0.2 * np.kron(bend_across.T @ bend_across, along)
        + 0.3 * np.kron(slope_across.T @ slope_across, slope_along.T @ slope_along)
    )
    return np.asarray(0.05 * total + 1e-4 * np.eye(_ALONG * _ACROSS), dtype=np.float64)
