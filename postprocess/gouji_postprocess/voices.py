"""What each reader says of one figure, made comparable: tempered log-weights of texts and of values.

A value may be written in several ways (`1234`, `1,234`; blank, `-` and `0`); its weight is that of all
of them together. Texts that are no amount take part in the norm, so that doubt is not thrown away.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gouji_ocr import grammar
from gouji_ocr.amounts import Amount, AmountKind, format_amount
from gouji_ocr.amounts import parse_amount as _parse_amount
from gouji_ocr.reading import Evidence, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration, Channel, ReaderCalibration, family_of
from gouji_postprocess.habits import Habits

parse_amount = lru_cache(maxsize=4096)(_parse_amount)
"""`gouji_ocr.amounts.parse_amount`, remembered: pages repeat the same few texts."""

_UNCALIBRATED = ReaderCalibration(temperature=2.0, blind=0.02)
"""How a reader that was never calibrated is heard: it takes part, but flatly."""
_FLOOR = -60.0  # log-probabilities below this carry no information
_MISPLACED = 4.0
"""Nats that a text loses for each habit of its table it breaks (a speck read as a point)."""
_PLAIN = Amount()


@dataclass(frozen=True, slots=True)
class Voice:
    """One reader's opinion of one figure, in tempered log-probabilities."""

    reader: str
    calibration: ReaderCalibration
    calibrated: bool
    texts: Mapping[str, float]  # every listed text
    values: Mapping[int, float]  # every listed value, its spellings together
    best: float  # the best text
    norm: float  # everything listed, and what is left for texts that are not listed
    left: float  # what is left
    top: int | None  # the best value
    evidence: Evidence | None
    share: float = 1.0  # of one vote: readers of one family have one together

    @property
    def said(self) -> str:
        """The text it says first; of equal ones the one it listed first."""
        return max(self.texts, key=lambda text: self.texts[text])

    def image(self, value: int, scale: int, pattern: Amount) -> float:
        """How probable the picture makes the value, in any usual spelling."""
        if value in self.values:
            return self.values[value]
        if self.evidence is None:
            return -math.inf
        plain = spell(value, scale, pattern)
        spellings = {plain, plain.replace(",", "")} | ({"", "0"} if value == 0 else set())
        temperature = self.calibration.temperature
        scores = (self.evidence.log_probability(text) for text in sorted(spellings))
        return log_sum([max(score / temperature, _FLOOR) for score in scores])

    def belief(self, value: int, scale: int, pattern: Amount, channel: Channel) -> float:
        """Log-probability that the value is printed; the reader may be blind now and then."""
        blind = self.calibration.blind
        seen = math.log1p(-blind) + self.image(value, scale, pattern) - self.norm
        if self.top is None or self.top == value:
            return self.share * max(seen, 4 * _FLOOR)
        unseen = math.log(blind) + channel.log_probability(str(abs(self.top)), str(abs(value)))
        return self.share * max(log_sum([seen, unseen]), 4 * _FLOOR)

    def at_most(self) -> float:
        """No value that the reader does not list gets more than this from it."""
        seen = -math.inf
        if self.evidence is not None:
            seen = min(self.left, *self.values.values(), 0.0) - self.norm
        unseen = math.log(self.calibration.blind) - 1.5  # the likeliest single confusion
        return self.share * max(log_sum([seen, unseen]), 4 * _FLOOR)

    def elsewhere(self) -> float:
        """Log-probability that what is printed is none of the values it lists, or no amount at all."""
        listed = log_sum(list(self.values.values())) if self.values else -math.inf
        missed = 1.0 - math.exp(min(0.0, listed - self.norm))
        blind = self.calibration.blind
        return self.share * math.log(blind + (1.0 - blind) * missed)

    def writes(self, text: str) -> float:
        """Weight of one spelling; a text it does not list is worse than all that it lists."""
        return self.share * (self.texts.get(text, min(self.texts.values()) - 2.0) - self.best)


