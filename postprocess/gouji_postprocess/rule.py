"""Totals rules (勾稽关系) over cells: exact, explainable, and with the place they came from.

A linear rule states `sum(coefficient * figure) <relation> 0`; `12 = 7 + 5` is
`+1 total, -1 part, -1 part, EQUAL`. Figures are integers scaled by the decimals of their table,
so no rule ever sees a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gouji_layout.geometry import CellRef


class RuleSource(StrEnum):
    """Where a rule comes from, in falling order of trust."""

    FORM = "form"
    PRINTED = "printed"
    HEADINGS = "headings"
    NUMBERS = "numbers"
    NARRATIVE = "narrative"
    TABLES = "tables"
    YEARS = "years"


class Relation(StrEnum):
    """How the two sides of a rule relate."""

    EQUAL = "="
    AT_MOST = "<="


class Verdict(StrEnum):
    """What became of a rule."""

    HOLDS = "holds"
    REPAIRED = "repaired"
    AMBIGUOUS = "ambiguous"
    SOURCE_INCONSISTENT = "source_inconsistent"
    ROUNDING = "rounding"
    NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True, slots=True)
class Term:
    """One figure of a rule with its factor."""

    coefficient: int
    cell: CellRef


@dataclass(frozen=True, slots=True)
class Rule:
    """`sum(coefficient * figure) relation 0`, within `slack` last-place units of the scaled integers.

    `void_cost` is what it costs, in nats, to believe that the rule itself does not apply here:
    infinite for hard rules, small for rules guessed from numbers. `may_correct` is False for
    rules that may only confirm or warn.
    """

    id: str
    terms: tuple[Term, ...]
    source: RuleSource
    formula: str  # for people, e.g. "总计 = 自然人 + 商业企业 + …"
    relation: Relation = Relation.EQUAL
    slack: int = 0
    void_cost: float = float("inf")
    may_correct: bool = True
    scale: int = 0  # decimals the figures are scaled by before the rule is applied
    why: str = ""  # the sentence the rule comes from, in Chinese: of the form, of the page, or the finding

    @property
    def cells(self) -> tuple[CellRef, ...]:
        """The cells the rule binds, in the order of its terms."""
        return tuple(term.cell for term in self.terms)
