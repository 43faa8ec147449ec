"""Reads and writes the events; nothing else writes them, and nothing ever changes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, func, insert, select

from gouji.review.answers import Action, Event
from gouji.review.schema import events


@dataclass(frozen=True, slots=True)
class Effort:
    """What an answer cost, as the browser measured it."""

    seconds: float | None = None
    keys: int | None = None


def now() -> str:
    """The time as the audit writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def record(
    connection: Connection,
    *,
    who: str,
    role: str,
    document: str,
    action: Action,
    base: str = "",
    version: int | None = None,
    stage: str = "",
    before: str = "",
    after: str = "",
    suspect: bool = False,
    why: str = "",
    undoes: int | None = None,
    effort: Effort = Effort(),
) -> int:
    """Add an event inside the caller's transaction and return its number."""
    made = connection.execute(
        insert(events).values(
            at=now(),
            who=who,
            role=role,
            document=document,
            base=base,
            version=version,
            action=action.value,
            stage=stage,
            before=before,
            after=after,
            suspect=suspect,
            why=why,
            undoes=undoes,
            seconds=effort.seconds,
            keys=effort.keys,
        )
    )
    key = made.inserted_primary_key
    assert key is not None
    return int(key[0])


def repeat(connection: Connection, event: Event) -> None:
    """Say again, under another document, what a person said; what it cost them is counted once."""
    record(
        connection,
        who=event.who,
        role=event.role,
        document=event.document,
        action=Action(event.action),
        base=event.base,
        version=event.version,
        stage=event.stage,
        before=event.before,
        after=event.after,
        suspect=event.suspect,
        why=event.why,
    )


def of_document(connection: Connection, document: str) -> list[Event]:
    """All events of a document, in order."""
    rows = connection.execute(select(events).where(events.c.document == document).order_by(events.c.id))
    return [_event(row) for row in rows]


def of_cell(connection: Connection, document: str, base: str) -> list[Event]:
    """All events of a cell, in order."""
    chosen = select(events).where(events.c.document == document, events.c.base == base)
    return [_event(row) for row in connection.execute(chosen.order_by(events.c.id))]


def last_of(connection: Connection, who: str) -> Event | None:
    """The last thing a person did that can be undone and was not."""
    undone = select(events.c.undoes).where(events.c.undoes.is_not(None))
    row = connection.execute(
        select(events)
        .where(
            events.c.who == who,
            events.c.action.in_([Action.ANSWER, Action.UNREADABLE]),
            events.c.id.not_in(undone),
        )
        .order_by(events.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else _event(row)


def every(connection: Connection) -> Iterator[Event]:
    """The whole audit, in order."""
    for row in connection.execute(select(events).order_by(events.c.id)):
        yield _event(row)


def count_since(connection: Connection, who: str, at: str) -> int:
    """How many answers a person gave since a time."""
    chosen = select(func.count()).where(
        events.c.who == who, events.c.at >= at, events.c.action.in_([Action.ANSWER, Action.UNREADABLE])
    )
    return int(connection.scalar(chosen) or 0)


def _event(row: Row[tuple[object, ...]]) -> Event:
    return Event(**row._mapping)
