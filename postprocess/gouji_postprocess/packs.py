"""Form packs: a YAML file for every published form, validated to the letter.

`load_packs()` reads the packs bundled with gouji and any further files or folders; `check_pack(path)`
gives one pack or the first error with its line and column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gouji_postprocess.form import Block, Each, FigureType, Form, FormRule, Line, Packs, TableForm
from gouji_postprocess.language import FormulaError, parse_formula
from gouji_postprocess.pack_checks import check_names, check_table
from gouji_postprocess.pack_models import PackBlock, PackColumn, PackModel, PackRow, PackRule, PackTable
from gouji_postprocess.pack_names import check_sense
from gouji_postprocess.pack_source import PackError, PackText, parse_pack_text, read_pack_text

__all__ = ["BUNDLED", "PackError", "check_pack", "load_packs", "parse_pack"]

BUNDLED = Path(__file__).parent / "forms"
MAX_LINES = 2_000


def load_packs(extra: Sequence[Path] = ()) -> Packs:
    """The bundled packs, then those in `extra` (files, or folders of `*.yaml`).

    A later pack replaces an earlier one of the same form.

    Raises:
        PackError: a pack is broken; the text names file, line and column.
    """
    files = [*sorted(BUNDLED.glob("*.yaml"))]
    for path in extra:
        files += sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    read: dict[str, tuple[PackModel, PackText]] = {}
    for path in files:
        text = read_pack_text(path)
        pack = _validated(text)
        read[pack.form] = pack, text
    known = {f"{pack.form}/{table.id}": table for pack, _ in read.values() for table in pack.tables}
    forms = {form: _compile(pack, text, known) for form, (pack, text) in read.items()}
    return Packs(_with_equals(forms), tuple(files))


def check_pack(path: Path) -> Form:
    """Read one pack beside the bundled ones, which it may build on.

    Raises:
        PackError: what is wrong with it, and where.
    """
    return load_packs([path]).forms[_validated(read_pack_text(path)).form]


def parse_pack(text: str, source: str = "<pack>") -> Form:
    """One pack from its text, standing alone.

    Raises:
        PackError: what is wrong with it, and where.
    """
    parsed = parse_pack_text(text, source)
    pack = _validated(parsed)
    return _compile(pack, parsed, {f"{pack.form}/{table.id}": table for table in pack.tables})


def _validated(text: PackText) -> PackModel:
    try:
        return PackModel.model_validate(_plain(text.data))
    except ValidationError as error:
        first = error.errors()[0]
        raise text.error(first["loc"], f"{'.'.join(map(str, first['loc']))}: {_said(first)}") from error


def _said(error: Any) -> str:
    kinds = {
        "extra_forbidden": "unknown key",
        "missing": "this key is missing",
        "string_type": "must be text (put numbers in quotes)",
    }
    return kinds.get(str(error["type"]), str(error["msg"]))


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for plain in (int, float, str):
        if isinstance(node, plain):
            return plain(node)
    return node


def _compile(pack: PackModel, text: PackText, known: dict[str, PackTable]) -> Form:
    if pack.years[0] > pack.years[1]:
        raise text.error(("years",), f"years: {pack.years[0]} is after {pack.years[1]}")
    tables: list[TableForm] = []
    seen: set[str] = set()
    for number, table in enumerate(pack.tables):
        loc = ("tables", number)
        if table.id in seen:
            raise text.error((*loc, "id"), f"a second table {table.id}")
        seen.add(table.id)
        tables.append(_table(pack, _resolved(pack, table, known, text, loc), text, loc, table.same_as))
    across = tuple(_rule(rule, text, ("across", i)) for i, rule in enumerate(pack.across))
    form = Form(
        pack.form,
        pack.title,
        (pack.years[0], pack.years[1]),
        tuple(tables),
        pack.authority,
        across,
        text.source,
    )
    names = {quantity for table in form.tables for quantity in table.quantities()}
    for i, rule in enumerate(across):
        check_names(rule, [names], text, ("across", i, "rule"))
    return form


def _resolved(
    pack: PackModel, table: PackTable, known: dict[str, PackTable], text: PackText, loc: tuple[int | str, ...]
) -> PackTable:
    chain = [f"{pack.form}/{table.id}"]
    current = table
    while current.same_as is not None:
        if current.columns or current.rows or current.blocks or current.rules:
            raise text.error(loc, f"{current.id}: same_as leaves no place for rows, columns or rules")
        if current.same_as in chain:
            raise text.error(
                (*loc, "same_as"), "same_as goes in a circle: " + " -> ".join([*chain, current.same_as])
            )
        chain.append(current.same_as)
        if current.same_as not in known:
            raise text.error((*loc, "same_as"), f"no table {current.same_as}")
        current = known[current.same_as]
    return current


def _table(
    pack: PackModel, table: PackTable, text: PackText, loc: tuple[int | str, ...], same_as: str | None
) -> TableForm:
    table_id = text.data["tables"][loc[1]]["id"]
    if table.blocks and (table.columns or table.rows):
        raise text.error(loc, "a table has either blocks, or rows and columns")
    sources = table.blocks or [_only_block(table, text, loc)]
    blocks = tuple(_block(block) for block in sources)
    if sum(len(block.rows) for block in blocks) > MAX_LINES:
        raise text.error(loc, f"more than {MAX_LINES} rows")
    rules = tuple(_rule(rule, text, (*loc, "rules", i)) for i, rule in enumerate(table.rules))
    form = TableForm(
        id=f"{pack.form}/{table_id}",
        form=pack.form,
        table=str(table_id),
        key=table.key,
        title=table.title,
        blocks=blocks,
        rules=rules,
        notes=tuple(table.notes),
        open_rows=table.open_rows,
    )
    if same_as is None:
        check_table(form, text, loc)
    return form


def _only_block(table: PackTable, text: PackText, loc: tuple[int | str, ...]) -> PackBlock:
    if not table.columns or not table.rows:
        raise text.error(loc, f"{table.id}: rows and columns are missing")
    return PackBlock.model_construct(
        key="",
        heading="",
        corner=table.corner,
        unit=table.unit,
        type=table.type,
        beside=False,
        columns=table.columns,
        rows=table.rows,
    )


def _block(block: PackBlock) -> Block:
    return Block(
        key=block.key,
        rows=tuple(_row_lines(block.rows, "", (), ())),
        columns=tuple(_column_lines(block.columns, "", ())),
        heading=block.heading,
        corner=block.corner,
        unit=block.unit,
        type=FigureType(block.type),
        beside=block.beside,
    )


def _row_lines(
    rows: Sequence[PackRow], prefix: str, path: tuple[str, ...], merged: tuple[str, ...]
) -> list[Line]:
    lines: list[Line] = []
    for row in rows:
        key, labels = _below(prefix, row.key), (*path, row.label) if row.label else path
        how = row.line or ("none" if row.rows else "figure")
        if how != "none":
            kind = FigureType(row.type) if row.type else None
            lines.append(Line(key, labels, merged, how == "figure", kind, row.unit, row.signed, row.optional))
        beside = (*merged, row.label) if how == "none" and row.label else merged
        lines += _row_lines(row.rows, key, labels, beside)
    return lines


def _column_lines(columns: Sequence[PackColumn], prefix: str, path: tuple[str, ...]) -> list[Line]:
    lines: list[Line] = []
    for column in columns:
        key, labels = _below(prefix, column.key), (*path, column.label) if column.label else path
        if column.columns:
            lines += _column_lines(column.columns, key, labels)
        else:
            kind = FigureType(column.type) if column.type else None
            figures = column.type not in ("text", "code")
            lines.append(Line(key, labels, path, figures, kind, column.unit, column.signed, column.optional))
    return lines


def _below(prefix: str, key: str) -> str:
    return ".".join(part for part in (prefix, key) if part)


def _rule(rule: PackRule, text: PackText, loc: tuple[int | str, ...]) -> FormRule:
    try:
        wrong = check_sense(parse_formula(rule.rule))
    except FormulaError as error:
        raise text.error((*loc, "rule"), f"{rule.id}: {error}") from error
    if wrong is not None:
        raise text.error((*loc, "rule"), f"{rule.id}: {wrong}")
    return FormRule(
        id=rule.id,
        rule=rule.rule,
        each=Each(rule.each),
        only=tuple(rule.only),
        unless=tuple(rule.unless),
        block=rule.block,
        why=rule.why,
        soft=rule.soft,
        rounded=rule.rounded,
    )


def _with_equals(forms: dict[str, Form]) -> dict[str, Form]:
    """Say of every table which tables of other forms have the very same blocks."""
    tables = [table for form in forms.values() for table in form.tables]

    def also(table: TableForm) -> tuple[str, ...]:
        return tuple(other.id for other in tables if other.id != table.id and other.blocks == table.blocks)

    return {
        form.id: replace(form, tables=tuple(replace(table, also=also(table)) for table in form.tables))
        for form in forms.values()
    }
