"""A published form as gouji knows it: the label grid of each table, the names of its quantities, its rules.

These are the compiled values of a form pack; the YAML they come from is in `packs.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class FigureType(StrEnum):
    """What kind of figure stands in a cell."""

    COUNT = "count"  # whole, not negative
    AMOUNT = "amount"  # money, decimals allowed
    PERCENT = "percent"
    RATIO = "ratio"
    CODE = "code"  # a row number or a classification code: read, never added
    TEXT = "text"


class Each(StrEnum):
    """Over what a rule of a pack is repeated."""

    ROW = "row"  # the names are columns
    COLUMN = "column"  # the names are rows
    ONCE = "once"  # the names are quantities


@dataclass(frozen=True, slots=True)
class Line:
    """One row or column of a form: its key below the block's, and its labels from outside in.

    A label may list several wordings, as `金额|决算数`. `path` holds every label above it in meaning;
    of these only `merged` stand beside it on the page as merged cells, the others have lines of their own.
    """

    key: str
    path: tuple[str, ...]
    merged: tuple[str, ...] = ()
    figures: bool = True  # False: a heading with a line of its own and no figures
    type: FigureType | None = None
    unit: str = ""
    signed: bool = False
    optional: bool = False  # often left out; its absence is not reported

    @property
    def label(self) -> str:
        """The innermost label, of several wordings the first; empty for a line without one."""
        return self.path[-1].partition("|")[0] if self.path else ""

    @property
    def shown(self) -> tuple[str, ...]:
        """The labels that stand beside the line on the page, outermost first, with all their wordings."""
        return (*self.merged, self.path[-1]) if self.path else ()


@dataclass(frozen=True, slots=True)
class Block:
    """Rows and columns that cross; most tables have one, banded and two-lane tables have several."""

    key: str
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    heading: str = ""  # a band row above the block
    corner: str = ""  # the label over the row labels
    unit: str = ""
    type: FigureType = FigureType.COUNT
    beside: bool = False  # stands to the right of the block before it


@dataclass(frozen=True, slots=True)
class FormRule:
    """A rule of a pack, not yet bound to cells."""

    id: str
    rule: str
    each: Each = Each.ONCE
    only: tuple[str, ...] = ()  # rows (each row) or columns (each column) it is limited to; patterns
    block: str | None = None  # the block it is about where a table has several
    why: str = ""
    soft: bool = False
    rounded: bool = False  # parts are rounded on their own: half a last-place unit a term is allowed
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableForm:
    """One table of a form; `id` is like `2019/T3`."""

    id: str
    form: str
    table: str
    key: str
    title: str
    blocks: tuple[Block, ...]
    rules: tuple[FormRule, ...] = ()
    notes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # ids of equal tables in other forms
    open_rows: bool = False  # organs may insert rows: extra rows do not count against the match

    def quantities(self) -> Iterator[str]:
        """Every quantity key of the table, in reading order."""
        for block in self.blocks:
            for row in block.rows:
                if row.figures:
                    yield from (
                        self.quantity(block, row, c) for c in block.columns if has_figures(block, row, c)
                    )

    def quantity(self, block: Block, row: Line, column: Line) -> str:
        """The full key, e.g. `applications.outcome.granted.natural_person`."""
        return ".".join(part for part in (self.key, block.key, row.key, column.key) if part)


def has_figures(block: Block, row: Line, column: Line) -> bool:
    """Whether a figure that takes part in rules stands where this row and column cross."""
    kind = row.type or column.type or block.type
    return row.figures and column.figures and kind not in (FigureType.TEXT, FigureType.CODE)


@dataclass(frozen=True, slots=True)
class Form:
    """One published form."""

    id: str
    title: str
    years: tuple[int, int]
    tables: tuple[TableForm, ...]
    authority: str = ""
    across: tuple[FormRule, ...] = ()  # between its tables; names are full quantity keys
    source: str = ""  # file name of the pack


@dataclass(frozen=True, slots=True)
class Packs:
    """All forms that were loaded, by id."""

    forms: Mapping[str, Form] = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    @property
    def tables(self) -> tuple[TableForm, ...]:
        """All tables of all forms, in the order of their years."""
        ordered = sorted(self.forms.values(), key=lambda form: (form.years, form.id))
        return tuple(table for form in ordered for table in form.tables)

    def table(self, table_id: str) -> TableForm | None:
        """The table with this id, e.g. `2019/T3`."""
        return next((table for table in self.tables if table.id == table_id), None)
