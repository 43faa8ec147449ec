"""The desk: documents, index, events and re-solving brought together behind the pages of the review.

Every answer is committed to the database before anything follows from it. When the server dies in
between, the document is marked as waiting and is decided again at the next start.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from gouji.document import CellRecord, Document, TableRecord
from gouji.exits import OutputError
from gouji.ledger import Ledger
from gouji.ledger_answers import UNDONE
from gouji.ledger_tables import decisions
from gouji.review import journal
from gouji.review.answers import (
    Action,
    Event,
    Stage,
    Standing,
    Status,
    live_edits,
    settled,
    standings,
)
from gouji.review.indexing import forget_document, index_document, stamp_of, stamps
from gouji.review.journal import Effort
from gouji.review.pictures import Pictures
from gouji.review.queue import Viewer
from gouji.review.resolving import Resolver
from gouji.review.schema import documents, items
from gouji.review.structure import Edit, StructureError
from gouji.store import Store
from gouji_layout.geometry import CellRef
from gouji_postprocess.decision import State

_DOCUMENTS_KEPT = 48
_SYNC_SECONDS = 20.0


class ConflictError(Exception):
    """Somebody else answered this figure meanwhile; `event` says who and what."""

    def __init__(self, event: Event | None) -> None:
        super().__init__("answered by somebody else meanwhile")
        self.event = event


class NoSuchItemError(Exception):
    """There is no figure of this number in the index."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person says about a figure."""

    text: str
    action: Action = Action.ANSWER
    suspect: bool = False
    why: str = ""
    effort: Effort = Effort()


@dataclass(frozen=True, slots=True)
class Effect:
    """What followed from an answer."""

    document: str
    settled: int = 0  # other figures that are certain now
    unsettled: int = 0  # other figures that are doubtful now and were not
    waits: bool = False  # for a second or third look; nothing was worked in
    failure: str = ""  # the answer is kept, but could not be worked in


@dataclass(frozen=True, eq=False)
class Shown:
    """A figure with everything around it."""

    row: Row[Any]
    document: Document
    table: TableRecord
    cell: CellRecord


