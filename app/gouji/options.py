"""What a run was asked to do; recorded in its output, and part of every content key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from gouji_layout.scan import ScanLimits
from gouji_postprocess.rule_settings import RuleSettings, Switch

READING_REVISION = 1
"""Raised whenever layout or reading gives other results, so that old page readings are not reused."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Settings of `gouji read`, in two groups: what changes readings, and what only changes decisions.

    Raises:
        ValueError: a setting makes no sense.
    """

    max_pixels: int = ScanLimits().pixels
    max_pages: int = ScanLimits().pages
    second_look: bool = True
    form_packs: tuple[Path, ...] = ()
    calibration: Path | None = None
    switched_off: tuple[str, ...] = ()  # ids of rules that are not to be applied; * stands for anything

    def __post_init__(self) -> None:
        if self.max_pixels < 1 or self.max_pages < 1:
            raise ValueError("limits must be positive")

    @property
    def limits(self) -> ScanLimits:
        """Guards against files that claim too much."""
        return ScanLimits(pixels=self.max_pixels, pages=self.max_pages)

    def rule_settings(self, document: str) -> RuleSettings:
        """What is settled about the rules of one document."""
        switches = tuple(Switch(rule=rule, because="--switch-off") for rule in self.switched_off)
        return RuleSettings(document=document, switches=switches)

    def as_record(self) -> dict[str, object]:
        """The settings for `document.json`."""
        plain = asdict(self)
        plain["form_packs"] = [str(p) for p in self.form_packs]
        plain["calibration"] = str(self.calibration) if self.calibration else None
        return plain


def reading_key(sha256: str, page: int, weights: str) -> str:
    """The content key of one page's readings: file bytes, page number, revision and weights."""
    parts = json.dumps([sha256, page, READING_REVISION, weights, version("gouji")])
    return hashlib.sha256(parts.encode()).hexdigest()
