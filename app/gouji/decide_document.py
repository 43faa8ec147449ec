"""All readings of one document in, decided document out: forms, rules, reconciliation, verdicts.

No picture is needed here, unless a second look at doubtful cells is handed in. The function is pure:
the same readings, forms, calibration and answers give the same document on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gouji.build_document import DecidedTable, Identity, build_document, check_record, rule_verdict_record
from gouji.document import Document
from gouji.inputs import Answer, DocumentInput
from gouji.options import ReadOptions
from gouji.records import PageReading
from gouji.views import TableView, table_views
from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import Reading
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.form import Packs
from gouji_postprocess.matching import FormMatch, agree_on_forms, match_form
from gouji_postprocess.reconcile import reconcile
from gouji_postprocess.rules_for import gather

LookAgain = Callable[[PageReading, int, Sequence[CellRef]], Sequence[Reading]]
"""Reads cells of one table of one page again; (page, table index, cells) -> new readings."""


@dataclass(frozen=True, eq=False)
class Decided:
    """The decided document, and its pages with what second looks added to the readings."""

    document: Document
    pages: tuple[PageReading, ...]


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
    views = table_views(given.pages)
    matches = agree_on_forms([match_form(view.table, view.readings, packs) for view in views], packs)
    looks = SecondLooks(given.pages, second_look)
    decided = [
        _decide_table(view, match, calibration=calibration, looks=looks, answers=answers)
        for view, match in zip(views, matches, strict=True)
    ]
    pages = looks.pages()
    document = build_document(
        replace(given, pages=pages), decided, identity=Identity(), answers=answers, options=options
    )
    return Decided(document, pages)


def _decide_table(
    view: TableView,
    match: FormMatch | None,
    *,
    calibration: Calibration,
    looks: SecondLooks,
    answers: Mapping[CellRef, Answer],
) -> DecidedTable:
    gathered = gather(view.table, view.readings, match, page_text=looks.prose(view))
    outcome = reconcile(
        view.readings,
        gathered.rules,
        calibration=calibration,
        second_look=looks.of(view),
        fixed={view.forth(ref): answer.text for ref, answer in answers.items() if view.holds(ref)},
    )
    decisions = {decision.ref: decision for decision in outcome.decisions}
    values = {ref: parse_amount(decision.text) for ref, decision in decisions.items()}
    rules = [rule_verdict_record(verdict, view) for verdict in outcome.verdicts]
    rules += [check_record(check, values, view) for check in gathered.checks]
    return DecidedTable(view, match, outcome.outcome, decisions, tuple(rules))


class SecondLooks:
    """Collects what second looks find, so that it is kept with the page and never looked for twice."""

    def __init__(self, pages: Sequence[PageReading], look: LookAgain | None) -> None:
        self._pages = tuple(pages)
        self._look = look
        self._found: dict[CellRef, Reading] = {}

    def of(self, view: TableView) -> Callable[[Sequence[CellRef]], Sequence[Reading]] | None:
        """The second look of one view, in the view's names; None when looking is not possible."""
        if self._look is None:
            return None
        look = self._look

        def again(refs: Sequence[CellRef]) -> Sequence[Reading]:
            real = [view.back(ref) for ref in refs]
            found: list[Reading] = []
            for part in view.parts:
                page = self._pages[part.page]
                table = page.tables[part.table]
                asked = [ref for ref in real if (ref.page, ref.table) == (table.page, table.index)]
                if asked:
                    found += look(page, part.table, asked)
            self._found.update({reading.ref: reading for reading in found})
            return view.renamed(found)

        return again

    def prose(self, view: TableView) -> list[str]:
        """The prose on the pages a table stands on; rules may be printed beside it."""
        at = dict.fromkeys(part.page for part in view.parts)
        return [line.text for page in at for line in self._pages[page].lines]

    def pages(self) -> tuple[PageReading, ...]:
        """The pages with every reading that was looked at again replaced."""
        if not self._found:
            return self._pages
        return tuple(
            replace(
                page,
                readings=tuple(
                    tuple(self._found.get(reading.ref, reading) for reading in table)
                    for table in page.readings
                ),
            )
            for page in self._pages
        )
