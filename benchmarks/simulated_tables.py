"""Simulated tables of the 2019 and 2021 forms: figures that add up, misprints, and readers that err.

Readers are simulated at the level of strings: the log-ratio of every other string against the best one
is drawn from N(mu, 2 mu), which is calibrated by construction, and a share of the errors is *hard*:
confident, with the truth not among what the reader sees. Everything is drawn from one seeded `Random`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gouji_layout.geometry import Box, CellRef
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import CONFUSABLE, Calibration, ReaderCalibration
from gouji_postprocess.rule import Rule, RuleSource, Term

FIRST, SECOND = "simulated-1", "simulated-2"
_UNSEEN = -45.0  # log-probability of a string that a simulated picture does not suggest at all


@dataclass(frozen=True)
class Noise:
    """How often and how badly the simulated readers err."""

    rate: float  # share of cells whose best string is wrong
    hard: float = 0.2  # share of the errors that are confident, with the truth not listed
    blurred: float = 3.0  # mean log-ratio on degraded cells
    clean: float = 26.0
    second: float = 7.0  # mean log-ratio of the second reader on a cell asked for
    over: float = 1.0  # overconfidence: log-ratios are this many times too large
    misprinted: float = 0.05  # share of tables with a misprint


@dataclass(frozen=True)
class Simulated:
    """One table: what was meant, what is printed, what was read, and the rules."""

    meant: Mapping[CellRef, str]
    printed: Mapping[CellRef, str]
    readings: tuple[Reading, ...]
    rules: tuple[Rule, ...]
    misprints: tuple[CellRef, ...]
    second_look: Callable[[Sequence[CellRef]], list[Reading]]


@dataclass(frozen=True)
class DrawnEvidence:
    """Evidence with a fixed opinion on a few strings."""

    scores: Mapping[str, float]

    def log_probability(self, text: str) -> float:
        """The drawn score; next to nothing for any other string."""
        return self.scores.get(text, _UNSEEN)


def calibration(noise: Noise) -> Calibration:
    """The calibration that fits the simulated readers: what `gouji calibrate` would find, exactly."""
    return Calibration(
        "simulated",
        {
            FIRST: ReaderCalibration(1.0, noise.rate * noise.hard, 100_000),
            SECOND: ReaderCalibration(1.0, noise.rate * noise.hard, 100_000),
        },
        misprint_rate=0.05 / 190,
    )


def national_table(draw: random.Random, form: int, scale: float) -> tuple[list[list[int]], list[int]]:
    """Table 3 (rows of seven figures) and table 4 (fifteen figures), all rules holding."""
    results = 21 if form == 2021 else 19
    rows = 4 + results
    table = [[0] * 7 for _ in range(rows)]
    shares = [0.55, 0.12, 0.04, 0.06, 0.10, 0.08]
    for r in range(2, 2 + results):
        weight = draw.choice([1.6, 1.0, 0.3, 0.3, 0.6])
        for c in range(6):
            if draw.random() < min(0.95, shares[c] * weight):
                table[r][c] = 1 + int(draw.expovariate(1 / (8 * scale * (3 if c == 0 else 1))))
    done, carried = 2 + results, 3 + results
    for c in range(6):
        table[done][c] = sum(table[r][c] for r in range(2, done))
        if draw.random() < 0.25:
            table[carried][c] = int(draw.expovariate(1 / (3 * scale)))
        total = table[done][c] + table[carried][c]
        if draw.random() < 0.3:
            table[1][c] = min(total, int(draw.expovariate(1 / (3 * scale))))
        table[0][c] = total - table[1][c]
    for row in table:
        row[6] = sum(row[:6])
    cases: list[int] = []
    for _ in range(3):
        parts = [int(draw.expovariate(1 / (2 * scale))) if draw.random() < 0.35 else 0 for _ in range(4)]
        cases += [*parts, sum(parts)]
    return table, cases


def national_rules(rows: int) -> tuple[Rule, ...]:
    """The rules of the two tables: row totals, results add up, new and carried in equal done and left."""

    def rule(name: str, plus: list[CellRef], minus: list[CellRef]) -> Rule:
        terms = tuple([Term(1, ref) for ref in plus] + [Term(-1, ref) for ref in minus])
        return Rule(name, terms, RuleSource.FORM, name)

    done, left = rows - 2, rows - 1
    at = lambda r, c: CellRef(1, 0, r, c)  # noqa: E731
    rules = [rule(f"t3:row{r}", [at(r, c) for c in range(6)], [at(r, 6)]) for r in range(rows)]
    for c in range(7):
        rules.append(rule(f"t3:sum{c}", [at(r, c) for r in range(2, done)], [at(done, c)]))
        rules.append(rule(f"t3:balance{c}", [at(0, c), at(1, c)], [at(done, c), at(left, c)]))
    for k in range(3):
        cells = [CellRef(1, 1, 0, 5 * k + j) for j in range(5)]
        rules.append(rule(f"t4:group{k}", cells[:4], cells[4:]))
    return tuple(rules)


def nested_table(
    draw: random.Random, groups: int, per: int, column_groups: int, column_per: int, scale: float = 200
) -> tuple[dict[CellRef, str], tuple[Rule, ...]]:
    """A large table: row groups with subtotals and a grand total, column groups likewise."""
    rows = [(kind, g) for g in range(groups) for kind in ["leaf"] * per + ["sub"]] + [("total", -1)]
    cols = [(kind, g) for g in range(column_groups) for kind in ["leaf"] * column_per + ["sub"]]
    cols.append(("total", -1))
    value = [[0] * len(cols) for _ in rows]
    column_sub = {g: cols.index(("sub", g)) for g in range(column_groups)}
    row_sub = {g: rows.index(("sub", g)) for g in range(groups)}
    for r, (kind, _) in enumerate(rows):
        if kind == "leaf":
            for c, (what, _) in enumerate(cols):
                if what == "leaf" and draw.random() > 0.15:
                    value[r][c] = 1 + int(draw.expovariate(1 / scale))
            for g, c in column_sub.items():
                value[r][c] = sum(value[r][k] for k, col in enumerate(cols) if col == ("leaf", g))
            value[r][-1] = sum(value[r][c] for c in column_sub.values())
    for c in range(len(cols)):
        for g, r in row_sub.items():
            value[r][c] = sum(value[k][c] for k, row in enumerate(rows) if row == ("leaf", g))
        value[-1][c] = sum(value[r][c] for r in row_sub.values())
    at = lambda r, c: CellRef(1, 0, r, c)  # noqa: E731
    rules: list[Rule] = []

    def total(name: str, parts: list[CellRef], whole: CellRef) -> None:
        terms = (*(Term(1, part) for part in parts), Term(-1, whole))
        rules.append(Rule(name, terms, RuleSource.FORM, name))

    for r in range(len(rows)):
        for g, c in column_sub.items():
            total(f"r{r}g{g}", [at(r, k) for k, col in enumerate(cols) if col == ("leaf", g)], at(r, c))
        total(f"r{r}", [at(r, c) for c in column_sub.values()], at(r, len(cols) - 1))
    for c in range(len(cols)):
        for g, r in row_sub.items():
            total(f"c{c}g{g}", [at(k, c) for k, row in enumerate(rows) if row == ("leaf", g)], at(r, c))
        total(f"c{c}", [at(r, c) for r in row_sub.values()], at(len(rows) - 1, c))
    cells = {at(r, c): str(value[r][c]) for r in range(len(rows)) for c in range(len(cols))}
    return cells, tuple(rules)


def edited(draw: random.Random, text: str) -> str:
    """One misread of a digit string."""
    if not text:
        return draw.choice("1174")
    kind = draw.random()
    if kind < 0.78:
        k = draw.randrange(len(text))
        other = draw.choice(CONFUSABLE[text[k]]) if draw.random() < 0.9 else draw.choice("0123456789")
        return text[:k] + other + text[k + 1 :]
    if kind < 0.87:
        k = draw.randrange(len(text))
        return text[:k] + text[k + 1 :]
    if kind < 0.96:
        if draw.random() < 0.6:
            return draw.choice([text + "1", "1" + text])
        k = draw.randrange(len(text))
        return text[:k] + text[k] + text[k:]
    return str(draw.randrange(10 ** len(text)))


def misprinted(draw: random.Random, value: int) -> int:
    """What a clerk prints instead: slightly off, one digit wrong, or two digits exchanged."""
    while True:
        kind, digits = draw.random(), list(str(value))
        if kind < 0.4:
            other = value + draw.choice([-1, 1]) * draw.randint(1, 10)
        elif kind < 0.8:
            digits[draw.randrange(len(digits))] = draw.choice("0123456789")
            other = int("".join(digits))
        else:
            if len(digits) > 1:
                k = draw.randrange(len(digits) - 1)
                digits[k], digits[k + 1] = digits[k + 1], digits[k]
            other = int("".join(digits))
        if other >= 0 and other != value:
            return other


def simulate(draw: random.Random, noise: Noise, *, misprints: int | None = None) -> Simulated:
    """One simulated page of the 2019 or 2021 form."""
    form, scale = draw.choice([2019, 2021]), draw.choice([1, 1, 10, 100])
    table, cases = national_table(draw, form, scale)
    meant = {CellRef(1, 0, r, c): str(v) for r, row in enumerate(table) for c, v in enumerate(row)}
    meant |= {CellRef(1, 1, 0, c): str(v) for c, v in enumerate(cases)}
    return read_by_noise(draw, meant, national_rules(len(table)), noise, misprints=misprints)


def read_by_noise(
    draw: random.Random,
    meant: Mapping[CellRef, str],
    rules: tuple[Rule, ...],
    noise: Noise,
    *,
    misprints: int | None = None,
) -> Simulated:
    """Print a table with its misprints and let the simulated readers read it."""
    printed = dict(meant)
    if misprints is None:
        misprints = int(draw.random() < noise.misprinted)
    chosen: list[CellRef] = []
    for _ in range(misprints):
        ref = draw.choice(rules).cells[-1] if draw.random() < 0.5 else draw.choice(sorted(meant))
        printed[ref] = str(misprinted(draw, int(meant[ref])))
        chosen.append(ref)
    readings = tuple(_read(draw, ref, text, noise) for ref, text in printed.items())
    by_ref = {reading.ref: reading for reading in readings}
    # The second reader draws from its own stream: how often it is asked changes nothing else.
    second = random.Random(draw.random())

    def look(refs: Sequence[CellRef]) -> list[Reading]:
        return [_again(second, by_ref[ref], printed[ref], noise) for ref in refs]

    return Simulated(meant, printed, readings, rules, tuple(chosen), look)


def _read(draw: random.Random, ref: CellRef, text: str, noise: Noise) -> Reading:
    hard = draw.random() < noise.rate * noise.hard
    base = text
    while hard and _same(base, text):
        base = edited(draw, text)
        if draw.random() < 0.2 and base:
            base = edited(draw, base)
    soft = noise.rate * (1 - noise.hard) / error_share(noise.blurred)
    mean = noise.blurred if not hard and draw.random() < soft else noise.clean
    others: list[str] = []
    for _ in range(24):
        other = edited(draw, base) if base else str(draw.randrange(10))
        known = (*others, base, text if hard else base)
        if not any(_same(other, k) for k in known):
            others.append(other)
        if len(others) == 4:
            break
    scores = {base: 0.0}
    for other in others:
        scores[other] = -draw.gauss(mean, math.sqrt(2 * mean)) * noise.over
    return _reading(ref, [Opinion(FIRST, _candidates(scores), DrawnEvidence(_normal(scores)))])


def _again(draw: random.Random, reading: Reading, printed: str, noise: Noise) -> Reading:
    """The second reader scores the strings in question, independently of the first."""
    seen = printed
    if draw.random() < noise.rate * noise.hard:
        seen = edited(draw, printed)
    strings = {c.text for o in reading.opinions for c in o.candidates} | {
        edited(draw, seen) for _ in range(4)
    }
    scores = {seen: 0.0}
    for other in sorted(strings):
        if other != seen:
            scores[other] = -draw.gauss(noise.second, math.sqrt(2 * noise.second)) * noise.over
    if seen != printed:
        scores.pop(printed, None)
    opinion = Opinion(SECOND, _candidates(scores), DrawnEvidence(_normal(scores)))
    return _reading(reading.ref, [*reading.opinions, opinion])


def _same(one: str, other: str) -> bool:
    return int(one or 0) == int(other or 0)


def _normal(scores: Mapping[str, float]) -> dict[str, float]:
    total = math.log(sum(math.exp(s) for s in scores.values()))
    return {text: score - total for text, score in scores.items()}


def _candidates(scores: Mapping[str, float]) -> tuple[Candidate, ...]:
    ranked = sorted(_normal(scores).items(), key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(text, score) for text, score in ranked if score > -14.0)


def _reading(ref: CellRef, opinions: list[Opinion]) -> Reading:
    box = Box(10.0 * ref.col, 10.0 * ref.row, 10.0 * ref.col + 9, 10.0 * ref.row + 9)
    kind = ReadingKind.FIGURE if opinions[0].candidates[0].text else ReadingKind.BLANK
    return Reading(ref, box, kind, opinions[0].candidates, opinions[0].evidence, tuple(opinions))


_SHARES: dict[float, float] = {}


def error_share(mean: float) -> float:
    """How often the best of four rivals at this mean log-ratio beats the truth (by drawing, seeded)."""
    if mean not in _SHARES:
        draw = random.Random(1)
        trials = 20_000
        beaten = sum(min(draw.gauss(mean, math.sqrt(2 * mean)) for _ in range(4)) < 0 for _ in range(trials))
        _SHARES[mean] = beaten / trials
    return _SHARES[mean]
