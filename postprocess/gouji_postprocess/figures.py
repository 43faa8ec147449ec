"""A reading as the reconciler sees it: one whole number, what else it could be, and what that costs.

Costs are whole *millinats* (thousandths of a nat, natural-log odds against the best reading), so that
sums and comparisons are exact and the same on every machine. Values are whole numbers, all scaled by
the same power of ten. The printed and the intended value of a figure are different things: a misread
is a difference between read and printed, a misprint one between printed and intended. Rules bind the
intended value only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind, format_amount
from gouji_ocr.amounts import parse_amount as _parse_amount
from gouji_ocr.reading import Evidence, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration, ReaderCalibration, family_of

parse_amount = lru_cache(maxsize=4096)(_parse_amount)

MILLI = 1000
"""Millinats in a nat."""
NEVER = 10**9
"""A cost that stands for impossible; still small enough that sums of it stay exact in 64 bits."""
_UNCALIBRATED = ReaderCalibration(temperature=2.0, blind=0.02)
"""How a reader that was never calibrated is heard: it takes part, but flatly."""
_PREFERS = 1.5
"""Nats by which a second reader must prefer a value to the first reader's, for its picture to support it."""
_PLAIN = Amount()
_FLOOR = -60.0  # log-probabilities below this carry no information


@dataclass(frozen=True, slots=True)
class Voice:
    """One reader's opinion of one figure, calibrated: log-weights of values and of what is no amount."""

    reader: str
    calibration: ReaderCalibration
    calibrated: bool
    best: float  # log-probability (tempered) of its best text
    weights: dict[int, float]  # value -> tempered log-probability, listed ones
    norm: float  # log of the sum over everything listed
    top: int | None  # its best value
    evidence: Evidence | None
    share: float = 1.0  # of one vote: readers of one family have one together


@dataclass(frozen=True, slots=True)
class Option:
    """Another value the figure may have had printed: its misread cost and its best text."""

    value: int
    cost: int
    text: str


@dataclass(frozen=True, eq=False, slots=True)
class Figure:
    """One figure of the table for the solver; `value` is the best reading, and costs count from it."""

    ref: CellRef
    read: str  # what the first reader said
    text: str  # the text of the best reading that is an amount
    value: int
    scale: int
    options: tuple[Option, ...]  # other listed values, cheapest first
    misprint: int  # cost of "the paper says something else than was meant"
    floor: int  # no unlisted value costs less than this as a misread
    doubt: int  # -log of the probability of the best reading, in millinats
    spelling: float  # probability of `text` among the texts with the same value
    known: bool = True  # False: no reader made an amount of it
    fixed: bool = False  # a person said what is printed
    blank: bool = False  # nothing is printed, which counts as zero
    voices: tuple[Voice, ...] = ()
    pattern: Amount = field(default_factory=Amount)  # how amounts are printed here
    calibration: Calibration | None = None
    _scores: dict[int, int] = field(default_factory=dict, repr=False)

    @property
    def calibrated(self) -> bool:
        """Whether at least one calibrated reader read this figure (or a person did)."""
        return self.fixed or any(voice.calibrated for voice in self.voices)

    def misread(self, value: int) -> int:
        """What it costs to believe that this value is printed, not the one that was read."""
        if value == self.value and self.known:
            return 0
        if self.fixed or (value < 0 and not self.signed):
            return NEVER
        if not self.known:
            return 0
        known = self._scores.get(value)
        if known is None:
            known = max(0, round(MILLI * (_total(self, self.value) - _total(self, value))))
            self._scores[value] = known  # a memo of a pure function: the evidence is slow
        return known

    def cost(self, value: int) -> int:
        """What it costs to believe that this value was intended, by misread or by misprint."""
        if value == self.value and self.known:
            return 0
        if value < 0 and not self.signed:
            return NEVER
        return _either(self.misread(value), self.misprint)

    def image_support(self, value: int) -> float:
        """Log-ratio in nats by which a calibrated picture puts this value below its best; 0 is its best.

        The open-world allowance is left out on purpose: this is what a picture alone says. A reader
        asked later counts only if it clearly prefers the value to what the first one said (else it
        would only be as undecided as it is). Minus infinity: no calibrated picture speaks for it.
        """
        best = -math.inf
        for number, voice in enumerate(self.voices):
            seen = _image(self, voice, value)
            if not voice.calibrated:
                continue
            first = self.voices[0].top
            if number and first is not None and seen - _image(self, voice, first) < _PREFERS:
                continue
            best = max(best, seen - voice.best)
        return best

    def voice_ratios(self, value: int) -> dict[str, float]:
        """For each reader, its log-ratio of this value against its own best, for the provenance."""
        return {voice.reader: round(_image(self, voice, value) - voice.best, 2) for voice in self.voices}

    def spelled(self, value: int) -> str:
        """The text of a value: as a reader listed it, else printed in the style of this cell."""
        if value == self.value and self.known:
            return self.text
        for option in self.options:
            if option.value == value:
                return option.text
        return spell(value, self.scale, self.pattern)

    @property
    def lowest(self) -> int:
        """No cost of any unlisted intended value is below this."""
        return 0 if not self.known else _either(self.floor, self.misprint)

    @property
    def signed(self) -> bool:
        """Whether negative values can stand here."""
        return self.value < 0 or bool(self.pattern.style.sign) or any(o.value < 0 for o in self.options)


