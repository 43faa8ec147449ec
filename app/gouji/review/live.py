"""Rules through a cell as formulas with live values: what is true, what fails, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gouji.document import CellRecord, Document, RuleRecord, TableRecord
from gouji.headings import TableHeadings, headings_by_table
from gouji.review.settling import whole
from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind, format_amount, parse_amount
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State
from gouji_postprocess.explain import in_units


@dataclass(frozen=True, slots=True)
class LiveTerm:
    """One figure of a formula."""

    ref: str
    sign: str  # "+" or "−"; empty for the first of its side
    factor: int  # without its sign
    label: str
    full_label: str
    text: str
    is_self: bool
    doubtful: bool


@dataclass(frozen=True, slots=True)
class LiveRule:
    """One rule with the values as they would be; `holds` is None where it cannot be computed."""

    id: str
    formula: str
    source: str
    relation: str
    left: tuple[LiveTerm, ...]
    right: tuple[LiveTerm, ...]
    zeros: int  # further terms that are zero and left out
    holds: bool | None
    difference: str  # left minus right, as printed
    wants: str  # what this rule alone would have the cell say; empty where it holds or nothing fits
    slack: int
    reason: str


@dataclass(frozen=True, eq=False)
class Cells:
    """All cells of a document by name, with the headings of their tables."""

    cells: Mapping[str, CellRecord]
    headings: Mapping[tuple[int, int], TableHeadings]

    @classmethod
    def of(cls, document: Document) -> Cells:
        """Look up a document once."""
        return cls(
            {cell.ref: cell for table in document.tables for cell in table.cells},
            headings_by_table(document),
        )

    def headings_of(self, ref: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Row and column headings of a cell."""
        name = CellRef.parse(ref)
        found = self.headings[name.page, name.table].of(self.cells[ref])
        return found.row, found.col


def rules_through(document: Document, table: TableRecord, ref: str) -> list[RuleRecord]:
    """The rules that bind a cell: of its table, then of the document."""
    return [rule for rule in (*table.rules, *document.rules) if ref in rule.cells]


def live_rules(document: Document, table: TableRecord, ref: str, text: str) -> list[LiveRule]:
    """Every rule through a cell, with `text` standing in it; those that fail come first."""
    around = Cells.of(document)
    found = [live_rule(rule, around, ref, text) for rule in rules_through(document, table, ref)]
    return sorted(found, key=lambda rule: {False: 0, None: 1, True: 2}[rule.holds])


def live_rule(rule: RuleRecord, around: Cells, ref: str = "", text: str = "") -> LiveRule:
    """One rule with its values; `ref` takes `text` instead of its own."""
    terms = list(zip(rule.coefficients, rule.cells, strict=False))
    texts = {
        name: text if name == ref else around.cells[name].text for _, name in terms if name in around.cells
    }
    values = {
        name: None if _without_figure(around, name, ref) else whole(shown, rule.scale)
        for name, shown in texts.items()
    }
    computable = rule.relation is not None and bool(terms) and len(values) == len({n for _, n in terms})
    total: int | None = None
    if computable and None not in values.values():
        total = sum(factor * (values[name] or 0) for factor, name in terms)
    holds = None
    if total is not None:
        holds = total <= rule.slack if rule.relation == "<=" else abs(total) <= rule.slack
    labels = _labels([name for _, name in terms if name in around.cells], around)
    # "whole <= part" reads the other way round: the positive side is the one that must not be larger.
    sides: tuple[list[LiveTerm], list[LiveTerm]] = ([], [])
    zeros = 0
    for factor, name in terms:
        if name not in texts:
            continue
        cell = around.cells[name]
        if values[name] == 0 and name != ref and cell.state is not State.DOUBTFUL and len(terms) > 8:
            zeros += 1
            continue
        side = sides[0] if factor > 0 else sides[1]
        sign = "+" if side else ""
        short, full = labels[name]
        side.append(
            LiveTerm(
                name,
                sign,
                abs(factor),
                short,
                full,
                texts[name],
                name == ref,
                cell.state is State.DOUBTFUL,
            )
        )
    return LiveRule(
        id=rule.id,
        formula=rule.formula,
        source=rule.source.value,
        relation={"=": "=", "<=": "≤"}.get(rule.relation or "", ""),
        left=tuple(sides[0]),
        right=tuple(sides[1]),
        zeros=zeros,
        holds=holds,
        difference="" if total is None or holds else _signed(total, rule.scale),
        wants="" if holds is not False else _wanted(rule, values, around, ref, text),
        slack=rule.slack,
        reason=rule.reason,
    )


def _without_figure(around: Cells, name: str, ref: str) -> bool:
    return name != ref and around.cells[name].kind is ReadingKind.UNREADABLE


def _wanted(rule: RuleRecord, values: Mapping[str, int | None], around: Cells, ref: str, text: str) -> str:
    factor = sum(f for f, name in zip(rule.coefficients, rule.cells, strict=True) if name == ref)
    others = [(f, values[name]) for f, name in zip(rule.coefficients, rule.cells, strict=True) if name != ref]
    if rule.relation != "=" or factor == 0 or any(value is None for _, value in others):
        return ""
    rest = sum(f * (value or 0) for f, value in others)
    if rest % factor:
        return ""
    return in_style_of(-rest // factor, rule.scale, text or around.cells[ref].text)


def in_style_of(value: int, scale: int, text: str) -> str:
    """A whole number of this scale, printed the way `text` is."""
    model = parse_amount(text)
    if model is None or model.kind is not AmountKind.FIGURE:
        model = Amount()
    factor: int = 10 ** max(scale - model.decimals, 0)
    if value % factor:
        return format_amount(replace(Amount(), decimals=scale).with_value(value))
    return format_amount(model.with_value(value // factor))


def _signed(value: int, scale: int) -> str:
    return ("+" if value > 0 else "") + in_units(value, scale)


def _labels(names: Iterable[str], around: Cells) -> dict[str, tuple[str, str]]:
    """A short and a full label for each term: what tells it apart from the other terms."""
    names = list(names)
    places = {name: CellRef.parse(name) for name in names}
    one_table = len({(place.page, place.table) for place in places.values()}) == 1
    one_row = one_table and len({place.row for place in places.values()}) == 1
    one_col = one_table and len({place.col for place in places.values()}) == 1
    labels = {}
    for name in names:
        row, col = around.headings_of(name)
        tail_row, tail_col = row[-1] if row else "", col[-1] if col else ""
        if one_row:
            short = tail_col or tail_row
        elif one_col:
            short = tail_row or tail_col
        else:
            short = "·".join(part for part in (tail_row, tail_col) if part)
        full = " / ".join((*row, *col)) or name
        labels[name] = (short or name, full)
    return labels
