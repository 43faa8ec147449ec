"""How the work goes: states by form, doubt by cause, answers a day, pace and agreement of each reviewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, case, func, select

from gouji.review.answers import Action, Event, Stage, same_answer
from gouji.review.indexing import SUSPECT
from gouji.review.journal import every
from gouji.review.queue import Kinds, kind_of_item
from gouji.review.schema import NO_FIGURES, documents, items

STATES = ("doubtful", SUSPECT, "corrected", "reviewed", "confirmed", "accepted")
_SHOWN_STATE = case((items.c.cause == SUSPECT, SUSPECT), else_=items.c.state)


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


@dataclass(frozen=True, slots=True)
class Cause:
    """How many cells are put before a person for one cause."""

    name: str
    figures: int
    labels: int


@dataclass(frozen=True, eq=False)
class Progress:
    """Everything the dashboard shows; `states` and `by_form` count figures only."""

    documents: int
    done_documents: int  # nothing left to answer
    states: dict[str, int]
    by_form: tuple[tuple[str, dict[str, int]], ...]
    asked: Kinds
    causes: tuple[Cause, ...]
    days: tuple[tuple[str, int], ...]
    paces: tuple[Pace, ...]


def progress_of(connection: Connection) -> Progress:
    """Count everything."""
    by_form: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    counted = (
        select(items.c.form, _SHOWN_STATE, func.count())
        .where(items.c.kind.not_in(NO_FIGURES))
        .group_by(items.c.form, _SHOWN_STATE)
    )
    for form, state, count in connection.execute(counted):
        by_form[form or "-"][state] += count
    asked, causes = _causes(connection)
    total = connection.scalar(select(func.count()).select_from(documents)) or 0
    open_documents = connection.scalar(
        select(func.count(func.distinct(items.c.document))).where(
            (items.c.cause != "") | items.c.status.in_(["second", "third"])
        )
    )
    events = list(every(connection))
    return Progress(
        int(total),
        int(total) - int(open_documents or 0),
        {state: sum(form[state] for form in by_form.values()) for state in STATES},
        tuple(sorted(by_form.items(), key=lambda pair: -sum(pair[1].values()))[:12]),
        asked,
        causes,
        _days(events),
        _paces(events),
    )


def states_by_document(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, int]]:
    """Figures by shown state for each of these documents, and its doubtful texts under `labels`."""
    doubtful_label = (items.c.kind == "text") & (items.c.state == "doubtful")
    name = case((doubtful_label, "labels"), else_=_SHOWN_STATE)
    counted = (
        select(items.c.document, name, func.count())
        .where(items.c.document.in_(numbers), items.c.kind.not_in(NO_FIGURES) | doubtful_label)
        .group_by(items.c.document, name)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for document, state, count in connection.execute(counted):
        found[document][state] = count
    return found


def _causes(connection: Connection) -> tuple[Kinds, tuple[Cause, ...]]:
    """What is put before persons, by what it is and by its cause."""
    kind = kind_of_item()
    counted = select(items.c.cause, kind, func.count()).where(items.c.cause != "")
    kinds: dict[str, int] = defaultdict(int)
    causes: dict[str, dict[str, int]] = defaultdict(lambda: {"figures": 0, "labels": 0})
    for cause, name, count in connection.execute(counted.group_by(items.c.cause, kind)):
        kinds[name] += count
        causes[cause]["labels" if name == "labels" else "figures"] += count
    found = [Cause(name, **counts) for name, counts in causes.items()]
    return Kinds(**kinds), tuple(sorted(found, key=lambda one: (-one.figures - one.labels, one.name)))


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
