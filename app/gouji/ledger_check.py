"""`gouji ledger check`: does the ledger say what the files say?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text, update

from gouji.exits import OutputError
from gouji.ledger import Ledger
from gouji.ledger_tables import PageState, Step, decisions, documents, pages
from gouji.store import Store
from gouji_layout.scan import sha256_of

_ROWS = 1000  # looked at in one reading transaction


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that should not be; `mended` says what was done about it."""

    what: str
    where: str
    mended: str = ""


def check_ledger(
    ledger: Ledger, store: Store, *, mend: bool = False, originals: bool = False
) -> Iterator[Fault]:
    """Every fault found, mended on the way where asked to and possible.

    Args:
        ledger: what is said to be done.
        store: the files.
        mend: queue missing or damaged work again.
        originals: hash every scan and compare it with the ledger.

    Raises:
        OutputError: the ledger cannot be read or written.
    """
    yield from _database(ledger)
    yield from _pages(ledger, store, mend=mend)
    yield from _documents(ledger, store, mend=mend, originals=originals)
    yield from _decisions(ledger)


def _database(ledger: Ledger) -> Iterator[Fault]:
    if ledger.shared:
        return  # a server checks itself
    with ledger.view() as connection:
        for (line,) in connection.execute(text("PRAGMA integrity_check")):
            if line != "ok":
                yield Fault("database damaged", str(line))


def _pages(ledger: Ledger, store: Store, *, mend: bool) -> Iterator[Fault]:
    last = 0
    while True:
        query = select(pages.c.id, pages.c.key, pages.c.sha256, pages.c.number).where(
            pages.c.id > last, pages.c.state == PageState.DONE
        )
        with ledger.view() as connection:
            rows = connection.execute(query.order_by(pages.c.id).limit(_ROWS)).all()
        if not rows:
            return
        last = rows[-1].id
        for row in rows:
            if store.load_page(row.key) is None:
                mended = ""
                if mend:
                    _read_again(ledger, row.id, row.sha256)
                    mended = "queued to be read again"
                yield Fault("readings missing or damaged", f"{row.key} (page {row.number})", mended)


def _documents(ledger: Ledger, store: Store, *, mend: bool, originals: bool) -> Iterator[Fault]:
    query = select(documents).where(documents.c.step == Step.DONE).order_by(documents.c.id)
    with ledger.view() as connection:
        rows = connection.execute(query).all()
    known = {row.name for row in rows}
    for row in rows:
        why = _document_fault(store, row.name, row.sha256)
        if why:
            mended = ""
            if mend:
                _set_step(ledger, row.id, Step.DECIDE)
                mended = "queued to be decided again"
            yield Fault(why, row.name, mended)
        if originals and "://" not in row.location:
            yield from _original(ledger, row.id, row.location, row.sha256, mend=mend)
    for name in store.documents():
        if name not in known and not _is_known(ledger, name):
            yield Fault("document without a row in the ledger", name)


def _document_fault(store: Store, name: str, sha256: str) -> str:
    try:
        document = store.load_document(name)
    except OutputError as error:
        return str(error)
    return "" if document.source.sha256 == sha256 else "document.json is of another file"


def _original(ledger: Ledger, row: int, location: str, sha256: str, *, mend: bool) -> Iterator[Fault]:
    try:
        same = sha256_of(Path(location)) == sha256
    except OSError as error:
        yield Fault("scan cannot be read", f"{location}: {error.strerror or error}")
        return
    if not same:
        if mend:
            _set_step(ledger, row, Step.OPEN)
        yield Fault("scan changed since it was read", location, "queued to be read again" if mend else "")


def _decisions(ledger: Ledger) -> Iterator[Fault]:
    """The versions of each cell's decisions must count 1, 2, 3 …: a gap means that one was taken out."""
    query = select(decisions.c.document, decisions.c.ref, decisions.c.version).order_by(
        decisions.c.document, decisions.c.ref, decisions.c.version
    )
    before: tuple[str, str, int] = ("", "", 0)
    with ledger.view() as connection:
        for document, ref, version in connection.execute(query):
            expected = before[2] + 1 if before[:2] == (document, ref) else 1
            if version != expected:
                yield Fault("decision missing", f"{document} {ref} version {expected}")
            before = (document, ref, version)


def _read_again(ledger: Ledger, row: int, sha256: str) -> None:
    with ledger.begin() as connection:
        connection.execute(
            update(pages).where(pages.c.id == row).values(state=PageState.TODO, strikes=0, claims=0)
        )
        done = documents.c.step == Step.DONE
        connection.execute(update(documents).where(documents.c.sha256 == sha256, done).values(step=Step.READ))


def _set_step(ledger: Ledger, row: int, step: Step) -> None:
    with ledger.begin() as connection:
        connection.execute(
            update(documents).where(documents.c.id == row).values(step=step, strikes=0, claims=0)
        )


def _is_known(ledger: Ledger, name: str) -> bool:
    with ledger.view() as connection:
        return connection.execute(select(documents.c.id).where(documents.c.name == name)).first() is not None
