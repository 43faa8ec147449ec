"""Rules inferred from headings and numbers against the rules of the form, with every pack withheld."""

from __future__ import annotations

import random
from collections import Counter

from tests.form_pages import sample_values, table_from

from gouji_layout.geometry import CellRef
from gouji_postprocess.form import Packs
from gouji_postprocess.form_layout import Grid, lay_out
from gouji_postprocess.inferred import infer_rules
from gouji_postprocess.matching import match_form
from gouji_postprocess.printed_binding import printed_rules
from gouji_postprocess.rule import Relation, Rule
from gouji_postprocess.rules_for import gather
from gouji_postprocess.seen_grid import SeenGrid


def inferred(packs: Packs, seed: int, pages: int, *, misread: float = 0.0) -> dict[str, object]:
    """Rules inferred with every pack withheld, against the packs' own hard rules.

    An inferred rule is right when it is one of the pack's, or follows from one: a part is at most a
    total that the pack says is the sum of it and others. `may_correct` counts the rules that would be
    allowed to correct figures. With `misread` that share of the figures is replaced by other ones.
    """
    forms: dict[str, object] = {}
    total: Counter[str] = Counter()
    for form in packs.tables:
        count: Counter[str] = Counter()
        for page in range(pages):
            draw = random.Random(f"{seed}/inferred/{form.id}/{page}")
            values = sample_values(form, draw, share=draw.choice([0.2, 0.5, 0.9]))
            seen = {k: draw.randint(0, 9999) if draw.random() < misread else v for k, v in values.items()}
            count.update(_inferred_on(lay_out(form, {key: str(value) for key, value in seen.items()}), packs))
        total.update(count)
        if count["own"]:
            forms[form.id] = _shares(count)
    return {"forms": forms, "all": _shares(total)}


def _inferred_on(grid: Grid, packs: Packs) -> Counter[str]:
    table, readings = table_from(grid)
    match = match_form(table, readings, packs)
    assert match is not None
    bound = gather(table, readings, match).rules
    own = {rule_key(rule): rule for rule in bound if rule.void_cost == float("inf")}
    sums = [rule for rule in own.values() if rule.relation is Relation.EQUAL]
    seen = SeenGrid.of(table, readings)
    alone = {rule_key(rule): rule for rule in infer_rules(seen, prefix="b")}
    stated = {rule_key(rule): rule for rule in printed_rules(seen, prefix="b").rules}
    right = [key for key, rule in alone.items() if key in own or _follows(rule, sums)]
    return Counter(
        own=len(own),
        inferred=len(alone),
        right=len(right),
        found=len(own.keys() & alone.keys()),
        found_with_printed=len(own.keys() & (alone.keys() | stated.keys())),
        may_correct=sum(rule.may_correct for rule in alone.values()),
        may_correct_right=sum(alone[key].may_correct for key in right),
    )


def _follows(rule: Rule, sums: list[Rule]) -> bool:
    """Whether `part <= total` follows from a sum of figures that are not negative."""
    if rule.relation is not Relation.AT_MOST or len(rule.terms) != 2:
        return False
    part = next(term.cell for term in rule.terms if term.coefficient > 0)
    whole = next(term.cell for term in rule.terms if term.coefficient < 0)
    for total in sums:
        sign = {term.cell: term.coefficient for term in total.terms}
        if sign.get(part, 0) * sign.get(whole, 0) < 0 and sum(s == sign[whole] for s in sign.values()) == 1:
            return True
    return False


def _shares(count: Counter[str]) -> dict[str, object]:
    return {
        **count,
        "precision": round(count["right"] / count["inferred"], 4) if count["inferred"] else None,
        "recall": round(count["found"] / count["own"], 4),
        "recall_with_printed": round(count["found_with_printed"] / count["own"], 4),
    }


def rule_key(rule: Rule) -> object:
    """A rule as a value, see `sides`."""
    return sides(rule.relation.value, [(term.coefficient, term.cell) for term in rule.terms])


def sides(relation: str, terms: list[tuple[int, CellRef]]) -> object:
    """A rule as a value: an equality is the same with both sides exchanged."""
    plus = frozenset(terms)
    minus = frozenset((-factor, ref) for factor, ref in terms)
    return (relation, frozenset({plus, minus}) if relation == "=" else plus)
