"""Random samples of figures nobody looked at: drawn per state, read blind, measured."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from gouji.review.answers import same_text
from gouji.review.journal import now
from gouji.review.measuring import Estimate, character_errors, difference, weighted, wilson
from gouji.review.schema import NOTHING, documents, items, sampled, samples
from gouji_ocr.amounts import fold_text

SAMPLED_STATES = ("confirmed", "accepted", "corrected", "reviewed")
"""States whose figures go out without another look; doubtful ones are answered anyway."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """What a sample says about the figures of one state."""

    state: str
    population: int
    drawn: int
    read: int
    wrong: int
    characters: int
    character_errors: int
    figures: Estimate
    characters_rate: Estimate


@dataclass(frozen=True, eq=False)
class Measured:
    """What a sample says about a batch."""

    id: int
    at: str
    who: str
    seed: int
    strata: tuple[Stratum, ...]
    overall: Estimate
    overall_characters: Estimate
    gain: Estimate | None  # error rate of accepted minus that of confirmed
    readers: tuple[tuple[str, int, float | None], ...]  # who, how many, median seconds
    mistakes: tuple[Row[Any], ...]

    @property
    def drawn(self) -> int:
        """Figures in the sample."""
        return sum(stratum.drawn for stratum in self.strata)

    @property
    def read(self) -> int:
        """Figures read so far."""
        return sum(stratum.read for stratum in self.strata)


def draw_sample(connection: Connection, who: str, *, per_state: int, seed: int) -> int:
    """Draw at random this many figures of each state, all where there are fewer; returns its number."""
    chosen = random.Random(seed)  # noqa: S311 - a repeatable draw, not a secret
    population: dict[str, int] = {}
    drawn: list[dict[str, Any]] = []
    for state in SAMPLED_STATES:
        rows = connection.execute(
            select(documents.c.name, items.c.base, items.c.text)
            .join(documents)
            .where(
                items.c.state == state, items.c.cause == "", items.c.kind.in_(["figure", "blank", NOTHING])
            )
            .order_by(documents.c.name, items.c.base)
        ).all()
        population[state] = len(rows)
        drawn += [
            {"document": row.name, "base": row.base, "state": state, "text": row.text}
            for row in chosen.sample(rows, min(per_state, len(rows)))
        ]
    made = connection.execute(
        insert(samples).values(
            at=now(), who=who, seed=seed, wanted=per_state, population=json.dumps(population)
        )
    )
    assert made.inserted_primary_key is not None
    number = int(made.inserted_primary_key[0])
    chosen.shuffle(drawn)  # the reader must not know the state from the order
    if drawn:
        connection.execute(insert(sampled), [{"sample": number, **row} for row in drawn])
    return number


def unread(connection: Connection, sample: int) -> list[tuple[Row[Any], int]]:
    """The figures still to be read, in their order, each with its number in the index."""
    found = connection.execute(
        select(sampled, items.c.id.label("item"))
        .join(documents, documents.c.name == sampled.c.document)
        .join(items, (items.c.document == documents.c.id) & (items.c.base == sampled.c.base))
        .where(sampled.c.sample == sample, sampled.c.answer.is_(None))
        .order_by(sampled.c.id)
    )
    return [(row, int(row.item)) for row in found]


def keep_reading(connection: Connection, row: int, who: str, text: str, seconds: float) -> bool:
    """Keep what a person read; False when another reading of this figure was kept before."""
    done = connection.execute(
        update(sampled)
        .where(sampled.c.id == row, sampled.c.answer.is_(None))
        .values(answer=text, who=who, at=now(), seconds=seconds)
    )
    if done.rowcount == 1:
        return True
    kept = connection.execute(select(sampled).where(sampled.c.id == row)).one()
    return kept.who == who and same_text(kept.answer, text)  # sent twice over a bad line


def all_samples(connection: Connection) -> list[Row[Any]]:
    """All samples with how many figures they hold and how many were read."""
    read = func.count(sampled.c.answer)
    return list(
        connection.execute(
            select(samples, func.count(sampled.c.id).label("drawn"), read.label("read"))
            .outerjoin(sampled, sampled.c.sample == samples.c.id)
            .group_by(samples.c.id)
            .order_by(samples.c.id.desc())
        )
    )


def measure(connection: Connection, sample: int) -> Measured | None:
    """What a sample says so far; None when there is no such sample."""
    head = connection.execute(select(samples).where(samples.c.id == sample)).first()
    if head is None:
        return None
    rows = connection.execute(select(sampled).where(sampled.c.sample == sample).order_by(sampled.c.id)).all()
    population: Mapping[str, int] = json.loads(head.population)
    by_state: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_state[row.state].append(row)
    strata = tuple(
        _stratum(state, population[state], by_state[state])
        for state in SAMPLED_STATES
        if population.get(state)
    )
    known = [stratum for stratum in strata if stratum.read]
    whole = sum(stratum.population for stratum in known) or 1
    states = {stratum.state: stratum for stratum in known}
    gain = None
    if "accepted" in states and "confirmed" in states:
        gain = difference(states["accepted"].figures, states["confirmed"].figures)
    return Measured(
        head.id,
        head.at,
        head.who,
        head.seed,
        strata,
        weighted([(stratum.population / whole, stratum.figures) for stratum in known]),
        weighted([(stratum.population / whole, stratum.characters_rate) for stratum in known]),
        gain,
        _readers(rows),
        tuple(row for row in rows if _wrong(row)),
    )


def _stratum(state: str, population: int, rows: list[Row[Any]]) -> Stratum:
    read = [row for row in rows if row.answer is not None]
    wrong = sum(_wrong(row) for row in read)
    characters = sum(max(len(fold_text(row.answer)), 1) for row in read)
    off = sum(character_errors(fold_text(row.answer), fold_text(row.text)) for row in read if _wrong(row))
    return Stratum(
        state,
        population,
        len(rows),
        len(read),
        wrong,
        characters,
        off,
        wilson(wrong, len(read)),
        wilson(min(off, characters), characters),
    )


def _wrong(row: Row[Any]) -> bool:
    return row.answer is not None and not same_text(row.answer, row.text)


def _readers(rows: Sequence[Row[Any]]) -> tuple[tuple[str, int, float | None], ...]:
    seconds: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.who is not None:
            seconds[row.who].append(row.seconds or 0.0)
    return tuple((who, len(taken), sorted(taken)[len(taken) // 2]) for who, taken in sorted(seconds.items()))
