"""`gouji ledger`: look after the database of an output folder."""

from __future__ import annotations

from pathlib import Path

import click

from gouji.commands.batch_options import ledger_option
from gouji.exits import ExitCode
from gouji.ledger_check import check_ledger
from gouji.ledger_of_folder import standing_ledger
from gouji.store import Store


@click.group()
def ledger() -> None:
    """Look after the ledger of OUT."""


@ledger.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@ledger_option
@click.option("--mend", is_flag=True, help="Queue again what is missing or damaged.")
@click.option("--originals", is_flag=True, help="Also hash the scans and compare; takes as long as copying.")
def check(out: Path, ledger: str | None, mend: bool, originals: bool) -> int:
    """Compare the ledger with the files of OUT and with itself."""
    found = list(check_ledger(standing_ledger(out, ledger), Store(out), mend=mend, originals=originals))
    for fault in found:
        click.echo(f"{fault.what}: {fault.where}" + (f" ({fault.mended})" if fault.mended else ""))
    click.echo(f"{len(found)} faults" if found else "the ledger and the files agree")
    return ExitCode.SOME_FAILED if any(not fault.mended for fault in found) else ExitCode.DONE
