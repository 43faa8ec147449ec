"""How much one answer would settle: the doubtful figures of which the rules then leave one candidate.

An estimate for ordering the queue, cheap enough to be made for every doubtful figure of a document
after every answer: candidates that no combination of the other candidates supports are struck out,
equation by equation, until nothing changes. What really is settled is said by deciding again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gouji.document import CellRecord, Document, RuleRecord
from gouji_ocr.amounts import AmountKind, parse_amount
from gouji_postprocess.decision import State
from gouji_postprocess.rule import Verdict

_CANDIDATES = 4  # of each figure that are tried
_MOST_SUMS = 4000  # reachable sums of one equation; beyond that it strikes nothing out

Domains = Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Equation:
    """`constant + sum(factor * figure) = 0` within slack, over the doubtful figures only."""

    terms: tuple[tuple[int, str], ...]
    constant: int
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
    rules = [*document.rules, *(rule for table in document.tables for rule in table.rules)]
    usable = [rule for rule in rules if _usable(rule, cells) and not doubtful.isdisjoint(rule.cells)]
    scale = max((rule.scale for rule in usable), default=0)
    domains = {ref: _values(cells[ref], scale) for ref in doubtful}
    equations = _equations(usable, cells, domains, scale)
    start = _struck_out(domains, equations, doubtful)
    return {ref: _gain(cells[ref], ref, start, equations, scale) for ref in doubtful}


def _gain(
    cell: CellRecord,
    ref: str,
    start: Domains,
    equations: Mapping[str, list[_Equation]],
    scale: int,
) -> float:
    gain = total = 0.0
    for candidate in cell.candidates[:_CANDIDATES]:
        value = whole(candidate.text, scale)
        if value is None or value not in start[ref]:
            continue
        after = _struck_out({**start, ref: frozenset((value,))}, equations, (ref,))
        settled = sum(len(after[other]) == 1 < len(start[other]) for other in start if other != ref)
        gain += candidate.probability * settled
        total += candidate.probability
    return gain / total if total else 0.0


def _struck_out(
    domains: Domains, equations: Mapping[str, list[_Equation]], touched: Iterable[str]
) -> dict[str, frozenset[int]]:
    left = dict(domains)
    waiting = list(touched)
    while waiting:
        for equation in equations.get(waiting.pop(), ()):
            for ref, supported in _supported(equation, left).items():
                if supported != left[ref]:
                    left[ref] = supported
                    waiting.append(ref)
    return left


def _supported(equation: _Equation, domains: Domains) -> dict[str, frozenset[int]]:
    """The values of each term that some values of the other terms complete to an equation that holds.

    Nothing is struck out where no combination fits: then a text is missing from the candidates.
    """
    before: list[set[int]] = [{equation.constant}]
    for factor, ref in equation.terms:
        before.append({s + factor * v for s in before[-1] for v in domains[ref]})
        if len(before[-1]) > _MOST_SUMS:
            return {}
    slack = range(-equation.slack, equation.slack + 1)
    after = set(slack)  # what may still be missing to the right of a term, negated as it is added up
    kept: dict[str, frozenset[int]] = {}
    for at in range(len(equation.terms) - 1, -1, -1):
        factor, ref = equation.terms[at]
        kept[ref] = frozenset(v for v in domains[ref] if any(s + factor * v in after for s in before[at]))
        if not kept[ref]:
            return {}
        after = {s - factor * v for s in after for v in domains[ref]}
        if len(after) > _MOST_SUMS:
            return {}
    return kept


def _values(cell: CellRecord, scale: int) -> frozenset[int]:
    texts = [candidate.text for candidate in cell.candidates[:_CANDIDATES]] or [cell.text]
    return frozenset(value for text in texts if (value := whole(text, scale)) is not None)


def _equations(
    rules: Iterable[RuleRecord], cells: Mapping[str, CellRecord], domains: Domains, scale: int
) -> dict[str, list[_Equation]]:
    by_cell: dict[str, list[_Equation]] = defaultdict(list)
    for rule in rules:
        constant, terms = 0, []
        computable = True
        for factor, ref in zip(rule.coefficients, rule.cells, strict=True):
            value = None if ref in domains else whole(cells[ref].text, scale)
            if domains.get(ref):
                terms.append((factor, ref))
            elif value is None:
                computable = False
            else:
                constant += factor * value
        if computable:
            slack: int = rule.slack * 10 ** (scale - rule.scale)
            for _, ref in terms:
                by_cell[ref].append(_Equation(tuple(terms), constant, slack))
    return by_cell


def _usable(rule: RuleRecord, cells: Mapping[str, CellRecord]) -> bool:
    return (
        rule.relation == "="
        and rule.verdict is not Verdict.NOT_ASSESSABLE
        and len(rule.coefficients) == len(rule.cells) == len(set(rule.cells))
        and all(ref in cells for ref in rule.cells)
        and rule.slack < _MOST_SUMS
    )
