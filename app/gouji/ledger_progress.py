"""Questions about a run that the ledger answers: how far it is, what failed, what was slow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from gouji.ledger import Ledger
from gouji.ledger_tables import PageState, Step, documents, pages, questions


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page of a document as far as the ledger knows it."""

    number: int
    key: str
    failed: bool
    error_kind: str
    error: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the whole output folder is."""

    documents: dict[str, int]  # by step
    pages: dict[str, int]  # by state
    questions: int

    @property
    def pages_done(self) -> int:
        """Pages that were read or given up."""
        return self.pages.get(PageState.DONE, 0) + self.pages.get(PageState.FAILED, 0)

    @property
    def pages_expected(self) -> int:
        """Pages known so far, and for files not yet opened as many as the others have on average."""
        known = sum(n for state, n in self.pages.items() if state != PageState.STALE)
        unopened = self.documents.get(Step.OPEN, 0)
        opened = sum(self.documents.values()) - unopened - self.documents.get(Step.FAILED, 0)
        return known + round(unopened * max(1.0, known / opened if opened else 1.0))

    @property
    def pages_left(self) -> int:
        """Pages that are still to be read."""
        return self.pages_expected - self.pages_done


@dataclass(frozen=True, slots=True)
class Standstill:
    """Whether anything moves."""

    in_flight: int
    pages_last_minute: int
    last_page_seconds_ago: float | None


@dataclass(frozen=True, slots=True)
class SlowPage:
    """A page that took long."""

    document: str
    number: int
    seconds: float
    megabytes: int | None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A file or page that could not be read, and why."""

    document: str
    shown: str
    page: int | None
    kind: str
    message: str


def pages_of(ledger: Ledger, sha256: str, reading: str) -> list[PageRow]:
    """The pages of a document, in order."""
    query = select(pages.c.number, pages.c.key, pages.c.state, pages.c.error_kind, pages.c.error).where(
        pages.c.sha256 == sha256, pages.c.reading == reading
    )
    with ledger.view() as connection:
        return [
            PageRow(row.number, row.key, row.state == PageState.FAILED, row.error_kind or "", row.error or "")
            for row in connection.execute(query.order_by(pages.c.number))
        ]


def progress(ledger: Ledger) -> Progress:
    """Count everything; a few index scans."""
    with ledger.view() as connection:
        steps = connection.execute(select(documents.c.step, func.count()).group_by(documents.c.step))
        states = connection.execute(select(pages.c.state, func.count()).group_by(pages.c.state))
        asked = connection.execute(select(func.count()).select_from(questions)).scalar_one()
        return Progress(dict(map(tuple, steps)), dict(map(tuple, states)), int(asked))


def standstill(ledger: Ledger) -> Standstill:
    """What is in flight under a lease that holds, and how long ago a page was finished."""
    with ledger.view() as connection:
        now = ledger.now(connection)
        page_leases = and_(pages.c.state == PageState.RUNNING, pages.c.lease_until > now)
        document_leases = and_(documents.c.step.in_([Step.OPEN, Step.DECIDE]), documents.c.lease_until > now)
        running = sum(
            int(connection.execute(select(func.count()).where(held)).scalar_one())
            for held in (page_leases, document_leases)
        )
        recent = select(func.count()).select_from(pages).where(pages.c.finished_at > now - 60)
        last = connection.execute(select(func.max(pages.c.finished_at))).scalar()
        return Standstill(
            running, int(connection.execute(recent).scalar_one()), None if last is None else now - float(last)
        )


def given_up(ledger: Ledger) -> Iterator[GivenUp]:
    """Every file and page that failed for good, in the order of the folder."""
    whole = select(documents).where(documents.c.step == Step.FAILED).order_by(documents.c.id)
    single = (
        select(documents.c.name, documents.c.shown, pages.c.number, pages.c.error_kind, pages.c.error)
        .join(pages, and_(pages.c.sha256 == documents.c.sha256, pages.c.reading == documents.c.reading))
        .where(pages.c.state == PageState.FAILED)
        .order_by(documents.c.id, pages.c.number)
    )
    with ledger.view() as connection:
        for row in connection.execute(whole):
            yield GivenUp(row.name, row.shown, None, row.error_kind or "", row.error or "")
        for row in connection.execute(single):
            yield GivenUp(row.name, row.shown, row.number, row.error_kind or "", row.error or "")


def slowest(ledger: Ledger, count: int = 10) -> list[SlowPage]:
    """The pages that took longest."""
    # The few slowest first, their names after: a join of all pages takes minutes at ten million.
    top = (
        select(pages.c.sha256, pages.c.reading, pages.c.number, pages.c.seconds, pages.c.megabytes)
        .where(pages.c.state == PageState.DONE, pages.c.seconds.is_not(None))
        .order_by(pages.c.seconds.desc())
        .limit(count)
        .subquery()
    )
    query = (
        select(func.min(documents.c.name), top.c.number, top.c.seconds, top.c.megabytes)
        .join(documents, and_(top.c.sha256 == documents.c.sha256, top.c.reading == documents.c.reading))
        .group_by(top.c.sha256, top.c.number, top.c.seconds, top.c.megabytes)
        .order_by(top.c.seconds.desc())
    )
    with ledger.view() as connection:
        return [SlowPage(*row) for row in connection.execute(query)]


def backlog(ledger: Ledger, most: int) -> int:
    """How many pieces of work could be claimed now, counted up to `most`."""
    todo = select(pages.c.id).where(pages.c.state == PageState.TODO).limit(most)
    files = (
        select(documents.c.id)
        .where(documents.c.step.in_([Step.OPEN, Step.DECIDE]), documents.c.owner.is_(None))
        .limit(most)
    )
    with ledger.view() as connection:
        return sum(
            int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
            for query in (todo, files)
        )
