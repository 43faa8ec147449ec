"""All rules of one table, in the order of trust of their sources, with a trace of what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import Reading
from gouji_postprocess.blanks import NotApplied, apply_meanings
from gouji_postprocess.check import Check
from gouji_postprocess.exact_sums import without_needless_slack
from gouji_postprocess.inferred import infer_rules
from gouji_postprocess.inferred_ratios import ratio_checks
from gouji_postprocess.labels import fold_label
from gouji_postprocess.matching import FormMatch, is_whole
from gouji_postprocess.printed import Unread
from gouji_postprocess.printed_binding import printed_rules
from gouji_postprocess.rule import Relation, Rule, RuleSource
from gouji_postprocess.rule_binding import form_rules
from gouji_postprocess.rule_settings import RuleSettings, SwitchedOff
from gouji_postprocess.seen_grid import SeenGrid
from gouji_postprocess.stated_units import in_yuan

_Switched = TypeVar("_Switched", Rule, Check)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What must hold in one table: linear rules, checks that only verify, and what is not applied."""

    rules: tuple[Rule, ...]
    checks: tuple[Check, ...] = ()
    switched_off: tuple[SwitchedOff, ...] = ()
    unbound: tuple[str, ...] = ()  # rules of the form whose cells are not all on the page
    not_applied: tuple[NotApplied, ...] = ()  # places of it hold no figure
    unread: tuple[Unread, ...] = ()  # printed sentences that look like rules and were not understood


def rules_for(
    table: Table,
    readings: Sequence[Reading],
    match: FormMatch | None,
    *,
    settings: RuleSettings | None = None,
    page_text: Sequence[str] = (),
) -> list[Rule]:
    """The linear rules of a table; see `gather` for checks and traces."""
    return list(gather(table, readings, match, settings=settings, page_text=page_text).rules)


def gather(
    table: Table,
    readings: Sequence[Reading],
    match: FormMatch | None,
    *,
    settings: RuleSettings | None = None,
    page_text: Sequence[str] = (),
) -> Gathered:
    """Rules from the form, from sentences on the page, and, for unknown tables, inferred ones."""
    chosen = settings or RuleSettings()
    grid = SeenGrid.of(table, readings)
    prefix = f"p{table.page}t{table.index}"
    yuan = in_yuan([*page_text, *grid.texts.values()])
    rules: list[Rule] = []
    checks: list[Check] = []
    unbound: list[str] = []
    unread: tuple[Unread, ...] = ()
    if match is not None:
        rules, checks, unbound = form_rules(
            match.form, match.cells, prefix=prefix, decimals=decimals_of(readings)
        )
    if chosen.printed:
        printed = printed_rules(_named(grid, match), page_text, prefix=prefix)
        rules += printed.rules
        unread = tuple(note for note in printed.unread if not _is_of_form(note, match))
    if chosen.infer and (match is None or match.form.open_rows or (unbound and is_whole(match))):
        # Beside a form only rows it does not know need inferred rules, and those its own rules do not reach.
        told = {cell for rule in rules if rule.source is RuleSource.FORM for cell in rule.cells}
        inferred = infer_rules(grid, prefix=prefix, yuan=yuan)
        rules += [rule for rule in inferred if not told.issuperset(rule.cells)]
        checks += ratio_checks(grid, prefix=prefix)
    amounts = {reading.ref: parse_amount(reading.text) for reading in readings}
    mine = without_needless_slack(_first_of_each(rules), amounts, yuan=yuan)
    kept, left_out = apply_meanings(mine, amounts, chosen)
    form = match.id if match is not None else ""
    on, off = apply_switches(kept, chosen, form=form)
    checked, unchecked = apply_switches(checks, chosen, form=form)
    return Gathered(on, checked, (*off, *unchecked), tuple(unbound), tuple(left_out), unread)


def _named(grid: SeenGrid, match: FormMatch | None) -> SeenGrid:
    """The table with the labels of its form, which sentences name lines by, and no words in figure cells."""
    if match is None:
        return grid
    misread = {ref: "" for ref in match.cells.values() if parse_amount(grid.texts.get(ref, "")) is None}
    return grid.with_texts({**misread, **match.known})


def _is_of_form(note: Unread, match: FormMatch | None) -> bool:
    """Whether the form prints this sentence in every copy; its rules say the same, over parts as well."""
    if match is None:
        return False
    own = [*match.form.notes, *(block.corner for block in match.form.blocks)]
    return any(fold_label(note.sentence) in fold_label(text) for text in own)


def _first_of_each(rules: Sequence[Rule]) -> list[Rule]:
    """Rules in order of trust, without those that say the same as an earlier one."""
    kept: dict[object, Rule] = {}
    for rule in rules:
        terms = frozenset((term.coefficient, term.cell) for term in rule.terms)
        turned = frozenset((-term.coefficient, term.cell) for term in rule.terms)
        same = {terms, turned} if rule.relation is Relation.EQUAL else {terms}
        kept.setdefault((rule.relation, frozenset(same)), rule)
    return _named_apart(kept.values())


def _named_apart(rules: Iterable[Rule]) -> list[Rule]:
    """The rules, each with an id of its own: blocks beside or below each other number their lines alike."""
    times: Counter[str] = Counter()
    found = []
    for rule in rules:
        times[rule.id] += 1
        number = times[rule.id]
        found.append(rule if number == 1 else replace(rule, id=f"{rule.id}/{number}"))
    return found


def decimals_of(readings: Sequence[Reading]) -> dict[CellRef, int]:
    """Printed decimals of every figure: the most that any likely candidate shows."""
    found: dict[CellRef, int] = {}
    for reading in readings:
        amounts = [parse_amount(candidate.text) for candidate in reading.candidates[:3]]
        found[reading.ref] = max((amount.decimals for amount in amounts if amount is not None), default=0)
    return found


def apply_switches(
    rules: Sequence[_Switched], settings: RuleSettings, *, form: str = ""
) -> tuple[tuple[_Switched, ...], tuple[SwitchedOff, ...]]:
    """The rules or checks that stay on, and a trace of each that is off."""
    kept: list[_Switched] = []
    off: list[SwitchedOff] = []
    for rule in rules:
        switch = settings.switch_for(rule=rule.id, source=rule.source, form=form)
        if switch is None:
            kept.append(rule)
        else:
            words = rule.formula if isinstance(rule, Rule) else rule.words
            off.append(SwitchedOff(rule.id, words, switch))
    return tuple(kept), tuple(off)
