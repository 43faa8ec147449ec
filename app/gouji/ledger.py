"""The ledger of an output folder: one database that says what is to be done, what is done, who decided what.

SQLite (WAL) at OUT/gouji.db by default; a PostgreSQL address where many machines work on one OUT.
The ledger alone says what is "done"; files are written before the row that names them is committed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Float,
    cast,
    create_engine,
    event,
    extract,
    func,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)

from gouji.exits import OutputError
from gouji.ledger_answers import Answers

LEDGER_FILE = "gouji.db"
_BUSY_SECONDS = 60.0  # a writer waits this long for another on SQLite
_READ_ONLY = "gouji_read_only"
_OF_THE_CALLER = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""Of the errors of a database those that say nothing against the database itself."""


@dataclass(frozen=True, eq=False)
class Ledger(Answers):
    """An open ledger. Threads may share it; processes open their own."""

    engine: Engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write; committed at the end of the block, undone on an error.

        Raises:
            OutputError: the database cannot be reached, is locked, full or damaged.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except _OF_THE_CALLER:
            raise
        except DatabaseError as error:
            raise OutputError(f"the ledger cannot be written: {_reason(error)}") from error

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """A transaction that only reads: one consistent picture, no writer kept waiting.

        Raises:
            OutputError: the database cannot be reached or is damaged.
        """
        try:
            with self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection:
                yield connection
        except _OF_THE_CALLER:
            raise
        except DatabaseError as error:
            raise OutputError(f"the ledger cannot be read: {_reason(error)}") from error

    def now(self, connection: Connection) -> float:
        """Seconds since 1970 by the ledger's clock, the one clock that leases of many hosts go by."""
        if self.engine.dialect.name == "sqlite":
            return time.time()
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())

    def clock(self) -> ColumnElement[float] | float:
        """The same clock as part of a statement, which saves a round trip."""
        if self.engine.dialect.name == "sqlite":
            return time.time()
        return cast(extract("epoch", func.clock_timestamp()), Float)

    @property
    def shared(self) -> bool:
        """True when other machines may work on it."""
        return self.engine.dialect.name != "sqlite"

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_ledger(out: Path, url: str | None = None, *, worker: bool = False) -> Ledger:
    """Open the ledger of an output folder, making or bringing it up to date.

    Args:
        out: the output folder.
        url: address of another database, e.g. postgresql+psycopg://user@host/name.
        worker: for a process that only works off pages: the ledger is taken to be up to date, and on
            SQLite a commit does not wait for the disk. What a power cut then takes back is done again;
            the database stays whole, because its log is written in order.

    Raises:
        OutputError: the address makes no sense, or the database cannot be opened or is of a newer gouji.
    """
    if url is None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write to {out}: {error.strerror or error}") from error
    try:
        file = str((out / LEDGER_FILE).absolute())
        # Not by way of a text: a folder may have a question mark in its name.
        address = make_url(url) if url else URL.create("sqlite", database=file)
        engine = _engine(address, worker=worker)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise OutputError(f"cannot use the ledger {url!r}: {error}") from error
    ledger = Ledger(engine)
    if not worker:
        from gouji.ledger_migrate import migrate  # noqa: PLC0415 - Alembic is slow to load

        try:
            migrate(engine)
        except DatabaseError as error:
            raise OutputError(f"cannot open the ledger: {_reason(error)}") from error
    return ledger


def _engine(address: Any, *, worker: bool) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _quick if worker else _durable)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        address,
        pool_pre_ping=True,
        pool_size=2,
        connect_args={
            "connect_timeout": 10,
            # A host whose cable is pulled must not hold rows until TCP gives up by itself.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "options": "-c idle_in_transaction_session_timeout=60000 -c statement_timeout=600000",
        },
    )


def _durable(connection: sqlite3.Connection, _record: object) -> None:
    _prepare_sqlite(connection, "FULL")  # an answer that was acknowledged survives a power cut


def _quick(connection: sqlite3.Connection, _record: object) -> None:
    _prepare_sqlite(connection, "NORMAL")


def _prepare_sqlite(connection: sqlite3.Connection, synchronous: str) -> None:
    # The driver's own idea of transactions is switched off: BEGIN is said below.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock first: upgrading a read lock later can only fail.
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _reason(error: DatabaseError) -> str:
    return str(error.orig).strip().splitlines()[0]
