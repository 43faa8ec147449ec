"""Where the ink of a cell is: paper evened out, rules and dirt left out, one box for each line of text.

Never binarised for reading: the mask only decides *where* to cut, networks see the gray picture.
Sizes are in page pixels; the numbers here were measured in `docs/measured/reading.md`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from gouji_layout.geometry import Box
from gouji_layout.page import Gray
from gouji_ocr import pieces
from gouji_ocr.pieces import Mask, Pieces
from gouji_ocr.text_lines import LineBox, bands, cut, is_speck, tallest_character

PAPER = 245
"""What evened paper looks like, of 255."""

EDGE = 3
"""How far outside a cell's box its crop begins: type may stand right at a rule."""

BOLD_INK = 150
"""Evened: what is darker is always ink."""

_FAINT_INK = 205  # evened: what is lighter never is
_NOISE_MARGIN = 5.0  # standard deviations of the paper that separate ink from it
_LEAST_CONTRAST = 45.0  # gray levels between ink and paper that count as full contrast
_FAINT = 12.0  # gray levels of contrast below which there is only paper
_FAINTEST_TYPE = 0.6  # ink fainter than this share of the table's is not stretched to full black
_DARKEST_TYPE = 1.15  # nor does a blot much darker than the table's type make the type pale
# Of the contrast of the table's type: what is fainter shines through from the other side of the paper. In
# 8,900 inked cells of made pages type had at least 0.43, thin dashes 0.33.
_SHINES_THROUGH, _DASH_SHINES_THROUGH = 0.28, 0.2
_FLAT = 0.4  # of the height of type: what is lower may be a dash
_CLEARLY_INK = 0.48  # of full contrast: what a stroke of type reaches somewhere
_CLEARLY_DASH = 0.30  # the same for dashes, which are thin and pale
_PALE_TYPE = 0.5  # of the usual height: pale ink as tall as this is taken for type where there is no other
_DARKER = (0.62, 0.45, 0.30)  # of paper: further levels to look at ink at when pieces are too large for type
_REVERSED = 30  # gray levels by which type must be lighter than its ground
_MUCH_DIRT = 12  # tiny pieces in a cell beyond which it is blurred before type is looked for in it
_ALIKE, _ALIKE_IN_DIRT = 0.5, 0.8  # of the darkest piece: how dark others in the cell must be to be type
_DIRT_BLUR = 0.045  # of the height of type
_PROSE = 12.0  # times the height of type: text of this width is a line of words
_OVERSIZE = 1.5  # times the usual height: type of two lines, or type and something else


@dataclass(frozen=True, slots=True)
class UsualType:
    """What type looks like in the cells around: its height in pixels and its contrast in gray levels."""

    height: float
    contrast: float


@dataclass(frozen=True, slots=True, eq=False)
class CellInk:
    """A cell ready for reading.

    `picture` is evened: `PAPER` and above is paper, 0 the darkest ink, rules and lone specks painted
    out. `tallest` is the height of the tallest character, 0 when the cell is blank, `flat` says that it is
    a dash or the like; `contrast` is how much darker than the paper it was, in gray levels. A `dirty` cell
    is full of specks, so that its lines may begin or end in dirt. `dismissed` says of a blank cell that
    something was in it that might have been type, but was taken for dirt or the other side of the paper.
    `whole` is the picture with the specks still in it, None where they were not told from type.
    """

    picture: Gray
    lines: tuple[LineBox, ...]
    tallest: int
    contrast: float = 0.0
    flat: bool = False
    dirty: bool = False
    dismissed: bool = False
    whole: Gray | None = None

    @property
    def everything(self) -> Gray:
        """The picture with all that was painted out as specks."""
        return self.picture if self.whole is None else self.whole

    @property
    def blank(self) -> bool:
        """No ink was found at all."""
        return not self.lines


def cell_crop(gray: Gray, box: Box, quarter_turns: int = 0, outset: float = EDGE) -> Gray:
    """The upright picture of a box and a little around it; at least 1 x 1."""
    rows, cols = box.padded(outset).slices(gray.shape)
    crop = gray[rows, cols]
    if crop.size == 0:
        return np.full((1, 1), 255, dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(crop, quarter_turns)) if quarter_turns else crop


@dataclass(frozen=True, slots=True, eq=False)
class Evened:
    """A crop stretched so that paper is `PAPER` and full ink 0."""

    picture: Gray
    contrast: float  # gray levels between the paper and the darkest spot of the crop
    full: float  # gray levels of the crop that became black
    level: float  # evened level below which it is ink


