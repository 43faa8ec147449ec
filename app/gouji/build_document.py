"""Puts decided tables and pages into the public format of `document.json`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version

from gouji.document import (
    BoxList,
    CandidateRecord,
    CellRecord,
    Document,
    OpinionRecord,
    PageRecord,
    RegionRecord,
    RuleRecord,
    SourceRecord,
    StraighteningRecord,
    StructureCheckRecord,
    SuggestionRecord,
    TableRecord,
    TextRecord,
)
from gouji.inputs import Answer, DocumentInput
from gouji.options import ReadOptions
from gouji.records import PageReading, straightening_to_json
from gouji.views import TableView
from gouji_layout.geometry import Box, CellRef
from gouji_layout.table import Cell, Table
from gouji_ocr.amounts import Amount
from gouji_ocr.reading import Candidate, Reading
from gouji_postprocess.check import Check
from gouji_postprocess.decision import Decision, Outcome, RuleVerdict
from gouji_postprocess.matching import FormMatch

_CANDIDATES_KEPT = 5  # in document.json; the page readings keep all of them


@dataclass(frozen=True, eq=False)
class DecidedTable:
    """One view with everything decided about it; names are those of the view."""

    view: TableView
    match: FormMatch | None
    outcome: Outcome
    decisions: Mapping[CellRef, Decision]
    rules: tuple[RuleRecord, ...]  # real names


@dataclass(frozen=True, slots=True)
class Identity:
    """What a report says it is."""

    organ: str | None = None
    year: int | None = None


def build_document(
    given: DocumentInput,
    tables: Sequence[DecidedTable],
    *,
    identity: Identity,
    answers: Mapping[CellRef, Answer],
    options: ReadOptions,
    rules: Sequence[RuleRecord] = (),
    notes: Sequence[str] = (),
) -> Document:
    """The document in its public form."""
    return Document(
        gouji=version("gouji"),
        name=given.name,
        source=SourceRecord(path=given.path, sha256=given.sha256),
        organ=identity.organ,
        year=identity.year,
        settings=options.as_record(),
        pages=tuple(_page(page, given.keys.get(page.number, "")) for page in given.pages),
        tables=tuple(record for table in tables for record in _tables(given, table, answers)),
        rules=tuple(rules),
        charts=given.charts,
        errors=given.errors,
        notes=tuple(notes),
    )


def probability(log_probability: float) -> float:
    """A log-probability as a probability for JSON, six decimals."""
    return round(min(math.exp(min(log_probability, 0.0)), 1.0), 6)


def _page(page: PageReading, key: str) -> PageRecord:
    stored = straightening_to_json(page.straightening)
    return PageRecord(
        number=page.number,
        width=page.width,
        height=page.height,
        dpi=round(page.dpi, 1),
        quarter_turns=stored.pop("quarter_turns"),
        degrees=round(stored.pop("degrees"), 4),
        key=key,
        straightening=StraighteningRecord.model_validate(stored),
        facts=asdict(page.facts),
        regions=tuple(
            RegionRecord(kind=region.kind, box=_box(region.box), confidence=region.score)
            for region in page.regions
        ),
        text=tuple(
            TextRecord(box=_box(line.box), text=line.text, confidence=probability(line.log_probability))
            for line in page.lines
        ),
        seconds=dict(page.seconds),
    )


def _tables(
    given: DocumentInput, decided: DecidedTable, answers: Mapping[CellRef, Answer]
) -> list[TableRecord]:
    """One record a printed part; rules and labels that are missing stand with the first part."""
    records: list[TableRecord] = []
    first: tuple[int, int] | None = None
    for part in decided.view.parts:
        page = given.pages[part.page]
        table = page.tables[part.table]
        readings = {reading.ref: reading for reading in page.readings[part.table]}
        match = decided.match if first is None else None
        records.append(
            TableRecord(
                page=table.page,
                index=table.index,
                box=_box(table.box),
                form=decided.match.id if decided.match else None,
                kind=table.kind,
                rows=table.rows,
                cols=table.cols,
                quarter_turns=table.quarter_turns,
                outcome=decided.outcome,
                cells=tuple(_cell(cell, readings[cell.ref], decided, answers) for cell in table.cells),
                rules=decided.rules if first is None else (),
                checks=_checks(table),
                unmatched_labels=tuple(_label(decided, ref) for ref in match.unmatched) if match else (),
                missing_labels=match.missing if match else (),
                continues=first,
            )
        )
        first = first or (table.page, table.index)
    return records


def _cell(
    cell: Cell, reading: Reading, decided: DecidedTable, answers: Mapping[CellRef, Answer]
) -> CellRecord:
    ref = decided.view.forth(cell.ref)
    decision = decided.decisions[ref]
    answer = answers.get(cell.ref)
    return CellRecord(
        ref=str(cell.ref),
        row=cell.row,
        col=cell.col,
        rowspan=cell.rowspan,
        colspan=cell.colspan,
        box=_box(cell.box),
        kind=reading.kind,
        text=decision.text,
        read=decision.read,
        state=decision.state,
        confidence=probability(decision.log_probability),
        candidates=_candidates(reading.candidates),
        reason=decision.reason,
        quantity=decided.match.quantity(ref) if decided.match else None,
        marks=tuple(sorted(cell.marks)),
        opinions=tuple(
            OpinionRecord(reader=opinion.reader, candidates=_candidates(opinion.candidates))
            for opinion in reading.opinions
        ),
        suggestions=tuple(
            SuggestionRecord(text=s.text, probability=min(max(s.probability, 0.0), 1.0), why=s.why)
            for s in decision.suggestions
        ),
        rules=decision.rules,
        protection=decision.protection,
        source_suspect=decision.source_suspect or (answer is not None and answer.source_suspect),
        decided_by=answer.by if answer else "gouji",
        provenance=decision.provenance,
    )


def rule_verdict_record(verdict: RuleVerdict, view: TableView) -> RuleRecord:
    """A linear rule with what became of it, under real names."""
    rule = verdict.rule
    return RuleRecord(
        id=rule.id,
        formula=rule.formula,
        source=rule.source,
        verdict=verdict.verdict,
        cells=tuple(str(view.back(ref)) for ref in rule.cells),
        coefficients=tuple(term.coefficient for term in rule.terms),
        relation=rule.relation.value,
        slack=rule.slack,
        scale=rule.scale,
        residual_before=verdict.residual_before,
        residual_after=verdict.residual_after,
        reason=verdict.reason,
    )


def check_record(check: Check, values: Mapping[CellRef, Amount | None], view: TableView) -> RuleRecord:
    """A check that is not linear, assessed on the decided values."""
    verdict, _, reason = check.assess(values)
    return RuleRecord(
        id=check.id,
        formula=check.words,
        source=check.source,
        verdict=verdict,
        cells=tuple(str(view.back(ref)) for ref in check.cells),
        relation=None,
        reason=reason,
    )


def _candidates(candidates: Sequence[Candidate]) -> tuple[CandidateRecord, ...]:
    return tuple(
        CandidateRecord(text=c.text, probability=probability(c.log_probability))
        for c in candidates[:_CANDIDATES_KEPT]
    )


def _checks(table: Table) -> tuple[StructureCheckRecord, ...]:
    return tuple(
        StructureCheckRecord(code=check.code, detail=check.detail, cells=tuple(map(str, check.cells)))
        for check in table.checks
    )


def _label(decided: DecidedTable, ref: CellRef) -> str:
    return next((r.text for r in decided.view.readings if r.ref == ref), str(ref))


def _box(box: Box) -> BoxList:
    left, top, right, bottom = box.as_list()
    return left, top, right, bottom
