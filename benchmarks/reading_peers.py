"""The readers side by side on the same cells: exactness and processor time, Tesseract's process counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from benchmarks.reading_measures import same

from gouji_layout.page import Page
from gouji_layout.table import Table
from gouji_ocr import alphabet
from gouji_ocr.engines import Engines
from gouji_ocr.steps import processor_seconds
from gouji_ocr.strips import figure_strip, line_strip
from gouji_ocr.views import plain_gray, text_height, view_cells


def peers(
    page: Page, table: Table, texts: Sequence[str], picked: Sequence[int], engines: Engines
) -> dict[str, np.ndarray]:
    """Right, all and CPU seconds of each reader on the same single-line figure cells."""
    views = view_cells(plain_gray(page), table)
    picked = [i for i in picked if len(views[i].ink.lines) == 1]
    height = text_height(views)
    strips = [line_strip(*views[i].line(0), margin=0.3) for i in picked]
    small = [figure_strip(*views[i].line(0), text_height=height) for i in picked]
    outcome: dict[str, np.ndarray] = {}
    for name, ask in (
        (engines.figures.name, lambda: [e.best()[0].text for e in engines.figures.read_figures(small)]),
        ("ppocr-v6 figures only", lambda: [e.best(1)[0].text for e in engines.lines.read_figures(strips)]),
        ("ppocr-v6 all symbols", lambda: [line.text for line in engines.lines.read(strips)]),
        (
            "tesseract-5",
            lambda: [c[0].text if c else "" for c in engines.tesseract.read_figures(strips)],
        ),
    ):
        before = processor_seconds()
        said = ask()
        right = sum(same(text, alphabet.fold(texts[i])) for text, i in zip(said, picked, strict=True))
        outcome[name] = np.array([right, len(picked), processor_seconds() - before])
    return outcome
