"""Structure of tables: exact grids, structure F1, TEDS-Struct, cell boxes, angles and processor seconds.

    python benchmarks/layout.py                              # made pages of every level
    python benchmarks/layout.py --real ../shared/realdata    # and the real scans and pages
    python benchmarks/layout.py --img2table VENV/bin/python  # and img2table from its own environment

Prints one JSON line. A table is exact when every (row, column, row span, column span) is right. Tables
are paired by structure, because the real scans have no boxes. Made pages are turned upright by their
truth: quarter turns need a reader and are measured with --turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Before numpy: idle threads of the linear algebra would be counted as work.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np
from apted import APTED, Config
from PIL import Image

from gouji_layout.geometry import Box
from gouji_layout.lines import text_lines
from gouji_layout.page import Page, ScanPage
from gouji_layout.regions import regions
from gouji_layout.table import Table
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # fixtures are no installed package

Signature = frozenset[tuple[int, int, int, int]]
STEPS = ("upright", "tables", "regions", "lines")

IMG2TABLE = """
import json, sys
import cv2
from img2table.document import Image
for path in sys.stdin.read().split("\\n"):
    if not path:
        continue
    tables = []
    page = Image(path, detect_rotation=True)
    for table in page.extract_tables(implicit_rows=False, borderless_tables=False):
        places = {}
        for r, row in table.content.items():
            for c, cell in enumerate(row):
                box = (cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2)
                places.setdefault(box, []).append((r, c))
        tables.append([
            [min(r for r, _ in at), min(c for _, c in at),
             max(r for r, _ in at) - min(r for r, _ in at) + 1,
             max(c for _, c in at) - min(c for _, c in at) + 1]
            for at in places.values()
        ])
    print(json.dumps({"path": path, "tables": tables}), flush=True)
"""


@dataclass(frozen=True, eq=False)
class Case:
    """A picture and the tables that are really on it."""

    name: str
    image: np.ndarray
    dpi: float | None
    truth: dict[str, Any]
    made: Any = None  # fixtures.make.MadePage, which can take truth boxes to the picture


def main() -> None:
    """Run what is asked for and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--levels", default="0-5", help="like 2 or 0-3; empty for no made pages")
    parser.add_argument("--tables", type=int, default=20, help="at least this many made tables a level")
    parser.add_argument("--seed", type=int, default=7300)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--kinds", default="scans,pages", help="which folders of --real")
    parser.add_argument("--img2table", type=Path, help="interpreter of an environment that has img2table")
    parser.add_argument(
        "--turns", type=int, default=0, help="pages of which quarter turns are decided by reading"
    )
    options = parser.parse_args()
    first, _, last = (options.levels or "0--1").partition("-")
    sets: dict[str, Iterator[Case]] = {
        f"level_{level}": made_cases(level, options.tables, options.seed)
        for level in range(int(first), int(last or first) + 1)
    }
    if options.real:
        sets |= {kind: real_cases(options.real / kind) for kind in options.kinds.split(",")}
    result: dict[str, Any] = {"benchmark": "layout", "seed": options.seed}
    for name, cases in sets.items():
        result[name] = measured(cases, options.img2table)
    if options.turns:
        result["quarter_turns"] = turns_right(options.turns, options.seed)
    print(json.dumps(result, ensure_ascii=False))


def made_cases(level: int, tables: int, seed: int) -> Iterator[Case]:
    """Made pages of one level, all forms in turn, until there are enough tables."""
    from fixtures.make import FORMS, make_page  # noqa: PLC0415

    at = found = 0
    while found < tables:
        page = make_page(seed * 100 + level * 1000 + at, level, 200, FORMS[at % len(FORMS)])
        turns = page.truth["quarter_turns"]
        image = np.ascontiguousarray(np.rot90(page.image, -turns))
        yield Case(f"level_{level}_{at}", image, 200.0, page.truth, page)
        found += len(page.truth["tables"])
        at += 1


