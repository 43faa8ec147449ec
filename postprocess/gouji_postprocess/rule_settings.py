"""What a user may settle about rules: which are switched off, and what blanks and dashes mean.

A rule that is switched off leaves a trace (`SwitchedOff`) that goes into the results.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from gouji_ocr.amounts import AmountKind
from gouji_postprocess.rule import RuleSource


class Nothing(StrEnum):
    """What a place without a figure means; books differ, so it is settled for each document."""

    ZERO = "zero"
    ZERO_IF_CLOSED = "zero_if_closed"  # zero, but only where an equation then closes
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    BELOW_UNIT = "below_unit"  # more than nothing, less than half a unit


@dataclass(frozen=True, slots=True)
class Switch:
    """Turns off the rules that fit: by id (with `*`), by source, by form; for one document or all."""

    rule: str = "*"
    source: RuleSource | None = None
    form: str = "*"  # `2019`, `2019/T3`, `*`
    document: str = "*"  # name of the scan
    because: str = ""

    def fits(self, *, rule: str, source: RuleSource, form: str, document: str) -> bool:
        """Whether this switch is about that rule; ids are compared with and without their table prefix."""
        ids = (rule, rule.partition("/")[2])
        forms = (form, form.partition("/")[0])
        return (
            any(fnmatchcase(name, self.rule) for name in ids)
            and self.source in (None, source)
            and any(fnmatchcase(name, self.form) for name in forms)
            and fnmatchcase(document, self.document)
        )


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """The trace of a rule that was not applied."""

    rule: str
    formula: str
    switch: Switch

    def __str__(self) -> str:
        because = f"：{self.switch.because}" if self.switch.because else ""
        return f"规则 {self.rule}（{self.formula}）按设置停用{because}"


def _default_meanings() -> dict[AmountKind, Nothing]:
    return {
        AmountKind.BLANK: Nothing.ZERO_IF_CLOSED,
        AmountKind.DASH: Nothing.ZERO_IF_CLOSED,
        AmountKind.SLASH: Nothing.ZERO_IF_CLOSED,
        AmountKind.BELOW_UNIT: Nothing.BELOW_UNIT,
        AmountKind.NONE: Nothing.ZERO_IF_CLOSED,
        AmountKind.NOT_APPLICABLE: Nothing.ZERO_IF_CLOSED,
    }


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Settings of one run, or of one document in it."""

    document: str = ""
    switches: tuple[Switch, ...] = ()
    meanings: dict[AmountKind, Nothing] = field(default_factory=_default_meanings)
    infer: bool = True  # look for rules in unknown tables
    printed: bool = True  # take rules from sentences on the page

    def switch_for(self, *, rule: str, source: RuleSource, form: str) -> Switch | None:
        """The first switch that turns this rule off, if any."""
        for switch in self.switches:
            if switch.fits(rule=rule, source=source, form=form, document=self.document):
                return switch
        return None
