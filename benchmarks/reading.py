"""How well and how fast cells are read, on made pages with true boxes: one JSON line.

    python -m benchmarks.reading [--pages 8] [--levels 0-3] [--dpi 200] [--seed 900] [--peers] [--plot F.svg]
    python -m benchmarks.reading --form-page

The pages are taken back to their flat frame with the exact geometry of the simulation and every box
is moved by up to two pixels, so what is measured is reading, not layout. None of the fonts of these
pages was seen in training. Labels count as they are read, and as they are decided where a form is known.
`--peers` asks PP-OCR and Tesseract about the same figure cells; `--form-page` times one page with 176
figures, 60 labels and 10 lines of prose.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter, defaultdict
from pathlib import Path

import cv2
import numpy as np
from benchmarks.reading_measures import Seen, calibration, error_rate, same, shares
from benchmarks.reading_peers import peers
from benchmarks.reliability_plot import reliability_plot

from fixtures.make import MadePage, make_page
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Page
from gouji_layout.table import Cell, Table
from gouji_ocr.engines import Engines
from gouji_ocr.planes import Plane
from gouji_ocr.prose import read_lines
from gouji_ocr.reader import read_table
from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess.decide_text import decide_text
from gouji_postprocess.decision import Decision, State
from gouji_postprocess.form import Packs
from gouji_postprocess.form_labels import decide_labels
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.settings import ReconcileSettings


def flat_page(made: MadePage) -> Page:
    """The scan taken back to the frame of its truth, by the exact geometry of the simulation."""
    width, height = made.truth["page_size"]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    at = made.scan.to_image(np.stack([x.ravel(), y.ravel()], axis=1)).astype(np.float32)
    maps = at.reshape(height, width, 2)
    image = cv2.remap(made.image, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    size = (width, height)
    return Page(1, np.asarray(image, dtype=np.uint8), float(made.truth["dpi"]), Straightening(size, size))


def true_tables(made: MadePage, rng: np.random.Generator, off: float) -> list[tuple[Table, list[str]]]:
    """Tables with their true cells, each side moved by up to `off` pixels, and what is printed in them."""
    found = []
    for index, table in enumerate(made.truth["tables"]):
        cells = []
        for cell in table["cells"]:
            sides = np.array(cell["box"]) + rng.uniform(-off, off, 4)
            ref = CellRef(1, index, cell["row"], cell["col"])
            cells.append(Cell(ref, Box(*map(float, sides)), cell["rowspan"], cell["colspan"]))
        texts = [cell["text"] for cell in table["cells"]]
        found.append((Table(1, index, Box(*table["box"]), tuple(cells)), texts))
    return found


def decided_texts(table: Table, readings: list[Reading], packs: Packs) -> list[Decision]:
    """What becomes of every cell that is decided like a label: by reading, and by a form that fits."""
    settings = ReconcileSettings()
    alone = {one.ref: decide_text(one, settings, fixed=None, version="benchmark") for one in readings}
    match = match_form(table, readings, packs)
    decided = alone if match is None else alone | decide_labels(match, readings, alone)
    return [decided[one.ref] for one in readings]


def measure(arguments: argparse.Namespace, engines: Engines) -> dict[str, object]:
    """Read every page and compare."""
    first, _, last = arguments.levels.partition("-")
    levels = range(int(first), int(last or first) + 1)
    rng = np.random.default_rng(arguments.seed)
    seen: list[Seen] = []
    labels: dict[int, list[tuple[str, str]]] = defaultdict(list)
    decided: dict[int, list[tuple[str, str]]] = defaultdict(list)
    states: dict[State, list[bool]] = defaultdict(list)
    packs = load_packs()
    prose: dict[int, list[tuple[str, str]]] = defaultdict(list)
    compared: dict[str, np.ndarray] = {}
    wrong_kind: Counter[str] = Counter()
    spent = 0.0
    for at in range(arguments.pages):
        level = levels[at % len(levels)]
        made = make_page(arguments.seed * 1000 + at, level, arguments.dpi)
        page = flat_page(made)
        for table, texts in true_tables(made, rng, arguments.off * arguments.dpi / 200):
            numeric = [c["numeric"] for c in made.truth["tables"][table.index]["cells"]]
            before = time.process_time()
            readings = read_table(page, table, engines)
            spent += time.process_time() - before
            decisions = decided_texts(table, readings, packs)
            for reading, decision, text, number in zip(readings, decisions, texts, numeric, strict=True):
                if number:
                    seen.append(Seen(text, reading, level, made.truth["font"]["digits"]))
                    wrong_kind["inked_called_blank"] += bool(text) and reading.kind is ReadingKind.BLANK
                elif text:
                    labels[level].append((text, reading.text))
                    decided[level].append((text, decision.text))
                    states[decision.state].append(same(text, decision.text))
            if arguments.peers:
                picked = [i for i, n in enumerate(numeric) if n and texts[i]]
                for name, counts in peers(page, table, texts, picked, engines).items():
                    compared[name] = compared.get(name, np.zeros(3)) + counts
        lines = made.truth["text"]
        before = time.process_time()
        read = read_lines(page, [Box(*line["box"]).padded(3) for line in lines], engines)
        spent += time.process_time() - before
        prose[level] += [(line["text"], found.text) for line, found in zip(lines, read, strict=True)]
    right = sum(one.right for one in seen)
    result: dict[str, object] = {
        "pages": arguments.pages,
        "dpi": arguments.dpi,
        "figures": [right, len(seen)],
        "exact": round(right / len(seen), 6),
        "in_five": round(sum(one.in_five for one in seen) / len(seen), 6),
        "by_level": shares(seen, "level"),
        "by_font": shares(seen, "font"),
        "by_kind": shares(seen, "kind"),
        "calibration": calibration(seen),
        "inked_called_blank": wrong_kind["inked_called_blank"],
        "label_error_rate": {str(level): error_rate(pairs) for level, pairs in sorted(labels.items())},
        "decided_label_error_rate": {
            str(level): error_rate(pairs) for level, pairs in sorted(decided.items())
        },
        "labels_right_by_state": {state: [sum(right), len(right)] for state, right in sorted(states.items())},
        "labels": sum(map(len, labels.values())),
        "prose_error_rate": {str(level): error_rate(pairs) for level, pairs in sorted(prose.items())},
        "cpu_seconds_a_page": round(spent / arguments.pages, 3),
    }
    if compared:
        result["peers"] = {
            name: {
                "exact": round(c[0] / c[1], 5),
                "cells": int(c[1]),
                "cpu_ms_a_cell": round(c[2] / c[1] * 1e3, 3),
            }
            for name, c in compared.items()
        }
    if arguments.errors:
        result["errors"] = [
            [
                one.truth,
                one.reading.text,
                str(one.reading.kind),
                one.level,
                round(one.reading.log_probability, 2),
            ]
            for one in seen
            if not one.right
        ][:60]
        result["label_errors"] = [[t, r] for pairs in labels.values() for t, r in pairs if not same(t, r)][
            :60
        ]
        result["prose_errors"] = [[t, r] for pairs in prose.values() for t, r in pairs if not same(t, r)][:20]
    return result


def form_page_seconds(engines: Engines, runs: int = 3) -> dict[str, object]:
    """CPU seconds of reading a page with 176 figures, 60 labels and 10 lines of prose, at best of runs."""
    made = make_page(31, 1, 200, "2019", parts=("T3", "T4"), published="")
    page = flat_page(made)
    tables = true_tables(made, np.random.default_rng(0), 0.0)
    boxes = [Box(*line["box"]).padded(3) for line in made.truth["text"]][:10]
    best: tuple[float, float] = (math.inf, math.inf)
    for _ in range(runs):
        start = time.process_time()
        plane = Plane.of(page)  # once a page, as in `gouji read`
        for table, _ in tables:
            read_table(page, table, engines, plane=lambda _: plane)  # noqa: B023 - called at once
        middle = time.process_time()
        read_lines(page, boxes, engines, plane=lambda _: plane.gray)  # noqa: B023 - called at once
        best = min(best, (middle - start, time.process_time() - middle))
    numeric = sum(c["numeric"] for t in made.truth["tables"] for c in t["cells"])
    labels = sum(not c["numeric"] for t in made.truth["tables"] for c in t["cells"])
    return {
        "figures": numeric,
        "labels": labels,
        "lines": len(boxes),
        "tables_cpu_seconds": round(best[0], 3),
        "prose_cpu_seconds": round(best[1], 3),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--levels", default="0-3")
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--seed", type=int, default=900)
    parser.add_argument(
        "--off", type=float, default=2.0, help="how far box sides are moved, in pixels at 200 dpi"
    )
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--errors", action="store_true", help="list what was read wrong")
    parser.add_argument("--form-page", action="store_true")
    parser.add_argument("--plot", type=Path, help="write the reliability plot as SVG")
    arguments = parser.parse_args()
    engines = Engines.load()
    result = form_page_seconds(engines) if arguments.form_page else measure(arguments, engines)
    if arguments.plot:
        bins = result["calibration"]["bins"]  # type: ignore[index]
        arguments.plot.write_text(reliability_plot(bins), encoding="utf-8")
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
