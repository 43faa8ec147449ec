"""Rules as `document.json` has them: those of reconciling, checks, and what the prose says."""

from __future__ import annotations

from collections.abc import Mapping

from gouji.document import RuleRecord
from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount
from gouji_postprocess.check import Check
from gouji_postprocess.decision import RuleVerdict
from gouji_postprocess.narrative import NarrativeFinding
from gouji_postprocess.rule import RuleSource


def of_verdict(verdict: RuleVerdict) -> RuleRecord:
    """A rule that figures were reconciled with, and whether it holds."""
    rule = verdict.rule
    return RuleRecord(
        id=rule.id,
        formula=rule.formula,
        source=rule.source,
        verdict=verdict.verdict,
        cells=tuple(map(str, rule.cells)),
        coefficients=tuple(term.coefficient for term in rule.terms),
        relation=rule.relation.value,
        slack=rule.slack,
        scale=rule.scale,
        residual_before=verdict.residual_before,
        residual_after=verdict.residual_after,
        reason=verdict.reason,
    )


def of_check(check: Check, values: Mapping[CellRef, Amount | None]) -> RuleRecord:
    """A check that never corrects, of the decided values."""
    verdict, _, reason = check.assess(values)
    return RuleRecord(
        id=check.id,
        formula=check.words,
        source=check.source,
        verdict=verdict,
        cells=tuple(map(str, check.cells)),
        relation=None,
        reason=reason,
    )


def of_narrative(at: int, finding: NarrativeFinding) -> RuleRecord:
    """What a sentence of the prose says of a figure; `at` numbers the findings of a document."""
    return RuleRecord(
        id=f"narrative/{at}",
        formula=f"{finding.name} = {finding.claimed}{finding.unit}（正文：{finding.sentence}）",
        source=RuleSource.NARRATIVE,
        verdict=finding.verdict,
        cells=tuple(map(str, finding.cells)),
        relation=None,
        reason=finding.reason,
    )
