"""A second straightening of pages too grainy for plain strokes to tell how they lie.

Noise breaks the strokes that `upright` measures; the rule network, asked once the page is nearly
upright, sees its rules whole, and their strokes say what bend and slant is left.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.curl import Trust, flatten
from gouji_layout.geometry import Straightening
from gouji_layout.page import Gray, Page
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.slant import Strokes, find_strokes

_GRAINY = 1.5  # grey levels that paper differs from its surroundings; clean prose without rules has less
_WHOLE = 0.075  # of the longer side that level strokes are long, where noise does not break them
_LEAST = 0.018  # of the longer side; shorter strokes are those of text
_NEAR_LEVEL = 5.0  # degrees off the skew that a curved rule may run
_TEXT, _FINEST, _COARSEST = 20.0, 17.0, 26.0  # pixels of text that suit the network
_LARGEST = 2.0  # enlargement
_SEEN = 100  # evidence, of 255, that is worth a stroke
_STROKE = 3.0  # text heights of a stroke worth a vote: shorter ones of worn rules point anywhere
_BORDER = 0.012  # of the longer side: nearer to the border of the scan lies the border itself
_LOOK_SIDE = 1500  # pixels of the longer side for which `flatten` is made
_TRUST = Trust(0.5, 4.0)  # the network's rules are smooth, but a false one must not bend the page

Mesh = NDArray[np.float32]


def hardly_straight(evened: Gray, strokes: Strokes, skew: float) -> bool:
    """Whether a page is too grainy for its strokes to say how it lies.

    Level strokes of 43 made pages of levels 1 to 3 are 98 to 528 pixels long on average (weighted with their
    length, longer side 1,500 pixels) but for one; on all pages whose rules were off by more than 4 pixels
    after strokes had straightened them they are shorter than 107.

    Args:
        evened: the picture, also at a smaller size.
        strokes: found in it.
        skew: of its level rules in degrees, downwards to the right positive.
    """
    side = max(evened.shape)
    ends, length = strokes.ends, strokes.length
    angle = np.degrees(np.arctan2(ends[:, 3] - ends[:, 1], ends[:, 2] - ends[:, 0])) - skew
    level = (np.abs((angle + 90) % 180 - 90) < _NEAR_LEVEL) & (length > _LEAST * side)
    usual = float(np.average(length[level], weights=length[level])) if level.any() else 0.0
    return usual < _WHOLE * side and _grain(evened) > _GRAINY


def straighter(page: Page) -> Straightening:
    """The straightening of a page with what its rules say is left of bend and slant taken out, too."""
    paper = Paper.of(page)
    unit = paper.text_height
    scale = 1.0 if _FINEST <= unit <= _COARSEST else min(_TEXT / unit, _LARGEST)
    evidence = rule_evidence(paper.scaled(scale).evened)
    found = [find_strokes(np.where(seen > _SEEN, seen, 0).astype(np.uint8)).ends for seen in evidence]
    strokes = Strokes((np.concatenate(found) + 0.5) / scale - 0.5).longer_than(_STROKE * unit)
    if len(strokes.ends):
        strokes = _inside(strokes, page.straightening)
    if not len(strokes.ends):
        return page.straightening
    width, height = page.straightening.page_size
    look = _LOOK_SIDE / max(width, height)
    size = round(width * look), round(height * look)
    left = flatten(strokes.moved(np.diag([look, look, 1.0])), size, _TRUST)
    if left is None:
        return page.straightening
    mesh = np.asarray(left / look, dtype=np.float32)
    return replace(page.straightening, mesh=_together(page.straightening.mesh, mesh, (width, height)))


def _grain(evened: Gray) -> float:
    """How far pixels of the paper differ from those around them, in grey levels."""
    soft = cv2.blur(evened, (3, 3))
    rough = cv2.absdiff(evened, soft)[::3, ::3][soft[::3, ::3] > 200]  # what is darker is print
    return float(rough.mean()) if rough.size else 0.0


def _inside(strokes: Strokes, straightening: Straightening) -> Strokes:
    """Strokes that are not the border of the scan, where its paper ends against none."""
    size = np.array(straightening.scan_size)
    middle = straightening.to_scan((strokes.ends[:, :2] + strokes.ends[:, 2:]) / 2)
    margin = _BORDER * size.max()
    return Strokes(strokes.ends[((middle > margin) & (middle < size - margin)).all(axis=1)])


def _together(first: Mesh | None, second: Mesh, size: tuple[int, int]) -> Mesh:
    """One mesh of offsets for a page that is moved by the second one and then by the first."""
    if first is None:
        return second
    rows, columns = second.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    x += second[..., 0] * np.float32((columns - 1) / (size[0] - 1))
    y += second[..., 1] * np.float32((rows - 1) / (size[1] - 1))
    moved = cv2.remap(first, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(second + moved, dtype=np.float32)
