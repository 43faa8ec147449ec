"""Lets answers and results follow a scan that was renamed or moved to another folder.

Under a new name a scan is a new document. When the file it was read from is gone and the same bytes
lie here, what persons said about it holds for the new document, and the results under the old name
are put aside, so that nothing is counted or asked twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from gouji.batch.replaced import standing_events
from gouji.batch.sources import is_remote
from gouji.document import NoteRecord
from gouji.ledger import Ledger
from gouji.ledger_answers import with_reason
from gouji.ledger_claims import Claim
from gouji.ledger_tables import Step, documents, questions
from gouji.review import journal
from gouji.review.answers import Action, Event
from gouji.store import RENAMED_FOLDER, Store
from gouji_postprocess.rule import Verdict

RENAMED_CODE = "renamed"
_BY, _ROLE = "gouji", "admin"


def follow_renamed(store: Store, ledger: Ledger, claim: Claim) -> None:
    """Let what stood under the old names of a scan go on under its new one.

    A run killed in between starts from the same place, because the old row goes last.

    Raises:
        OutputError: results cannot be put aside, or the ledger cannot be written.
    """
    with ledger.view() as connection:
        old = [row for row in _same_bytes(connection, claim) if _is_gone(row)]
    for row in old:
        store.put_aside(row.name)
        with ledger.begin() as connection:
            _carry(connection, ledger, row.name, claim.name)
            connection.execute(delete(questions).where(questions.c.document == row.name))
            connection.execute(delete(documents).where(documents.c.id == row.id))


def renamed_note(said: Sequence[Event]) -> NoteRecord | None:
    """What a person who opens the document should know of its old names."""
    names = [event.before for event in said if event.action == Action.RENAMED]
    if not names:
        return None
    where = "、".join(f"{RENAMED_FOLDER}/{name}" for name in names)
    return NoteRecord(
        code=RENAMED_CODE,
        verdict=Verdict.NOT_ASSESSABLE,
        detail=f"原件由“{'”“'.join(names)}”改名而来，人工核定沿用；旧名下的结果移至 {where}，不再计入。",
    )


def _same_bytes(connection: Connection, claim: Claim) -> Sequence[Row[Any]]:
    query = select(documents).where(
        documents.c.sha256 == claim.sha256,
        documents.c.name != claim.name,
        documents.c.step == Step.DONE,
        documents.c.owner.is_(None),
    )
    return connection.execute(query.order_by(documents.c.id)).all()


def _is_gone(row: Row[Any]) -> bool:
    """Whether the file was taken away, and not its whole disk: the folder that was read is still there."""
    if is_remote(row.location) or Path(row.location).exists():
        return False
    return Path(row.location.removesuffix(row.shown)).is_dir()


def _carry(connection: Connection, ledger: Ledger, old: str, new: str) -> None:
    """Say under the new name what stands under the old one; a document with answers keeps its own."""
    said = standing_events(journal.of_document(connection, old))
    own = standing_events(journal.of_document(connection, new))
    why = f"原件由 {old} 改名，沿用"
    if said and not own:
        versions: dict[str, int] = defaultdict(int)
        for event in journal.of_document(connection, new):
            versions[event.base] = max(versions[event.base], event.version or 0)
        for event in said:
            versions[event.base] += 1
            carried = replace(
                event,
                document=new,
                version=None if event.version is None else versions[event.base],
                why=with_reason(why, event.why),
            )
            journal.repeat(connection, carried)
    ledger.carry_decisions(connection, old, new, why=why)
    journal.record(
        connection, who=_BY, role=_ROLE, document=new, action=Action.RENAMED, before=old, after=new
    )
