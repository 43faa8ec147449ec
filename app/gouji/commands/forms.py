"""`gouji forms`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from gouji.exits import OutputError
from gouji.resolve import stored_input
from gouji.store import Store, write_atomically
from gouji_layout.table import Table as ScanTable
from gouji_ocr.reading import TextLine
from gouji_postprocess.draft import draft_pack
from gouji_postprocess.form import Form, Packs, TableForm
from gouji_postprocess.pack_models import FORM_ID
from gouji_postprocess.packs import check_pack, load_packs
from gouji_postprocess.stated_units import unit_beside

_PACKS = click.option(
    "--forms",
    "extra",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Your own form packs (YAML files or folders of them).",
)


@click.group()
def forms() -> None:
    """List, show, check and draft form packs: the published forms gouji knows, with their rules."""


@forms.command("list")
@_PACKS
def list_forms(extra: tuple[Path, ...]) -> None:
    """List every form and table."""
    table = Table()
    for heading in ("form", "years", "title", "tables", "quantities", "rules"):
        table.add_column(heading)
    for form in sorted(load_packs(extra).forms.values(), key=lambda form: (form.years, form.id)):
        table.add_row(
            form.id,
            "–".join(map(str, form.years)),
            form.title,
            " ".join(t.table for t in form.tables),
            str(sum(len(list(t.quantities())) for t in form.tables)),
            str(sum(len(t.rules) for t in form.tables) + len(form.across)),
        )
    Console().print(table)


@forms.command()
@click.argument("name")
@_PACKS
def show(name: str, extra: tuple[Path, ...]) -> None:
    """Show a form (2019) or one of its tables (2019/T3): rows, columns, keys and rules."""
    packs = load_packs(extra)
    console = Console()
    for table in _chosen(packs, name):
        tree = Tree(f"{table.id} {table.title}")
        for block in table.blocks:
            branch = tree.add(f"{block.heading or table.title} [{block.unit}]".replace("[]", ""))
            columns = branch.add("columns")
            for column in block.columns:
                columns.add(f"{column.key}: {' / '.join(column.path)}")
            rows = branch.add("rows")
            for row in block.rows:
                rows.add(f"{row.key}: {' / '.join(row.path)}")
        rules = tree.add("rules")
        for rule in table.rules:
            rules.add(f"{rule.id}: {rule.rule} (each {rule.each.value}) {rule.why}")
        console.print(tree, markup=False, highlight=False)


def _chosen(packs: Packs, name: str) -> list[TableForm]:
    table = packs.table(name)
    if table is not None:
        return [table]
    form: Form | None = packs.forms.get(name)
    if form is None:
        raise click.BadParameter(f"no form {name!r}; known: {', '.join(sorted(packs.forms))}")
    return list(form.tables)


@forms.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check a form pack; errors name line and column."""
    form = check_pack(file)
    quantities = sum(len(list(table.quantities())) for table in form.tables)
    rules = sum(len(table.rules) for table in form.tables) + len(form.across)
    click.echo(f"{file}: form {form.id}, {len(form.tables)} tables, {quantities} quantities, {rules} rules")


def _form_id(_context: click.Context, _option: click.Parameter, given: str) -> str:
    if not FORM_ID.fullmatch(given):
        raise click.BadParameter(f"{given!r} is not a form's id: up to 40 letters of A-Z a-z 0-9 _ -")
    return given


@forms.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("document")
@click.option("--page", required=True, type=int, help="Page of the document the table is on, from 1.")
@click.option("--table", "index", default=0, show_default=True, help="Which table of the page, from 0.")
@click.option(
    "--form",
    "form_id",
    default="draft",
    show_default=True,
    callback=_form_id,
    help="Id of the new form.",
)
@click.option("--title", default="", help="Title of the table.")
@click.option(
    "-o",
    "--save",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The new pack (YAML).",
)
@click.option("--force", is_flag=True, help="Write over a pack that is there already.")
def new(
    out: Path, document: str, page: int, index: int, form_id: str, title: str, save: Path, force: bool
) -> None:
    """Draft a pack from a table in OUT: labels, units and the sums that hold; keys are yours to name."""
    if save.exists() and not force:
        raise OutputError(f"{save} is there already; choose another name, or --force to write over it")
    store = Store(out)
    given = stored_input(store, store.load_document(document))
    for read in given.pages:
        for table, readings in zip(read.tables, read.readings, strict=True):
            if (table.page, table.index) == (page, index):
                try:
                    unit = _unit_above(table, read.lines)
                    text = draft_pack(table, readings, form=form_id, title=title, unit=unit)
                except ValueError as error:
                    raise click.BadParameter(str(error)) from error
                _write(save, text)
                click.echo(f"{save}: edit it, then gouji forms check {save}")
                return
    raise click.BadParameter(f"{document} has no table {index} on page {page}")


def _unit_above(table: ScanTable, lines: Sequence[TextLine]) -> str:
    """The unit that is printed nearest above a table."""
    found = [
        (line.box.bottom, unit)
        for line in lines
        if line.box.top < table.box.top and (unit := unit_beside(line.text))
    ]
    return max(found, default=(0.0, ""))[1]


def _write(save: Path, text: str) -> None:
    try:
        save.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(save, text.encode())
    except OSError as error:
        raise OutputError(f"cannot write {save}: {error.strerror or error}") from error