def _either(first: int, second: int) -> int:
    """Cost of one or the other: -log(e^-a + e^-b), in whole millinats."""
    low, high = min(first, second), max(first, second)
    return low - round(MILLI * math.log1p(math.exp((low - high) / MILLI))) if high < NEVER else low


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


def decimals_of(readings: Sequence[Reading]) -> int:
    """The most decimals that any candidate of these readings has: the scale that keeps all exact."""
    most = 0
    for reading in readings:
        for opinion in opinions_of(reading):
            for candidate in opinion.candidates:
                amount = parse_amount(candidate.text)
                most = max(most, amount.decimals if amount else 0)
    return most


def figure_of(reading: Reading, *, scale: int, calibration: Calibration, fixed: str | None = None) -> Figure:
    """Turn a reading into the solver's figure.

    Args:
        reading: what the readers said of the cell.
        scale: decimals by which every value is scaled; at least `decimals_of` all readings.
        calibration: what is known of the readers.
        fixed: the text a person saw printed; then nothing else can be printed there.

    Returns:
        The figure. A person's text that is no amount makes an unknown figure, as does a reading
        without any amount among its candidates.
    """
    first = opinions_of(reading)[0] if opinions_of(reading) else None
    read = first.candidates[0].text if first and first.candidates else reading.text
    misprint = _rate_cost(calibration.misprint_rate) + round(MILLI * math.log(calibration.misprint_spread))
    if fixed is not None:
        amount = parse_amount(fixed)
        value = amount.at_scale(max(scale, amount.decimals)) if amount else 0
        return Figure(
            reading.ref, read, fixed, value, scale, (), misprint, NEVER, 0, 1.0,
            known=amount is not None, fixed=True, pattern=amount or Amount(), calibration=calibration,
        )  # fmt: skip
    texts: dict[int, dict[str, float]] = {}
    voices = tuple(
        voice
        for opinion in opinions_of(reading)
        if (voice := _voice(opinion, scale, calibration, texts)) is not None
    )
    families = Counter(_family(voice) for voice in voices)
    voices = tuple(replace(voice, share=1.0 / families[_family(voice)]) for voice in voices)
    if not texts or reading.kind is ReadingKind.UNREADABLE:
        return Figure(
            reading.ref, read, read, 0, scale, (), misprint, 0, 0, 1.0, known=False, calibration=calibration,
        )  # fmt: skip
    draft = Figure(
        reading.ref, read, "", 0, scale, (), misprint, 0, 0, 1.0, voices=voices, calibration=calibration,
        pattern=_pattern(texts),
    )  # fmt: skip
    totals = sorted(((_total(draft, value), -abs(value), value) for value in texts), reverse=True)
    best, _, value = totals[0]
    options = tuple(
        Option(v, max(0, round(MILLI * (best - total))), _likeliest(texts[v])) for total, _, v in totals[1:]
    )
    listed = math.log(sum(math.exp(total - best) for total, _, _ in totals))
    unread = min(0.99, math.exp(sum(v.share * math.log(v.calibration.blind) for v in voices)))
    garbage = _log_garbage(voices)
    weight = [texts[value][t] for t in sorted(texts[value])]
    text = _likeliest(texts[value])
    blank = (parse_amount(text) or Amount()).kind is AmountKind.BLANK
    if blank:
        misprint = min(misprint, _rate_cost(calibration.unstated_rate) + round(MILLI * 3.0))
    return Figure(
        reading.ref,
        read,
        text,
        value,
        scale,
        options,
        misprint,
        floor=_floor(draft, voices, best),
        doubt=round(MILLI * (listed - math.log1p(-unread) + garbage)),
        spelling=math.exp(max(weight) - _log_sum(weight)),
        blank=blank,
        voices=voices,
        pattern=_pattern({value: texts[value]} if not blank else texts),
        calibration=calibration,
    )


