"""Structure of tables: exact grids, structure F1, TEDS-Struct, cell boxes, angles and processor seconds.

    python -m benchmarks.layout                                # made pages of every level, dotted forms
    python -m benchmarks.layout --real ../shared/realdata      # and the real scans and pages
    python -m benchmarks.layout --real ../shared/realdata --damage 3-4  # and the pages, damaged
    python -m benchmarks.layout --img2table VENV/bin/python    # and img2table from its own environment
    python -m benchmarks.layout --no-forms                     # as if no published form was known
    python -m benchmarks.layout --tables 100 --seed 61 --cache build/made --real ../shared/realdata \
        --img2table VENV/bin/python                            # the whole table of docs/measured/layout.md

Prints one JSON line, and each set as it is done to standard error. A table is exact when every (row,
column, row span, column span) is right. With --cache made pages are kept and taken from there again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Before numpy: idle threads of the linear algebra would be counted as work.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np
from benchmarks.layout_cases import Case, damaged_cases, dotted_cases, made_cases, real_cases
from benchmarks.layout_peer import Img2table
from benchmarks.layout_scores import Score, angle_error, cell_overlaps, scores, summary, table_signature

from gouji_layout.form_grid import FormGrid
from gouji_layout.lines import text_lines
from gouji_layout.page import Page, ScanPage
from gouji_layout.paper import Paper
from gouji_layout.regions import regions
from gouji_layout.table import Table
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright
from gouji_postprocess.form_layout import form_grids
from gouji_postprocess.packs import load_packs

STEPS = ("upright", "tables", "regions", "lines")
BARS = {
    "exact share of levels 0 to 3": 1.0,
    "exact share of level 4": 0.95,
    "exact share of level 5": 0.8,
    "exact share of real scans": 0.8,
    "structure F1 of real scans": 0.95,
    "exact share of real pages": 0.97,
    "mean skew error, degrees": 0.02,
    "worst skew error, degrees": 0.1,
    "processor seconds a page": 0.8,
}


@dataclass
class Measured:
    """What is gathered over one set of pictures."""

    pages: int = 0
    scores: list[Score] = field(default_factory=list)
    peer_scores: list[Score] = field(default_factory=list)
    overlaps: list[float] = field(default_factory=list)
    angles: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    peer_seconds: float = 0.0

    def add(self, other: Measured) -> None:
        """Take another set in."""
        self.pages += other.pages
        self.scores += other.scores
        self.peer_scores += other.peer_scores
        self.overlaps += other.overlaps
        self.angles += other.angles
        self.peer_seconds += other.peer_seconds
        for step, value in other.seconds.items():
            self.seconds[step] += value

    def report(self) -> dict[str, Any]:
        """The set as it goes into the JSON line."""
        pages = max(self.pages, 1)
        report: dict[str, Any] = {"pages": self.pages, **summary(self.scores)}
        report["cell_iou"] = round(float(np.mean(self.overlaps)), 4) if self.overlaps else None
        report["angle"] = {"pages": len(self.angles)}
        if self.angles:
            report["angle"] |= {
                "mean": round(float(np.mean(self.angles)), 4),
                "worst": round(float(np.max(self.angles)), 4),
            }
        report["cpu_seconds_a_page"] = {step: round(value / pages, 3) for step, value in self.seconds.items()}
        report["cpu_seconds_a_page"]["all"] = round(sum(self.seconds.values()) / pages, 3)
        report["not_exact"] = [score.name for score in self.scores if not score.exact]
        if self.peer_scores:
            report["img2table"] = summary(self.peer_scores)
            report["img2table"]["cpu_seconds_a_page"] = round(self.peer_seconds / pages, 3)
        return report


def main() -> None:
    """Run what is asked for and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--levels", default="0-5", help="like 2 or 0-3; empty for no made pages")
    parser.add_argument("--tables", type=int, default=20, help="at least this many made tables a level")
    parser.add_argument("--dotted", type=int, default=12, help="dotted forms; 0 for none")
    parser.add_argument("--seed", type=int, default=73)
    parser.add_argument("--cache", type=Path, help="folder where made pages are kept")
    parser.add_argument("--real", type=Path)
    parser.add_argument("--kinds", default="scans,pages", help="which folders of --real")
    parser.add_argument("--damage", default="", help="levels at which the pages of --real are also scanned")
    parser.add_argument("--img2table", type=Path, help="interpreter of an environment that has img2table")
    parser.add_argument(
        "--turns", type=int, default=0, help="pages of which quarter turns are decided by reading"
    )
    parser.add_argument(
        "--no-forms", action="store_true", help="know none of the forms that gouji comes with"
    )
    options = parser.parse_args()
    cv2.setNumThreads(1)
    forms = () if options.no_forms else form_grids(load_packs().tables)
    result: dict[str, Any] = {"benchmark": "layout", "seed": options.seed, "forms": len(forms), "sets": {}}
    ruled = Measured()
    with ExitStack() as stack:
        peer = stack.enter_context(Img2table(options.img2table)) if options.img2table else None
        for name, cases in chosen(options).items():
            found = measured(cases, peer, forms)
            if name in {f"level_{level}" for level in range(4)}:
                ruled.add(found)
            result["sets"][name] = found.report()
            print(json.dumps({name: result["sets"][name]}, ensure_ascii=False), file=sys.stderr, flush=True)
    if ruled.pages:
        result["sets"]["levels_0_to_3"] = ruled.report()
    if options.turns:
        result["quarter_turns"] = turns_right(options.turns, options.seed)
    result["bars"] = bars(result["sets"])
    print(json.dumps(result, ensure_ascii=False))


