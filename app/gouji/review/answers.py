"""What persons said about a cell, and what stands of it: pure functions over the recorded events.

With one reviewer an answer stands at once (stage `only`). With four eyes a `first` answer waits for
a `second` by someone else who does not see it; where the two differ, a `third` look decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gouji.inputs import Answer
from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import AmountKind, fold_text, parse_amount

_LONG_MINUS = re.compile(r"^[‐‑‒–—―−﹣－](?=[\d０-９])")
_FULL_WIDTH = re.compile(r"[０-９]|[，．](?=\d)|[－−–](?=[\d.．¥￥])|(?<=\d)％")


class Action(StrEnum):
    """What a person did; the words of the audit."""

    ANSWER = "answer"
    UNREADABLE = "unreadable"
    SKIP = "skip"
    UNDO = "undo"
    STRUCTURE = "structure"
    RENAMED = "renamed"  # by gouji: the scan had another name before


class Stage(StrEnum):
    """Which look an answer was."""

    ONLY = "only"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


class Status(StrEnum):
    """What a figure waits for."""

    OPEN = "open"
    SECOND = "second"
    THIRD = "third"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit."""

    id: int
    at: str
    who: str
    role: str
    document: str
    base: str
    version: int | None
    action: str
    stage: str
    before: str
    after: str
    suspect: bool
    why: str
    undoes: int | None
    seconds: float | None
    keys: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one cell stands: what it waits for, the answers that live, and the one that counts."""

    status: Status = Status.OPEN
    live: tuple[Event, ...] = ()
    final: Event | None = None


def standings(events: Iterable[Event]) -> dict[str, Standing]:
    """Where every answered cell of one document stands; events in the order they were recorded."""
    by_cell: dict[str, list[Event]] = defaultdict(list)
    undone: set[int] = set()
    for event in events:
        if event.action in (Action.ANSWER, Action.UNREADABLE):
            by_cell[event.base].append(event)
        elif event.action == Action.UNDO and event.undoes is not None:
            undone.add(event.undoes)
    return {
        base: _standing([event for event in given if event.id not in undone])
        for base, given in by_cell.items()
    }


def _standing(given: list[Event]) -> Standing:
    live: tuple[Event, ...] = ()
    standing = Standing()
    for event in given:
        match Stage(event.stage):
            case Stage.ONLY | Stage.THIRD:
                standing = Standing(Status.DONE, (*live, event), event)
            case Stage.FIRST:
                standing = Standing(Status.SECOND, (event,))
            case Stage.SECOND:
                agreed = bool(live) and same_answer(live[-1], event)
                status = Status.DONE if agreed else Status.THIRD
                standing = Standing(status, (*live, event), event if agreed else None)
        live = standing.live
    return standing


def same_answer(one: Event, other: Event) -> bool:
    """Whether two answers say the same, figure and verdict on the paper, however it is spaced."""
    if (one.action, one.suspect) != (other.action, other.suspect):
        return False
    return same_text(one.after, other.after)


def same_text(one: str, other: str) -> bool:
    """Whether two texts state the same, white space and full-width forms aside."""
    if fold_text(one) == fold_text(other):
        return True
    first, second = parse_amount(one), parse_amount(other)
    return first is not None and first == second


def visible(text: str) -> str:
    """What a person can see of a text: no white space around it, nothing of no width in it."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf").strip()


def as_read(text: str) -> str:
    """A typed figure in the forms that gouji reads one in: digits, comma, point, minus, percent half-width.

    Any dash before digits is a minus; Chinese keyboards give the long one.

    What is no figure stays as typed: dashes, notes and words have meanings of their own.

    >>> as_read("－１２，３４５．６％"), as_read("－"), as_read("甲１"), as_read("—15.5")
    ('-12,345.6%', '－', '甲１', '-15.5')
    """
    seen = _LONG_MINUS.sub("-", visible(text))
    amount = parse_amount(seen)
    if amount is None or amount.kind is not AmountKind.FIGURE:
        return seen
    return _FULL_WIDTH.sub(_half_width, seen)


def _half_width(found: re.Match[str]) -> str:
    return "-" if found[0] in "－−–" else unicodedata.normalize("NFKC", found[0])


@dataclass(frozen=True, slots=True)
class Settled:
    """The answers that count for one document, by base name of the cell."""

    answers: Mapping[CellRef, Answer]
    unreadable: Mapping[CellRef, str]  # who said so


def settled(events: Iterable[Event]) -> Settled:
    """The answers of one document that are to be worked in."""
    answers: dict[CellRef, Answer] = {}
    unreadable: dict[CellRef, str] = {}
    for base, standing in standings(events).items():
        final = standing.final
        if final is None:
            continue
        if final.action == Action.UNREADABLE:
            unreadable[CellRef.parse(base)] = final.who
        else:
            answers[CellRef.parse(base)] = Answer(final.after, final.who, final.suspect)
    return Settled(answers, unreadable)


def live_edits(events: Iterable[Event]) -> list[Event]:
    """The structure edits of one document that were not undone, in order."""
    edits: list[Event] = []
    for event in events:
        if event.action == Action.STRUCTURE:
            edits.append(event)
        elif event.action == Action.UNDO:
            edits = [edit for edit in edits if edit.id != event.undoes]
    return edits
