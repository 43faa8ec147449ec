"""The desk: documents, index, events and re-solving brought together behind the pages of the review.

Every answer is committed to the database before anything follows from it. When the server dies in
between, or deciding fails, the document is marked as waiting and is decided again at the next start.
A document that cannot be read or decided costs only itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select, update

from gouji.document import CellRecord, Document, TableRecord
from gouji.exits import OutputError
from gouji.ledger import Ledger
from gouji.review import journal
from gouji.review.answers import settled
from gouji.review.errors import NoSuchItemError, StructureError
from gouji.review.indexing import forget_document, index_document, stamp_of, stamps
from gouji.review.journal import Effort
from gouji.review.pictures import Pictures
from gouji.review.queue import Viewer
from gouji.review.recording import (
    Reply,
    edits_of,
    item_row,
    record_answer,
    record_edit,
    record_edit_undo,
    record_skip,
    record_undo,
)
from gouji.review.resolving import Resolver, resolve_or_keep
from gouji.review.schema import documents
from gouji.review.structure import Edit
from gouji.store import Store
from gouji_layout.geometry import CellRef
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State

_log = logging.getLogger(__name__)
_DOCUMENTS_KEPT = 48
_SYNC_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Effect:
    """What followed from an answer."""

    document: str
    settled: int = 0  # other figures that are certain now
    unsettled: int = 0  # other figures that are doubtful now and were not
    waits: bool = False  # for a second or third look; nothing was worked in
    failure: str = ""  # the answer is kept, but could not be worked in
    undecided: str = ""  # the answer stands in its cell, but deciding failed: no other figure was touched


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
    changed: bool = False  # whether a document was written since the start
    _documents: OrderedDict[tuple[str, str], Document] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _working: dict[str, threading.Lock] = field(default_factory=dict)
    _synced: float = 0.0
    _troubles: dict[str, tuple[str, str]] = field(default_factory=dict)  # stamp of the file, and why

    @property
    def troubles(self) -> dict[str, str]:
        """Documents that could not be read or decided since the start, and why."""
        with self._lock:
            return {name: why for name, (_, why) in sorted(self._troubles.items())}

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
        present = list(self.store.documents())
        for name in present:
            stamp = stamp_of(self.store, name)
            in_step = known.get(name) == stamp and name not in waiting
            # What failed once fails again: it is tried anew at a start or when the file has changed.
            if in_step or (not force and self._failed_at(name) == stamp):
                known.pop(name, None)
                continue
            try:
                self._index_or_resolve(name, waiting=name in waiting)
            except Exception as error:  # noqa: BLE001 - a document may fail in any way; it costs only itself
                _log.exception("%s is left out of the review", name)
                self._note(name, f"{type(error).__name__}: {error}")
                continue
            known.pop(name, None)
            changed += 1
        with self.ledger.begin() as connection:
            for name in known:
                forget_document(connection, name)
        for name in self.troubles.keys() - set(present):
            self._note(name, "")
        return changed + len(known)

    def _note(self, name: str, trouble: str) -> None:
        with self._lock:
            if trouble:
                self._troubles[name] = (stamp_of(self.store, name), trouble)
            else:
                self._troubles.pop(name, None)

    def _failed_at(self, name: str) -> str | None:
        with self._lock:
            return self._troubles.get(name, (None, ""))[0]

    def _index_or_resolve(self, name: str, *, waiting: bool) -> None:
        """A document may come from a run that knew nothing of the answers: then they are worked in again."""
        document = self.store.load_document(name)
        with self.ledger.view() as connection:
            said = journal.of_document(connection, name)
        given = settled(said)
        cells = {cell.ref: cell for table in document.tables for cell in table.cells}
        missing = any(
            str(ref) in cells and cells[str(ref)].state is not State.REVIEWED for ref in given.answers
        ) or any(
            str(ref) in cells and cells[str(ref)].kind is not ReadingKind.UNREADABLE
            for ref in given.unreadable
        )
        again = waiting or missing or bool(edits_of(said))
        if again and not self.work_in(name).failure:
            return
        # What cannot be worked in now is shown as it stands on disk, and tried again at the next start.
        with self.ledger.begin() as connection:
            index_document(connection, document, stamp_of(self.store, name), _same)
            connection.execute(update(documents).where(documents.c.name == name).values(waiting=again))
        if not again:
            self._note(name, "")

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

    def answer(
        self, viewer: Viewer, item: int, version: int, reply: Reply, *, figure: str | None = None
    ) -> Effect:
        """Record what a person says and work it in.

        Args:
            viewer: who says it.
            item: the figure.
            version: of the figure when the person saw it.
            reply: what they say.
            figure: which one the person saw under this number (`figure_of`).

        Raises:
            ConflictError: the figure has another version by now.
            NoSuchItemError: there is no such figure, or the number is another's by now.
        """
        with self.ledger.begin() as connection:
            row = item_row(connection, item, figure)
            changed = record_answer(connection, viewer, row, version, reply)
        return self.work_in(row.name, row.ref) if changed else Effect(row.name, waits=True)

    def skip(self, viewer: Viewer, item: int, effort: Effort, *, figure: str | None = None) -> None:
        """Note that a person left a figure for later; it comes again after the others.

        Raises:
            NoSuchItemError: there is no such figure, or the number is another's by now.
        """
        with self.ledger.begin() as connection:
            record_skip(connection, viewer, item_row(connection, item, figure), effort)

    def undo(self, viewer: Viewer) -> tuple[int, Effect] | None:
        """Take back the last answer of a person that still counts; None when there is none.

        Raises:
            ConflictError: somebody else answered the same figure since.
        """
        with self.ledger.begin() as connection:
            undone = record_undo(connection, viewer)
        if undone is None:
            return None
        row, changed = undone
        return row.id, self.work_in(row.name, row.ref) if changed else Effect(row.name, waits=True)

    def edit(self, viewer: Viewer, name: str, seen: int, edit: Edit) -> Effect:
        """Change the structure of a table and decide its document again.

        Args:
            viewer: who changes it.
            name: the document.
            seen: number of the last structure edit the person saw, 0 for none.
            edit: the change.

        Raises:
            ConflictError: somebody else changed the structure meanwhile.
            StructureError: the edit does not fit; nothing was recorded.
        """
        document = self.document(name)
        with self.ledger.begin() as connection:
            said = journal.of_document(connection, name)
            # Tried out first: what does not fit is refused before it is recorded.
            resolve_or_keep(self.resolver, document, settled(said), [*edits_of(said), edit])
            record_edit(connection, viewer, name, seen, edit)
        return self.work_in(name)

    def undo_edit(self, viewer: Viewer, name: str, seen: int) -> Effect:
        """Take the last structure edit of a document back.

        Raises:
            ConflictError: it is not the one the person saw.
        """
        with self.ledger.begin() as connection:
            changed = record_edit_undo(connection, viewer, name, seen)
        return self.work_in(name) if changed else Effect(name)

    def work_in(self, name: str, answered: str = "") -> Effect:
        """Decide a document again with everything that was answered, and write it.

        Where deciding fails, the answers are put into their cells and nothing else is touched, so that
        other answers and undoing go on; the document stays marked as waiting.
        """
        with self._working_on(name):
            try:
                before = self.document(name)
                with self.ledger.view() as connection:
                    said = journal.of_document(connection, name)
                resolved = resolve_or_keep(self.resolver, before, settled(said), edits_of(said))
                after = resolved.document
                self.store.save_document(after)
                self.changed = True
            except (OutputError, StructureError) as error:
                self._note(name, str(error))
                return Effect(name, failure=str(error))
            self._note(name, resolved.failure)
            with self.ledger.begin() as connection:
                index_document(connection, after, stamp_of(self.store, name), resolved.base)
                waits = bool(resolved.failure)
                connection.execute(update(documents).where(documents.c.name == name).values(waiting=waits))
                self.ledger.keep_decided(after, connection)
        if resolved.failure:
            return Effect(name, undecided=resolved.failure)
        was, now = _doubtful(before) - {answered}, _doubtful(after) - {answered}
        return Effect(name, settled=len(was - now), unsettled=len(now - was))

    @contextmanager
    def _working_on(self, name: str) -> Iterator[None]:
        with self._lock:
            lock = self._working.setdefault(name, threading.Lock())
        with lock:
            yield


def _same(ref: CellRef) -> CellRef:
    return ref


def _doubtful(document: Document) -> set[str]:
    return {cell.ref for table in document.tables for cell in table.cells if cell.state is State.DOUBTFUL}