def chosen(options: argparse.Namespace) -> dict[str, Iterator[Case]]:
    """The sets asked for, by name."""
    sets: dict[str, Iterator[Case]] = {
        f"level_{level}": made_cases(level, options.tables, options.seed, options.cache)
        for level in _levels(options.levels)
    }
    if options.dotted:
        sets["dotted"] = dotted_cases(options.dotted, options.seed)
    if options.real:
        sets |= {kind: real_cases(options.real / kind) for kind in options.kinds.split(",") if kind}
        sets |= {
            f"pages_at_level_{level}": damaged_cases(options.real / "pages", level, options.seed)
            for level in _levels(options.damage)
        }
    return sets


def _levels(asked: str) -> range:
    first, _, last = (asked or "0--1").partition("-")
    return range(int(first), int(last or first) + 1)


def measured(cases: Iterator[Case], peer: Img2table | None, forms: Sequence[FormGrid]) -> Measured:
    """All figures for one set of pictures."""
    found = Measured()
    before = peer.seconds if peer else 0.0
    for case in cases:
        page, tables, spent = run(case, forms)
        found.pages += 1
        for step, value in spent.items():
            found.seconds[step] += value
        found.scores += scores(case, [table_signature(table) for table in tables])
        found.overlaps += cell_overlaps(case, page, tables)
        error = angle_error(case, page)
        if error is not None:
            found.angles.append(error)
        if peer:
            found.peer_scores += scores(case, peer.tables(case))
    found.peer_seconds = peer.seconds - before if peer else 0.0
    return found


def run(case: Case, forms: Sequence[FormGrid] = ()) -> tuple[Page, list[Table], dict[str, float]]:
    """All layout steps of one picture with their processor seconds; nothing is read."""
    clock = [time.process_time()]
    page = upright(ScanPage(1, case.image, case.dpi))
    clock.append(time.process_time())
    paper = Paper.of(page)
    tables = find_tables(page, paper, forms=forms)
    clock.append(time.process_time())
    regions(page, tables, paper)
    clock.append(time.process_time())
    text_lines(page, tables, paper)
    clock.append(time.process_time())
    return page, tables, dict(zip(STEPS, np.diff(clock).tolist(), strict=True))


def bars(sets: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each bar with what was measured, where it was."""
    ruled, scans = sets.get("levels_0_to_3", {}), sets.get("scans", {})
    measured_values: Sequence[Any] = (
        ruled.get("exact_share"),
        sets.get("level_4", {}).get("exact_share"),
        sets.get("level_5", {}).get("exact_share"),
        scans.get("exact_share"),
        scans.get("structure_f1"),
        sets.get("pages", {}).get("exact_share"),
        ruled.get("angle", {}).get("mean"),
        ruled.get("angle", {}).get("worst"),
        ruled.get("cpu_seconds_a_page", {}).get("all"),
    )
    report = {}
    for (name, bar), value in zip(BARS.items(), measured_values, strict=True):
        if value is not None:
            lower_is_better = "skew" in name or "seconds" in name
            met = value <= bar if lower_is_better else value >= bar
            report[name] = {"bar": bar, "measured": value, "met": met}
    return report


def turns_right(pages: int, seed: int) -> dict[str, Any]:
    """Pages put in each of the four quarter turns and stood up by reading."""
    from fixtures.make import FORMS, make_page  # noqa: PLC0415
    from gouji_ocr.engines import Engines  # noqa: PLC0415 - layout itself never reads
    from gouji_ocr.prose import line_scorer  # noqa: PLC0415

    score, right, wrong = line_scorer(Engines.load()), 0, []
    for at in range(pages):
        page = make_page(seed * 100_000 + 50_000 + at, 1 + at % 3, 200, FORMS[at % len(FORMS)])
        image = np.ascontiguousarray(np.rot90(page.image, at % 4))
        found = upright(ScanPage(1, image, 200.0), read_lines=score).straightening.quarter_turns
        if (found + at % 4 + page.truth["quarter_turns"]) % 4 == 0:
            right += 1
        else:
            wrong.append(at)
    return {"pages": pages, "right": right, "wrong": wrong}


if __name__ == "__main__":
    main()
