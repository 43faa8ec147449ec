"""All readings of one document in, decided document out: forms, rules, reconciliation, verdicts.

No picture is needed here, unless a second look at doubtful cells is handed in. The function is pure:
the same readings, forms, calibration and answers give the same document on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gouji.build_document import Beside, DecidedTable, build_document
from gouji.document import Document
from gouji.inputs import Answer, DocumentInput
from gouji.joined import joined_tables, whole_table
from gouji.options import ReadOptions
from gouji.records import PageReading
from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.amounts import Amount, parse_amount
from gouji_ocr.reading import Reading
from gouji_ocr.separators import settle_separators
from gouji_postprocess.across import cells_of, rules_across
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.charts import check_chart
from gouji_postprocess.decision import Decision, Reconciliation, RuleVerdict
from gouji_postprocess.form import Packs
from gouji_postprocess.form_labels import decide_labels
from gouji_postprocess.matching import FormMatch, agree_on_forms, match_form
from gouji_postprocess.narrative import narrative_findings
from gouji_postprocess.reconcile import reconcile
from gouji_postprocess.report_checks import report_findings
from gouji_postprocess.report_title import read_title
from gouji_postprocess.rule import Rule
from gouji_postprocess.rule_settings import RuleSettings
from gouji_postprocess.rules_for import Gathered, apply_switches, decimals_of, gather

LookAgain = Callable[[PageReading, int, Sequence[CellRef]], Sequence[Reading]]
"""Reads cells of one table of one page again; (page, table index, cells) -> new readings."""

TableKey = tuple[int, int]
"""Page number and table index, as in the names of cells."""


@dataclass(frozen=True, eq=False)
class Decided:
    """The decided document, and its pages with what second looks added to the readings."""

    document: Document
    pages: tuple[PageReading, ...]


@dataclass(frozen=True, eq=False)
class _Known:
    """One table with what is known of it before its figures are reconciled."""

    page: PageReading
    table: Table
    readings: tuple[Reading, ...]
    match: FormMatch | None
    gathered: Gathered
    continues: TableKey | None = None

    @property
    def key(self) -> TableKey:
        return self.table.page, self.table.index


def decide_document(
    given: DocumentInput,
    *,
    packs: Packs,
    calibration: Calibration,
    options: ReadOptions,
    second_look: LookAgain | None = None,
    answers: Mapping[CellRef, Answer] | None = None,
) -> Decided:
    """Decide every figure of a document."""
    answers = answers or {}
    settings = options.rule_settings(given.name)
    prose = [line.text for page in given.pages for line in page.lines]
    title = read_title(prose)
    known, found = _recognised(given.pages, packs, settings, year=title.year)
    matches = [table.match for table in known]
    decimals = {ref: n for table in known for ref, n in decimals_of(table.readings).items()}
    ties, off = apply_switches([*found, *rules_across(matches, packs, decimals=decimals)], settings)

    looks = SecondLooks(known, second_look)
    decisions: dict[CellRef, Decision] = {}
    verdicts: dict[str, RuleVerdict] = {}
    outcomes: dict[TableKey, Reconciliation] = {}
    for group, rules in _tied(known, ties):
        outcome = reconcile(
            [reading for table in group for reading in table.readings],
            rules,
            calibration=calibration,
            second_look=looks.again if second_look is not None else None,
            fixed={ref: answer.text for ref, answer in answers.items()},
            beside=_other_readings(group, known),
        )
        decisions |= {decision.ref: decision for decision in outcome.decisions}
        verdicts |= {verdict.rule.id: verdict for verdict in outcome.verdicts}
        outcomes |= {table.key: outcome for table in group}

    for table in known:
        if table.match is not None:
            decisions |= decide_labels(table.match, table.readings, decisions)

    values = {ref: parse_amount(decision.text) for ref, decision in decisions.items()}
    pages = looks.pages(given.pages)
    document = build_document(
        replace(given, pages=pages),
        [
            DecidedTable(
                table.table, table.match, table.gathered, outcomes[table.key].outcome, table.continues
            )
            for table in known
        ],
        decisions=decisions,
        verdicts=verdicts,
        values=values,
        beside=replace(
            _beside(given, matches, packs, prose=prose, values=values), ties=ties, switched_off=off
        ),
        answers=answers,
        settings=options.as_record(),
    )
    return Decided(document, pages)


def _recognised(
    pages: Sequence[PageReading], packs: Packs, settings: RuleSettings, *, year: int | None
) -> tuple[list[_Known], list[Rule]]:
    """Every table with its form and its own rules, in reading order; and the rules over several parts."""
    tables = [
        (page, table, readings)
        for page in pages
        for table, readings in zip(page.tables, page.readings, strict=True)
    ]
    first = [match_form(table, readings, packs) for _, table, readings in tables]
    known: list[_Known] = []
    for (page, table, readings), match in zip(tables, agree_on_forms(first, packs, year=year), strict=True):
        text = [line.text for line in page.lines]  # rules may be printed beside the table
        gathered = gather(table, readings, match, settings=settings, page_text=text)
        known.append(_Known(page, table, readings, match, gathered))
    return _over_pages(known, pages, settings)


def _over_pages(
    known: Sequence[_Known], pages: Sequence[PageReading], settings: RuleSettings
) -> tuple[list[_Known], list[Rule]]:
    """Parts of a table know what they continue; rules of an unknown one are looked for in the whole.

    A rule of the whole belongs to the part that has all its cells; one over several parts is handed back.
    Known forms need no whole: their rules are bound by quantity, over parts as well (`rules_across`).
    """
    by_key = {table.key: table for table in known}
    readings = {reading.ref: reading for table in known for reading in table.readings}
    ties: list[Rule] = []
    for joined in joined_tables(pages):
        keys = [(part.page, part.index) for part in joined.parts]
        for before, after in pairwise(keys):
            by_key[after] = replace(by_key[after], continues=before)
        if len(keys) == 1 or any(by_key[key].match is not None for key in keys):
            continue
        whole = whole_table(joined, readings)
        text = [line.text for key in keys for line in by_key[key].page.lines]
        found = gather(whole.table, whole.readings, None, settings=settings, page_text=text)
        own: dict[TableKey, list[Rule]] = {key: [] for key in keys}
        for rule in map(whole.on_pages, found.rules):
            touched = {(ref.page, ref.table) for ref in rule.cells}
            (own[touched.pop()] if len(touched) == 1 else ties).append(rule)
        found = replace(found, checks=tuple(map(whole.checked_on_pages, found.checks)))
        for key in keys:
            traces = found if key == keys[0] else Gathered(())
            by_key[key] = replace(by_key[key], gathered=replace(traces, rules=tuple(own[key])))
    return [by_key[table.key] for table in known], ties


def _tied(known: Sequence[_Known], ties: Sequence[Rule]) -> Iterator[tuple[list[_Known], list[Rule]]]:
    """Groups of tables that rules tie together, with all rules of each group."""
    group_of = {table.key: {table.key} for table in known}
    for rule in [*ties, *(rule for table in known for rule in table.gathered.rules)]:
        joined: set[TableKey] = set()
        for ref in rule.cells:
            joined |= group_of[ref.page, ref.table]
        for key in joined:
            group_of[key] = joined
    done: set[TableKey] = set()
    for first in known:
        if first.key in done:
            continue
        keys = group_of[first.key]
        done |= keys
        group = [table for table in known if table.key in keys]
        own = [rule for table in group for rule in table.gathered.rules]
        yield group, own + [rule for rule in ties if (rule.cells[0].page, rule.cells[0].table) in keys]


def _other_readings(group: Sequence[_Known], known: Sequence[_Known]) -> list[Reading]:
    """Readings of the other tables on the pages of these."""
    keys, pages = {table.key for table in group}, {table.key[0] for table in group}
    others = (table for table in known if table.key[0] in pages and table.key not in keys)
    return [reading for table in others for reading in table.readings]


def _beside(
    given: DocumentInput,
    matches: Sequence[FormMatch | None],
    packs: Packs,
    *,
    prose: Sequence[str],
    values: Mapping[CellRef, Amount | None],
) -> Beside:
    """What title, prose and charts say beside the tables: evidence, never a cause to change a figure."""
    title = read_title(prose)
    forms = [match for match in matches if match is not None]
    quantities = cells_of(forms)
    return Beside(
        title=title,
        narrative=tuple(narrative_findings(prose, quantities, values, year=title.year)),
        charts=tuple(check_chart(given.charts, quantities, values, year=title.year)),
        findings=tuple(report_findings(title, prose, forms, values, packs)),
    )


class SecondLooks:
    """Collects what second looks find, so that it is kept with the page and never looked for twice."""

    def __init__(self, known: Sequence[_Known], look: LookAgain | None) -> None:
        self._known = known
        self._look = look
        self._found: dict[CellRef, Reading] = {}

    def again(self, refs: Sequence[CellRef]) -> list[Reading]:
        """Read these cells again, table by table."""
        for table in self._known:
            asked = [ref for ref in refs if (ref.page, ref.table) == table.key]
            if asked and self._look is not None:
                again = self._look(table.page, table.page.tables.index(table.table), asked)
                self._found |= {reading.ref: reading for reading in again}
                # More opinions on one cell do not outweigh what the whole table says of its commas.
                renewed = [self._found.get(reading.ref, reading) for reading in table.readings]
                settled = settle_separators(table.table, renewed)
                self._found |= {reading.ref: reading for reading in settled if reading.ref in self._found}
        return [self._found[ref] for ref in refs if ref in self._found]

    def pages(self, pages: tuple[PageReading, ...]) -> tuple[PageReading, ...]:
        """The pages with every reading that was looked at again replaced; others are the same objects."""
        changed = {ref.page for ref in self._found}
        return tuple(self._renewed(page) if page.number in changed else page for page in pages)

    def _renewed(self, page: PageReading) -> PageReading:
        readings = tuple(
            tuple(self._found.get(reading.ref, reading) for reading in table) for table in page.readings
        )
        return replace(page, readings=readings)
