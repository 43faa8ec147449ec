"""Keeps the index of figures in step with the documents: one row a figure, or a doubtful cell of any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gouji.document import CellRecord, Document
from gouji.review.answers import Standing, Status, same_text, standings
from gouji.review.journal import of_document
from gouji.review.schema import NOTHING, documents, items
from gouji.review.settling import expected_settled
from gouji.shown_confidence import shown_confidence
from gouji.store import Store
from gouji_layout.geometry import CellRef
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State
from gouji_postprocess.rule import Verdict

_FORM = 3  # of the rows: counted up when the same document is indexed differently
SUSPECT = "suspect"
"""The cause of a figure that is kept as printed although the rules want another (疑似原文错误)."""
AFTER_DOUBTS = -0.5
"""What such a figure "settles": nothing is left to settle, so it is asked after the doubtful figures."""
AFTER_FIGURES = -1.0
"""The same of headings that no rule binds."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """One document in the index."""

    id: int
    name: str
    waiting: bool


def stamp_of(store: Store, name: str) -> str:
    """Changes whenever document.json is written, or is to be indexed in another form."""
    stat = (store.folder(name) / "document.json").stat()
    return f"{stat.st_mtime_ns}:{stat.st_size}:{_FORM}"


def stamps(connection: Connection) -> dict[str, str]:
    """The stamps of all documents in the index."""
    return {row.name: row.stamp for row in connection.execute(select(documents.c.name, documents.c.stamp))}


def index_document(
    connection: Connection, document: Document, stamp: str, base_of: Callable[[CellRef], CellRef]
) -> int:
    """Bring the rows of one document up to date and return its number.

    Args:
        connection: a transaction that may write.
        document: as it stands on disk.
        stamp: of the file it was read from.
        base_of: the name a cell had before structure edits.
    """
    values: dict[str, Any] = {
        "stamp": stamp,
        "organ": document.organ,
        "year": document.year,
    }
    number = connection.scalar(select(documents.c.id).where(documents.c.name == document.name))
    if number is None:
        made = connection.execute(insert(documents).values(name=document.name, waiting=False, **values))
        assert made.inserted_primary_key is not None
        number = made.inserted_primary_key[0]
    else:
        connection.execute(update(documents).where(documents.c.id == number).values(**values))
    _index_cells(connection, number, document, base_of)
    return int(number)


def forget_document(connection: Connection, name: str) -> None:
    """Leave a document that is gone out of the queue; what was said about it stays in the audit."""
    number = connection.scalar(select(documents.c.id).where(documents.c.name == name))
    connection.execute(delete(items).where(items.c.document == number))
    connection.execute(delete(documents).where(documents.c.id == number))


def _index_cells(
    connection: Connection, number: int, document: Document, base_of: Callable[[CellRef], CellRef]
) -> None:
    events = of_document(connection, document.name)
    said = standings(events)
    # A cell that comes back goes on where it was: the record knows each version of a cell once.
    versions = {event.base: event.version for event in events if event.version is not None}
    settles = expected_settled(document)
    verdicts = _verdicts(document)
    known = {
        row.base: row._mapping for row in connection.execute(select(items).where(items.c.document == number))
    }
    fresh, changed, kept = [], [], set()
    for table in document.tables:
        for cell in table.cells:
            base = str(base_of(CellRef.parse(cell.ref)))
            label = cell.kind is ReadingKind.TEXT and cell.state is not State.DOUBTFUL
            if label and base not in said and base not in known:
                continue
            values = _row(table.form, cell, verdicts, said.get(base, Standing()), settles.get(cell.ref, 0.0))
            before = known.get(base)
            kept.add(base)
            if before is None:
                fresh.append({"document": number, "base": base, "version": versions.get(base, 0), **values})
            elif any(before[name] != value for name, value in values.items()):
                changed.append({"id_": before["id"], **values})
    if fresh:
        connection.execute(insert(items), fresh)
    if changed:
        columns: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "id_"}
        connection.execute(update(items).where(items.c.id == bindparam("id_")).values(columns), changed)
    gone = [row["id"] for base, row in known.items() if base not in kept]
    if gone:  # cells that a structure edit or a new reading took away
        connection.execute(delete(items).where(items.c.id.in_(gone)))


def item_of(connection: Connection, number: int, document: Document, ref: str) -> int | None:
    """The number of a cell's row; made for labels, which the index does without until one is opened."""
    found = connection.scalar(select(items.c.id).where(items.c.document == number, items.c.ref == ref))
    if found is not None:
        return int(found)
    for table in document.tables:
        for cell in table.cells:
            if cell.ref == ref:
                row = _row(table.form, cell, _verdicts(document), Standing(), 0.0)
                values = {"document": number, "base": ref, "version": 0, **row}
                made = connection.execute(insert(items).values(**values))
                assert made.inserted_primary_key is not None
                return int(made.inserted_primary_key[0])
    return None


def _verdicts(document: Document) -> dict[str, Verdict]:
    rules = [*document.rules, *(rule for table in document.tables for rule in table.rules)]
    return {rule.id: rule.verdict for rule in rules}


def _row(
    form: str | None,
    cell: CellRecord,
    verdicts: Mapping[str, Verdict],
    standing: Standing,
    settles: float,
) -> dict[str, Any]:
    status = standing.status
    if cell.state is State.REVIEWED and status is Status.OPEN:
        status = Status.DONE  # decided by a person elsewhere, e.g. before this database was made
    return {
        "ref": cell.ref,
        "kind": _kind(cell),
        "state": cell.state.value,
        "text": cell.text,
        "confidence": shown_confidence(cell) or 0.0,
        "disagree": readers_disagree(cell),
        "suspect": cell.source_suspect,
        "cause": cause_of(cell, verdicts),
        "form": form,
        "rules": "".join(f" {rule}" for rule in cell.rules) + " " if cell.rules else "",
        "settles": _place(cell, settles),
        "status": status.value,
    }


def _kind(cell: CellRecord) -> str:
    text_or_figure = cell.kind is ReadingKind.TEXT or cell.counts_as_figure
    return cell.kind.value if text_or_figure else NOTHING


def _place(cell: CellRecord, settles: float) -> float:
    if is_suspect(cell):
        return AFTER_DOUBTS
    return AFTER_FIGURES if cell.kind is ReadingKind.TEXT and not cell.rules else settles


def is_suspect(cell: CellRecord) -> bool:
    """Whether the paper was blamed and nobody has looked: a misreading may be behind it."""
    return cell.source_suspect and cell.state is State.ACCEPTED


def readers_disagree(cell: CellRecord) -> bool:
    """Whether two readers put different texts first."""
    firsts = [opinion.candidates[0].text for opinion in cell.opinions if opinion.candidates]
    return any(not same_text(firsts[0], other) for other in firsts[1:])


def cause_of(cell: CellRecord, verdicts: Mapping[str, Verdict]) -> str:
    """The main cause why a cell is put before a person, as a key of `words`: for filters and plots.

    `verdicts` are those of the document's rules, by id.
    """
    if is_suspect(cell):
        return SUSPECT
    if cell.state is not State.DOUBTFUL:
        return ""
    own = {verdicts[rule] for rule in cell.rules if rule in verdicts}
    causes = {
        "unreadable": cell.kind is ReadingKind.UNREADABLE,
        "source": cell.source_suspect or Verdict.SOURCE_INCONSISTENT in own,
        "rules": Verdict.AMBIGUOUS in own,
        "readers": readers_disagree(cell),
        "marks": bool(cell.marks),
    }
    return next((cause for cause, applies in causes.items() if applies), "unsure")
