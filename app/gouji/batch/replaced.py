"""Sets aside what persons answered about a scan when another has taken its place under the same name.

An answer is about the paper its giver saw. It is taken back in the record, which keeps answer and
reason: nothing is lost, and neither the run nor the review page works it into the other scan.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from gouji.document import NoteRecord
from gouji.exits import OutputError
from gouji.ledger import Ledger
from gouji.review import journal
from gouji.review.answers import Action, Event
from gouji.review.schema import documents, items
from gouji.store import Store
from gouji_postprocess.rule import Verdict

NOTE_CODE = "answers_set_aside"
_WHY = "原件已更换"
_BY, _ROLE = "gouji", "admin"  # the audit page knows the roles of people only
_GIVEN = frozenset({Action.ANSWER, Action.UNREADABLE, Action.STRUCTURE})


def set_aside_answers(store: Store, ledger: Ledger, name: str, sha256: str) -> int:
    """Take back every answer about `name` if its document.json is of another content; returns how many.

    To be called before the new document.json is written: a run killed in between starts from the same
    place. Answers of which no document.json says what they were about stand.
    """
    with ledger.view() as connection:
        answered = bool(standing_events(journal.of_document(connection, name)))
    if not answered and not ledger.answers_of(name):
        return 0
    try:
        before = store.load_document(name).source.sha256
    except OutputError:
        return 0
    if before == sha256:
        return 0
    why = f"{_WHY}（{before[:12]} → {sha256[:12]}）"
    with ledger.begin() as connection:
        standing = standing_events(journal.of_document(connection, name))
        for event in standing:
            _undo(connection, event, why)
        taken_back = ledger.take_back_decisions(connection, name, by=_BY, why=why)
    return max(len(standing), taken_back)


def set_aside_note(said: Sequence[Event]) -> NoteRecord | None:
    """What a person who opens the document should know of answers that were set aside."""
    count = sum(event.action == Action.UNDO and event.why.startswith(_WHY) for event in said)
    if not count:
        return None
    return NoteRecord(
        code=NOTE_CODE,
        verdict=Verdict.NOT_ASSESSABLE,
        detail=f"同名原件曾被更换，此前针对旧原件的 {count} 项人工核定未沿用，仍留存于审计记录；请重新复核。",
    )


def standing_events(said: Sequence[Event]) -> list[Event]:
    """What persons said about a document and was not taken back, in order."""
    undone = {event.undoes for event in said if event.action == Action.UNDO}
    return [event for event in said if event.action in _GIVEN and event.id not in undone]


def _undo(connection: Connection, event: Event, why: str) -> None:
    version = None if event.version is None else _next_version(connection, event)
    journal.record(
        connection,
        who=_BY,
        role=_ROLE,
        document=event.document,
        base=event.base,
        version=version,
        action=Action.UNDO,
        before=event.after,
        after=event.before,
        why=why,
        undoes=event.id,
    )


def _next_version(connection: Connection, event: Event) -> int:
    """The version after the last; whoever still has the figure of the old scan open must look again."""
    last = max(e.version or 0 for e in journal.of_cell(connection, event.document, event.base))
    home = select(documents.c.id).where(documents.c.name == event.document)
    connection.execute(
        update(items)
        .where(items.c.document.in_(home), items.c.base == event.base)
        .values(version=last + 1, claimed_by=None)
    )
    return last + 1
