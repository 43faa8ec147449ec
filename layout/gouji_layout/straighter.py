"""A second straightening of bent or slanted pages whose print is too worn for plain strokes.

Noise breaks the strokes that `upright` measures; the rule network, asked once the page is nearly
upright, sees its rules whole, and their strokes say what bend and slant is left.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.curl import flatten
from gouji_layout.geometry import Straightening
from gouji_layout.page import Gray, Page
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.slant import Strokes, find_strokes

_GRAIN = 1.7  # grey levels that paper differs from its surroundings; clean scans have less
_BENT = 5.0  # pixels of curl, below which plain strokes are good enough
_ASLANT = 0.004  # how much nearer one side of the page is than the other; skew alone has none
_TEXT, _FINEST, _COARSEST = 20.0, 17.0, 26.0  # pixels of text that suit the network
_LARGEST = 2.0  # enlargement
_STROKE = 1.5  # text heights of a stroke worth a vote
_BORDER = 0.012  # of the longer side: nearer to the border of the scan lies the border itself
_LOOK_SIDE = 1500  # pixels of the longer side for which `flatten` is made

Mesh = NDArray[np.float32]


def hardly_straight(straightening: Straightening, evened: Gray) -> bool:
    """Whether a page was bent or seen aslant, and is too grainy for its strokes to say how far.

    Args:
        straightening: as strokes of the picture gave it.
        evened: the picture, also at a smaller size.
    """
    mesh, matrix = straightening.mesh, straightening.page_to_turned
    bent = mesh is not None and float(np.abs(mesh).max()) > _BENT
    nearer = 0.0 if matrix is None else float(np.abs(matrix[2, :2] * straightening.page_size).max())
    return (bent or nearer > _ASLANT) and _grain(evened) > _GRAIN


def straighter(page: Page) -> Straightening:
    """The straightening of a page with what its rules say is left of bend and slant taken out, too."""
    paper = Paper.of(page)
    unit = paper.text_height
    scale = 1.0 if _FINEST <= unit <= _COARSEST else min(_TEXT / unit, _LARGEST)
    found = [find_strokes(seen).ends for seen in rule_evidence(paper.scaled(scale).evened)]
    strokes = Strokes((np.concatenate(found) + 0.5) / scale - 0.5).longer_than(_STROKE * unit)
    if len(strokes.ends):
        strokes = _inside(strokes, page.straightening)
    if not len(strokes.ends):
        return page.straightening
    width, height = page.straightening.page_size
    look = _LOOK_SIDE / max(width, height)
    left = flatten(strokes.moved(np.diag([look, look, 1.0])), (round(width * look), round(height * look)))
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
