"""A reading as the reconciler sees it: one whole number, what else it could be, and what that costs.

Costs are whole *millinats* (thousandths of a nat, natural-log odds against the best reading), so that
sums and comparisons are exact and the same on every machine. Values are whole numbers, all scaled by
the same power of ten. The printed and the intended value of a figure are different things: a misread
is a difference between read and printed, a misprint one between printed and intended. Rules bind the
intended value only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.habits import Habits
from gouji_postprocess.voices import Voice, log_sum, parse_amount, spell, voices_of

MILLI = 1000
"""Millinats in a nat."""
NEVER = 10**9
"""A cost that stands for impossible; still small enough that sums of it stay exact in 64 bits."""
_PREFERS = 1.5
"""Nats by which a second reader must prefer a value to the first reader's, for its picture to support it."""
_SURE = round(-MILLI * math.log(0.99))
_UNSTATED = 3 * MILLI  # spread of what a blank may stand for: mostly small numbers
_NO_HABITS = Habits()


@dataclass(frozen=True, slots=True)
class Option:
    """Another value the figure may have had printed: its misread cost and its best text."""

    value: int
    cost: int
    text: str
    spelling: float = 1.0  # probability of `text` among the texts with this value


@dataclass(frozen=True, eq=False, slots=True)
class Figure:
    """One figure of the table for the solver; `value` is the best reading, and costs count from it."""

    ref: CellRef
    calibration: Calibration
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
    _scores: dict[int, int] = field(default_factory=dict, repr=False)

    @property
    def calibrated(self) -> bool:
        """Whether at least one calibrated reader read this figure (or a person did)."""
        return self.fixed or any(voice.calibrated for voice in self.voices)

    @property
    def hesitant(self) -> bool:
        """Whether the readers asked so far made no amount of it or are together not sure of the amount."""
        return not self.fixed and (not self.known or self.doubt > _SURE)

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
            known = max(0, round(MILLI * (self.printed(self.value) - self.printed(value))))
            self._scores[value] = known  # a memo of a pure function: the evidence is slow
        return known

    def printed(self, value: int) -> float:
        """Log-weight of a printed value by all readers together."""
        channel = self.calibration.channel
        return sum(voice.belief(value, self.scale, self.pattern, channel) for voice in self.voices)

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
            seen = voice.image(value, self.scale, self.pattern)
            if not voice.calibrated:
                continue
            first = self.voices[0].top
            if (
                number
                and first is not None
                and seen - voice.image(first, self.scale, self.pattern) < _PREFERS
            ):
                continue
            best = max(best, seen - voice.best)
        return best

    def voice_ratios(self, value: int) -> dict[str, float]:
        """For each reader, its log-ratio of this value against its own best, for the provenance."""
        return {
            voice.reader: round(voice.image(value, self.scale, self.pattern) - voice.best, 2)
            for voice in self.voices
        }

    def spelled(self, value: int) -> str:
        """The text of a value: as a reader listed it, else printed in the style of this cell."""
        if value == self.value and self.known:
            return self.text
        for option in self.options:
            if option.value == value:
                return option.text
        return spell(value, self.scale, self.pattern)

    def spelling_of(self, value: int) -> float:
        """How probable it is that the value, if printed, is written as `spelled` writes it.

        Sums bind values: they never tell a blank from a dash or from 0. Only the picture does.
        """
        if value == self.value and self.known:
            return self.spelling
        for option in self.options:
            if option.value == value:
                return option.spelling
        return 0.0 if value == 0 else 1.0  # a zero nobody read may be any of them

    def taken_as(self, value: int) -> Figure:
        """The figure as if this value stood there for sure, to see what else is wrong."""
        return replace(
            self, value=value, options=(), floor=NEVER, fixed=True, text=self.spelled(value), _scores={}
        )

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


def figure_of(
    reading: Reading,
    *,
    scale: int,
    calibration: Calibration,
    habits: Habits = _NO_HABITS,
    fixed: str | None = None,
) -> Figure:
    """Turn a reading into the solver's figure.

    Args:
        reading: what the readers said of the cell.
        scale: decimals by which every value is scaled; at least `decimals_of` all readings.
        calibration: what is known of the readers.
        habits: how the figures of this table are set, as far as known.
        fixed: the text a person saw printed; then nothing else can be printed there.

    Returns:
        The figure. A person's text that is no amount makes an unknown figure, as does a reading
        without any amount among its candidates.

    Raises:
        ValueError: the scale is too small for a candidate or for the fixed text.
    """
    misprint = _rate_cost(calibration.misprint_rate) + round(MILLI * math.log(calibration.misprint_spread))
    voices = voices_of(reading, scale=scale, calibration=calibration, habits=habits)
    read = voices[0].said if voices else reading.text
    values = {value for voice in voices for value in voice.values}
    draft = Figure(
        reading.ref, calibration, read, read, 0, scale, (), misprint, 0, 0, 1.0, known=False, voices=voices,
        pattern=_pattern(voices),
    )  # fmt: skip
    if fixed is not None:
        amount = parse_amount(fixed)
        value = amount.at_scale(scale) if amount else 0
        return replace(draft, text=fixed, value=value, floor=NEVER, known=amount is not None, fixed=True)
    if not values or reading.kind is ReadingKind.UNREADABLE:
        return draft
    ranked = sorted(((draft.printed(value), -abs(value), value) for value in values), reverse=True)
    best, _, value = ranked[0]
    spellings = {v: _spellings(voices, v, scale) for v in values}
    text, spelling = _likeliest(spellings[value])
    blank = parse_amount(text) == Amount(kind=AmountKind.BLANK)
    if blank:
        misprint = min(misprint, _rate_cost(calibration.unstated_rate) + _UNSTATED)
    others = [weight for weight, _, v in ranked if v != value]
    others.append(sum(voice.elsewhere() for voice in voices))
    return replace(
        draft,
        text=text,
        value=value,
        options=tuple(
            Option(v, max(0, round(MILLI * (best - weight))), *_likeliest(spellings[v]))
            for weight, _, v in ranked[1:]
        ),
        misprint=misprint,
        floor=max(0, round(MILLI * (best - sum(voice.at_most() for voice in voices)))),
        doubt=round(MILLI * (log_sum([best, *others]) - best)),
        spelling=spelling,
        known=True,
        blank=blank,
    )


def _spellings(voices: tuple[Voice, ...], value: int, scale: int) -> dict[str, float]:
    """Weights of the listed texts of a value, all readers together."""
    texts = {
        text
        for voice in voices
        for text in voice.texts
        if (amount := parse_amount(text)) is not None and amount.at_scale(scale) == value
    }
    return {text: sum(voice.writes(text) for voice in voices) for text in sorted(texts)}


def _pattern(voices: tuple[Voice, ...]) -> Amount:
    """The likeliest text that is a figure, as a pattern to print others by."""
    best, pattern = -math.inf, Amount()
    for voice in voices:
        for text, weight in sorted(voice.texts.items()):
            amount = parse_amount(text)
            if amount is not None and amount.kind is AmountKind.FIGURE and weight > best:
                best, pattern = weight, amount.with_value(0)
    return pattern


def _likeliest(spelled: dict[str, float]) -> tuple[str, float]:
    """The likeliest text and its share among all of them."""
    text = max(sorted(spelled), key=lambda text: spelled[text])
    return text, math.exp(spelled[text] - log_sum(list(spelled.values())))


def _rate_cost(rate: float) -> int:
    return round(-MILLI * math.log(rate))
