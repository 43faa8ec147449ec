"""`gouji forms`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from gouji_postprocess.form import Form, Packs, TableForm
from gouji_postprocess.packs import check_pack, load_packs

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
