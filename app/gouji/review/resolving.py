"""Works answers into a document by deciding it again from its stored readings; no picture is opened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from gouji.decide_document import decide_document
from gouji.document import CellRecord, Document, RuleRecord, TableRecord
from gouji.exits import OutputError
from gouji.options import ReadOptions
from gouji.resolve import stored_input
from gouji.review.answers import Settled
from gouji.review.errors import StructureError
from gouji.review.settling import whole
from gouji.review.structure import Edit, Edited, edit_pages
from gouji.store import Store
from gouji_layout.geometry import CellRef
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.decision import State
from gouji_postprocess.form import Packs
from gouji_postprocess.packs import load_packs
from gouji_postprocess.rule import Verdict

_log = logging.getLogger(__name__)
Said = TypeVar("Said")


@dataclass(frozen=True, eq=False)
class Resolved:
    """A document decided again, and what its cells were called before structure edits."""

    document: Document
    base: Callable[[CellRef], CellRef]
    failure: str = ""  # why deciding failed; then the answers stand in their cells and nothing else changed


class Resolver(Protocol):
    """Decides a document again; the tests use one without form packs."""

    def resolve(self, document: Document, given: Settled, edits: Sequence[Edit]) -> Resolved:
        """The document with these answers and structure edits worked in."""
        ...


@dataclass(frozen=True, eq=False)
class ReadingsResolver:
    """Decides from the stored page readings, as `gouji read` does, but loads no engine."""

    store: Store
    packs: Packs
    calibration: Calibration
    options: ReadOptions

    @classmethod
    def load(cls, store: Store, options: ReadOptions) -> ReadingsResolver:
        """Load form packs and calibration.

        Raises:
            PackError: a form pack does not make sense.
        """
        calibration = Calibration.load(options.calibration) if options.calibration else Calibration.bundled()
        quiet = replace(options, second_look=False)  # no picture is opened here
        return cls(store, load_packs(options.form_packs), calibration, quiet)

    def resolve(self, document: Document, given: Settled, edits: Sequence[Edit]) -> Resolved:
        """The document with these answers and structure edits worked in.

        Where the readings of a page are gone, only the answers and the arithmetic of the rules change.

        Raises:
            StructureError: an edit does not fit, or there are edits and the readings are gone.
        """
        try:
            stored = stored_input(self.store, document)
        except OutputError as error:
            if edits:
                message = "此文件的识别数据已不在，不能改表格结构；请重新运行 gouji read"
                raise StructureError(message) from error
            return Resolved(answered_only(document, given), _same)
        edited = edit_pages(stored.pages, edits)
        decided = decide_document(
            replace(stored, pages=edited.pages),
            packs=self.packs,
            calibration=self.calibration,
            options=self.options,
            answers=_named_now(given.answers, edited),
        ).document
        # How the pages were read, and what a run learnt from names and text around, has not changed.
        kept = {
            "settings": document.settings,
            "organ": decided.organ or document.organ,
            "year": decided.year or document.year,
        }
        done = with_unreadable(decided.model_copy(update=kept), _named_now(given.unreadable, edited))
        return Resolved(done, edited.base)


def resolve_or_keep(
    resolver: Resolver, document: Document, given: Settled, edits: Sequence[Edit]
) -> Resolved:
    """The document decided again; where deciding itself fails, only the answers put into their cells.

    Raises:
        StructureError: an edit does not fit, or deciding fails and there are edits to apply.
        OutputError: what is stored cannot be used.
    """
    try:
        return resolver.resolve(document, given, edits)
    except (OutputError, StructureError):
        raise
    except Exception as error:  # an answer must not block the document, whatever the solver makes of it
        _log.exception("%s could not be decided again", document.name)
        why = f"{type(error).__name__}: {error}"
        if edits:  # the cells on disk may not be those that the answers name
            raise StructureError(f"改过结构的表格重新勾稽时出错（{why}）") from error
        return Resolved(answered_only(document, given), _same, why)


def _same(ref: CellRef) -> CellRef:
    return ref


def _named_now(by_base: Mapping[CellRef, Said], edited: Edited) -> dict[CellRef, Said]:
    """Answers under the names of today; those of cells that were merged away are left out."""
    named = {edited.now(base): said for base, said in by_base.items()}
    return {ref: said for ref, said in named.items() if edited.holds(ref)}


def answered_only(document: Document, given: Settled) -> Document:
    """Put answers into their cells and compute the rules again; no other figure is touched."""
    changed: dict[str, dict[str, object]] = {}
    for cell in (cell for table in document.tables for cell in table.cells):
        if cell.state is State.REVIEWED:  # an answer that was taken back leaves the doubt
            changed[cell.ref] = {
                "text": cell.read,
                "kind": ReadingKind.FIGURE if cell.kind is ReadingKind.UNREADABLE else cell.kind,
                "state": State.DOUBTFUL,
                "source_suspect": False,
                "reason": "人工核定已撤回，读数未留存，须重新核对",
                "decided_by": "gouji",
            }
    for ref, answer in given.answers.items():
        changed[str(ref)] = {
            "text": answer.text,
            "state": State.REVIEWED,
            "source_suspect": answer.source_suspect,
            "reason": f"{answer.by}核定",
            "decided_by": answer.by,
        }
    return with_unreadable(_with_cells(document, changed), given.unreadable)


def with_unreadable(document: Document, unreadable: Mapping[CellRef, str]) -> Document:
    """Mark cells that a person found unreadable: no text, and no figure for any rule."""
    if not unreadable:
        return document
    return _with_cells(
        document,
        {
            str(ref): {
                "text": "",
                "kind": ReadingKind.UNREADABLE,
                "state": State.REVIEWED,
                "reason": f"{who}判为无法辨认",
                "decided_by": who,
            }
            for ref, who in unreadable.items()
        },
    )


def _with_cells(document: Document, changed: Mapping[str, Mapping[str, object]]) -> Document:
    cells: dict[str, CellRecord] = {}
    tables: list[TableRecord] = []
    for table in document.tables:
        new = tuple(
            cell.model_copy(update=dict(changed[cell.ref])) if cell.ref in changed else cell
            for cell in table.cells
        )
        cells.update({cell.ref: cell for cell in new})
        tables.append(table.model_copy(update={"cells": new}))
    tables = [
        table.model_copy(update={"rules": tuple(_computed(rule, cells, changed) for rule in table.rules)})
        for table in tables
    ]
    rules = tuple(_computed(rule, cells, changed) for rule in document.rules)
    return document.model_copy(update={"tables": tuple(tables), "rules": rules})


def _computed(
    rule: RuleRecord, cells: Mapping[str, CellRecord], changed: Mapping[str, Mapping[str, object]]
) -> RuleRecord:
    if rule.relation is None or changed.keys().isdisjoint(rule.cells) or not rule.coefficients:
        return rule
    total = 0
    for factor, ref in zip(rule.coefficients, rule.cells, strict=True):
        cell = cells.get(ref)
        value = None if cell is None or cell.kind is ReadingKind.UNREADABLE else whole(cell.text, rule.scale)
        if value is None:
            return rule.model_copy(update={"verdict": Verdict.NOT_ASSESSABLE, "residual_after": None})
        total += factor * value
    holds = total <= rule.slack if rule.relation == "<=" else abs(total) <= rule.slack
    verdict = Verdict.HOLDS if holds else Verdict.AMBIGUOUS
    if not holds and all(cells[ref].state in (State.REVIEWED, State.CONFIRMED) for ref in rule.cells):
        verdict = Verdict.SOURCE_INCONSISTENT  # nothing is left to doubt but the paper
    return rule.model_copy(update={"verdict": verdict, "residual_after": total})
