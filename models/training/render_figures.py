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
from functools import cache, lru_cache
from pathlib import Path

import cv2
import figure_damage as damage
import figure_texts as texts
import numpy as np
from fontTools.ttLib import TTCollection, TTFont
from PIL import Image, ImageDraw, ImageFont

from gouji_ocr import alphabet
from gouji_ocr.ink import cell_ink
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


def cell(
    shown: str, font: tuple[Path, int], r: random.Random, nr: np.random.Generator, strength: float
) -> tuple[np.ndarray, float] | None:
    """A cell with this text, and the height of its digits in pixels."""
    size = r.choice([r.uniform(9, 15), r.uniform(11, 20), r.uniform(16, 30), r.uniform(22, 48)])
    fine = 4 if size < 16 else 3 if size < 26 else 2
    face = typeface(*font, round(size * fine))
    left, top, right, bottom = face.getbbox(shown)
    spread = face.size * r.uniform(0.03, 0.35) if r.random() < 0.1 and len(shown) > 1 else 0.0
    wide = right - left + spread * (len(shown) - 1)
    zero = face.getbbox("0")
    tall = max(4, zero[3] - zero[1])
    if right <= left or wide > 60 * tall:
        return None
    height = int(max(tall, bottom - top) * r.uniform(1.15, 3.0)) + 2 * fine
    margin = int(tall * r.uniform(0.15, 1.8)) + fine
    picture = Image.new("L", (int(wide) + 2 * margin, height), 255)
    draw = ImageDraw.Draw(picture)
    x = margin - left + r.uniform(0, fine)
    y = (height - tall) / 2 - zero[1] + r.uniform(-0.15, 0.15) * (height - tall) + r.uniform(0, fine)
    ink = r.choice([0, 0, 20, r.randrange(0, 100)])
    if spread:
        for char in shown:
            draw.text((x, y), char, font=face, fill=ink)
            x += face.getlength(char) + spread
    else:
        draw.text((x, y), shown, font=face, fill=ink)
    if r.random() < 0.04:
        draw.text(
            (margin, y + tall * r.choice([-1.6, 1.6])),
            "".join(r.choices("0123456789", k=4)),
            font=face,
            fill=ink,
        )
    g = damage.print_it(np.asarray(picture, np.float32), r, fine)
    g = cv2.resize(
        g, (max(8, round(g.shape[1] / fine)), max(8, round(g.shape[0] / fine))), interpolation=cv2.INTER_AREA
    )
    if r.random() < 0.38:
        g = damage.rules(g, r)
    if r.random() < 0.22 * strength**2:
        g = damage.faded(g, r, nr)
    if r.random() < 0.12:
        g = damage.overprinted(g, r, size)
    return damage.scanned(g, r, nr, size, strength=strength).astype(np.uint8), tall / fine


def dirty_blank(r: random.Random, nr: np.random.Generator) -> np.ndarray:
    """A cell without text whose dirt survives the search for ink."""
    shape = (r.randrange(14, 60), r.randrange(20, 160))
    g = np.full(shape, r.uniform(170, 250), np.float32)
    damage.specks(g, r, r.randrange(1, 5))
    if r.random() < 0.4:
        g = damage.overprinted(g, r, shape[0] / 2)
    if r.random() < 0.4:
        g = damage.rules(g, r)
    return damage.scanned(g, r, nr, shape[0] / 2).astype(np.uint8)


def strip_of(g: np.ndarray, tall: float, r: random.Random) -> np.ndarray | None:
    """The strip the reader would cut from this cell, a little off as its boxes are."""
    found = cell_ink(g)
    if len(found.lines) != 1:
        return None
    known = tall * r.uniform(0.75, 1.35) if r.random() < 0.8 else 0.0
    off = r.random() < 0.8
    return figure_strip(
        found.picture,
        found.lines[0],
        text_height=known,
        zoom=r.uniform(0.8, 1.2) if off else 1.0,
        shift=(r.gauss(0, 1.5), r.gauss(0, 1.5)) if off else (0.0, 0.0),
    )


def render(
    folder: Path, count: int, seed: int, *, unseen: bool, fine: bool
) -> tuple[list[np.ndarray], list[list[int]]]:
    """Strips and their classes."""
    r, nr = random.Random(seed), np.random.default_rng(seed)
    known = families(folder, unseen)
    strips: list[np.ndarray] = []
    labels: list[list[int]] = []
    while len(strips) < count:
        if r.random() < 0.02:
            strip, label = strip_of(dirty_blank(r, nr), 12.0, r), []
        else:
            plain = texts.text(r, separators=0.35 if fine else 0.0)
            font = r.choice(r.choice(known))
            shown = texts.wide(plain, r)
            if not {ord(c) for c in shown} <= glyphs(*font):
                continue
            try:
                made = cell(shown, font, r, nr, 0.55 if fine else 1.0)
            except OSError:  # a few faces have broken outlines at some sizes
                continue
            if made is None:
                continue
            strip, label = strip_of(*made, r), alphabet.classes(plain)
        if strip is not None and 2 * (len(label) + 1) < strip.shape[1]:
            strips.append(strip)
            labels.append(label)
    return strips, labels


def save(path: Path, strips: Sequence[np.ndarray], labels: Sequence[Sequence[int]]) -> None:
    """Keep strips of different widths in one file."""
    np.savez(
        path,
        strips=np.concatenate(strips, axis=1),
        ends=np.cumsum([strip.shape[1] for strip in strips]),
        labels=np.array([c for label in labels for c in label], np.uint8),
        label_ends=np.cumsum([len(label) for label in labels]),
    )


def main() -> None:
    """Command line."""
    folder, out, count, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    started = time.process_time()
    strips, labels = render(folder, count, seed, unseen="unseen" in sys.argv[5:], fine="fine" in sys.argv[5:])
    save(out, strips, labels)
    print(f"{len(strips)} strips in {time.process_time() - started:.0f} CPU s")


if __name__ == "__main__":
    main()
