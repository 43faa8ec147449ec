"""From a scan to an upright page: quarter turns, skew, perspective and curl taken out in one resampling."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from gouji_layout.curl import TEXT, flatten
from gouji_layout.facts import intake_facts
from gouji_layout.geometry import Straightening
from gouji_layout.page import Gray, Page, Rgb, ScanPage
from gouji_layout.paper import Paper, even, guessed_dpi, without_bed
from gouji_layout.prose_strokes import prose_strokes
from gouji_layout.quarter_turns import LineScorer, quarter_turns
from gouji_layout.seals import ink
from gouji_layout.slant import Slant, Strokes, find_slant, find_strokes, page_to_picture
from gouji_layout.stand import resample
from gouji_layout.straighter import hardly_straight, straighter

_LOOK_SIDE = 1500  # pixels of the longer side at which slant is measured
_STRAIGHT_ENOUGH = 0.004  # degrees; a page straighter than this is not resampled for nothing
_CURVE_STROKE = 0.018  # of the longer side: shortest stroke that may tell of a curve


@dataclass(frozen=True, eq=False)
class Look:
    """A small evened copy of a picture and what was measured in it."""

    paper: Paper
    scale: float  # look pixels in one picture pixel
    strokes: Strokes
    slant: Slant


def upright(scan_page: ScanPage, *, read_lines: LineScorer | None = None) -> Page:
    """Stand a page upright; without `read_lines` the page is never turned by quarters.

    The page picture is made straight from the scan in one resampling, and left alone when it is straight.
    """
    image = scan_page.image
    look = look_at(ink(image))
    turns = quarter_turns(image, look.paper.evened, look.slant, read_lines) if read_lines is not None else 0
    if turns:
        image = np.ascontiguousarray(np.rot90(image, turns))
        look = look_at(ink(image))
    straightening = _straightening(scan_page.image, turns, image, look)
    dpi = scan_page.dpi or guessed_dpi(look.paper.text_height / look.scale)
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    facts = intake_facts(gray, look.paper, dpi, dpi_guessed=scan_page.dpi is None)
    page = Page(scan_page.number, resample(scan_page.image, straightening), dpi, straightening, facts)
    if not hardly_straight(look.paper.evened, look.strokes, look.slant.level[1]):
        return page
    straightening = straighter(page)
    return replace(page, image=resample(scan_page.image, straightening), straightening=straightening)


def look_at(gray: Gray) -> Look:
    """Measure the slant of a picture in a copy small enough to be quick."""
    scale = min(_LOOK_SIDE / max(gray.shape), 1.0)
    if scale < 1:
        small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        gray = np.asarray(small, dtype=np.uint8)
    evened = even(gray)
    strokes = find_strokes(evened)  # the border of the sheet against the bed says how it lies, too
    return Look(Paper(without_bed(evened, gray)), scale, strokes, find_slant(evened, strokes))


def _straightening(scan: Rgb, turns: int, turned: Rgb, look: Look) -> Straightening:
    height, width = turned.shape[:2]
    slant = look.slant
    full = Slant(
        (slant.level[0] * look.scale, slant.level[1]), (slant.upright[0] * look.scale, slant.upright[1])
    )
    matrix, size = np.eye(3), (width, height)
    slanted = any(full.level[:1] + full.upright[:1]) or (
        max(abs(full.level[1]), abs(full.upright[1])) > _STRAIGHT_ENOUGH
    )
    if slanted:
        matrix, size = page_to_picture(full, (width, height))
    small_size = (round(size[0] * look.scale), round(size[1] * look.scale))
    grown, shrunk = (np.diag([scale, scale, 1.0]) for scale in (1 / look.scale, look.scale))
    to_page = shrunk @ np.linalg.inv(matrix) @ grown  # of the look picture
    if slant.certain:
        long = look.strokes.longer_than(_CURVE_STROKE * max(look.paper.evened.shape))
        mesh = flatten(long.moved(to_page), small_size)
    else:
        straight = cv2.warpPerspective(look.paper.evened, to_page, small_size, borderValue=(255,))
        mesh = flatten(prose_strokes(Paper(np.asarray(straight, dtype=np.uint8))), small_size, TEXT)
    return Straightening(
        scan_size=(int(scan.shape[1]), int(scan.shape[0])),
        page_size=size,
        quarter_turns=turns,
        degrees=slant.degrees if slanted else 0.0,
        page_to_turned=matrix if slanted else None,
        mesh=None if mesh is None else (mesh / look.scale).astype(np.float32),
    )
