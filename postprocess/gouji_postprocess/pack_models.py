"""The YAML of a form pack as it must look: keys, types, lengths; what it means is settled in `packs.py`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*)?$", max_length=120)]
Label = Annotated[str, Field(max_length=200)]
LineLabel = Annotated[str, Field(min_length=1, max_length=200)]
"""A line without a label leaves it out: an empty one is a slip."""
TypeName = Literal["count", "amount", "percent", "ratio", "code", "text"]


FORM_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""What the id of a form looks like."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PackRow(_Strict):
    """A row, or a group of rows."""

    key: Key
    label: LineLabel = ""
    line: Literal["figure", "heading", "none"] | None = None
    type: TypeName | None = None
    unit: str = ""
    signed: bool = False
    optional: bool = False
    rows: list[PackRow] = Field(default_factory=list)


class PackColumn(_Strict):
    """A column, or a group of columns."""

    key: Key
    label: LineLabel = ""
    type: TypeName | None = None
    unit: str = ""
    signed: bool = False
    optional: bool = False
    columns: list[PackColumn] = Field(default_factory=list)


class PackBlock(_Strict):
    """A band or a lane of a table."""

    key: Key = ""
    heading: Label = ""
    corner: Label = ""
    unit: str = ""
    type: TypeName = "count"
    beside: bool = False
    columns: list[PackColumn] = Field(min_length=1)
    rows: list[PackRow] = Field(min_length=1)


class PackRule(_Strict):
    """A rule in the rule language."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=60)]
    rule: Annotated[str, Field(max_length=4_000)]
    each: Literal["row", "column", "once"] = "once"
    only: list[str] = Field(default_factory=list)
    unless: list[str] = Field(default_factory=list)
    block: Key | None = None
    why: str = ""
    soft: bool = False
    rounded: bool = False


class PackTable(_Strict):
    """One table of the form."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=40)]
    same_as: str | None = None
    key: Key = ""
    title: str = ""
    unit: str = ""
    type: TypeName = "count"
    corner: Label = ""
    notes: list[str] = Field(default_factory=list)
    open_rows: bool = False
    columns: list[PackColumn] = Field(default_factory=list)
    rows: list[PackRow] = Field(default_factory=list)
    blocks: list[PackBlock] = Field(default_factory=list)
    rules: list[PackRule] = Field(default_factory=list)


class PackModel(_Strict):
    """One pack: one form."""

    form: Annotated[str, Field(pattern=f"^{FORM_ID.pattern}$")]
    title: str
    authority: str = ""
    years: Annotated[list[int], Field(min_length=2, max_length=2)]
    tables: list[PackTable] = Field(min_length=1)
    across: list[PackRule] = Field(default_factory=list)
