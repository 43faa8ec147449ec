"""Which figure a person sees next, and what the queue holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from gouji.review.answers import Action, Status
from gouji.review.indexing import AFTER_DOUBTS, SUSPECT
from gouji.review.schema import documents, events, items

_STATES = ("doubtful", "corrected", "accepted", "confirmed")
_YEAR_DIGITS = 4
CLAIM_SECONDS = 300.0
"""How long a figure that one person has open is not offered to another."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What part of the queue a person works on; empty fields do not restrict."""

    state: str = ""  # "" is what persons are asked about; others look over figures nobody was asked about
    form: str = ""
    organ: str = ""
    year: str = ""
    cause: str = ""
    rule: str = ""
    document: str = ""
    disagree: str = ""
    order: str = ""  # "" by what an answer settles, "confidence" by confidence

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filter:
        """The filter a query string asks for; unknown names are left out."""
        return cls(**{f.name: query[f.name][:200] for f in fields(cls) if query.get(f.name)})

    @classmethod
    def of_query(cls, query: str) -> Filter:
        """The filter written by `query`."""
        return cls.of(dict(parse_qsl(query)))

    @property
    def query(self) -> str:
        """The filter as a query string; empty when nothing is restricted."""
        pairs = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({name: value for name, value in pairs.items() if value})

    def without(self, name: str) -> Filter:
        """The filter with one field empty."""
        return Filter(**{f.name: "" if f.name == name else getattr(self, f.name) for f in fields(self)})

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as conditions on items joined with documents."""
        found: list[ColumnElement[bool]] = []
        for name, column in (
            ("form", items.c.form),
            ("cause", items.c.cause),
            ("organ", documents.c.organ),
            ("document", documents.c.name),
        ):
            if value := getattr(self, name):
                found.append(column == (None if value == "-" else value))
        if self.year:
            known = self.year.isdecimal() and len(self.year) <= _YEAR_DIGITS
            found.append(documents.c.year == (int(self.year) if known else None))
        if self.rule:
            found.append(items.c.rules.contains(f" {self.rule} ", autoescape=True))
        if self.disagree:
            found.append(items.c.disagree.is_(True))
        return found


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, and whether answers need four eyes."""

    name: str
    role: str
    four_eyes: bool = False


def waiting(viewer: Viewer, state: str = "") -> ColumnElement[bool]:
    """What is left for this person to answer, or to look over among what nobody was asked about."""
    is_open = items.c.status == Status.OPEN
    if state not in ("", "doubtful"):
        return and_(is_open, items.c.state == state, items.c.cause != SUSPECT)
    doubtful = or_(
        and_(is_open, items.c.state == "doubtful"),
        # Their place is named because the index of the queue leads to it.
        and_(
            is_open,
            items.c.state == "accepted",
            items.c.settles == AFTER_DOUBTS,
            items.c.cause == SUSPECT,
        ),
    )
    if not viewer.four_eyes:
        return or_(doubtful, items.c.status.in_([Status.SECOND, Status.THIRD]))
    answered = (
        select(events.c.id)
        .where(
            events.c.document == documents.c.name,
            events.c.base == items.c.base,
            events.c.who == viewer.name,
            events.c.action.in_([Action.ANSWER, Action.UNREADABLE]),
        )
        .exists()
    )
    if viewer.role == "reviewer":
        return doubtful
    again = and_(items.c.status.in_([Status.SECOND, Status.THIRD]), ~answered)
    # With two people there is nobody else for a third look: an admin may take it in any case.
    third = and_(items.c.status == Status.THIRD, literal(viewer.role == "admin"))
    return or_(doubtful, again, third)


