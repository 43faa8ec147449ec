"""Writes what persons do, each act in one transaction: event, version of the figure, what stands of it.

Every function works inside the caller's transaction. What follows from an answer is not their matter:
they mark the document as waiting, and say whether it has to be decided again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from gouji.ledger_answers import UNDONE
from gouji.ledger_tables import decisions
from gouji.review import journal
from gouji.review.answers import (
    Action,
    Event,
    Stage,
    Standing,
    Status,
    as_read,
    live_edits,
    standings,
    visible,
)
from gouji.review.errors import ConflictError, NoSuchItemError
from gouji.review.journal import Effort
from gouji.review.numbering import meaning
from gouji.review.queue import Viewer
from gouji.review.schema import documents, items
from gouji.review.structure import Edit
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person says about a figure."""

    text: str
    action: Action = Action.ANSWER
    suspect: bool = False
    why: str = ""
    effort: Effort = field(default_factory=Effort)


def item_row(connection: Connection, item: int, figure: str | None = None) -> Row[Any]:
    """The row of a figure, with the name of its document.

    Args:
        connection: a transaction that reads.
        item: its number.
        figure: what a person saw under this number, in the word of `figure_of`.

    Raises:
        NoSuchItemError: there is none, or the number is another figure's by now.
    """
    row = connection.execute(
        select(items, documents.c.name, documents.c.organ, documents.c.year)
        .join(documents)
        .where(items.c.id == item)
    ).first()
    if row is None or figure not in (None, figure_of(row)):
        raise NoSuchItemError(f"there is no figure {item}")
    return row


def figure_of(row: Row[Any]) -> str:
    """What the number of a row stands for, as cards carry it."""
    return meaning(row.name, row.base)


def record_answer(connection: Connection, viewer: Viewer, row: Row[Any], version: int, reply: Reply) -> bool:
    """Record an answer; True when what stands of the figure has changed.

    A figure is kept in half-width forms, as gouji reads it; a heading keeps the forms it was typed in.

    Raises:
        ConflictError: the figure has another version by now.
    """
    _take_version(connection, row, version)
    before = _standing_of(connection, row)
    journal.record(
        connection,
        who=viewer.name,
        role=viewer.role,
        document=row.name,
        base=row.base,
        version=version + 1,
        action=reply.action,
        stage=_stage(viewer, before),
        before=row.text,
        after=visible(reply.text) if row.kind == ReadingKind.TEXT else as_read(reply.text),
        suspect=reply.suspect,
        why=reply.why,
        effort=reply.effort,
    )
    return _keep_standing(connection, row, before, viewer.name, reply.effort.seconds)


def record_skip(connection: Connection, viewer: Viewer, row: Row[Any], effort: Effort) -> None:
    """Record that a person left a figure for later."""
    connection.execute(update(items).where(items.c.id == row.id).values(claimed_by=None))
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


def record_undo(connection: Connection, viewer: Viewer) -> tuple[Row[Any], bool] | None:
    """Take back a person's last answer that still counts: its figure, and whether what stands has changed.

    Raises:
        ConflictError: somebody else answered the same figure since.
    """
    last = journal.last_of(connection, viewer.name)
    if last is None or last.version is None:
        return None
    row = connection.execute(
        select(items, documents.c.name)
        .join(documents)
        .where(documents.c.name == last.document, items.c.base == last.base)
    ).first()
    if row is None:
        return None
    _take_version(connection, row, last.version)
    before = _standing_of(connection, row)
    journal.record(
        connection,
        who=viewer.name,
        role=viewer.role,
        document=row.name,
        base=row.base,
        version=last.version + 1,
        action=Action.UNDO,
        before=last.after,
        after=row.text,
        undoes=last.id,
    )
    return row, _keep_standing(connection, row, before, viewer.name, None)


def record_edit(connection: Connection, viewer: Viewer, name: str, seen: int, edit: Edit) -> None:
    """Record a change of structure.

    Raises:
        ConflictError: the last edit is not the one the person saw.
    """
    _last_edit(connection, name, seen)
    journal.record(
        connection,
        who=viewer.name,
        role=viewer.role,
        document=name,
        action=Action.STRUCTURE,
        after=edit.as_text(),
    )
    _set_waiting(connection, name)


def record_edit_undo(connection: Connection, viewer: Viewer, name: str, seen: int) -> bool:
    """Take the last change of structure back; False when there is none.

    Raises:
        ConflictError: the last edit is not the one the person saw.
    """
    last = _last_edit(connection, name, seen)
    if last is None:
        return False
    journal.record(
        connection,
        who=viewer.name,
        role=viewer.role,
        document=name,
        action=Action.UNDO,
        before=last.after,
        undoes=last.id,
    )
    _set_waiting(connection, name)
    return True


def edits_of(said: Sequence[Event]) -> list[Edit]:
    """The structure edits of a document that stand, in order."""
    return [Edit.parse(event.after) for event in live_edits(said)]


def _take_version(connection: Connection, row: Row[Any], version: int) -> None:
    """Move a figure from the version the person saw to the next; the one test that two cannot both pass."""
    taken = connection.execute(
        update(items)
        .where(items.c.id == row.id, items.c.version == version)
        .values(version=version + 1, claimed_by=None)
    )
    if taken.rowcount != 1:
        changing = [e for e in journal.of_cell(connection, row.name, row.base) if e.version is not None]
        raise ConflictError(changing[-1] if changing else None)


def _last_edit(connection: Connection, name: str, seen: int) -> Event | None:
    edits = live_edits(journal.of_document(connection, name))
    last = edits[-1] if edits else None
    if (last.id if last else 0) != seen:
        raise ConflictError(last)
    return last


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


def _keep_standing(
    connection: Connection, row: Row[Any], before: Standing, who: str, seconds: float | None
) -> bool:
    """Keep what a figure waits for in the index, and what stands of it in the ledger's decisions."""
    after = _standing_of(connection, row)
    connection.execute(update(items).where(items.c.id == row.id).values(status=after.status.value))
    if after.final == before.final:
        return False
    _set_waiting(connection, row.name)
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
    return True


def _word(final: Event) -> str:
    return Action.UNREADABLE.value if final.action == Action.UNREADABLE else State.REVIEWED.value


def _set_waiting(connection: Connection, name: str) -> None:
    connection.execute(update(documents).where(documents.c.name == name).values(waiting=True))
