"""A verdict on every rule, once all figures are decided; rules that only check get theirs here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import AmountKind, parse_amount
from gouji_postprocess import explain
from gouji_postprocess.decision import Decision, RuleVerdict, State
from gouji_postprocess.figures import Figure
from gouji_postprocess.problem import Problem, Void, binds, takes_part
from gouji_postprocess.rule import Relation, Rule, Verdict
from gouji_postprocess.solving import Solved

_LAW = (
    5.0  # nats that it costs to believe that a rule does not apply, from which on one that only warns is held
)


def verdict_of(
    rule: Rule,
    figures: Mapping[CellRef, Figure],
    decisions: Mapping[CellRef, Decision],
    *,
    void: bool,
    scale: int,
) -> RuleVerdict:
    """Judge one rule by the decided texts.

    Residuals are in last-place units of the rule's own scale; one that is not whole there is rounded
    away from zero, so that a rule that fails never looks as if it held.
    """
    if void or any(cell not in figures for cell in rule.cells):
        kind = "void" if void else "not_assessable"
        return RuleVerdict(rule, Verdict.NOT_ASSESSABLE, None, None, explain.why_rule(kind, None))
    with_unread = any(not figures[cell].known for cell in rule.cells)
    if with_unread or (binds(rule) and not takes_part(rule, figures)):
        kind = "holds_without" if takes_part(rule, figures) else "not_assessable"
        return RuleVerdict(rule, Verdict.NOT_ASSESSABLE, None, None, explain.why_rule(kind, None))
    before = _residual(rule, {cell: figures[cell].value for cell in rule.cells}, scale)
    after = _residual(
        rule, {cell: _value(decisions[cell], figures[cell], scale) for cell in rule.cells}, scale
    )
    slack = rule.slack
    changed = any(decisions[cell].state is State.CORRECTED for cell in rule.cells)
    doubtful = any(decisions[cell].state is State.DOUBTFUL for cell in rule.cells)
    if _within(rule, after, slack):
        if doubtful and not _within(rule, before, slack):
            verdict = Verdict.AMBIGUOUS
        elif changed and not _within(rule, before, slack):
            verdict = Verdict.REPAIRED
        elif after and rule.relation is Relation.EQUAL:
            verdict = Verdict.ROUNDING
        else:
            verdict = Verdict.HOLDS
    elif _unstated(rule, decisions):
        verdict = Verdict.NOT_ASSESSABLE
    elif doubtful:
        verdict = Verdict.AMBIGUOUS
    elif not rule.may_correct and rule.void_cost < _LAW:
        # A habit of such tables, not a law: that it does not hold here says nothing of the paper.
        reason = explain.why_rule("soft", explain.in_units(after, rule.scale))
        return RuleVerdict(rule, Verdict.NOT_ASSESSABLE, before, after, reason)
    else:
        verdict = Verdict.SOURCE_INCONSISTENT
    of_reading = verdict in (Verdict.REPAIRED, Verdict.AMBIGUOUS) and not _within(rule, before, slack)
    said = explain.in_units(before if of_reading else after, rule.scale)
    return RuleVerdict(rule, verdict, before, after, explain.why_rule(verdict.value, said))


def verdicts(
    rules: Sequence[Rule],
    figures: Mapping[CellRef, Figure],
    decisions: Mapping[CellRef, Decision],
    problem: Problem,
    solved: Solved,
) -> tuple[RuleVerdict, ...]:
    """One verdict per rule, in the order of the rules."""
    void = problem.voided(solved.changes) - _held_against(problem, solved, decisions)
    return tuple(
        verdict_of(rule, figures, decisions, void=rule.id in void and binds(rule), scale=problem.scale)
        for rule in rules
    )


def _held_against(problem: Problem, solved: Solved, decisions: Mapping[CellRef, Decision]) -> set[str]:
    """Ids of rules that seem not to apply, but for which a figure is blamed or asked about all the same."""
    cell_of = {v: ref for ref, v in problem.index.items()}
    found: set[str] = set()
    for members in solved.rivals.sets:
        changed = [decisions[cell_of[v]] for v, _ in members if v in cell_of]
        if any(decision.source_suspect or decision.state is State.DOUBTFUL for decision in changed):
            subjects = (problem.variables[v] for v, _ in members)
            found.update(subject.rule for subject in subjects if isinstance(subject, Void))
    return found


def _value(decision: Decision, figure: Figure, scale: int) -> int:
    amount = parse_amount(decision.text)
    if amount is None or amount.decimals > scale:
        return figure.value
    return amount.at_scale(scale)


def _residual(rule: Rule, values: Mapping[CellRef, int], scale: int) -> int:
    total = sum(term.coefficient * values[term.cell] for term in rule.terms)
    unit: int = 10 ** (scale - rule.scale)
    return -(-total // unit) if total > 0 else total // unit


def _within(rule: Rule, residual: int, slack: int) -> bool:
    return residual <= slack if rule.relation is Relation.AT_MOST else abs(residual) <= slack


def _unstated(rule: Rule, decisions: Mapping[CellRef, Decision]) -> bool:
    """Whether a blank that does not mean zero is the reason: then nothing was claimed that could be false."""
    for cell in rule.cells:
        decision = decisions[cell]
        amount = parse_amount(decision.text)
        if amount is not None and amount.kind is AmountKind.BLANK and decision.suggestions:
            return decision.state is State.ACCEPTED
    return False
