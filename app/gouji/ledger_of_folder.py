"""The ledger that belongs to an output folder, and no other.

What persons answered lies in the ledger. With another one, a run would write documents without their
answers and say nothing; with two folders in one ledger, each would take the other's documents for its
own. So both carry the same name: the folder in `ledger.json`, the ledger in its table `identity`.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError

from gouji.exits import OutputError
from gouji.ledger import LEDGER_FILE, Ledger, open_ledger
from gouji.ledger_tables import identity
from gouji.store import LEDGER_MARK, Store


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a folder says of its ledger: its name, and its address where it is not OUT/gouji.db."""

    id: str
    address: str | None

    @property
    def place(self) -> str:
        return f"--ledger {self.address}" if self.address else f"its own {LEDGER_FILE}, without --ledger"


def own_ledger(store: Store, url: str | None = None) -> Ledger:
    """Open the ledger of an output folder; a new one and a new folder belong together from now on.

    Args:
        store: the output folder.
        url: address of the ledger where it is not OUT/gouji.db.

    Raises:
        OutputError: the folder belongs to another ledger, or the ledger to another folder; see `open_ledger`.
    """
    if url is None:  # before a new database is made beside the one that has the answers
        _refuse_if_elsewhere(store)
    ledger = open_ledger(store.out, url)
    try:
        _join(store, ledger, url)
    except BaseException:
        ledger.close()
        raise
    return ledger


def standing_ledger(out: Path, url: str | None = None) -> Ledger:
    """Open the ledger of a folder that has one; nothing is made in a folder that is not gouji's.

    Raises:
        OutputError: there is none; see `own_ledger`.
    """
    store = Store(out)
    if url is None:
        _refuse_if_elsewhere(store)
        if not (out / LEDGER_FILE).exists():
            raise OutputError(f"{out} has no ledger; it was not made by gouji read, or --ledger is missing")
    return open_ledger(out, url) if _mark_of(store) is None else own_ledger(store, url)


def _refuse_if_elsewhere(store: Store) -> None:
    mark = _mark_of(store)
    if mark is not None and mark.address is not None:
        raise _other(store, mark)


def _join(store: Store, ledger: Ledger, url: str | None) -> None:
    known = _id_of(ledger)
    mark = _mark_of(store)  # after the ledger: another machine that has just joined them wrote this first
    if mark is None and known is not None:
        raise OutputError(
            f"this ledger belongs to another output folder than {store.out}; one database is for one OUT: "
            "give that folder, or a database of its own for this one"
        )
    if mark is not None:
        elsewhere = (mark.address is None) != (url is None)
        empty = known is None and url is not None and any(store.documents())  # it has none of the answers
        if elsewhere or empty or known not in (None, mark.id):
            raise _other(store, mark)
        if known == mark.id:
            return
    wanted = mark.id if mark is not None else uuid.uuid4().hex
    # The folder first: a ledger whose folder does not know it would be refused ever after.
    _write_mark(store, wanted, url)
    given = _give_id(ledger, wanted)
    if given != wanted:  # another machine began at the same moment
        _write_mark(store, given, url)


def _mark_of(store: Store) -> _Mark | None:
    try:
        plain = json.loads((store.out / LEDGER_MARK).read_text(encoding="utf-8"))
        return _Mark(str(plain["id"]), plain["address"] and str(plain["address"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{store.out / LEDGER_MARK} cannot be read ({error}); it says which ledger has the answers: "
            "mend it, or delete it to go on with the ledger that is given"
        ) from error


def _write_mark(store: Store, name: str, url: str | None) -> None:
    address = None if url is None else _without_password(url)
    store.write_json(LEDGER_MARK, {"id": name, "address": address})


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError as error:
        raise OutputError(f"cannot use the ledger {url!r}: {error}") from error


def _id_of(ledger: Ledger) -> str | None:
    with ledger.view() as connection:
        return connection.scalar(select(identity.c.id))


def _give_id(ledger: Ledger, name: str) -> str:
    """Name a ledger; returns the name it has now, which another machine may have given first."""
    try:
        with ledger.begin() as connection:
            connection.execute(insert(identity).values(one=1, id=name))
    except IntegrityError:
        return _id_of(ledger) or name
    return name


def _other(store: Store, mark: _Mark) -> OutputError:
    return OutputError(
        f"the answers given on {store.out} are in another ledger: use {mark.place}. "
        f"Only if that one is gone for good, delete {store.out / LEDGER_MARK}; its answers are lost then"
    )
