"""Commas or points: where pictures are too coarse to tell, the column as a whole does.

`1,400` and `1.400`, or `3,167,340` and `3,167.340`, differ by two pixels of a low scan, in every cell of a
column alike, so cells cannot vote on what they look like. But amounts with thousands end in zeros far more
often than decimals do.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from gouji_layout.table import Table
from gouji_ocr.reading import Candidate, Reading, ReadingKind

_EITHER = re.compile(r"[1-9]\d{0,2}(,\d{3})*[.,]\d{3}")
_OTHER_DECIMALS = re.compile(r"[\d,]*\.(\d{1,2}|\d{4,})")

# A last digit is 0 in one decimal of ten; of amounts in round units about six of ten.
_ZERO_IN_DECIMALS, _ZERO_IN_AMOUNTS = 0.1, 0.6
_ROUND_TABLES = 0.3  # of tables with thousands: those in round units
_THOUSANDS = math.log(0.97 / 0.03)  # tables with thousands for one in which all decimals have three digits
_FEWEST = 3  # figures that can be either, for a table to speak
_SURE = math.log(0.9)
_CLIPPED = 7.0  # nats one picture can say for the point
_TRUSTED = math.log(1e-4)  # a picture that denies the comma more strongly than this is believed


def settle_separators(table: Table, readings: Sequence[Reading]) -> list[Reading]:
    """Readings in which `1.400` became `1,400` where its table says so and the picture allows it.

    Only columns in which every figure with a separator can be either are touched, and only the order of
    candidates changes: the opinions of the readers stay as they were.
    """
    columns: dict[int, list[int]] = defaultdict(list)
    for i, (cell, reading) in enumerate(zip(table.cells, readings, strict=True)):
        if reading.kind is ReadingKind.FIGURE:
            columns[cell.col].append(i)
    settled = list(readings)
    open_columns = [c for c in columns.values() if not any(_is_decimal(readings[i]) for i in c)]
    either = [i for column in open_columns for i in column if _EITHER.fullmatch(readings[i].text)]
    if len(either) < _FEWEST or _table_says([readings[i] for i in either]) <= 0:
        return settled
    for i in either:
        settled[i] = _with_comma(readings[i])
    return settled


def _is_decimal(reading: Reading) -> bool:
    """Whether this surely is a decimal; what is read unsurely may have a comma for its point."""
    return reading.log_probability > _SURE and _OTHER_DECIMALS.fullmatch(reading.text) is not None


def _table_says(readings: Sequence[Reading]) -> float:
    """Log-odds that all these figures have thousands: from print habits, last digits, and what is seen.

    All cells come from one copy, which blurs all commas alike: their pictures count as one, the mean.
    """
    zeros = sum(_zeros_say(reading.text) for reading in readings)
    last_digits = math.log(1 - _ROUND_TABLES + _ROUND_TABLES * math.exp(min(zeros, 50.0)))
    seen = [_point_over_comma(reading) for reading in readings]
    return _THOUSANDS + last_digits - sum(seen) / len(seen)


def _point_over_comma(reading: Reading) -> float:
    if reading.evidence is None:
        return 0.0
    point = reading.evidence.log_probability(f"{reading.text[:-4]}.{reading.text[-3:]}")
    comma = reading.evidence.log_probability(reading.text.replace(".", ","))
    return min(max(point - comma, -_CLIPPED), _CLIPPED)


def _zeros_say(text: str) -> float:
    """Log-odds that this is an amount with thousands, from its last digit alone."""
    if text.endswith("0"):
        return math.log(_ZERO_IN_AMOUNTS / _ZERO_IN_DECIMALS)
    return math.log((1 - _ZERO_IN_AMOUNTS) / (1 - _ZERO_IN_DECIMALS))


def _with_comma(reading: Reading) -> Reading:
    """The reading with its comma spelling first, unless the picture clearly denies it."""
    text = reading.text.replace(".", ",")
    if text == reading.text or reading.evidence is None:
        return reading
    held = reading.evidence.log_probability(text)
    if held < _TRUSTED:
        return reading
    # Both spellings keep the probability they have together; the table speaks for the comma.
    both = min(float(math.exp(held) + math.exp(reading.log_probability)), 1.0)
    others = tuple(c for c in reading.candidates[1:] if c.text != text)
    first = Candidate(text, math.log(both * 0.9))
    second = Candidate(reading.text, math.log(both * 0.1))
    return replace(reading, candidates=(first, second, *others))
