"""Checks that are not linear (ratios, percentages, growth, min and max): they verify, they never correct.

A check is exact too: figures are fractions, and a shown ratio may differ from the exact one by half a
unit of its last printed decimal (rounded half up, as the forms ask) plus what the rounding of its
own inputs can move it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.language import Formula, Name, evaluate, names_in
from gouji_postprocess.rule import RuleSource, Verdict

LAST_PLACES = 1  # a ratio one last place off is a rounding difference, more is not


@dataclass(frozen=True, slots=True)
class Check:
    """`left relation right` over cells, where names in the formula are cell names such as `p3t0r12c4`."""

    id: str
    formula: Formula
    source: RuleSource
    words: str  # for people
    why: str = ""

    @property
    def cells(self) -> tuple[CellRef, ...]:
        """The cells the check reads, in reading order."""
        return tuple(dict.fromkeys(CellRef.parse(name) for name in names_in(self.formula)))

    def assess(self, values: Mapping[CellRef, Amount | None]) -> tuple[Verdict, Fraction | None, str]:
        """Verdict, left minus right (None where it cannot be computed), and one Chinese sentence."""
        known: dict[str, Fraction] = {}
        for ref in self.cells:
            amount = values.get(ref)
            if amount is None or amount.kind is not AmountKind.FIGURE:
                return Verdict.NOT_ASSESSABLE, None, f"{ref} 不是数字，无法核对"
            known[str(ref)] = Fraction(amount.value, 10**amount.decimals)
        try:
            left, right = evaluate(self.formula.left, known), evaluate(self.formula.right, known)
        except ZeroDivisionError:
            return Verdict.NOT_ASSESSABLE, None, "基数为零，比率无从计算"
        verdict, reason = self._judge(left - right, values)
        return verdict, left - right, reason

    def _judge(self, gap: Fraction, values: Mapping[CellRef, Amount | None]) -> tuple[Verdict, str]:
        unit = self._unit(values)
        shown = self.formula.relation == "~"
        allowed = (
            unit * LAST_PLACES + unit / 2
            if shown
            else unit * len(self.cells) / 2
            if unit < 1
            else Fraction(0)
        )
        if gap == 0 or (gap < 0 and self.formula.relation == "<="):
            return Verdict.HOLDS, "成立"
        if shown and abs(gap) <= unit / 2:
            return Verdict.HOLDS, "按印出的小数位四舍五入后相等"
        if abs(gap) <= allowed:
            return Verdict.ROUNDING, f"相差 {_plain(gap)}，在四舍五入范围内"
        if self.formula.relation == "<=":
            return Verdict.SOURCE_INCONSISTENT, f"左边比右边多 {_plain(gap)}"
        return Verdict.SOURCE_INCONSISTENT, f"相差 {_plain(gap)}，超出四舍五入范围"

    def _unit(self, values: Mapping[CellRef, Amount | None]) -> Fraction:
        """One unit of the last printed decimal: of the shown side for `~`, else of the finest figure."""
        side = self.formula.left
        if self.formula.relation == "~" and isinstance(side, Name):
            amount = values.get(CellRef.parse(side.key))
            return Fraction(1, 10 ** (amount.decimals if amount else 0))
        decimals = [amount.decimals for ref in self.cells if (amount := values.get(ref)) is not None]
        return Fraction(1, 10 ** max(decimals, default=0))


def _plain(gap: Fraction) -> str:
    if gap.denominator == 1:
        return str(abs(gap.numerator))
    return f"{float(abs(gap)):.4f}".rstrip("0").rstrip(".")
