"""How the work goes: states by form, doubt by cause, answers a day, pace and agreement of each reviewer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, func, select

from gouji.review.answers import Action, Event, Stage, same_answer
from gouji.review.journal import every
from gouji.review.schema import documents, items

STATES = ("doubtful", "corrected", "reviewed", "confirmed", "accepted")


@dataclass(frozen=True, slots=True)
class Pace:
    """What one reviewer did."""

    who: str
    answers: int
    seconds: float | None  # median per answer
    keys: float | None  # median per answer
    per_hour: float | None
    looked_twice: int  # answers that a second person looked at
    agreed: int


@dataclass(frozen=True, eq=False)
class Progress:
    """Everything the dashboard shows."""

    documents: int
    done_documents: int  # nothing left to answer
    states: dict[str, int]
    by_form: tuple[tuple[str, dict[str, int]], ...]
    causes: tuple[tuple[str, int], ...]
    days: tuple[tuple[str, int], ...]
    paces: tuple[Pace, ...]


def progress_of(connection: Connection) -> Progress:
    """Count everything."""
    by_form: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    counted = (
        select(items.c.form, items.c.state, func.count())
        .where(items.c.kind != "text")
        .group_by(items.c.form, items.c.state)
    )
    for form, state, count in connection.execute(counted):
        by_form[form or "-"][state] += count
    causes = connection.execute(
        select(items.c.cause, func.count())
        .where(items.c.state == "doubtful")
        .group_by(items.c.cause)
        .order_by(func.count().desc())
    )
    total = connection.scalar(select(func.count()).select_from(documents)) or 0
    open_documents = connection.scalar(
        select(func.count(func.distinct(items.c.document))).where(
            (items.c.state == "doubtful") | items.c.status.in_(["second", "third"])
        )
    )
    events = list(every(connection))
    return Progress(
        int(total),
        int(total) - int(open_documents or 0),
        {state: sum(form[state] for form in by_form.values()) for state in STATES},
        tuple(sorted(by_form.items(), key=lambda pair: -sum(pair[1].values()))[:12]),
        tuple((str(cause), int(count)) for cause, count in causes),
        _days(events),
        _paces(events),
    )


def _answers(events: list[Event]) -> list[Event]:
    return [event for event in events if event.action in (Action.ANSWER, Action.UNREADABLE)]


def _days(events: list[Event]) -> tuple[tuple[str, int], ...]:
    days: dict[str, int] = defaultdict(int)
    for event in _answers(events):
        days[event.at[:10]] += 1
    return tuple(sorted(days.items())[-21:])


def _paces(events: list[Event]) -> tuple[Pace, ...]:
    given: dict[str, list[Event]] = defaultdict(list)
    by_cell: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in _answers(events):
        given[event.who].append(event)
        by_cell[event.document, event.base].append(event)
    twice: dict[str, list[bool]] = defaultdict(list)
    for told in by_cell.values():
        for first, second in pairwise(told):
            if (first.stage, second.stage) == (Stage.FIRST, Stage.SECOND):
                for one in (first, second):
                    twice[one.who].append(same_answer(first, second))
    return tuple(_pace(who, told, twice[who]) for who, told in sorted(given.items()))


def _pace(who: str, told: list[Event], agreed: list[bool]) -> Pace:
    seconds = [event.seconds for event in told if event.seconds]
    keys = [event.keys for event in told if event.keys]
    usual = median(seconds) if seconds else None
    return Pace(
        who,
        len(told),
        usual,
        median(keys) if keys else None,
        3600 / (sum(seconds) / len(seconds)) if seconds else None,
        len(agreed),
        sum(agreed),
    )
