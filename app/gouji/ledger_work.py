"""The queue in the ledger: work is claimed by lease, finished behind a fence, given up after two failures.

A claim takes three kinds of work: a document to open, a page to read, a document to decide. Every
claim raises the row's fence; a finish that names an older fence, or another owner, changes nothing,
so that a worker believed dead cannot undo what its successor did. Claiming the next work and
finishing the last are one transaction, because waiting for the disk is the cost of a ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, Update, and_, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gouji.document import Document
from gouji.ledger import Ledger
from gouji.ledger_claims import Claim, Kind, Struck
from gouji.ledger_enlist import Fingerprints
from gouji.ledger_tables import PageState, Step, documents, pages

MOST_STRIKES = 2
"""A page that fails is tried once more, then given up."""
MOST_CLAIMS = 10
"""Work claimed this often without an end takes its machine down with it; it is given up too."""


@dataclass(frozen=True, eq=False)
class Work:
    """The queue as one owner sees it."""

    ledger: Ledger
    wanted: Fingerprints
    owner: str
    lease_seconds: float = 60.0

    def claim(self, count: int = 1) -> list[Claim]:
        """Take work: documents to decide first, then up to `count` pages, then a document to open."""
        with self.ledger.begin() as connection:
            return self._claim(connection, count)

    def opened(self, claim: Claim, sha256: str, keys: Sequence[str], then: int = 1) -> list[Claim]:
        """The file was hashed and has `len(keys)` pages; queue those nobody has read, claim `then` more."""
        with self.ledger.begin() as connection:
            if self._finish(
                connection, documents, claim, step=Step.READ, sha256=sha256, page_count=len(keys)
            ):
                self._queue_pages(connection, sha256, keys)
                self._advance(connection, sha256)
            return self._claim(connection, then)

    def read(self, claim: Claim, facts: Mapping[str, object], then: int = 1) -> list[Claim]:
        """The page's readings are kept under its key; `facts` are columns of `pages`."""
        with self.ledger.begin() as connection:
            self._lock_document(connection, claim.sha256)
            values = {"error_kind": None, "error": None, **facts}
            if self._finish(connection, pages, claim, state=PageState.DONE, **values):
                self._advance(connection, claim.sha256)
            return self._claim(connection, then)

    def decided(
        self, claim: Claim, document: Document, seconds: float, then: int = 1, *, whole: bool = True
    ) -> list[Claim]:
        """`document.json` stands; bring counts and questions in line.

        One that is not `whole`, because its scan was not at hand, is decided again by the next run that
        finds the scan.
        """
        with self.ledger.begin() as connection:
            done = self._finish(
                connection,
                documents,
                claim,
                step=Step.DONE,
                decided_with=self.wanted.deciding if whole else None,
                limits=self.wanted.limits,
                seconds=seconds,
                error_kind=None,
                error=None,
            )
            if done:
                self.ledger.keep_decided(document, connection)
            return self._claim(connection, then)

    def strike(self, claim: Claim, kind: str, error: str, *, final: bool = False) -> Struck:
        """The work failed by its own fault: try it once more, or give it up.

        Args:
            claim: what was worked on.
            kind: class of the error.
            error: one sentence.
            final: trying again is of no use.
        """
        table = pages if claim.kind is Kind.READ else documents
        with self.ledger.begin() as connection:
            if claim.kind is Kind.READ:
                self._lock_document(connection, claim.sha256)
            row = connection.execute(select(table.c.strikes).where(self._mine(table, claim))).first()
            if row is None:
                return Struck.LOST
            given_up = final or row.strikes + 1 >= MOST_STRIKES
            self._finish(
                connection,
                table,
                claim,
                strikes=row.strikes + 1,
                error_kind=kind,
                error=error,
                limits=self.wanted.limits,
                **_after_failure(claim.kind, given_up=given_up),
            )
            if claim.kind is Kind.READ and given_up:
                self._advance(connection, claim.sha256)
            return Struck.GIVEN_UP if given_up else Struck.AGAIN

    def put_back(self, claim: Claim, *, open_again: bool = False) -> None:
        """Give work back unfinished; `open_again`: the file is not the one that was opened."""
        table = pages if claim.kind is Kind.READ else documents
        values: dict[str, object] = {"state": PageState.TODO} if claim.kind is Kind.READ else {}
        with self.ledger.begin() as connection:
            if not self._finish(connection, table, claim, **values) or not open_again:
                return
            where = documents.c.name == claim.name
            connection.execute(update(documents).where(where).values(step=Step.OPEN, sha256=None))

    def unread(self, claim: Claim, keys: Sequence[str]) -> None:
        """Readings that should be there are gone or damaged: read those pages again, then decide."""
        with self.ledger.begin() as connection:
            if self._finish(connection, documents, claim, step=Step.READ):
                gone = and_(pages.c.key.in_(keys), pages.c.state == PageState.DONE)
                connection.execute(update(pages).where(gone).values(state=PageState.TODO, claims=0))

    def open_work(self) -> bool:
        """Whether anything is left to do, by anybody."""
        with self.ledger.view() as connection:
            todo = exists().where(self._ours(), documents.c.step.in_([Step.OPEN, Step.READ, Step.DECIDE]))
            return bool(connection.execute(select(todo)).scalar())

    def _ours(self) -> ColumnElement[bool]:
        return and_(documents.c.reading == self.wanted.reading, documents.c.deciding == self.wanted.deciding)

    def _claim(self, connection: Connection, count: int) -> list[Claim]:
        if count <= 0:
            return []
        until = self.ledger.clock() + self.lease_seconds
        return (
            self._claim_document(connection, Step.DECIDE, Kind.DECIDE, until)
            or self._claim_pages(connection, count, until)
            or self._claim_document(connection, Step.OPEN, Kind.OPEN, until)
        )

    def _claim_document(
        self, connection: Connection, step: Step, kind: Kind, until: ColumnElement[float] | float
    ) -> list[Claim]:
        found = connection.execute(
            select(documents.c.id)
            .where(documents.c.step == step, documents.c.owner.is_(None), self._ours())
            .order_by(documents.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).scalar()
        if found is None:
            return []
        row = connection.execute(
            update(documents)
            .where(documents.c.id == found)
            .values(self._lease(documents, until))
            .returning(documents)
        ).one()
        sha256 = row.sha256 or ""
        return [Claim(kind, row.id, row.fence, row.name, row.shown, row.location, sha256)]

    def _claim_pages(
        self, connection: Connection, count: int, until: ColumnElement[float] | float
    ) -> list[Claim]:
        waiting = (
            select(pages.c.id, pages.c.sha256)
            .where(pages.c.state == PageState.TODO, pages.c.reading == self.wanted.reading)
            .with_for_update(skip_locked=True)
        )
        while found := connection.execute(waiting.order_by(pages.c.id).limit(count)).all():
            hashes = {row.sha256 for row in found}
            homes = self._homes(connection, hashes)
            if homeless := hashes - homes.keys():
                # Their file was replaced or taken off the list since: all its pages go at once.
                theirs = waiting.with_only_columns(pages.c.id).where(pages.c.sha256.in_(homeless))
                connection.execute(update(pages).where(pages.c.id.in_(theirs)).values(state=PageState.STALE))
                continue
            rows = connection.execute(
                update(pages)
                .where(pages.c.id.in_([row.id for row in found]))
                .values(state=PageState.RUNNING, **self._lease(pages, until))
                .returning(pages.c.id, pages.c.fence, pages.c.sha256, pages.c.number, pages.c.key)
            ).all()
            return [
                Claim(Kind.READ, row.id, row.fence, *homes[row.sha256], row.sha256, row.number, row.key)
                for row in sorted(rows, key=lambda row: row.id)
            ]
        return []

    def _homes(self, connection: Connection, hashes: set[str]) -> dict[str, tuple[str, str, str]]:
        query = select(documents.c.sha256, documents.c.name, documents.c.shown, documents.c.location).where(
            documents.c.sha256.in_(hashes), documents.c.step == Step.READ, self._ours()
        )
        # Of files with the same bytes the one listed last is the likeliest to be there still.
        rows = connection.execute(query.order_by(documents.c.id))
        return {row.sha256: (row.name, row.shown, row.location) for row in rows}

    def _lease(self, table: Table, until: ColumnElement[float] | float) -> dict[str, object]:
        return {
            "owner": self.owner,
            "lease_until": until,
            "fence": table.c.fence + 1,
            "claims": table.c.claims + 1,
        }

    def _mine(self, table: Table, claim: Claim) -> ColumnElement[bool]:
        return and_(table.c.id == claim.row, table.c.owner == self.owner, table.c.fence == claim.fence)

    def _finish(self, connection: Connection, table: Table, claim: Claim, **values: object) -> bool:
        """Write the end of a piece of work and let go of it; False when it was no longer ours."""
        given = {"owner": None, "lease_until": None, "finished_at": self.ledger.clock(), **values}
        return connection.execute(update(table).where(self._mine(table, claim)).values(**given)).rowcount == 1

    def _queue_pages(self, connection: Connection, sha256: str, keys: Sequence[str]) -> None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        rows = [
            {
                "key": key,
                "sha256": sha256,
                "number": number,
                "reading": self.wanted.reading,
                "state": PageState.TODO,
            }
            for number, key in enumerate(keys, 1)
        ]
        if not rows:
            return
        connection.execute(dialect.insert(pages).on_conflict_do_nothing(index_elements=["key"]), rows)
        same = and_(pages.c.sha256 == sha256, pages.c.reading == self.wanted.reading)
        stale = pages.c.state == PageState.STALE
        limited = and_(pages.c.state == PageState.FAILED, pages.c.limits != self.wanted.limits)
        connection.execute(
            update(pages)
            .where(same, stale | limited)
            .values(state=PageState.TODO, strikes=0, claims=0, error_kind=None, error=None)
        )

    def _lock_document(self, connection: Connection, sha256: str) -> None:
        # Two workers finishing the last two pages must see each other, or nobody decides the document.
        if not self.ledger.shared:
            return  # SQLite lets one writer in at a time
        connection.execute(
            select(documents.c.id)
            .where(documents.c.sha256 == sha256)
            .order_by(documents.c.id)
            .with_for_update()
        ).all()

    def _advance(self, connection: Connection, sha256: str) -> None:
        """Documents with these bytes whose pages are all at an end can be decided."""
        same = and_(documents.c.sha256 == sha256, self._ours())
        connection.execute(advance(self.wanted).where(same))


def advance(wanted: Fingerprints) -> Update:
    """The statement that moves documents whose pages are all at an end on to be decided."""
    own = and_(pages.c.sha256 == documents.c.sha256, pages.c.reading == wanted.reading)
    waiting = exists().where(own, pages.c.state.in_([PageState.TODO, PageState.RUNNING]))
    listed = select(func.count()).select_from(pages).where(own).scalar_subquery()
    return (
        update(documents)
        .where(
            documents.c.step == Step.READ,
            documents.c.reading == wanted.reading,
            ~waiting,
            # A document of which pages are missing from the list must never pass for a finished one.
            documents.c.page_count == listed,
        )
        .values(step=Step.DECIDE, strikes=0, claims=0, owner=None, lease_until=None)
    )


def _after_failure(kind: Kind, *, given_up: bool) -> dict[str, object]:
    if kind is Kind.READ:
        return {"state": PageState.FAILED if given_up else PageState.TODO}
    return {"step": Step.FAILED} if given_up else {}
