"""How far each reader can be trusted, measured from data and kept with a version.

A `Calibration` holds what the model of reconciling needs to know and cannot guess: how the scores of
a reader become probabilities, how often a reader is confidently wrong, which digits it confuses, and
how often the paper itself is wrong. A reader that is not in it may check figures, never correct them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Self

CONFUSABLE: dict[str, str] = {
    "0": "698",
    "1": "74",
    "2": "73",
    "3": "859",
    "4": "19",
    "5": "638",
    "6": "850",
    "7": "129",
    "8": "3609",
    "9": "4078",
}
"""Printed digit -> digits it is taken for, before anything was measured (shape alone)."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What a confident misread looks like: the share of each kind of edit, and the digits confused.

    `confusion[printed][read]` is the probability of the read digit given that this printed digit was
    misread; rows sum to at most one, the rest is spread over all digits.
    """

    substitution: float = 0.78
    deletion: float = 0.09
    insertion: float = 0.09
    unrelated: float = 0.04
    confusion: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {p: {r: 0.9 / len(rs) for r in rs} for p, rs in CONFUSABLE.items()}
    )

    def log_probability(self, read: str, printed: str) -> float:
        """Log-probability that these printed digits are misread as those (both plain digit strings).

        One substituted, lost or added digit is scored as such; anything further apart is `unrelated`,
        which spreads over all numbers of that length.

        >>> channel = Channel()
        >>> channel.log_probability("7", "1") > channel.log_probability("8", "1")
        True
        """
        unrelated = math.log(self.unrelated) - math.log(10.0) * max(1, len(printed))
        if read == printed:
            return float("-inf")
        if len(read) == len(printed):
            return max(self._substituted(read, printed), unrelated)
        if len(read) == len(printed) - 1 and _drops_to(printed, read):
            return max(math.log(self.deletion / len(printed)), unrelated)
        if len(read) == len(printed) + 1 and _drops_to(read, printed):
            # A border read as 1 is by far the commonest added digit.
            share = 0.3 if read in ("1" + printed, printed + "1") else 0.4 / max(1, len(printed))
            return max(math.log(self.insertion * share), unrelated)
        return unrelated

    def _substituted(self, read: str, printed: str) -> float:
        total, changed = 0.0, 0
        for r, p in zip(read, printed, strict=True):
            if r != p:
                changed += 1
                total += math.log(self.confusion.get(p, {}).get(r, 0.0) * 0.9 + 0.01)
        if changed > 2:
            return float("-inf")
        further = 3.0 if changed == 2 else 0.0  # two digits wrong at once are rarer than one after the other
        return math.log(self.substitution / len(printed)) + total - further


def _drops_to(longer: str, shorter: str) -> bool:
    return any(longer[:k] + longer[k + 1 :] == shorter for k in range(len(longer)))


@dataclass(frozen=True, slots=True)
class ReaderCalibration:
    """What was measured for one reader.

    `temperature` divides its log-probabilities; `blind` is the share of cells where it is wrong and
    the truth is not among what it sees (the open-world rate); `figures` is how many cells it was
    measured on, 0 for a prior guess. Readers of one `family` (one network on two crops) make the same
    mistakes and share one vote.
    """

    temperature: float = 1.0
    blind: float = 0.002
    figures: int = 0
    family: str = ""


def family_of(reader: str) -> str:
    """The reader whose mistakes this one shares: its name up to the version.

    >>> family_of("figures-v6-smaller")
    'figures-v6'
    """
    match = re.match(r".*?-v?\d+", reader)
    return match[0] if match else reader


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything measured that the model of reconciling uses; immutable, with a version.

    `misprint_rate` is the share of figures that the paper itself has wrong; `unstated_rate` the share
    of blank cells that do not mean zero.
    """

    version: str
    readers: Mapping[str, ReaderCalibration]
    channel: Channel = field(default_factory=Channel)
    misprint_rate: float = 0.05 / 190
    misprint_spread: float = 50.0  # among how many values a misprint is spread
    unstated_rate: float = 0.003

    def reader(self, name: str) -> ReaderCalibration | None:
        """What is known of this reader, or of the one it is a variant of; None if never calibrated.

        >>> Calibration("v", {"net-v1": ReaderCalibration()}).reader("net-v1@0.9") is not None
        True
        """
        return self.readers.get(name) or self.readers.get(family_of(name))

    @classmethod
    def bundled(cls) -> Self:
        """The calibration that comes with the package (see docs/reconciliation.md for its data)."""
        text = resources.files("gouji_postprocess").joinpath("calibration.json").read_text("utf-8")
        return cls.parse(text)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a stored calibration.

        Raises:
            ValueError: the file is not a calibration.
        """
        return cls.parse(path.read_text("utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a calibration from its JSON text.

        Raises:
            ValueError: the text is not a calibration.
        """
        try:
            stored = json.loads(text)
            readers = {name: ReaderCalibration(**facts) for name, facts in stored.pop("readers").items()}
            channel = Channel(**stored.pop("channel"))
            return cls(readers=readers, channel=channel, **stored)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a calibration: {error}") from error

    def text(self) -> str:
        """The calibration as JSON, readable by people and by `parse`."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def save(self, path: Path) -> None:
        """Write the calibration so that `load` reads it back."""
        path.write_text(self.text(), "utf-8")
