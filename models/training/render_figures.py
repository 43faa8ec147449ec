"""Renders the training strips of the figure network.

    python models/training/render_figures.py FONTS OUT.npz COUNT SEED [unseen] [fine]

FONTS is a folder with unpacked font packages (README.md lists them). Fonts that the made test pages
use, and the families of UNSEEN, are left out; with `unseen` only the latter are drawn, for testing.
`fine` makes better copies with more separators, for the second stage of training.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import figure_damage as damage
import figure_texts as texts
import numpy as np
from fontTools.ttLib import TTCollection, TTFont
from PIL import Image, ImageDraw, ImageFont

from gouji_ocr import alphabet
from gouji_ocr.ink import EDGE, UsualType, cell_ink
from gouji_ocr.settle import settled
from gouji_ocr.strips import figure_strip

_OF_TEST_PAGES = re.compile(
    r"liberation|uming|ukai|gbsn|gkai|bkai|bsmi|wqy|noto(sans|serif)(mono)?cjk|lxgw|fandol", re.IGNORECASE
)
UNSEEN = re.compile(
    r"^(GNUTypewriter|3270|dejima|GFSDidot|Carlito|OpenSans|TW-Sung|cwfs|PTF|B612Mono|OCRB|Cantarell)",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(
    r"symbol|dingbat|D050000L|Z003|math|chorus|script|emoji|music|STIXSize|Integrals|Variants|NonUnicode"
    r"|Noto(?!Sans-|Serif-|SansMono-|SansDisplay-|SerifDisplay-)|hline|latinmodern|BabelStone|spleen|unifont_(upper|csur)",
    re.IGNORECASE,
)
_COMMON = re.compile(
    r"^(cw|ume|BIZ|VL|sawarabi|UnBatang|Nanum|Mplus|TW-|batang|Takao|ipa|NimbusRoman|FreeSerif|texgyretermes|Tymes"
    r"|NimbusSans-|FreeSans|texgyreheros|Aerial|lmroman|NimbusMono|FreeMono|Courier|lmmono)",
    re.IGNORECASE,
)

_DIRTY_BLANKS = 0.15  # of the cells made; the search for ink finds most of them blank


def families(folder: Path, unseen: bool) -> list[list[tuple[Path, int]]]:
    """Font files by family, as (file, face); common report faces are listed three times."""
    found: dict[str, list[tuple[Path, int]]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in {".ttf", ".otf", ".ttc"} or _NO_TEXT.search(path.name):
            continue
        if _OF_TEST_PAGES.search(path.name) or bool(UNSEEN.match(path.name)) != unseen:
            continue
        family = re.split(r"[-_.\[]", path.name)[0].lower()[:8]
        faces = len(TTCollection(path).fonts) if path.suffix.lower() == ".ttc" else 1
        found.setdefault(family, []).extend((path, face) for face in range(faces))
    common = [files for files in found.values() if _COMMON.match(files[0][0].name)]
    return list(found.values()) + 2 * common


@cache
def glyphs(path: Path, face: int) -> frozenset[int]:
    """Code points a face has."""
    return frozenset(TTFont(path, fontNumber=face, lazy=True).getBestCmap() or {})


@lru_cache(maxsize=3000)
def typeface(path: Path, face: int, size: int) -> ImageFont.FreeTypeFont:
    """An opened face."""
    return ImageFont.truetype(str(path), size, index=face)


@dataclass(frozen=True, slots=True)
class Made:
    """A made cell: its picture, the height of its digits, their depth in gray levels, where they are."""

    picture: np.ndarray
    tall: float
    contrast: float
    columns: tuple[int, int] | None  # first and last column with text; None for a blank cell
    worn: float  # how much the copy suffered, 0 to 1.25


def wear(r: random.Random, *, fine: bool) -> float:
    """How much a copy suffered: some hardly, most somewhat, one in four badly; of fine copies none badly."""
    ranges = [(0, 0.4), (0.2, 0.7), (0.4, 0.9), (0, 0.8) if fine else (0.8, 1.25)]
    return r.uniform(*r.choice(ranges))


def cell(
    shown: str, font: tuple[Path, int], r: random.Random, nr: np.random.Generator, *, fine_copy: bool
) -> Made | None:
    """A cell with this text; None when it is not printable or too long."""
    size = r.choice([r.uniform(8, 14), r.uniform(10, 20), r.uniform(14, 28), r.uniform(20, 46)])
    fine = 4 if size < 16 else 3 if size < 26 else 2
    face = typeface(*font, round(size * fine))
    left, top, right, bottom = face.getbbox(shown)
    spread = face.size * r.uniform(0.03, 0.35) if r.random() < 0.1 and len(shown) > 1 else 0.0
    wide = right - left + spread * (len(shown) - 1)
    zero = face.getbbox("0")
    tall = max(4, zero[3] - zero[1])
    if right <= left or wide > 60 * tall:
        return None
    edge = EDGE * fine
    height = int(max(tall, bottom - top) * r.choice([r.uniform(1.15, 1.8), r.uniform(1.5, 3.5)])) + 2 * edge
    # Figures stand in the middle of a cell, but also close to one of its sides.
    before, after = (int(tall * r.uniform(0.12, r.choice([0.5, 3.0]))) + edge for _ in "lr")
    picture = Image.new("L", (int(wide) + before + after, height), 255)
    draw = ImageDraw.Draw(picture)
    x = before - left + r.uniform(0, fine)
    y = (height - tall) / 2 - zero[1] + r.uniform(-0.2, 0.2) * (height - tall - 2 * edge) + r.uniform(0, fine)
    if spread:
        for char in shown:
            draw.text((x, y), char, font=face, fill=0)
            x += face.getlength(char) + spread
    else:
        draw.text((x, y), shown, font=face, fill=0)
    if r.random() < 0.04:  # the line above or below looks in
        other = "".join(r.choices("0123456789", k=4))
        draw.text((before, y + tall * r.choice([-1.6, 1.6])), other, font=face, fill=0)
    g = damage.print_it(np.asarray(picture, np.float32), r, fine)
    shape = (max(8, round(g.shape[1] / fine)), max(8, round(g.shape[0] / fine)))
    return worn_copy(cv2.resize(g, shape, interpolation=cv2.INTER_AREA), tall / fine, r, nr, fine=fine_copy)


def worn_copy(g: np.ndarray, tall: float, r: random.Random, nr: np.random.Generator, *, fine: bool) -> Made:
    """The print of a cell after all that happens to it until it is a scan."""
    worn = wear(r, fine=fine)
    clean = damage.pale(g, r, nr, worn, tall)
    g = clean
    if r.random() < (0.5 if fine else 0.75):
        g = damage.rules(g, r, nr, EDGE)
    if r.random() < 0.3 * worn:
        g = damage.shining_through(g, clean, r, worn, tall)
    if r.random() < (0.04 if fine else 0.14):
        g = damage.overprinted(g, r, tall)
    g = damage.scanned(g, r, nr, tall, worn)
    ink = clean < 128
    paper = float(np.percentile(g, 70))
    contrast = paper - float(np.percentile(g[ink], 10)) if ink.any() else r.uniform(50, 200)
    inked = np.flatnonzero(ink.any(axis=0))
    columns = (int(inked[0]), int(inked[-1])) if len(inked) else None
    return Made(np.clip(g, 0, 255).astype(np.uint8), tall, max(contrast, 25.0), columns, worn)


def dirty_blank(r: random.Random, nr: np.random.Generator, *, fine: bool) -> Made:
    """A cell without text, with dirt that may survive the search for ink."""
    tall = r.uniform(8, 32)
    shape = (int(tall * r.uniform(1.2, 3.5)) + 6, int(tall * r.uniform(1.5, 9)) + 6)
    g = np.full(shape, 255, np.float32)
    damage.specks(g, r, r.randrange(0, 5), tall)
    if r.random() < 0.3:
        g = damage.overprinted(g, r, tall)
    return worn_copy(g, tall, r, nr, fine=fine)


def strip_of(made: Made, r: random.Random) -> np.ndarray | None:
    """The strip the reader would cut from this cell, a little off as its boxes are.

    None where the search for ink lost a character: such a strip would teach to read what is not there.
    """
    usual = None
    if r.random() < 0.9:
        usual = UsualType(made.tall * r.uniform(0.8, 1.45), made.contrast * r.uniform(0.8, 1.35))
    found = cell_ink(made.picture, usual=usual)
    if usual is not None:
        found = settled(found, usual.height)
    if len(found.lines) != 1:
        return None
    line, most = found.lines[0], 0.3 * made.tall
    if made.columns and (line.left > made.columns[0] + most or line.right <= made.columns[1] - most):
        return None
    off = r.random() < 0.8
    return figure_strip(
        found.picture,
        line,
        text_height=usual.height if usual else 0.0,
        zoom=r.uniform(0.8, 1.2) if off else 1.0,
        shift=(r.gauss(0, 1.5), r.gauss(0, 1.2)) if off else (0.0, 0.0),
    )


def render(
    folder: Path, count: int, seed: int, *, unseen: bool, fine: bool
) -> tuple[list[np.ndarray], list[list[int]], list[float]]:
    """Strips, their classes, and how much each copy suffered."""
    r, nr = random.Random(seed), np.random.default_rng(seed)
    known = families(folder, unseen)
    strips: list[np.ndarray] = []
    labels: list[list[int]] = []
    worn: list[float] = []
    while len(strips) < count:
        label: list[int] = []
        if r.random() < _DIRTY_BLANKS:
            made = dirty_blank(r, nr, fine=fine)
        else:
            plain = texts.text(r, separators=0.4 if fine else 0.15)
            font = r.choice(r.choice(known))
            shown = texts.wide(plain, r)
            if not {ord(c) for c in shown} <= glyphs(*font):
                continue
            try:
                printed = cell(shown, font, r, nr, fine_copy=fine)
            except OSError:  # a few faces have broken outlines at some sizes
                continue
            if printed is None:
                continue
            made, label = printed, alphabet.classes(plain)
        strip = strip_of(made, r)
        if strip is not None:
            strips.append(strip)
            labels.append(label)
            worn.append(made.worn)
    return strips, labels, worn


def save(
    path: Path, strips: Sequence[np.ndarray], labels: Sequence[Sequence[int]], worn: Sequence[float]
) -> None:
    """Keep strips of different widths in one file."""
    np.savez(
        path,
        strips=np.concatenate(strips, axis=1),
        ends=np.cumsum([strip.shape[1] for strip in strips]),
        labels=np.array([c for label in labels for c in label], np.uint8),
        label_ends=np.cumsum([len(label) for label in labels]),
        worn=np.array(worn, np.float32),
    )


def main() -> None:
    """Command line."""
    folder, out, count, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    started = time.process_time()
    strips, labels, worn = render(
        folder, count, seed, unseen="unseen" in sys.argv[5:], fine="fine" in sys.argv[5:]
    )
    save(out, strips, labels, worn)
    print(f"{len(strips)} strips in {time.process_time() - started:.0f} CPU s")


if __name__ == "__main__":
    main()
