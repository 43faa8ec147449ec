"""What persons are asked and what they decided: the part of the ledger the review page works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, delete, insert, select

from gouji.document import CellRecord, Document, TableRecord
from gouji.inputs import Answer
from gouji.ledger_tables import decisions, documents, questions
from gouji.summary import Tally
from gouji_layout.geometry import CellRef
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State

COUNTED = ("pages", "tables", "figures", "labels", "source_suspects", "rules", "switched_off")
"""What is kept of a document's tally in `documents.counts`."""
UNDONE = "undone"
"""State of a decision that takes the one before it back."""
SKIPPED = "skipped"
"""State of a decision not to decide now."""
UNREADABLE = "unreadable"
"""State of a decision that nobody can read what is printed: it has no text to work in."""
_NO_ANSWER = frozenset({UNDONE, SKIPPED, UNREADABLE})


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of the append-only record: who decided what about which cell, when and why."""

    document: str
    ref: str
    version: int  # 1 for the first decision about this cell
    text: str
    state: str  # "reviewed", UNDONE, SKIPPED or a word of the review page
    by: str
    at: str  # ISO 8601, UTC
    before: str
    why: str = ""
    seconds: float | None = None
    source_suspect: bool = False


class Answers:
    """Questions and decisions; mixed into `Ledger`, which brings the transactions."""

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction that may write."""
        raise NotImplementedError

    def view(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads."""
        raise NotImplementedError

    def decisions_of(self, document: str, ref: CellRef | str | None = None) -> list[Decision]:
        """All decisions about a document, or one cell of it, oldest first."""
        query = select(decisions).where(decisions.c.document == document).order_by(decisions.c.id)
        if ref is not None:
            query = query.where(decisions.c.ref == str(ref))
        with self.view() as connection:
            return [_decision(row) for row in connection.execute(query)]

    def answers_of(self, document: str) -> dict[CellRef, Answer]:
        """The answer that stands for each cell, for `Pipeline.decide`."""
        latest = {decision.ref: decision for decision in self.decisions_of(document)}
        return {
            CellRef.parse(ref): Answer(decision.text, decision.by, decision.source_suspect)
            for ref, decision in latest.items()
            if decision.state not in _NO_ANSWER
        }

    def take_back_decisions(self, connection: Connection, document: str, *, by: str, why: str) -> int:
        """Append an undoing to every decision about a document that stands; returns how many."""
        standing = _standing(connection, document)
        for made in standing:
            undone = replace(
                made,
                version=made.version + 1,
                text="",
                state=UNDONE,
                source_suspect=False,
                by=by,
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                before=made.text,
                why=why,
                seconds=None,
            )
            connection.execute(insert(decisions).values(**_columns(undone)))
        return len(standing)

    def carry_decisions(self, connection: Connection, old: str, new: str, *, why: str) -> None:
        """Append what stands of one document to another that has no decisions that stand."""
        if _standing(connection, new):
            return
        versions = {made.ref: made.version for made in _latest(connection, new)}
        for made in _standing(connection, old):
            carried = replace(
                made,
                document=new,
                version=versions.get(made.ref, 0) + 1,
                why=with_reason(why, made.why),
                seconds=None,
            )
            connection.execute(insert(decisions).values(**_columns(carried)))

    def keep_decided(self, document: Document, connection: Connection | None = None) -> None:
        """Bring the document's questions and counts in line with a decided document."""
        if connection is None:
            with self.begin() as opened:
                self.keep_decided(document, opened)
            return
        connection.execute(delete(questions).where(questions.c.document == document.name))
        rows = list(_questions_of(document))
        if rows:
            connection.execute(insert(questions), rows)
        connection.execute(
            documents.update().where(documents.c.name == document.name).values(**_counts_of(document))
        )


def with_reason(why: str, own: str) -> str:
    """Why gouji repeats what a person said, and then the person's own reason."""
    return f"{why}：{own}" if own else why


def _latest(connection: Connection, document: str) -> list[Decision]:
    """The last decision about each cell."""
    query = select(decisions).where(decisions.c.document == document).order_by(decisions.c.id)
    return list({row.ref: _decision(row) for row in connection.execute(query)}.values())


def _standing(connection: Connection, document: str) -> list[Decision]:
    return [made for made in _latest(connection, document) if made.state not in (UNDONE, SKIPPED)]


def _columns(decision: Decision) -> dict[str, object]:
    return {name: getattr(decision, name) for name in Decision.__slots__}


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    return Decision(**{name: row._mapping[name] for name in Decision.__slots__})


def _questions_of(document: Document) -> Iterator[dict[str, object]]:
    for table in document.tables:
        for cell in table.cells:
            if cell.state is State.DOUBTFUL and cell.kind is not ReadingKind.TEXT:
                yield _question_row(document.name, table, cell)


def _question_row(name: str, table: TableRecord, cell: CellRecord) -> dict[str, object]:
    said = {opinion.candidates[0].text for opinion in cell.opinions if opinion.candidates}
    return {
        "document": name,
        "ref": cell.ref,
        "page": table.page,
        "table_index": table.index,
        "form": table.form,
        "quantity": cell.quantity,
        "text": cell.text,
        "confidence": cell.confidence,
        "reason": cell.reason,
        "rules": list(cell.rules),
        "disagreement": len(said) > 1,
    }


def _counts_of(document: Document) -> dict[str, object]:
    tally = Tally()
    tally.add(document)
    record = tally.as_record(inputs=(), settings=None, seconds=0)
    return {
        "counts": {name: record[name] for name in COUNTED},
        "broken": record["broken_rules"],
        "pages_failed": sum(error.page is not None for error in document.errors),
    }