@dataclass(eq=False)
class Desk:
    """What all pages of the review share; safe to use from many threads."""

    store: Store
    ledger: Ledger
    resolver: Resolver
    pictures: Pictures
    _documents: OrderedDict[tuple[str, str], Document] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _working: dict[str, threading.Lock] = field(default_factory=dict)
    _synced: float = 0.0

    def sync(self, *, force: bool = False) -> int:
        """Bring the index in step with the documents on disk; returns how many had changed."""
        with self._lock:
            if not force and time.monotonic() - self._synced < _SYNC_SECONDS:
                return 0
            self._synced = time.monotonic()
        with self.ledger.view() as connection:
            known = stamps(connection)
            waiting = set(connection.scalars(select(documents.c.name).where(documents.c.waiting)))
        changed = 0
        for name in self.store.documents():
            if known.pop(name, None) == stamp_of(self.store, name) and name not in waiting:
                continue
            self._index_or_resolve(name)
            changed += 1
        with self.ledger.begin() as connection:
            for name in known:
                forget_document(connection, name)
        return changed + len(known)

    def _index_or_resolve(self, name: str) -> None:
        """A document may come from a run that knew nothing of the answers: then they are worked in again."""
        document = self.store.load_document(name)
        with self.ledger.view() as connection:
            said = journal.of_document(connection, name)
        given = settled(said)
        cells = {cell.ref: cell for table in document.tables for cell in table.cells}
        missing = any(
            str(ref) in cells and cells[str(ref)].state is not State.REVIEWED
            for ref in (*given.answers, *given.unreadable)
        )
        if missing or live_edits(said):
            self.work_in(name)
        else:
            with self.ledger.begin() as connection:
                index_document(connection, document, stamp_of(self.store, name), _same)
                connection.execute(update(documents).where(documents.c.name == name).values(waiting=False))

    def document(self, name: str) -> Document:
        """A document as it stands on disk, the last few from memory."""
        key = (name, stamp_of(self.store, name))
        with self._lock:
            if key in self._documents:
                self._documents.move_to_end(key)
                return self._documents[key]
        document = self.store.load_document(name)
        with self._lock:
            self._documents[key] = document
            while len(self._documents) > _DOCUMENTS_KEPT:
                self._documents.popitem(last=False)
        return document

    def show(self, connection: Connection, item: int) -> Shown:
        """A figure by its number.

        Raises:
            NoSuchItemError: there is none, or it is no longer in its document.
        """
        row = item_row(connection, item)
        document = self.document(row.name)
        for table in document.tables:
            for cell in table.cells:
                if cell.ref == row.ref:
                    return Shown(row, document, table, cell)
        raise NoSuchItemError(f"{row.ref} is no longer in {row.name}")

    def answer(self, viewer: Viewer, item: int, version: int, reply: Reply) -> Effect:
        """Record what a person says and work it in.

        Args:
            version: of the figure when the person saw it.

        Raises:
            ConflictError: the figure has another version by now.
            NoSuchItemError: there is no such figure.
        """
        with self.ledger.begin() as connection:
            row = item_row(connection, item)
            if row.version != version:
                raise ConflictError(_last_answer(journal.of_cell(connection, row.name, row.base)))
            standing = _standing_of(connection, row)
            stage = _stage(viewer, standing)
            taken = connection.execute(
                update(items)
                .where(items.c.id == item, items.c.version == version)
                .values(version=version + 1, claimed_by=None)
            )
            if taken.rowcount != 1:  # another server was faster
                raise ConflictError(_last_answer(journal.of_cell(connection, row.name, row.base)))
            journal.record(
                connection,
                who=viewer.name,
                role=viewer.role,
                document=row.name,
                base=row.base,
                version=version + 1,
                action=reply.action,
                stage=stage,
                before=row.text,
                after=reply.text,
                suspect=reply.suspect,
                why=reply.why,
                effort=reply.effort,
            )
            after = _standing_of(connection, row)
            _keep_standing(connection, row, standing, after, viewer.name, reply.effort.seconds)
        if after.final is None and standing.final is None:
            return Effect(row.name, waits=True)
        return self.work_in(row.name, row.ref)

    def skip(self, viewer: Viewer, item: int, effort: Effort) -> None:
        """Note that a person left a figure for later; it comes again after the others."""
        with self.ledger.begin() as connection:
            row = item_row(connection, item)
            connection.execute(update(items).where(items.c.id == item).values(claimed_by=None))
            journal.record(
                connection,
                who=viewer.name,
                role=viewer.role,
                document=row.name,
                base=row.base,
                action=Action.SKIP,
                before=row.text,
                effort=effort,
            )

    def undo(self, viewer: Viewer) -> tuple[int, Effect] | None:
        """Take back the last answer of a person that still counts; None when there is none.

        Raises:
            ConflictError: somebody else answered the same figure since.
        """
        with self.ledger.begin() as connection:
            last = journal.last_of(connection, viewer.name)
            if last is None:
                return None
            row = connection.execute(
                select(items, documents.c.name)
                .join(documents)
                .where(documents.c.name == last.document, items.c.base == last.base)
            ).first()
            if row is None:
                return None
            if row.version != last.version:
                raise ConflictError(_last_answer(journal.of_cell(connection, row.name, row.base)))
            before = _standing_of(connection, row)
            connection.execute(update(items).where(items.c.id == row.id).values(version=row.version + 1))
            journal.record(
                connection,
                who=viewer.name,
                role=viewer.role,
                document=row.name,
                base=row.base,
                version=row.version + 1,
                action=Action.UNDO,
                before=last.after,
                after=row.text,
                undoes=last.id,
            )
            after = _standing_of(connection, row)
            _keep_standing(connection, row, before, after, viewer.name, None)
        if before.final is None and after.final is None:
            return row.id, Effect(row.name, waits=True)
        return row.id, self.work_in(row.name, row.ref)

    def work_in(self, name: str, answered: str = "") -> Effect:
        """Decide a document again with everything that was answered, and write it."""
        with self._working_on(name):
            try:
                before = self.document(name)
                with self.ledger.view() as connection:
                    said = journal.of_document(connection, name)
                edits = [Edit.parse(event.after) for event in live_edits(said)]
                resolved = self.resolver.resolve(before, settled(said), edits)
                after = resolved.document
                self.store.save_document(after)
            except (OutputError, StructureError) as error:
                return Effect(name, failure=str(error))
            with self.ledger.begin() as connection:
                index_document(connection, after, stamp_of(self.store, name), resolved.base)
                connection.execute(update(documents).where(documents.c.name == name).values(waiting=False))
                self.ledger.keep_decided(after, connection)
        was, now = _doubtful(before) - {answered}, _doubtful(after) - {answered}
        return Effect(name, settled=len(was - now), unsettled=len(now - was))

    def edit(self, viewer: Viewer, name: str, seen: int, edit: Edit) -> Effect:
        """Change the structure of a table and decide its document again.

        Args:
            seen: number of the last structure edit the person saw, 0 for none.

        Raises:
            ConflictError: somebody else changed the structure meanwhile.
            StructureError: the edit does not fit; nothing was recorded.
        """
        document = self.document(name)
        with self.ledger.begin() as connection:
            said = journal.of_document(connection, name)
            _no_other_edit(live_edits(said), seen)
            edits = [*(Edit.parse(event.after) for event in live_edits(said)), edit]
            self.resolver.resolve(document, settled(said), edits)  # refused before it is recorded
            journal.record(
                connection,
                who=viewer.name,
                role=viewer.role,
                document=name,
                action=Action.STRUCTURE,
                after=edit.as_text(),
            )
            connection.execute(update(documents).where(documents.c.name == name).values(waiting=True))
        return self.work_in(name)

    def undo_edit(self, viewer: Viewer, name: str, seen: int) -> Effect:
        """Take the last structure edit of a document back.

        Raises:
            ConflictError: it is not the one the person saw.
        """
        with self.ledger.begin() as connection:
            edits = live_edits(journal.of_document(connection, name))
            _no_other_edit(edits, seen)
            if not edits:
                return Effect(name)
            journal.record(
                connection,
                who=viewer.name,
                role=viewer.role,
                document=name,
                action=Action.UNDO,
                before=edits[-1].after,
                undoes=edits[-1].id,
            )
            connection.execute(update(documents).where(documents.c.name == name).values(waiting=True))
        return self.work_in(name)

    @contextmanager
    def _working_on(self, name: str) -> Iterator[None]:
        with self._lock:
            lock = self._working.setdefault(name, threading.Lock())
        with lock:
            yield


