"""The tables of the review page, beside the ledger's own in the database of OUT.

`review_events` is the truth: append-only, also for the database owner's own slips (triggers).
`review_documents` and `review_items` are an index over the documents, made again at any time.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

METADATA = MetaData()

documents = Table(
    "review_documents",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("stamp", String, nullable=False),  # of document.json when it was indexed
    Column("organ", String),
    Column("year", Integer),
    Column("waiting", Boolean, nullable=False, default=False),  # answers not worked in yet
)

items = Table(
    "review_items",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("document", ForeignKey("review_documents.id"), nullable=False),
    Column("base", String, nullable=False),  # name of the cell before structure edits; never changes
    Column("ref", String, nullable=False),  # name of the cell in document.json
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("text", String, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("disagree", Boolean, nullable=False),  # the readers put different texts first
    Column("suspect", Boolean, nullable=False, default=False),  # 疑似原文错误
    Column("cause", String, nullable=False, default=""),
    Column("form", String),
    Column("rules", String, nullable=False, default=""),  # " id id "
    Column("settles", Float, nullable=False, default=0.0),  # expected further figures settled
    Column("status", String, nullable=False, default="open"),  # open, second, third, done
    Column("version", Integer, nullable=False, default=0),
    Column("claimed_by", String),
    Column("claimed_at", Float),
    UniqueConstraint("document", "base"),
    Index("review_items_queue", "state", "status", "settles", "confidence"),
    Index("review_items_status", "status"),
    Index("review_items_text", "kind", "text"),
)

events = Table(
    "review_events",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),  # UTC, ISO 8601
    Column("who", String, nullable=False),
    Column("role", String, nullable=False),
    Column("document", String, nullable=False),
    Column("base", String, nullable=False, default=""),
    Column("version", Integer),  # of the item after this event; None where nothing was changed
    Column("action", String, nullable=False),
    Column("stage", String, nullable=False, default=""),
    Column("before", String, nullable=False, default=""),
    Column("after", String, nullable=False, default=""),
    Column("suspect", Boolean, nullable=False, default=False),
    Column("why", String, nullable=False, default=""),
    Column("undoes", Integer),
    Column("seconds", Float),
    Column("keys", Integer),
    UniqueConstraint("document", "base", "version"),
    Index("review_events_who", "who", "id"),
)

people = Table(
    "review_people",
    METADATA,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password", String),  # argon2; none where a proxy says who is there
    Column("active", Boolean, nullable=False, default=True),
    Column("since", String, nullable=False),
)

samples = Table(
    "review_samples",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),  # figures asked for, per state
    Column("population", String, nullable=False),  # JSON: figures per state when it was drawn
)

sampled = Table(
    "review_sampled",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("sample", ForeignKey("review_samples.id"), nullable=False),
    Column("item", ForeignKey("review_items.id"), nullable=False),
    Column("state", String, nullable=False),  # when it was drawn, like the text
    Column("text", String, nullable=False),
    Column("answer", String),
    Column("who", String),
    Column("at", String),
    Column("seconds", Float),
    UniqueConstraint("sample", "item"),
)

keys = Table(
    "review_keys",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER IF NOT EXISTS review_events_{verb} BEFORE {verb} ON review_events "
        "BEGIN SELECT RAISE(ABORT, 'review_events is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION review_events_keep() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'review_events is append-only'; END $$",
        "CREATE OR REPLACE TRIGGER review_events_{verb} BEFORE {verb} ON review_events "
        "FOR EACH ROW EXECUTE FUNCTION review_events_keep()",
    ),
}


def open_database(out: Path, url: str | None = None) -> Engine:
    """The database of an output folder, with the review tables made where they are missing."""
    engine = create_engine(url or f"sqlite:///{out / 'gouji.db'}", pool_pre_ping=url is not None)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _careful_sqlite)
        event.listen(engine, "begin", _write_lock)
    create_tables(engine)
    return engine


def create_tables(engine: Engine) -> None:
    """Make the review tables and the triggers that keep the events append-only."""
    with engine.begin() as connection:
        METADATA.create_all(connection)
        for verb in ("UPDATE", "DELETE"):
            for statement in _APPEND_ONLY.get(engine.dialect.name, ()):
                connection.execute(text(statement.format(verb=verb)))


def _careful_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # pysqlite's own transaction handling would begin late and upgrade locks half-way.
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=20000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_lock(connection: object) -> None:
    # Readers of WAL are not blocked by this; two writers wait instead of failing half-way.
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
