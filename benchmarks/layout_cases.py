"""Pictures with known tables for the layout benchmark: made pages, dotted forms, real scans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from fixtures.make import FORMS, Damage, Scan, draw_damage, make_page
from fixtures.make.damage import scan
from gouji_layout.geometry import Straightening

DPI = 200


@dataclass(frozen=True, eq=False)
class Case:
    """A picture and the tables that are really on it."""

    name: str
    image: np.ndarray
    dpi: float | None
    truth: dict[str, Any]
    scan: Scan | None = None  # takes truth boxes of a made page to the scan as it was before quarter turns

    @property
    def angle(self) -> float | None:
        """True skew in degrees; None where it is not known or not the same all over the page."""
        damage = self.truth.get("damage")
        return None if damage is None or damage["perspective"] or damage["curl"] else self.truth["angle"]

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Take (N, 2) points of the frame of the truth boxes to pixels of the picture."""
        if self.scan is None:
            return points
        size = self.image.shape[1], self.image.shape[0]
        back = Straightening(size, size, quarter_turns=self.truth["quarter_turns"])
        return back.to_scan(self.scan.to_image(points))  # the picture is the scan turned back upright


def made_cases(level: int, tables: int, seed: int, cache: Path | None = None) -> Iterator[Case]:
    """Made pages of one level, all forms in turn, until there are enough tables; kept below `cache`."""
    at = found = 0
    while found < tables:
        name = f"made_{seed}_level{level}_{at:03d}"
        case = _cached(cache, name) if cache else None
        if case is None:
            page = make_page(seed * 100_000 + level * 10_000 + at, level, DPI, FORMS[at % len(FORMS)])
            if cache:
                page.save(cache, name)
            case = _upright(name, page.image, page.truth, page.scan)
        yield case
        found += len(case.truth["tables"])
        at += 1


def _cached(folder: Path, name: str) -> Case | None:
    if not (folder / "truth" / f"{name}.json").exists():
        return None
    truth = json.loads((folder / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    image = np.asarray(Image.open(folder / truth["image"]).convert("RGB"))
    damage = Damage(**{**truth["damage"], "paper": tuple(truth["damage"]["paper"])})
    way = Scan(image, damage, tuple(truth["page_size"]), (0, 0), np.array(truth["homography"]), truth["dpi"])
    return _upright(name, image, truth, way)


def _upright(name: str, image: np.ndarray, truth: dict[str, Any], way: Scan) -> Case:
    """Made pages are turned upright by their truth: quarter turns need a reader and are measured apart."""
    turned = np.ascontiguousarray(np.rot90(image, -truth["quarter_turns"]))
    return Case(name, turned, float(DPI), truth, way)


def real_cases(folder: Path) -> Iterator[Case]:
    """Real pictures with truth in the project's format."""
    for path in sorted((folder / "truth").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        image = np.asarray(Image.open(folder / truth["image"]).convert("RGB"))
        yield Case(path.stem, image, truth["dpi"], truth)


def damaged_cases(folder: Path, level: int, seed: int) -> Iterator[Case]:
    """Real pages of perfect print, scanned by the simulation: forms that no made page has, in made damage.

    Their rules cannot be worn apart from the text, so they suffer less than those of made pages.
    """
    for at, case in enumerate(real_cases(folder)):
        rng = np.random.default_rng([seed, level, at])
        print_ = np.asarray(cv2.cvtColor(case.image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        dpi = case.dpi or float(DPI)
        tables = [tuple(table["box"]) for table in case.truth["tables"]]
        made = scan(
            print_, np.full_like(print_, 255), draw_damage(level, rng), rng, dpi, tables, margin=0.5 * dpi
        )
        for table in case.truth["tables"]:
            for cell in table["cells"]:
                cell["box"] = [side + made.offset[way % 2] for way, side in enumerate(cell["box"])]
        truth = {
            **case.truth,
            "angle": made.damage.angle,
            "quarter_turns": made.damage.quarter_turns,
            "damage": made.damage.as_dict(),
        }
        yield _upright(f"{case.name}_level{level}", made.image, truth, made)


def dotted_cases(tables: int, seed: int) -> Iterator[Case]:
    """Forms of a dot-matrix printer: one table a page, rules of dots or dashes, scanned at levels 0 to 2."""
    for at in range(tables):
        rng = np.random.default_rng([seed, 77, at])
        rows, cols = int(rng.integers(5, 16)), int(rng.integers(3, 8))
        heights = np.full(rows, int(rng.integers(44, 62)))
        widths = rng.integers(130, 200, cols)
        ys, xs = 220 + np.cumsum([0, *heights]), 160 + np.cumsum([0, *widths])
        text, rules = (np.full((2339, 1654), 255, np.uint8) for _ in range(2))
        on, off, thick = int(rng.integers(2, 9)), int(rng.integers(2, 8)), int(rng.integers(2, 4))
        cells = [(0, 0, 1, cols), *((r, c, 1, 1) for r in range(1, rows) for c in range(cols))]
        for x in range(xs[0], xs[-1], on + off):
            for y in ys:
                rules[y : y + thick, x : min(x + on, xs[-1])] = 20
        for y in range(ys[0], ys[-1], on + off):
            for col, x in enumerate(xs):
                if y >= ys[1] or col in (0, cols):
                    rules[y : min(y + on, ys[-1]), x : x + thick] = 20
        for row, col, _, colspan in cells:
            figure = str(int(rng.integers(1, 10 ** int(rng.integers(1, 6)))))
            middle = (xs[col] + xs[col + colspan]) // 2 - 8 * len(figure)
            place = (int(middle), int((ys[row] + ys[row + 1]) // 2 + 10))
            cv2.putText(text, figure, place, cv2.FONT_HERSHEY_SIMPLEX, 0.85, (20,), 2)
        level = at % 3
        frame = (float(xs[0]), float(ys[0]), float(xs[-1]), float(ys[-1]))
        made = scan(text, rules, draw_damage(level, rng), rng, DPI, [frame], margin=120)
        truth = {
            "angle": made.damage.angle,
            "quarter_turns": made.damage.quarter_turns,
            "damage": made.damage.as_dict(),
            "tables": [
                {
                    "cells": [
                        {"row": r, "col": c, "rowspan": rs, "colspan": cs}
                        | {"box": [float(v) for v in (xs[c], ys[r], xs[c + cs], ys[r + rs])]}
                        for r, c, rs, cs in cells
                    ]
                }
            ],
        }
        yield _upright(f"dotted_{at}_on{on}_off{off}_level{level}", made.image, truth, made)