def evened(crop: Gray, usual: UsualType | None = None) -> Evened:
    """The crop stretched to full contrast.

    Hairlines of clean print lie close to the paper; in noisy paper nothing so light can be trusted to be ink.

    Args:
        crop: the gray picture.
        usual: type of the cells around; ink much fainter than theirs stays faint, darker blots count as it.
    """
    smooth = smoothed(crop)
    paper, brightest = percentiles(smooth, (0.80, 0.95))
    contrast = paper - float(smooth.min())
    full = max(contrast, _LEAST_CONTRAST)
    if usual is not None:
        full = min(max(contrast, _FAINTEST_TYPE * usual.contrast), _DARKEST_TYPE * usual.contrast)
    scale = PAPER / max(full, _FAINT)
    raised = np.maximum(np.arange(256), paper - PAPER / scale)
    stretched = cv2.LUT(crop, cv2.convertScaleAbs(raised, alpha=scale, beta=PAPER - paper * scale))
    noise = (brightest - paper) * scale / 0.8  # the 95th percentile lies 0.8 deviations above the 80th
    ink = min(max(PAPER - _NOISE_MARGIN * noise, BOLD_INK), _FAINT_INK)
    return Evened(np.asarray(stretched, dtype=np.uint8), contrast, full, ink)


def level_light(crop: Gray, reach: int) -> Gray:
    """The crop with slow changes of its ground taken out: shadows, stains, what shines through.

    Args:
        crop: the gray picture.
        reach: what is narrower than this many pixels is kept as ink.
    """
    ground = cv2.morphologyEx(smoothed(crop), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    ground = cv2.blur(ground, (reach, reach))
    (usual,) = percentiles(np.asarray(ground), (0.5,))
    return np.asarray(cv2.addWeighted(crop, 1.0, ground, -1.0, usual), dtype=np.uint8)


def dark_on_light(crop: Gray, border: int) -> Gray:
    """The crop, turned to its negative when light type stands on a dark ground; `border` is not looked at."""
    inner = crop[border:-border, border:-border] if border and min(crop.shape) > 3 * border else crop
    if 2 * np.count_nonzero(inner < int(inner.max()) - _REVERSED) < inner.size:
        return crop  # nothing is so much lighter than the ground
    dark, ground, light = percentiles(inner, (0.01, 0.50, 0.99))
    reversed_out = light - ground > _REVERSED and light - ground > 2 * (ground - dark)
    return np.minimum(255 - crop, round(255 - ground)).astype(np.uint8) if reversed_out else crop


def cell_ink(crop: Gray, *, edge: int = EDGE, ruled: bool = True, usual: UsualType | None = None) -> CellInk:
    """Find the lines of text in a crop.

    Args:
        crop: the gray picture.
        edge: how far inside the crop the border of the cell is.
        ruled: whether rules may run along the border.
        usual: type of the cells around, when that is known.
    """
    crop = dark_on_light(crop, edge + pieces.RULE_REACH if ruled else 0)
    if usual is not None and min(crop.shape) > usual.height:
        crop = level_light(crop, int(usual.height) | 1)
    even = evened(crop, usual)
    if even.contrast < _FAINT or min(crop.shape) < 4:
        return CellInk(even.picture, (), 0)
    smooth = smoothed(even.picture)
    if ruled:
        mask = _below(smooth, even.level)
        rules = pieces.rules(mask, edge + pieces.RULE_REACH, usual.height if usual else 0.0)
        if rules.any():
            # Evened again from the start: the rule may have been darker than the figures, and a picture
            # already stretched no longer shows how noisy its paper is.
            (paper,) = percentiles(crop, (0.8,))
            cleaned = crop.copy()
            cleaned[pieces.with_halo(rules, mask)] = int(paper)
            even = evened(cleaned, usual)
            if even.contrast < _FAINT:
                return CellInk(even.picture, (), 0)
            smooth = smoothed(even.picture)
    return _found(even, smooth, edge if ruled else 0, usual)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """An evened picture, the same smoothed and its ink in pieces, and what is known of the type in it."""

    even: Evened
    smooth: Gray
    ink: Pieces
    edge: int
    usual: UsualType | None
    alike: float  # of the darkest type: how dark other pieces must be
    clear: float = _CLEARLY_INK


def _found(even: Evened, smooth: Gray, edge: int, usual: UsualType | None) -> CellInk:
    """The text in an evened picture; where its pieces are too large for type, in its darker parts only."""
    look = _Look(even, smooth, _darker(smooth, even.level), edge, usual, _ALIKE)
    if usual is None:
        return _text_at(look, even.level)
    if _dirt(look.ink, usual) > _MUCH_DIRT:
        sigma = max(_DIRT_BLUR * usual.height, 1.0)
        smooth = np.asarray(cv2.GaussianBlur(even.picture, (0, 0), sigma), dtype=np.uint8)
        look = _Look(even, smooth, _darker(smooth, even.level), edge, usual, _ALIKE_IN_DIRT)
    found = _searched(look, usual)
    if _shines_through(found, usual):
        # What is pale may stand beside a dash that is not: only what is darker is looked at.
        level = PAPER * (1 - _SHINES_THROUGH * usual.contrast / even.full)
        darker = _text_at(look, min(level, even.level))
        if darker.blank or _shines_through(darker, usual):
            return CellInk(found.picture, (), 0, dismissed=bool(found.lines))
        found = darker
    return replace(found, dirty=look.alike == _ALIKE_IN_DIRT, whole=even.picture)


def _shines_through(found: CellInk, usual: UsualType) -> bool:
    """Whether the tallest piece is too pale for type of this table, or for a dash of it."""
    flat = found.tallest < _FLAT * usual.height
    return found.contrast < (_DASH_SHINES_THROUGH if flat else _SHINES_THROUGH) * usual.contrast


def _searched(look: _Look, usual: UsualType) -> CellInk:
    """The text at the first level at which it is as high as type."""
    even = look.even
    found = first = _text_at(look, even.level)
    if all(is_speck(line, usual.height) for line in first.lines):
        pale = _text_at(replace(look, clear=_CLEARLY_DASH), even.level)
        return pale if pale.tallest >= _PALE_TYPE * usual.height else first
    least = _PALE_TYPE * usual.height
    if first.tallest < least:
        return first
    for level in (share * PAPER for share in _DARKER if share * PAPER < even.level):
        if _fits(found, usual.height):
            return found
        found = replace(_text_at(look, level), picture=first.picture)
        if found.tallest < least:
            break  # nothing of type is as dark as that
    return first


def _fits(ink: CellInk, height: float) -> bool:
    """Whether all lines are of the height of type, or are text whose lines touch and can be cut apart."""
    for line in ink.lines:
        if line.height > _OVERSIZE * height:
            parts = cut(ink.picture < BOLD_INK, line, height) if line.width > _PROSE * height else [line]
            if any(part.height > _OVERSIZE * height for part in parts):
                return False
    return True


def _dirt(ink: Pieces, usual: UsualType) -> int:
    """How many pieces are much too small for type."""
    return int((ink.rows[:, 4] < 0.02 * usual.height**2).sum())


def _darker(smooth: Gray, level: float) -> Pieces:
    """The pieces that are darker than a level."""
    return pieces.pieces_of(smooth, _below(smooth, level))


def _below(smooth: Gray, level: float) -> Mask:
    return np.less(smooth, math.ceil(level)).view(np.uint8)  # whole levels are compared without conversion


def _text_at(look: _Look, level: float) -> CellInk:
    """The text in an evened picture when all that is darker than a level is ink."""
    even, usual, edge = look.even, look.usual, look.edge
    cell = look.ink if level == even.level else _darker(look.smooth, level)
    clear = dash = 255.0
    if usual is not None:
        type_sized = (cell.rows[:, 3] >= 0.55 * usual.height) & pieces.inside(cell, edge)
        depth = PAPER - float(cell.darkest[type_sized].min(initial=PAPER))
        clear = PAPER - max(look.clear * PAPER, look.alike * depth)
        dash = PAPER - max(_CLEARLY_DASH * PAPER, 0.5 * look.alike * depth)
    keep, paint = pieces.sorted_out(cell, edge, usual.height if usual else 0.0, clear, dash)
    shown = pieces.painted(even.picture, cell, paint, PAPER)
    rows = cell.rows[keep]
    if not len(rows):
        return CellInk(shown, (), 0)
    tallest = int(rows[:, 3].argmax())
    depth = (PAPER - float(cell.darkest[keep][tallest])) / PAPER * even.full
    height = tallest_character(rows)
    return CellInk(shown, bands(rows), height, depth, flat=int(rows[tallest, 2]) > 2 * height)


def smoothed(picture: Gray) -> Gray:
    """The picture slightly smoothed: as ink and its pieces are looked for in."""
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.8), dtype=np.uint8)


def percentiles(picture: Gray, shares: tuple[float, ...]) -> list[float]:
    """Gray levels below which these shares of the pixels lie; by counting, as there are only 256 levels."""
    counts = np.cumsum(cv2.calcHist([picture], [0], None, [256], [0, 256]), dtype=np.float64)
    return [float(level) for level in counts.searchsorted(np.multiply(shares, counts[-1]))]