def voices_of(reading: Reading, *, scale: int, calibration: Calibration, habits: Habits) -> tuple[Voice, ...]:
    """The voices of a reading, the first reader's first."""
    found = [
        _voice(opinion, scale, calibration.reader(opinion.reader), habits) for opinion in opinions_of(reading)
    ]
    families = Counter(_family(voice) for voice in found)
    return tuple(replace(voice, share=1.0 / families[_family(voice)]) for voice in found)


def opinions_of(reading: Reading) -> tuple[Opinion, ...]:
    """The opinions of a reading; the combined list stands for them where none were kept."""
    kept = tuple(opinion for opinion in reading.opinions if opinion.candidates)
    if kept or not reading.candidates:
        return kept
    # A blank cell is seen by its lack of ink, before any reader is asked.
    name = "ink" if reading.kind is ReadingKind.BLANK else "combined"
    return (Opinion(name, reading.candidates, reading.evidence),)


def decimals_of(readings: Sequence[Reading]) -> int:
    """The most decimals that any listed text of these readings has: the scale that keeps all exact."""
    most = 0
    for reading in readings:
        for opinion in opinions_of(reading):
            for text in {candidate.text for candidate in opinion.candidates} | _mended(opinion):
                amount = parse_amount(text)
                most = max(most, amount.decimals if amount else 0)
    return most


def spell(value: int, scale: int, pattern: Amount) -> str:
    """Print a scaled value in the style of an amount of the same cell.

    >>> spell(123400, 2, parse_amount("9,999"))
    '1,234'
    >>> spell(123450, 2, parse_amount("9,999"))
    '1,234.50'
    """
    if scale == 0 and pattern == _PLAIN and pattern.style == _PLAIN.style:
        return str(value)  # by far the commonest case, and asked for often
    decimals = pattern.decimals if pattern.kind is AmountKind.FIGURE else 0
    shift: int = 10 ** (scale - min(decimals, scale))
    if value % shift:
        decimals, shift = scale, 1
    figure = Amount(0, decimals, pattern.unit, "", style=pattern.style)
    return format_amount(figure.with_value(value // shift))


def log_sum(values: Sequence[float]) -> float:
    """Logarithm of the sum of exponentials."""
    high = max(values)
    return high if high == -math.inf else high + math.log(sum(math.exp(v - high) for v in values))


def _voice(opinion: Opinion, scale: int, facts: ReaderCalibration | None, habits: Habits) -> Voice:
    known = facts or _UNCALIBRATED
    texts: dict[str, float] = {}
    values: dict[int, float] = {}
    for text, seen in _listed(opinion).items():
        weight = max(seen / known.temperature + grammar.form(text), _FLOOR)
        amount = parse_amount(text)
        if amount is not None:
            weight -= _MISPLACED * habits.breaks(amount)
            value = amount.at_scale(scale)
            values[value] = log_sum([values[value], weight]) if value in values else weight
        texts[text] = weight
    left = math.log(max(1e-9, 1.0 - sum(math.exp(c.log_probability) for c in opinion.candidates)))
    left = left / known.temperature
    top = max(values, key=lambda v: (values[v], -abs(v))) if values else None
    return Voice(
        opinion.reader,
        known,
        facts is not None,
        texts,
        values,
        best=max(texts.values()),
        norm=log_sum([*texts.values(), left]),
        left=left,
        top=top,
        evidence=opinion.evidence,
    )


def _listed(opinion: Opinion) -> dict[str, float]:
    """What the reader lists, and the same digits as they can be printed."""
    listed = {candidate.text: candidate.log_probability for candidate in opinion.candidates}
    if opinion.evidence is not None:
        for text in _mended(opinion):
            listed.setdefault(text, opinion.evidence.log_probability(text))
    return listed


def _mended(opinion: Opinion) -> set[str]:
    """The figures that strange ones can be: in 5,288.011.738.39 a coarse comma looks like a point."""
    strange = (c.text for c in opinion.candidates if grammar.form(c.text))
    return {variant for text in strange for variant in grammar.variants(text)}


def _family(voice: Voice) -> str:
    return voice.calibration.family or family_of(voice.reader)
