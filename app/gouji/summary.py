"""What a run did, in numbers: for `summary.json`, the last lines on the screen, and the run report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gouji.document import SWITCHED_OFF, Document, RuleRecord
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State
from gouji_postprocess.rule import Verdict

SCHEMA = "gouji/summary/1"

_KINDS = 8  # of files not taken that are named in one line
_TERMS = 4  # of a sum that are shown in full
UNHAPPY = (Verdict.AMBIGUOUS, Verdict.SOURCE_INCONSISTENT, Verdict.REPAIRED)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or page that could not be read, and why."""

    path: str
    page: int | None
    kind: str
    message: str


def short_formula(formula: str) -> str:
    """A formula for one line on a screen: the middle of long sums is left out and counted.

    >>> short_formula("总计 = 甲 + 乙（男）")
    '总计 = 甲 + 乙（男）'
    >>> short_formula("总计 = 甲 + 乙 + 丙 + 丁 + 戊（男）")
    '总计 = 甲 + …（共 5 项）… + 戊（男）'
    """
    sides = []
    for side in formula.split(" = "):
        terms = side.split(" + ")
        middle = f"…（共 {len(terms)} 项）…"
        sides.append(side if len(terms) <= _TERMS else f"{terms[0]} + {middle} + {terms[-1]}")
    return " = ".join(sides)


def kinds_line(passed_over: Mapping[str, int]) -> str:
    """How many files of which kinds were not taken, the most frequent first.

    >>> kinds_line({".doc": 3, "": 1, ".gif": 4})
    '8 (.gif 4, .doc 3, 无后缀 1)'
    """
    kinds = sorted(passed_over.items(), key=lambda kind: (-kind[1], kind[0]))
    named = [f"{suffix or '无后缀'} {count:,}" for suffix, count in kinds[:_KINDS]]
    return f"{sum(passed_over.values()):,} ({', '.join(named)}{', …' if len(kinds) > _KINDS else ''})"


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that does not hold as read."""

    document: str
    rule: str
    formula: str
    verdict: Verdict
    reason: str


@dataclass
class Tally:
    """Counts documents as they are decided; one a run."""

    documents: int = 0
    pages: int = 0
    tables: int = 0
    figures: Counter[State] = field(default_factory=Counter)
    labels: Counter[State] = field(default_factory=Counter)
    rules: Counter[Verdict] = field(default_factory=Counter)
    source_suspects: int = 0
    switched_off: Counter[str] = field(default_factory=Counter)  # rules, by the setting
    broken: list[BrokenRule] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def add(self, document: Document) -> None:
        """Count one decided document."""
        self.documents += 1
        self.pages += len(document.pages)
        self.tables += len(document.tables)
        for table in document.tables:
            for cell in table.cells:
                if cell.kind is ReadingKind.TEXT:
                    self.labels[cell.state] += 1
                self.figures[cell.state] += cell.counts_as_figure
                self.source_suspects += cell.source_suspect
            self._count_rules(document.name, table.rules)
        self._count_rules(document.name, document.rules)
        self.switched_off.update(note.quote for note in document.notes if note.code == SWITCHED_OFF)
        self.failures += [
            Failure(document.source.path, error.page, error.kind, error.message) for error in document.errors
        ]

    def _count_rules(self, name: str, rules: Iterable[RuleRecord]) -> None:
        for rule in rules:
            self.rules[rule.verdict] += 1
            if rule.verdict in UNHAPPY:
                self.broken.append(BrokenRule(name, rule.id, rule.formula, rule.verdict, rule.reason))

    def as_record(self, *, inputs: Sequence[str], settings: object, seconds: float) -> dict[str, object]:
        """The summary as plain JSON values."""
        return {
            "schema": SCHEMA,
            "inputs": list(inputs),
            "settings": settings,
            "documents": self.documents,
            "pages": self.pages,
            "tables": self.tables,
            "figures": {state.value: self.figures[state] for state in State},
            "labels": {state.value: self.labels[state] for state in State},
            "source_suspects": self.source_suspects,
            "rules": {verdict.value: self.rules[verdict] for verdict in Verdict},
            "switched_off": dict(self.switched_off),
            "broken_rules": [
                {
                    "document": b.document,
                    "rule": b.rule,
                    "formula": b.formula,
                    "verdict": b.verdict.value,
                    "reason": b.reason,
                }
                for b in self.broken
            ],
            "failures": [
                {"path": f.path, "page": f.page, "kind": f.kind, "message": f.message} for f in self.failures
            ],
            "seconds": round(seconds, 2),
        }
