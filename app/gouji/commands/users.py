"""`gouji users` and `gouji audit`: who may review, and what they did."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gouji.exits import SettingsError
from gouji.ledger_of_folder import standing_ledger

_OUT = click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
_LEDGER = click.option(
    "--ledger", "url", default=None, help="Address of the ledger, if it is not OUT/gouji.db."
)


@click.group()
def users() -> None:
    """Accounts of the review page."""


@users.command()
@_OUT
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["reviewer", "second", "admin"]), default="reviewer", show_default=True
)
@click.option("--no-password", is_flag=True, help="For people whom a proxy signs in.")
@click.option("--password-stdin", is_flag=True, help="Take the password from standard input.")
@_LEDGER
def add(out: Path, name: str, role: str, no_password: bool, password_stdin: bool, url: str | None) -> None:
    """Make an account, or give one a new role and password."""
    from gouji.review.people import People, Role  # noqa: PLC0415 - loads the web stack

    password = None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif not no_password:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    People(standing_ledger(out, url)).add(name, Role(role), password)
    click.echo(f"{name}: {role}")


@users.command("list")
@_OUT
@_LEDGER
def list_(out: Path, url: str | None) -> None:
    """List all accounts."""
    from gouji.review.people import People  # noqa: PLC0415

    for person in People(standing_ledger(out, url)).everybody():
        click.echo(f"{person.name}\t{person.role}{'' if person.active else chr(9) + 'ended'}")


@users.command()
@_OUT
@click.argument("name")
@_LEDGER
def close(out: Path, name: str, url: str | None) -> None:
    """End an account; what it said stays in the record."""
    from gouji.review.people import People  # noqa: PLC0415

    if not People(standing_ledger(out, url)).close(name):
        raise SettingsError(f"no account {name!r}")


@click.command()
@_OUT
@click.option(
    "--format",
    "shape",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="Shape of the record.",
)
@_LEDGER
def audit(out: Path, shape: str, url: str | None) -> None:
    """Print the whole record of the review: who, when, before, after, why."""
    from gouji.review.routes_office import csv_lines, json_lines  # noqa: PLC0415

    ledger = standing_ledger(out, url)
    for line in csv_lines(ledger) if shape == "csv" else json_lines(ledger):
        click.echo(line, nl=False)
