"""Renders damaged lines of labels for training the line reader further.

    python models/training/render_lines.py FONTS DICTIONARY OUT.npz TABLES SEED [fine]

DICTIONARY is `dict.txt` of jieba (word, frequency, kind). Tables of labels are set with training fonts (never
those of the made test pages), worn and scanned by the simulation of `fixtures/make`, and cut as the reader
cuts lines of words. `fine` makes good copies only.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from cell_pages import damage_of, flat_gray, look_of, scanned
from line_texts import Vocabulary
from render_figures import families, glyphs, typeface

from fixtures.make.damage import Damage, draw_damage
from fixtures.make.fonts import Typeface, Typesetter
from fixtures.make.plan import PlannedCell, PlannedTable
from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.table import Cell, Table
from gouji_ocr.cell_text import SQUEEZE
from gouji_ocr.strips import line_strip
from gouji_ocr.text_lines import widened
from gouji_ocr.views import view_cells

Font = tuple[Path, int]

_FEWEST = 9_000  # words that a face must be able to print
_WHOLE = 24_000  # words: such faces are made for simplified script, and drawn oftener
_ROOMY = 26  # widest cell in em


def faces(folder: Path, words: Vocabulary) -> list[tuple[list[tuple[Font, Vocabulary]], int]]:
    """Families of training fonts that print Chinese words, what each can print, and how often it is drawn."""
    found = []
    known: dict[Font, Vocabulary] = {}
    for family in families(folder, unseen=False):
        for font in family:
            if font not in known:
                known[font] = words.printable(glyphs(*font))
        kept = [(f, known[f]) for f in family if len(known[f].words) >= _FEWEST and _draws(f, known[f])]
        if kept:
            whole = max(len(printable.words) for _, printable in kept) >= _WHOLE
            found.append((kept, 4 if whole else 1))
    return found


def _draws(font: Font, words: Vocabulary) -> bool:
    """Whether a face has outlines for what it says it has."""
    common = sorted({char for word in words.words[:200] for char in word})
    try:
        return all(any(typeface(*font, 24).getmask(char)) for char in common)
    except OSError:  # no outlines at all
        return False


def table_of(font: Typeface, known: Vocabulary, has: frozenset[int], r: random.Random) -> PlannedTable:
    """A table of labels in every cell."""
    rows, columns = r.randrange(7, 15), r.randrange(2, 5)
    setter = Typesetter(font, 100)
    cells: list[PlannedCell] = []
    for row in range(rows):
        for column in range(columns):
            shown = known.label(r)
            while not {ord(char) for char in shown} <= has | {32} or setter.width(shown) > 100 * _ROOMY:
                shown = known.label(r)
            cells.append(PlannedCell(row, column, shown, numeric=True, align=r.choice("clc")))
    widths = [
        max(setter.width(c.text) for c in cells if c.col == k) / 100 + r.uniform(1.0, 3.0)
        for k in range(columns)
    ]
    return PlannedTable("free", tuple(cells), tuple(widths), open_sides=r.random() < 0.2)


def lines_of(gray: Gray, table: Table, shown: list[str]) -> Iterator[tuple[np.ndarray, str]]:
    """Strips of the cells that hold one line, as the reader cuts them, and what they say."""
    for view, text in zip(view_cells(gray, table), shown, strict=True):
        if len(view.ink.lines) == 1:
            picture, line = view.line(0)
            yield line_strip(picture, widened(picture, line), squeeze=SQUEEZE), text


def render(
    folder: Path, words: Vocabulary, tables: int, seed: int, *, fine: bool
) -> tuple[list[np.ndarray], list[str]]:
    """Strips and texts of this many tables."""
    r, rng = random.Random(seed), np.random.default_rng([20261129, seed])
    known = faces(folder, words)
    strips: list[np.ndarray] = []
    texts: list[str] = []
    while tables:
        members, _ = r.choices(known, [often for _, often in known])[0]
        (path, face), printable = r.choice(members)
        font = Typeface(path.stem, str(path), face)
        damage = _good(r, rng) if fine else damage_of(r, rng)
        dpi = r.choice([150, 200, 200, r.choice([240, 300])])
        try:
            planned = table_of(font, printable, glyphs(path, face), r)
            made, boxes = scanned(planned, look_of(font, r), dpi, damage, r, rng)
        except OSError:  # a few faces have broken outlines at some sizes
            continue
        refs = [CellRef(1, 0, cell.row, cell.col) for cell in planned.cells]
        cells = tuple(Cell(ref, box) for ref, box in zip(refs, boxes, strict=True))
        table = Table(1, 0, Box(0.0, 0.0, *map(float, made.page_size)), cells)
        for strip, text in lines_of(flat_gray(made), table, [cell.text for cell in planned.cells]):
            strips.append(strip)
            texts.append(text)
        tables -= 1
    return strips, texts


def _good(r: random.Random, rng: np.random.Generator) -> Damage:
    return replace(draw_damage(r.choice([0, 1, 1, 2]), rng), quarter_turns=0)


def main() -> None:
    """Command line."""
    folder, dictionary, out, tables, seed = sys.argv[1:6]
    cv2.setNumThreads(1)
    started = time.process_time()
    words = Vocabulary.load(Path(dictionary))
    strips, texts = render(Path(folder), words, int(tables), int(seed), fine="fine" in sys.argv[6:])
    np.savez(
        out,
        strips=np.concatenate(strips, axis=1),
        ends=np.cumsum([strip.shape[1] for strip in strips]),
        texts=np.array("\n".join(texts)),
    )
    print(f"{len(strips)} strips in {time.process_time() - started:.0f} CPU s")


if __name__ == "__main__":
    main()
