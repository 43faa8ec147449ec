"""The tables of the ledger: what is to be done, what is done, what is in question, what persons decided.

Times in columns named `*_at` and `lease_until` are seconds since 1970 (UTC) by the clock of the
database, except `decisions.at` and `runs.*`, which persons read and which are ISO 8601.
A change here needs a migration in `gouji/migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER


class Step(StrEnum):
    """What a document needs next."""

    OPEN = "open"  # hash the file, count its pages
    READ = "read"  # its pages are being read
    DECIDE = "decide"  # all pages are read or given up
    DONE = "done"
    FAILED = "failed"  # the file could not be opened, or deciding it failed twice


class PageState(StrEnum):
    """Where the reading of one page stands."""

    TODO = "todo"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # given up; the reason stands beside it
    STALE = "stale"  # queued by other settings or another version, no longer wanted


def _lease() -> list[Column[object]]:
    return [
        Column("owner", String(200), nullable=True),  # who works on it now
        Column("lease_until", Float, nullable=True),
        Column("fence", Integer, nullable=False, default=0, server_default="0"),  # grows with every claim
        Column(
            "claims", Integer, nullable=False, default=0, server_default="0"
        ),  # since it was last wanted anew
        Column("strikes", Integer, nullable=False, default=0, server_default="0"),  # failures of its own
        Column("limits", String(100), nullable=True),  # under which it failed
        Column("error_kind", String(100), nullable=True),
        Column("error", Text, nullable=True),
        Column("seconds", Float, nullable=True),  # wall clock of the step that was done last
        Column("finished_at", Float, nullable=True),
    ]


documents = Table(
    "documents",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),  # path below OUT/documents
    Column("shown", Text, nullable=False),  # path below the folder that was read, with suffix
    Column("location", Text, nullable=False),  # where a worker opens it
    Column("archive_number", Text, nullable=True),  # 档号
    Column("stamp", String(80), nullable=False),  # size and time, or ETag: unchanged means not hashed again
    Column("sha256", String(64), nullable=True),
    Column("page_count", Integer, nullable=True),
    Column("reading", String(64), nullable=False),  # fingerprint of what its pages are to be read with
    Column("step", String(10), nullable=False),
    Column("deciding", String(64), nullable=False),  # fingerprint of what it is to be decided with
    Column("decided_with", String(64), nullable=True),  # that of the document.json now standing
    Column("pages_failed", Integer, nullable=False, default=0, server_default="0"),
    Column("counts", JSON, nullable=True),  # tables, figures by state, rules by verdict (gouji.summary)
    Column("broken", JSON, nullable=True),  # rules that do not hold as read
    *_lease(),
    Index("ix_documents_step", "step", "id"),
    Index("ix_documents_sha256", "sha256"),
    Index("ix_documents_location", "location"),
)

pages = Table(
    "pages",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),  # content key of its readings
    Column("sha256", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("reading", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    *_lease(),
    Column("megabytes", Integer, nullable=True),  # peak of the worker while it was read
    Column("blank", Boolean, nullable=True),
    Column("fingerprint", String(64), nullable=True),  # perceptual hash: the same sheet scanned twice
    Index("ix_pages_state", "state", "id"),
    Index("ix_pages_document", "sha256", "reading", "state"),
    Index("ix_pages_finished", "finished_at"),
)

questions = Table(
    "questions",
    metadata,
    Column("document", Text, primary_key=True),
    Column("ref", String(40), primary_key=True),
    Column("page", Integer, nullable=False),
    Column("table_index", Integer, nullable=False),
    Column("form", String(80), nullable=True),
    Column("quantity", String(120), nullable=True),
    Column("text", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rules", JSON, nullable=False),  # ids of the rules through the cell
    Column("disagreement", Boolean, nullable=False),  # its readers said different things
    Index("ix_questions_confidence", "confidence"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("document", Text, nullable=False),
    Column("ref", String(40), nullable=False),
    Column("version", Integer, nullable=False),  # 1 for the first decision about a cell
    Column("text", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("source_suspect", Boolean, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", String(40), nullable=False),
    Column("before", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("seconds", Float, nullable=True),
    UniqueConstraint("document", "ref", "version"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("started", String(40), nullable=False),
    Column("ended", String(40), nullable=True),
    Column("host", String(200), nullable=False),
    Column("version", String(40), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("outcome", String(20), nullable=False),  # running, stopping, done, interrupted, failed
    Column("summary", JSON, nullable=True),  # never filled; taking it out would shut out older versions
)

identity = Table(
    "identity",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),  # always 1: there is one row, or none yet
    Column("id", String(32), nullable=False),  # the same as in OUT/ledger.json
)