def opinions_of(reading: Reading) -> tuple[Opinion, ...]:
    """The opinions of a reading; the combined list stands for them where none were kept."""
    kept = tuple(opinion for opinion in reading.opinions if opinion.candidates)
    if kept or not reading.candidates:
        return kept
    # A blank cell is seen by its lack of ink, before any reader is asked.
    name = "ink" if reading.kind is ReadingKind.BLANK else "combined"
    return (Opinion(name, reading.candidates, reading.evidence),)


def _family(voice: Voice) -> str:
    return voice.calibration.family or family_of(voice.reader)


def _voice(
    opinion: Opinion, scale: int, calibration: Calibration, texts: dict[int, dict[str, float]]
) -> Voice | None:
    facts = calibration.reader(opinion.reader)
    known = facts or _UNCALIBRATED
    weights: dict[int, float] = {}
    everything: list[float] = []
    for candidate in opinion.candidates:
        weight = max(candidate.log_probability, _FLOOR * known.temperature) / known.temperature
        everything.append(weight)
        amount = parse_amount(candidate.text)
        if amount is None:
            continue
        value = amount.at_scale(scale)
        weights[value] = _log_sum([weights[value], weight]) if value in weights else weight
        spelled = texts.setdefault(value, {})
        spelled[candidate.text] = spelled.get(candidate.text, 0.0) + weight - everything[0]
    if not everything:
        return None
    top = max(weights, key=lambda v: (weights[v], -abs(v))) if weights else None
    return Voice(
        opinion.reader, known, facts is not None, max(everything), weights, _log_sum(everything), top,
        opinion.evidence,
    )  # fmt: skip


def _image(figure: Figure, voice: Voice, value: int) -> float:
    """Tempered log-probability that this reader's picture shows the value, in any usual spelling."""
    if value in voice.weights:
        return voice.weights[value]
    if voice.evidence is None:
        return -math.inf
    plain = spell(value, figure.scale, figure.pattern)
    spellings = {plain, plain.replace(",", "")} | ({"", "0"} if value == 0 else set())
    scores = [voice.evidence.log_probability(text) for text in sorted(spellings)]
    temperature = voice.calibration.temperature
    return _log_sum([max(score, _FLOOR * temperature) / temperature for score in scores])


def _total(figure: Figure, value: int) -> float:
    """Log-probability of a printed value by all readers, each allowed to be blind now and then."""
    total = 0.0
    for voice in figure.voices:
        blind = voice.calibration.blind
        seen = math.log1p(-blind) + _image(figure, voice, value) - voice.norm
        unseen = -math.inf
        if voice.top is not None and voice.top != value and figure.calibration is not None:
            read, printed = str(abs(voice.top)), str(abs(value))
            unseen = math.log(blind) + figure.calibration.channel.log_probability(read, printed)
        total += voice.share * (_log_sum([seen, unseen]) if unseen > -math.inf else max(seen, 4 * _FLOOR))
    return total


def _floor(draft: Figure, voices: tuple[Voice, ...], best: float) -> int:
    """A cost that no unlisted value can undercut: each reader at its most obliging."""
    most = 0.0
    for voice in voices:
        rest = voice.norm if len(voice.weights) < 2 else min(voice.weights.values())
        left = math.log(max(1e-9, 1.0 - math.exp(min(voice.norm, -1e-9))))
        seen = min(rest - voice.norm, left) if voice.evidence is not None else -math.inf
        unseen = math.log(voice.calibration.blind) - 1.5  # the likeliest single confusion
        most += voice.share * _log_sum([seen, unseen])
    return max(0, round(MILLI * (best - most)))


def _log_garbage(voices: tuple[Voice, ...]) -> float:
    """-log of the share of amounts among what the first reader listed: its best may be no amount."""
    first = voices[0]
    if not first.weights:
        return 20.0
    return max(0.0, first.norm - _log_sum(list(first.weights.values())))


def _pattern(texts: dict[int, dict[str, float]]) -> Amount:
    """The likeliest text that is a figure, as a pattern to print others by."""
    best, pattern = -math.inf, Amount(kind=AmountKind.FIGURE)
    for spelled in texts.values():
        for text, weight in sorted(spelled.items()):
            amount = parse_amount(text)
            if amount is not None and amount.kind is AmountKind.FIGURE and weight > best:
                best, pattern = weight, amount.with_value(0)
    return pattern


def _likeliest(spelled: dict[str, float]) -> str:
    return max(sorted(spelled), key=lambda text: spelled[text])


def _log_sum(values: list[float]) -> float:
    high = max(values)
    return high if high == -math.inf else high + math.log(sum(math.exp(v - high) for v in values))


def _rate_cost(rate: float) -> int:
    return round(-MILLI * math.log(rate))