def next_item(
    connection: Connection, viewer: Viewer, chosen: Filter, at: float, *, but: int = 0
) -> Row[Any] | None:
    """The figure to show next: open, not in another's hands, not skipped by this person before the rest.

    Args:
        connection: a transaction that reads.
        viewer: who asks.
        chosen: the part of the queue they work on.
        at: the time now, in seconds since the epoch.
        but: leave this figure out.
    """
    free = or_(
        items.c.claimed_by.is_(None),
        items.c.claimed_by == viewer.name,
        items.c.claimed_at < at - CLAIM_SECONDS,
    )
    skipped = (
        select(func.count())
        .where(
            events.c.document == documents.c.name,
            events.c.base == items.c.base,
            events.c.who == viewer.name,
            events.c.action == Action.SKIP,
        )
        .scalar_subquery()
    )
    base = _joined(chosen).where(waiting(viewer, chosen.state), free, items.c.id != but)
    # Most figures were never skipped: the ordered index answers at once, without counting skips for all.
    fresh = base.where(
        ~select(events.c.id)
        .where(
            events.c.document == documents.c.name,
            events.c.base == items.c.base,
            events.c.who == viewer.name,
            events.c.action == Action.SKIP,
        )
        .exists()
    )
    found = connection.execute(fresh.order_by(*_order(chosen)).limit(1)).first()
    return found or connection.execute(base.order_by(skipped, *_order(chosen)).limit(1)).first()


def claim(connection: Connection, item: int, who: str, at: float) -> None:
    """Keep a figure from being offered to others for a while."""
    connection.execute(
        update(items).where(items.c.claimed_by == who, items.c.id != item).values(claimed_by=None)
    )
    connection.execute(update(items).where(items.c.id == item).values(claimed_by=who, claimed_at=at))


def listing(
    connection: Connection, viewer: Viewer, chosen: Filter, *, limit: int, offset: int
) -> list[Row[Any]]:
    """A page of the queue, in its order."""
    asked = _joined(chosen).where(waiting(viewer, chosen.state)).order_by(*_order(chosen))
    return list(connection.execute(asked.limit(limit).offset(offset)))


def left(connection: Connection, viewer: Viewer, chosen: Filter) -> int:
    """How many figures wait for this person."""
    asked = (
        select(func.count())
        .select_from(items.join(documents))
        .where(waiting(viewer, chosen.state), *chosen.conditions())
    )
    return int(connection.scalar(asked) or 0)


@dataclass(frozen=True, slots=True)
class Kinds:
    """What waits for a person, by what it is."""

    figures: int = 0  # doubtful
    suspects: int = 0  # figures kept as printed against the rules
    labels: int = 0  # headings and other text


def kinds(connection: Connection, viewer: Viewer, chosen: Filter) -> Kinds:
    """What `left` counts, told apart."""
    kind = kind_of_item()
    asked = (
        select(kind, func.count())
        .select_from(items.join(documents))
        .where(waiting(viewer, chosen.state), *chosen.conditions())
        .group_by(kind)
    )
    return Kinds(**{str(name): int(count) for name, count in connection.execute(asked)})


def kind_of_item() -> ColumnElement[str]:
    """The field of `Kinds` that a row counts for."""
    return case((items.c.cause == SUSPECT, "suspects"), (items.c.kind == "text", "labels"), else_="figures")


def facets(connection: Connection, viewer: Viewer, chosen: Filter) -> dict[str, list[tuple[str, int]]]:
    """How many figures wait under each value of each filter, the other filters applied."""
    columns = {
        "cause": items.c.cause,
        "form": items.c.form,
        "organ": documents.c.organ,
        "year": documents.c.year,
    }
    state = case((items.c.cause == SUSPECT, "doubtful"), else_=items.c.state)
    by_state = (
        select(state, func.count())
        .select_from(items.join(documents))
        .where(items.c.status == Status.OPEN, *chosen.conditions())
        .group_by(state)
    )
    counts = {str(state): int(count) for state, count in connection.execute(by_state)}
    found = {"state": [(state, counts.get(state, 0)) for state in _STATES]}
    for name, column in columns.items():
        counted = (
            select(column, func.count())
            .select_from(items.join(documents))
            .where(waiting(viewer, chosen.state), *chosen.without(name).conditions())
            .group_by(column)
            .order_by(func.count().desc(), column)
            .limit(30)
        )
        found[name] = [
            ("-" if value is None else str(value), int(count)) for value, count in connection.execute(counted)
        ]
    return found


def _order(chosen: Filter) -> tuple[ColumnElement[Any], ...]:
    if chosen.order == "confidence":
        return (items.c.confidence.asc(), items.c.id.asc())
    return (items.c.settles.desc(), items.c.confidence.asc(), items.c.id.asc())


def _joined(chosen: Filter) -> Select[Any]:
    return (
        select(items, documents.c.name, documents.c.organ, documents.c.year)
        .select_from(items.join(documents))
        .where(*chosen.conditions())
    )
