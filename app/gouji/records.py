"""One page as it was read, and its JSON: geometry, tables, readings with evidence, no picture.

This is the layer below decisions. It is kept under a content key, so that new rules, a new
calibration or a person's answers can be worked in without touching the picture again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import IntakeFacts
from gouji_layout.table import Cell, CellMark, StructureCheck, Table, TableKind
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind, TextLine
from gouji_ocr.stored import evidence_from_json, evidence_to_json

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Region:
    """A region of the page as the layout stage saw it."""

    kind: str
    box: Box
    score: float | None = None


@dataclass(frozen=True, eq=False)
class PageReading:
    """Everything known of one page before any rule is applied."""

    number: int
    width: int
    height: int
    dpi: float
    straightening: Straightening
    facts: IntakeFacts
    tables: tuple[Table, ...]
    readings: tuple[tuple[Reading, ...], ...]  # one tuple a table, one reading a cell
    regions: tuple[Region, ...] = ()
    lines: tuple[TextLine, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)  # processor seconds by step


def page_to_json(page: PageReading) -> Json:
    """The page as plain JSON values."""
    return {
        "number": page.number,
        "size": [page.width, page.height],
        "dpi": page.dpi,
        "straightening": straightening_to_json(page.straightening),
        "facts": asdict(page.facts),
        "tables": [_table_to_json(table) for table in page.tables],
        "readings": [[_reading_to_json(reading) for reading in table] for table in page.readings],
        "regions": [[region.kind, _box(region.box), region.score] for region in page.regions],
        "lines": [[_box(line.box), line.text, _finite(line.log_probability)] for line in page.lines],
        "seconds": dict(page.seconds),
    }


def page_from_json(plain: Json) -> PageReading:
    """Read a page back.

    Raises:
        KeyError, TypeError, ValueError: the JSON is not one that `page_to_json` wrote.
    """
    width, height = plain["size"]
    return PageReading(
        number=plain["number"],
        width=width,
        height=height,
        dpi=plain["dpi"],
        straightening=straightening_from_json(plain["straightening"], (width, height)),
        facts=IntakeFacts(**plain["facts"]),
        tables=tuple(_table_from_json(table) for table in plain["tables"]),
        readings=tuple(tuple(_reading_from_json(r) for r in table) for table in plain["readings"]),
        regions=tuple(Region(kind, Box(*box), score) for kind, box, score in plain["regions"]),
        lines=tuple(TextLine(Box(*box), text, score) for box, text, score in plain["lines"]),
        seconds=plain["seconds"],
    )


def straightening_to_json(straightening: Straightening) -> Json:
    """The way back to the scan as plain JSON values."""
    matrix, mesh = straightening.page_to_turned, straightening.mesh
    return {
        "scan_size": list(straightening.scan_size),
        "quarter_turns": straightening.quarter_turns,
        "degrees": straightening.degrees,
        "page_to_turned": None if matrix is None else np.asarray(matrix).tolist(),
        "mesh": None if mesh is None else np.round(mesh, 2).tolist(),
    }


def straightening_from_json(plain: Json, page_size: tuple[int, int]) -> Straightening:
    """Read the way back to the scan back."""
    width, height = plain["scan_size"]
    matrix, mesh = plain["page_to_turned"], plain["mesh"]
    return Straightening(
        scan_size=(width, height),
        page_size=page_size,
        quarter_turns=plain["quarter_turns"],
        degrees=plain["degrees"],
        page_to_turned=None if matrix is None else np.array(matrix, dtype=np.float64),
        mesh=None if mesh is None else np.array(mesh, dtype=np.float32),
    )


def _box(box: Box) -> list[float]:
    return [box.left, box.top, box.right, box.bottom]


def _table_to_json(table: Table) -> Json:
    return {
        "page": table.page,
        "index": table.index,
        "box": _box(table.box),
        "kind": table.kind.value,
        "quarter_turns": table.quarter_turns,
        "cells": [
            [str(cell.ref), _box(cell.box), cell.rowspan, cell.colspan, sorted(cell.marks)]
            for cell in table.cells
        ],
        "checks": [[check.code, check.detail, [str(ref) for ref in check.cells]] for check in table.checks],
    }


def _table_from_json(plain: Json) -> Table:
    return Table(
        page=plain["page"],
        index=plain["index"],
        box=Box(*plain["box"]),
        kind=TableKind(plain["kind"]),
        quarter_turns=plain["quarter_turns"],
        cells=tuple(
            Cell(CellRef.parse(ref), Box(*box), rowspan, colspan, frozenset(map(CellMark, marks)))
            for ref, box, rowspan, colspan, marks in plain["cells"]
        ),
        checks=tuple(
            StructureCheck(code, detail, tuple(map(CellRef.parse, cells)))
            for code, detail, cells in plain["checks"]
        ),
    )


def _reading_to_json(reading: Reading) -> Json:
    return {
        "ref": str(reading.ref),
        "box": _box(reading.box),
        "kind": reading.kind.value,
        "candidates": _candidates_to_json(reading.candidates),
        "evidence": evidence_to_json(reading.evidence),
        "opinions": [
            [opinion.reader, _candidates_to_json(opinion.candidates), evidence_to_json(opinion.evidence)]
            for opinion in reading.opinions
        ],
        "doubted": reading.doubted,
    }


def _reading_from_json(plain: Json) -> Reading:
    return Reading(
        ref=CellRef.parse(plain["ref"]),
        box=Box(*plain["box"]),
        kind=ReadingKind(plain["kind"]),
        candidates=_candidates_from_json(plain["candidates"]),
        evidence=evidence_from_json(plain["evidence"]),
        opinions=tuple(
            Opinion(reader, _candidates_from_json(candidates), evidence_from_json(evidence))
            for reader, candidates, evidence in plain["opinions"]
        ),
        doubted=plain.get("doubted", False),
    )


def _candidates_to_json(candidates: tuple[Candidate, ...]) -> list[list[object]]:
    return [[candidate.text, _finite(candidate.log_probability)] for candidate in candidates]


def _finite(log_probability: float) -> float:
    """JSON has no infinity; a probability of e^-999 is none either."""
    return round(max(log_probability, -999.0), 4)


def _candidates_from_json(plain: list[Any]) -> tuple[Candidate, ...]:
    return tuple(Candidate(text, log_probability) for text, log_probability in plain)
