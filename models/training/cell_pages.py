"""Renders training strips that were cut out of whole damaged tables, as the product cuts them.

    python models/training/cell_pages.py FONTS OUT.npz TABLES SEED [TWO_LEVELS]

TWO_LEVELS is the share of tables that are copied in two levels or faxed, 0.3 if not given.

Every table is set with training fonts (never those of the made test pages, nor the families kept out, see
`render_figures.py`), worn and scanned by the simulation of `fixtures/make`, taken back to its flat frame and
cut by the product's own search for ink, which learns the usual type from the whole table. What a strip
rendered alone lacks is here: what the search makes of dirt, of rules that cut commas short, of print
that shines through.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import figure_texts as texts
import numpy as np
from render_figures import families, glyphs, save

from fixtures.make.damage import Damage, Scan, draw_damage, scan
from fixtures.make.draw import Look, PlacedPage, PlacedTable, draw, place
from fixtures.make.fonts import Typeface, Typesetter
from fixtures.make.plan import PlannedCell, PlannedTable
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Gray, Page
from gouji_layout.table import Cell, Table
from gouji_ocr import alphabet
from gouji_ocr.strips import figure_strip
from gouji_ocr.views import plain_gray, text_height, view_cells

Font = tuple[Path, int]

_LONGEST = 16  # width over height of a line that the reader shows to the network
_LABELS = 0.25  # of the strips of words: the search for ink is all they teach
_TWO_LEVELS = 0.3
_ROOMY, _MARGIN = 28, 30.0  # widest cell in em, points around the table
_WORDS = sorted(set(texts._WORDS))
_NOTHING = ("", "", "-", "—", "－", "——", "/", "／", "…")


def table_of(font: Typeface, known: frozenset[int], r: random.Random) -> tuple[PlannedTable, list[str]]:
    """A table of a label and figures in every row, and how its cells read in order.

    Tables differ in what fills most of their cells: one mark for nothing, separators, or lone digits.
    """
    rows, columns = r.randrange(7, 15), r.randrange(3, 8)
    nothing, share = r.choice([*_NOTHING, r.choice("0123456789")]), r.choice([0.0, 0.1, 0.3, 0.6])
    separators, align = r.choice([0.0, 0.3, 0.7]), r.choice(["c", "c", "r"])
    words = [word for word in _WORDS if ord(word) in known and word != "一"]
    cells: list[PlannedCell] = []
    for row in range(rows):
        for column in range(columns):
            label = (row == 0 or column == 0) and len(words) > 1
            if label:
                shown = "".join(r.choices(words, k=r.randrange(2, 5)))
            elif r.random() < share:
                shown = nothing
            else:
                shown = texts.wide(texts.text(r, separators=separators), r)
            if not {ord(char) for char in shown} <= known:
                shown = str(r.randrange(10 ** r.randrange(1, 5)))
            cells.append(PlannedCell(row, column, shown, numeric=True, align="c" if label else align))
    setter = Typesetter(font, 100)
    widths = [
        min(max(setter.width(c.text) for c in cells if c.col == k) / 100 + r.uniform(1.0, 3.0), _ROOMY)
        for k in range(columns)
    ]
    planned = PlannedTable(
        "free",
        tuple(cells),
        tuple(widths),
        open_sides=r.random() < 0.2,
        body_rules=r.random() < 0.85,
    )
    return planned, [cell.text for cell in cells]


def look_of(font: Typeface, r: random.Random) -> Look:
    """Type from 6.5 to 14 points, most of it small, in tight rows."""
    rule = r.choice([0.35, 0.5, 0.5, 0.75, 1.0])
    return Look(
        font,
        font,
        font,
        table_size=r.choice([r.uniform(6.5, 10.5), r.uniform(6.5, 10.5), r.uniform(9, 14)]),
        leading=r.uniform(1.0, 1.4),
        pad=r.choice([r.uniform(0.0, 1.5), r.uniform(0.8, 4.0)]),
        rule=rule,
        frame=rule * r.choice([1.0, 2.0]),
        margin=_MARGIN,
        ink=r.randrange(45),
    )


def damage_of(r: random.Random, rng: np.random.Generator, two_levels: float) -> Damage:
    """What the table suffers: bad copies most often; two levels, faxes, seals oftener than made pages."""
    level = r.choice([1, 2, 3, 3, 3, 3, 4, 4, 4])
    weights = [1 - two_levels, two_levels / 2, two_levels / 2]
    kind, seal = r.choices(["", "bilevel", "fax"], weights)[0], r.random() < 0.15
    for _ in range(60):
        drawn = draw_damage(level, rng)
        if (not kind or getattr(drawn, kind)) and (drawn.seal == "table") >= seal:
            break
        level = max(level, 3)
    return replace(drawn, quarter_turns=0)


def scanned(
    planned: PlannedTable, look: Look, dpi: int, damage: Damage, r: random.Random, rng: np.random.Generator
) -> tuple[Scan, list[Box]]:
    """A scan of the table and the boxes of its cells in the flat frame.

    In one table of five the rules lie higher than they should, as in ledgers whose commas hang down into
    the rule below and lose their tails with it.
    """
    supersampling = 2 if dpi <= 240 else 1
    scale = dpi / 72 * supersampling
    em = round(look.table_size * scale)
    width = round(sum(planned.weights) * em + 2 * look.margin * scale) // supersampling * supersampling
    placed = place((planned,), look, (width, 0), scale).tables[0]
    height = round(placed.rows[-1] + look.margin * scale) // supersampling * supersampling
    text, rules = draw(PlacedPage((placed,)), look, (width, height), scale)
    up = 0
    if r.random() < 0.2:
        room = look.pad * scale + em * (look.leading / 2 - 0.37)  # from the base line to the rule below
        up = max(0, round(room - r.uniform(0.0, 0.16) * em))
        rules = np.roll(rules, -up, axis=0)
    layers = [
        cv2.resize(layer, None, fx=1 / supersampling, fy=1 / supersampling, interpolation=cv2.INTER_AREA)
        for layer in (text, rules)
    ]
    boxes = [np.array(placed.rect(cell)) - (0, up, 0, up) for cell in planned.cells]
    made = scan(
        np.asarray(layers[0], dtype=np.uint8),
        np.asarray(layers[1], dtype=np.uint8),
        damage,
        rng,
        dpi,
        [_frame(placed, supersampling)],
        margin=look.margin * dpi / 72,
    )
    flat = [box / supersampling + np.array([*made.offset, *made.offset]) for box in boxes]
    off = 2.0 * dpi / 200  # boxes of the layout stage are as far off
    return made, [Box(*map(float, box + rng.uniform(-off, off, 4))) for box in flat]


def _frame(placed: PlacedTable, supersampling: int) -> tuple[float, ...]:
    corners = (placed.columns[0], placed.rows[0], placed.columns[-1], placed.rows[-1])
    return tuple(edge / supersampling for edge in corners)


def flat_gray(made: Scan) -> Gray:
    """The scan taken back to its flat frame by its known geometry, as the reader would see it."""
    width, height = made.page_size
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    at = made.to_image(np.stack([x.ravel(), y.ravel()], axis=1)).astype(np.float32)
    maps = at.reshape(height, width, 2)
    image = cv2.remap(made.image, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    size = (width, height)
    return plain_gray(Page(1, np.asarray(image, dtype=np.uint8), made.dpi, Straightening(size, size)))


def strips_of(gray: Gray, table: Table, shown: list[str]) -> Iterator[tuple[np.ndarray, list[int]]]:
    """Strips that the reader would cut, and their classes."""
    views = view_cells(gray, table)
    height = text_height(views)
    for view, text in zip(views, shown, strict=True):
        if len(view.ink.lines) != 1:
            continue
        line = view.ink.lines[0]
        if line.width <= _LONGEST * max(line.height, height):
            yield figure_strip(*view.line(0), text_height=height), alphabet.classes(text)


def render(
    folder: Path, tables: int, seed: int, two_levels: float
) -> tuple[list[np.ndarray], list[list[int]]]:
    """Strips and classes of this many tables."""
    r, rng = random.Random(seed), np.random.default_rng([20261123, seed])
    known = families(folder, unseen=False)
    chinese = [f for f in known if sum(ord(word) in glyphs(*f[0]) for word in _WORDS) > len(_WORDS) // 2]
    strips: list[np.ndarray] = []
    labels: list[list[int]] = []
    while tables:
        font, printable = typeface_of(known, chinese, r)
        dpi = r.choice([150, 150, 200, 200, r.choice([240, 300])])
        try:
            planned, shown = table_of(font, printable, r)
            made, boxes = scanned(planned, look_of(font, r), dpi, damage_of(r, rng, two_levels), r, rng)
        except OSError:  # a few faces have broken outlines at some sizes
            continue
        refs = [CellRef(1, 0, cell.row, cell.col) for cell in planned.cells]
        cells = tuple(Cell(ref, box) for ref, box in zip(refs, boxes, strict=True))
        table = Table(1, 0, Box(0.0, 0.0, *map(float, made.page_size)), cells)
        for strip, classes in strips_of(flat_gray(made), table, shown):
            if classes != [alphabet.INDEX[alphabet.REJECT]] or r.random() < _LABELS:
                strips.append(strip)
                labels.append(classes)
        tables -= 1
    return strips, labels


def typeface_of(
    known: list[list[Font]], chinese: list[list[Font]], r: random.Random
) -> tuple[Typeface, frozenset[int]]:
    """A Chinese face, in half of the tables with figures in another face, and what they can print."""
    path, face = r.choice(r.choice(chinese))
    has = glyphs(path, face)
    if r.random() < 0.4:
        return Typeface(path.stem, str(path), face), has
    latin, at = r.choice(r.choice(known))
    if at:
        return Typeface(path.stem, str(path), face), has
    ascii_ = frozenset(range(0x21, 0x7F))
    printable = (glyphs(latin, 0) & ascii_) | (has - ascii_)
    return Typeface(path.stem, str(path), face, latin.stem, str(latin)), printable


def main() -> None:
    """Command line."""
    folder, out, tables, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    two_levels = float(sys.argv[5]) if len(sys.argv) > 5 else _TWO_LEVELS
    cv2.setNumThreads(1)
    started = time.process_time()
    strips, labels = render(folder, tables, seed, two_levels)
    save(out, strips, labels, [0.0] * len(strips))
    print(f"{len(strips)} strips in {time.process_time() - started:.0f} CPU s")


if __name__ == "__main__":
    main()
