"""What a run was asked to do; recorded in its output, and part of every content key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from gouji_layout.scan import ScanLimits
from gouji_ocr.amounts import AmountKind
from gouji_postprocess.rule_settings import Nothing, RuleSettings, Switch

READING_REVISION = 23
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
    switched_off: tuple[str, ...] = ()  # RULE[@FORM[@DOCUMENT]] not to be applied; * stands for anything
    meanings: tuple[str, ...] = ()  # KIND=MEANING[@DOCUMENT] of places without a figure, e.g. blank=unknown

    def __post_init__(self) -> None:
        if self.max_pixels < 1 or self.max_pages < 1:
            raise ValueError("limits must be positive")
        self.rule_settings("")  # refuses meanings that are none

    @property
    def limits(self) -> ScanLimits:
        """Guards against files that claim too much."""
        return ScanLimits(pixels=self.max_pixels, pages=self.max_pages)

    def rule_settings(self, document: str) -> RuleSettings:
        """What is settled about the rules of one document.

        Raises:
            ValueError: a meaning is none.
        """
        switches = []
        for text in self.switched_off:
            rule, form, name = (*text.split("@", 2), "*", "*")[:3]
            switches.append(Switch(rule=rule, form=form, document=name, because=f"--switch-off {text}"))
        meanings = RuleSettings().meanings
        for text in self.meanings:
            stated, _, name = text.partition("@")
            kind, _, meaning = stated.partition("=")
            if fnmatchcase(document, name or "*"):
                settled = _one_of(kind, [known.value for known in meanings], "place without a figure")
                meanings[AmountKind(settled)] = Nothing(_one_of(meaning, list(Nothing), "meaning"))
        return RuleSettings(document=document, switches=tuple(switches), meanings=meanings)

    def without_effect(self, documents: Sequence[str], off: Mapping[str, int]) -> list[str]:
        """One sentence for each setting that nothing in these documents came under.

        Args:
            documents: names of all documents.
            off: how many rules are off by each setting, by the words of the note on them.
        """
        found = [f"--switch-off {text}" for text in self.switched_off]
        unused = [f"{setting}: no rule is off by it" for setting in found if not off.get(setting)]
        for text in self.meanings:
            name = text.partition("@")[2] or "*"
            if not any(fnmatchcase(document, name) for document in documents):
                unused.append(f"--meaning {text}: no document has that name")
        return unused

    @classmethod
    def from_record(cls, plain: Mapping[str, Any]) -> Self:
        """Read back what `as_record` wrote; what a later version added keeps its default."""
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in plain.items() if name in known}
        for name in ("switched_off", "meanings"):
            given[name] = tuple(given.get(name, ()))
        given["form_packs"] = tuple(Path(path) for path in given.get("form_packs", ()))
        given["calibration"] = Path(given["calibration"]) if given.get("calibration") else None
        return cls(**given)

    def as_record(self) -> dict[str, object]:
        """The settings for `document.json`."""
        plain = asdict(self)
        plain["form_packs"] = [str(p) for p in self.form_packs]
        plain["calibration"] = str(self.calibration) if self.calibration else None
        return plain


def _one_of(given: str, choices: Sequence[str], what: str) -> str:
    if given not in choices:
        raise ValueError(f"{given!r} is not a valid {what}; choose from {', '.join(choices)}")
    return given


def reading_key(sha256: str, page: int, weights: str) -> str:
    """The content key of one page's readings: file bytes, page number, revision and weights."""
    parts = json.dumps([sha256, page, READING_REVISION, weights, version("gouji")])
    return hashlib.sha256(parts.encode()).hexdigest()