def item_row(connection: Connection, item: int) -> Row[Any]:
    """The row of a figure, with the name of its document.

    Raises:
        NoSuchItemError: there is none.
    """
    row = connection.execute(
        select(items, documents.c.name, documents.c.organ, documents.c.year)
        .join(documents)
        .where(items.c.id == item)
    ).first()
    if row is None:
        raise NoSuchItemError(f"there is no figure {item}")
    return row


def _standing_of(connection: Connection, row: Row[Any]) -> Standing:
    found = standings(journal.of_cell(connection, row.name, row.base))
    return found.get(row.base, Standing())


def _stage(viewer: Viewer, standing: Standing) -> Stage:
    if not viewer.four_eyes:
        return Stage.ONLY
    match standing.status:
        case Status.SECOND if standing.live[0].who != viewer.name:
            return Stage.SECOND
        case Status.THIRD:
            return Stage.THIRD
        case _:
            return Stage.FIRST


def _last_answer(given: list[Event]) -> Event | None:
    changing = [event for event in given if event.version is not None]
    return changing[-1] if changing else None


def _keep_standing(
    connection: Connection,
    row: Row[Any],
    before: Standing,
    after: Standing,
    who: str,
    seconds: float | None,
) -> None:
    """Keep what a cell waits for in the index, and what stands of it in the ledger's decisions."""
    connection.execute(update(items).where(items.c.id == row.id).values(status=after.status.value))
    if after.final == before.final:
        return
    connection.execute(update(documents).where(documents.c.name == row.name).values(waiting=True))
    last = connection.scalar(
        select(decisions.c.version)
        .where(decisions.c.document == row.name, decisions.c.ref == row.base)
        .order_by(decisions.c.version.desc())
        .limit(1)
    )
    final = after.final
    connection.execute(
        insert(decisions).values(
            document=row.name,
            ref=row.base,
            version=(last or 0) + 1,
            text="" if final is None else final.after,
            state=UNDONE if final is None else _word(final),
            source_suspect=final is not None and final.suspect,
            by=who,
            at=journal.now(),
            before=row.text,
            why="" if final is None else final.why,
            seconds=seconds,
        )
    )


def _word(final: Event) -> str:
    return Action.UNREADABLE.value if final.action == Action.UNREADABLE else State.REVIEWED.value


def _no_other_edit(edits: list[Event], seen: int) -> None:
    if (edits[-1].id if edits else 0) != seen:
        raise ConflictError(edits[-1] if edits else None)


def _same(ref: CellRef) -> CellRef:
    return ref


def _doubtful(document: Document) -> set[str]:
    return {cell.ref for table in document.tables for cell in table.cells if cell.state is State.DOUBTFUL}
