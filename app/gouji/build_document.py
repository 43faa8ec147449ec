"""Puts decided tables and pages into the public format of `document.json`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version

from gouji.document import (
    SWITCHED_OFF,
    BoxList,
    CandidateRecord,
    CellRecord,
    ChartSeriesRecord,
    Document,
    NoteRecord,
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
from gouji.records import PageReading, straightening_to_json
from gouji.rule_records import of_check, of_narrative, of_verdict
from gouji_layout.geometry import Box, CellRef
from gouji_layout.table import Cell, Table
from gouji_ocr.amounts import Amount
from gouji_ocr.reading import Candidate, Reading
from gouji_postprocess.charts import ChartFinding, is_filler
from gouji_postprocess.decision import Decision, Outcome, RuleVerdict
from gouji_postprocess.matching import FormMatch
from gouji_postprocess.narrative import NarrativeFinding
from gouji_postprocess.report_checks import ReportFinding
from gouji_postprocess.report_title import ReportTitle
from gouji_postprocess.rule import Rule, Verdict
from gouji_postprocess.rule_settings import SwitchedOff
from gouji_postprocess.rules_for import Gathered

_CANDIDATES_KEPT = 5  # in document.json; the page readings keep all of them


@dataclass(frozen=True, eq=False)
class DecidedTable:
    """One table with its form, its rules and how reconciling ended."""

    table: Table
    match: FormMatch | None
    gathered: Gathered
    outcome: Outcome
    continues: tuple[int, int] | None = None  # page and index of the part before


@dataclass(frozen=True, eq=False)
class Beside:
    """What a report says beside its tables."""

    title: ReportTitle
    ties: tuple[Rule, ...] = ()
    narrative: tuple[NarrativeFinding, ...] = ()
    charts: tuple[ChartFinding, ...] = ()
    findings: tuple[ReportFinding, ...] = ()
    switched_off: tuple[SwitchedOff, ...] = ()  # rules that tie tables together


def build_document(
    given: DocumentInput,
    tables: Sequence[DecidedTable],
    *,
    decisions: Mapping[CellRef, Decision],
    verdicts: Mapping[str, RuleVerdict],
    values: Mapping[CellRef, Amount | None],
    beside: Beside,
    answers: Mapping[CellRef, Answer],
    settings: dict[str, object],
) -> Document:
    """The document in its public form."""
    readings = {reading.ref: reading for page in given.pages for table in page.readings for reading in table}
    return Document(
        gouji=version("gouji"),
        name=given.name,
        source=SourceRecord(path=given.path, sha256=given.sha256),
        organ=beside.title.organ or None,
        year=beside.title.year,
        settings=settings,
        pages=tuple(_page(page, given.keys.get(page.number, "")) for page in given.pages),
        tables=tuple(
            _table(
                table,
                cells=tuple(
                    _cell(cell, readings[cell.ref], table.match, decisions[cell.ref], answers.get(cell.ref))
                    for cell in table.table.cells
                ),
                rules=(
                    *(of_verdict(verdicts[rule.id]) for rule in table.gathered.rules),
                    *(of_check(check, values) for check in table.gathered.checks),
                ),
            )
            for table in tables
        ),
        rules=(
            *(of_verdict(verdicts[rule.id]) for rule in beside.ties),
            *(of_narrative(at, finding) for at, finding in enumerate(beside.narrative)),
        ),
        charts=tuple(
            ChartSeriesRecord(
                name=series.name,
                categories=series.categories,
                values=series.values,
                filler=is_filler(series),
            )
            for series in given.charts
        ),
        errors=given.errors,
        notes=tuple(_notes(tables, beside)),
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


def _table(
    decided: DecidedTable, *, cells: tuple[CellRecord, ...], rules: tuple[RuleRecord, ...]
) -> TableRecord:
    table, match = decided.table, decided.match
    text = {cell.ref: cell.text for cell in cells}
    return TableRecord(
        page=table.page,
        index=table.index,
        box=_box(table.box),
        form=match.id if match else None,
        kind=table.kind,
        rows=table.rows,
        cols=table.cols,
        quarter_turns=table.quarter_turns,
        outcome=decided.outcome,
        cells=cells,
        rules=rules,
        checks=tuple(
            StructureCheckRecord(code=check.code, detail=check.detail, cells=tuple(map(str, check.cells)))
            for check in table.checks
        ),
        unmatched_labels=tuple(text[str(ref)] for ref in match.unmatched) if match else (),
        missing_labels=match.missing if match else (),
        continues=decided.continues,
    )


def _cell(
    cell: Cell, reading: Reading, match: FormMatch | None, decision: Decision, answer: Answer | None
) -> CellRecord:
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
        quantity=match.quantity(cell.ref) if match else None,
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


def _notes(tables: Sequence[DecidedTable], beside: Beside) -> Iterator[NoteRecord]:
    for finding in beside.findings:
        yield NoteRecord(
            code=finding.code,
            verdict=finding.verdict,
            detail=finding.detail,
            quote=finding.quote,
            cells=tuple(map(str, finding.cells)),
        )
    for chart in beside.charts:
        yield NoteRecord(
            code="chart", verdict=chart.verdict, detail=chart.reason, cells=tuple(map(str, chart.cells))
        )
    for switched in beside.switched_off:
        yield _switched_off(switched, "表间")
    for table in tables:
        where = f"第{table.table.page}页表{table.table.index + 1}"
        for switched in table.gathered.switched_off:
            yield _switched_off(switched, where)
        for unread in table.gathered.unread:
            yield NoteRecord(
                code="rule_not_understood",
                verdict=Verdict.NOT_ASSESSABLE,
                detail=f"{where}：页面上印有疑似勾稽关系的说明。{unread.reason}",
                quote=unread.sentence,
            )


def _switched_off(switched: SwitchedOff, where: str) -> NoteRecord:
    return NoteRecord(
        code=SWITCHED_OFF,
        verdict=Verdict.NOT_ASSESSABLE,
        detail=f"{where}：{switched}",
        quote=switched.switch.because,
    )


def _candidates(candidates: Sequence[Candidate]) -> tuple[CandidateRecord, ...]:
    return tuple(
        CandidateRecord(text=c.text, probability=probability(c.log_probability))
        for c in candidates[:_CANDIDATES_KEPT]
    )


def _box(box: Box) -> BoxList:
    left, top, right, bottom = box.as_list()
    return left, top, right, bottom
