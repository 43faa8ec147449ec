"""The tables of the review page, beside the ledger's own in the database of OUT (migration 0002).

`review_events` is the truth: append-only, also against slips of whoever owns the database (triggers).
Answers that stand are written to the ledger's `decisions` in the same transaction.
`review_documents` and `review_items` are an index over the documents, made again at any time.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

METADATA = MetaData()
NOTHING = "nothing"
"""The kind of a blank where nothing was expected, as in the corner of a table."""
NO_FIGURES = ("text", NOTHING)
"""Kinds of rows that are not counted among the figures."""

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
    Column("kind", String, nullable=False),  # of the reading, or `NOTHING`
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
    Column("document", String, nullable=False),
    Column("base", String, nullable=False),
    Column("state", String, nullable=False),  # when it was drawn, like the text
    Column("text", String, nullable=False),
    Column("answer", String),
    Column("who", String),
    Column("at", String),
    Column("seconds", Float),
    UniqueConstraint("sample", "document", "base"),
)

keys = Table(
    "review_keys",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
