"""Settings of the reconciler; nothing here is measured on data (see `calibration` for that)."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReconcileSettings:
    """What the reconciler asks for before it acts; the defaults are those measured in docs/measured.

    Attributes:
        tau: how improbable everything else must be before a figure counts as settled.
        tau_weak: the same for figures whose errors the rules cannot locate (distance 2).
        tau_suspect: how probable a misread may be where a misprint is likelier: the figure is flagged.
        blame: how likely a misprint must be beside the likeliest explanation of the same broken rules.
        gap: how much dearer, in nats, an alternative may be and still be weighed.
        guard: how far below its best reading, in nats, a picture may put a value that is applied.
        tau_unchecked: how improbable another reading must be where no rule helps.
        spelling: probability below which a way of writing is doubtful (blank, dash or 0: no rule can tell).
        text_floor: log-probability below which a text cell is doubtful.
        character_floor: the same for each of its characters on average.
        seconds: for one call.
        brief: seconds for an attempt that a second look can still follow.
        pops: how many partial explanations the local search may look at before CP-SAT takes over.
        looks: how many times cells in doubt may be read again.
        unrest: share of hesitant readings above which a sure one that nothing checks is doubtful.
        broken_share: share of broken rules above which solving is not tried, if besides
        hesitant_share: more than this share of the figures was read hesitantly; from there on nothing is
            corrected either by rules that cannot locate an error (distance 2).
        doubtful_share: share of doubtful figures above which the page should be scanned again.
    """

    tau: float = 0.01
    tau_suspect: float = 0.1
    tau_weak: float = 0.003
    blame: float = 0.1
    gap: float = 7.0
    guard: float = 7.5
    tau_unchecked: float = 0.01
    spelling: float = 0.8
    text_floor: float = math.log(0.5)
    character_floor: float = math.log(0.97)
    seconds: float = 10.0
    brief: float = 1.5
    looks: int = 3
    pops: int = 400
    doubtful_share: float = 0.3
    broken_share: float = 0.7
    hesitant_share: float = 0.25
    unrest: float = 0.3

    def __post_init__(self) -> None:
        if not (0 < self.tau < 0.5 and 0 < self.tau_weak <= self.tau and self.gap > 0 and self.seconds > 0):
            raise ValueError(f"settings that cannot be meant: {self}")
