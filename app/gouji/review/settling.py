"""How much one answer would settle: the doubtful figures that the rules then decide by themselves.

An estimate for ordering the queue, cheap enough to be made for every doubtful figure of a document
after every answer. What really is settled is said by deciding the document again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from gouji.document import CellRecord, Document, RuleRecord
from gouji_ocr.amounts import AmountKind, parse_amount
from gouji_postprocess.decision import State
from gouji_postprocess.rule import Verdict


@dataclass(frozen=True, slots=True)
class _Equation:
    """`sum(coefficient * figure) = 0` within slack, over whole numbers of one scale."""

    terms: tuple[tuple[int, str], ...]
    scale: int
    slack: int


def whole(text: str, scale: int) -> int | None:
    """A printed text as a whole number scaled by 10 to this power; None where it is no figure.

    Blanks, dashes and the like count as zero, as they do in printed statements.
    """
    amount = parse_amount(text)
    if amount is None or amount.decimals > scale:
        return None
    return amount.at_scale(scale) if amount.kind is AmountKind.FIGURE else 0


def expected_settled(document: Document) -> dict[str, float]:
    """For each doubtful figure, how many others its answer is expected to settle.

    Each candidate of the figure is tried as the answer and weighs with its probability.
    """
    cells = {cell.ref: cell for table in document.tables for cell in table.cells}
    doubtful = {ref for ref, cell in cells.items() if cell.state is State.DOUBTFUL}
    if not doubtful:
        return {}
    equations = _equations(document, cells, doubtful)
    gains = {}
    for ref in doubtful:
        candidates = cells[ref].candidates[:4]
        total = sum(candidate.probability for candidate in candidates)
        gains[ref] = (
            sum(
                candidate.probability * len(settled_by(ref, candidate.text, cells, equations))
                for candidate in candidates
            )
            / total
            if total
            else 0.0
        )
    return gains


def settled_by(
    ref: str, text: str, cells: Mapping[str, CellRecord], equations: Mapping[str, list[_Equation]]
) -> dict[str, str]:
    """The other doubtful figures that follow when `ref` is answered with `text`, with their texts."""
    known = {ref: text}
    touched = [ref]
    while touched:
        for equation in equations.get(touched.pop(), ()):
            for other, follows in _implied(equation, known, cells, equations).items():
                if other not in known:
                    known[other] = follows
                    touched.append(other)
    del known[ref]
    return known


def _implied(
    equation: _Equation,
    known: Mapping[str, str],
    cells: Mapping[str, CellRecord],
    equations: Mapping[str, list[_Equation]],
) -> dict[str, str]:
    open_terms = [
        (factor, ref)
        for factor, ref in equation.terms
        if ref not in known and cells[ref].state is State.DOUBTFUL
    ]
    if not open_terms:
        return {}
    if len(open_terms) == 1:
        factor, ref = open_terms[0]
        for candidate in cells[ref].candidates:
            value = whole(candidate.text, equation.scale)
            rest = _residual(equation, {**known, ref: candidate.text}, cells)
            if value is not None and rest is not None and abs(rest) <= equation.slack:
                return {ref: candidate.text}
        return {}
    # Several are open, but as they were read everything through them holds now.
    return {
        ref: cells[ref].text
        for _, ref in open_terms
        if all(
            (rest := _residual(other, known, cells)) is not None and abs(rest) <= other.slack
            for other in equations[ref]
        )
    }


def _residual(equation: _Equation, known: Mapping[str, str], cells: Mapping[str, CellRecord]) -> int | None:
    total = 0
    for factor, ref in equation.terms:
        value = whole(known.get(ref, cells[ref].text), equation.scale)
        if value is None:
            return None
        total += factor * value
    return total


def _equations(
    document: Document, cells: Mapping[str, CellRecord], doubtful: set[str]
) -> dict[str, list[_Equation]]:
    by_cell: dict[str, list[_Equation]] = defaultdict(list)
    for rule in (*document.rules, *(rule for table in document.tables for rule in table.rules)):
        if _usable(rule, cells) and not doubtful.isdisjoint(rule.cells):
            terms = tuple(zip(rule.coefficients, rule.cells, strict=True))
            equation = _Equation(terms, rule.scale, rule.slack)
            for ref in set(rule.cells):
                by_cell[ref].append(equation)
    return by_cell


def _usable(rule: RuleRecord, cells: Mapping[str, CellRecord]) -> bool:
    return (
        rule.relation == "="
        and rule.verdict is not Verdict.NOT_ASSESSABLE
        and len(rule.coefficients) == len(rule.cells)
        and all(ref in cells for ref in rule.cells)
    )