def real_cases(folder: Path) -> Iterator[Case]:
    """Real pictures with truth in the project's format."""
    for path in sorted((folder / "truth").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        image = np.asarray(Image.open(folder / truth["image"]).convert("RGB"))
        yield Case(path.stem, image, truth["dpi"], truth)


def measured(cases: Iterator[Case], img2table: Path | None) -> dict[str, Any]:
    """All figures for one set of pictures."""
    pages, scores, failed, overlaps, angles = 0, [], [], [], []
    seconds = dict.fromkeys(STEPS, 0.0)
    peer_scores: list[tuple[float, float, bool]] = []
    for case in cases:
        pages += 1
        page, tables, spent = run(case)
        for step, value in spent.items():
            seconds[step] += value
        truth = [signature(table["cells"]) for table in case.truth["tables"]]
        for wanted, found in paired(truth, [table_signature(table) for table in tables]):
            score = compared(wanted, found)
            scores.append(score)
            if not score[2]:
                failed.append(case.name)
        if case.truth["tables"][0]["cells"][0].get("box"):
            overlaps += cell_overlaps(case, page, tables)
        error = angle_error(case, page)
        if error is not None:
            angles.append(error)
        if img2table:
            found_by_peer = peer(case, img2table)
            peer_scores += [compared(wanted, found) for wanted, found in paired(truth, found_by_peer)]
    report = {"pages": pages, **summary(scores)}
    report["cell_iou"] = round(float(np.mean(overlaps)), 4) if overlaps else None
    report["angle_mean"] = round(float(np.mean(angles)), 4) if angles else None
    report["angle_worst"] = round(float(np.max(angles)), 4) if angles else None
    report["cpu_seconds_a_page"] = {step: round(value / max(pages, 1), 3) for step, value in seconds.items()}
    report["cpu_seconds_a_page"]["all"] = round(sum(seconds.values()) / max(pages, 1), 3)
    report["not_exact"] = failed
    if img2table:
        report["img2table"] = summary(peer_scores)
    return report


def run(case: Case) -> tuple[Page, list[Table], dict[str, float]]:
    """All layout steps of one picture with their processor seconds."""
    clock = [time.process_time()]
    page = upright(ScanPage(1, case.image, case.dpi))
    clock.append(time.process_time())
    tables = find_tables(page)
    clock.append(time.process_time())
    regions(page, tables)
    clock.append(time.process_time())
    text_lines(page, tables)
    clock.append(time.process_time())
    return page, tables, dict(zip(STEPS, np.diff(clock).tolist(), strict=True))


def signature(cells: Sequence[dict[str, Any]]) -> Signature:
    """Places and spans of truth cells."""
    return frozenset((c["row"], c["col"], c.get("rowspan", 1), c.get("colspan", 1)) for c in cells)


def table_signature(table: Table) -> Signature:
    """Places and spans of found cells."""
    return frozenset((c.row, c.col, c.rowspan, c.colspan) for c in table.cells)


def paired(truth: Sequence[Signature], found: Sequence[Signature]) -> list[tuple[Signature, Signature]]:
    """Each true table with the found one most like it; an empty set when there is none left."""
    left, pairs = list(found), []
    for wanted in truth:
        best = max(left, key=lambda other: f1(wanted, other), default=frozenset())
        if best in left:
            left.remove(best)
        pairs.append((wanted, best))
    return pairs


def f1(wanted: Signature, found: Signature) -> float:
    """F1 of cells that have the right place and span."""
    return 2 * len(wanted & found) / max(len(wanted) + len(found), 1)


def compared(wanted: Signature, found: Signature) -> tuple[float, float, bool]:
    """Structure F1, TEDS-Struct, exact."""
    if wanted == found:
        return 1.0, 1.0, True
    return f1(wanted, found), teds_struct(wanted, found), False


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree that TEDS compares: table, row or cell."""

    name: str
    children: tuple[Node, ...] = ()


class SameName(Config):  # type: ignore[misc]
    """Renaming costs one when the names differ."""

    def rename(self, node1: Node, node2: Node) -> float:
        """Cost of taking one node for another."""
        return float(node1.name != node2.name)

    def children(self, node: Node) -> tuple[Node, ...]:
        """Children in order."""
        return node.children


def teds_struct(wanted: Signature, found: Signature) -> float:
    """Tree-edit similarity of structures without text (Zhong et al. 2020, arXiv:1911.10683)."""
    if not found:
        return 0.0
    trees, sizes = [], []
    for cells in (wanted, found):
        rows: dict[int, list[Node]] = {}
        for row, _, rowspan, colspan in sorted(cells):
            rows.setdefault(row, []).append(Node(f"td {rowspan} {colspan}"))
        trees.append(Node("table", tuple(Node("tr", tuple(own)) for own in rows.values())))
        sizes.append(1 + len(rows) + len(cells))
    return max(0.0, 1 - APTED(trees[0], trees[1], SameName()).compute_edit_distance() / max(sizes))


def cell_overlaps(case: Case, page: Page, tables: Sequence[Table]) -> list[float]:
    """IoU of cells found at the right place with where they really are, both in page pixels."""
    overlaps = []
    for truth in case.truth["tables"]:
        wanted = signature(truth["cells"])
        best = max(tables, key=lambda table: f1(wanted, table_signature(table)), default=None)
        if best is None:
            continue
        boxes = {(c.row, c.col, c.rowspan, c.colspan): c.box for c in best.cells}
        for cell in truth["cells"]:
            key = (cell["row"], cell["col"], cell.get("rowspan", 1), cell.get("colspan", 1))
            if key not in boxes:
                continue
            corners = Box(*cell["box"]).corners()
            if case.made is not None:
                corners = _unturned(case.made.scan.to_image(corners), case)
            overlaps.append(Box.around(page.straightening.to_page(corners)).iou(boxes[key]))
    return overlaps


def _unturned(points: np.ndarray, case: Case) -> np.ndarray:
    """Points of the made picture in the picture that was turned upright for this benchmark."""
    width, height = case.image.shape[1], case.image.shape[0]
    match case.truth["quarter_turns"] % 4:
        case 0:
            return points
        case 1:  # the picture is numpy.rot90 of the upright one
            return np.stack([width - 1 - points[:, 1], points[:, 0]], axis=1)
        case 2:
            return np.stack([width - 1 - points[:, 0], height - 1 - points[:, 1]], axis=1)
        case _:
            return np.stack([points[:, 1], height - 1 - points[:, 0]], axis=1)


def angle_error(case: Case, page: Page) -> float | None:
    """Degrees between the skew found and the true one, on pages that are only skewed."""
    if case.made is None or case.truth["damage"]["perspective"] or case.truth["damage"]["curl"]:
        return None
    return abs(page.straightening.degrees - case.truth["angle"])


def peer(case: Case, interpreter: Path) -> list[Signature]:
    """What img2table finds in the same picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        cv2.imwrite(str(path), case.image[..., ::-1])
        done = subprocess.run(
            [str(interpreter), "-c", IMG2TABLE], input=str(path), capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return [frozenset(tuple(cell) for cell in table) for table in json.loads(done.stdout)["tables"]]


def summary(scores: Sequence[tuple[float, float, bool]]) -> dict[str, Any]:
    """Counts beside shares."""
    return {
        "tables": len(scores),
        "exact": sum(exact for *_, exact in scores),
        "exact_share": round(sum(exact for *_, exact in scores) / max(len(scores), 1), 4),
        "structure_f1": round(float(np.mean([score for score, *_ in scores])), 4),
        "teds_struct": round(float(np.mean([score for _, score, _ in scores])), 4),
    }


def turns_right(pages: int, seed: int) -> dict[str, Any]:
    """Pages put in each of the four quarter turns and stood up by reading."""
    from fixtures.make import FORMS, make_page  # noqa: PLC0415
    from gouji_ocr.engines import Engines  # noqa: PLC0415
    from gouji_ocr.prose import line_scorer  # noqa: PLC0415

    score, right, wrong = line_scorer(Engines.load()), 0, []
    for at in range(pages):
        page = make_page(seed * 100 + 50_000 + at, 1 + at % 3, 200, FORMS[at % len(FORMS)])
        image = np.ascontiguousarray(np.rot90(page.image, at % 4))
        found = upright(ScanPage(1, image, 200.0), read_lines=score).straightening.quarter_turns
        if (found + at % 4 + page.truth["quarter_turns"]) % 4 == 0:
            right += 1
        else:
            wrong.append(at)
    return {"pages": pages, "right": right, "wrong": wrong}


if __name__ == "__main__":
    main()
