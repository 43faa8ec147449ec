"""`gouji reconcile`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from gouji.batch.answered import with_answers
from gouji.commands.rule_options import OWN_FILE, rule_options
from gouji.exits import ExitCode, OutputError
from gouji.last_summary import last_options
from gouji.ledger_of_folder import standing_ledger
from gouji.resolve import stored_input
from gouji.review.answers import Settled
from gouji.review.resolving import ReadingsResolver
from gouji.run_report import refresh_report
from gouji.store import Store
from gouji.summary import Tally


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--forms",
    "form_packs",
    multiple=True,
    type=OWN_FILE,
    help="Your own form packs (YAML).",
)
@click.option(
    "--calibration",
    type=OWN_FILE,
    help="Calibration made by gouji calibrate.",
)
@rule_options
@click.option("--ledger", "ledger_url", help="Address of the ledger where it is not in OUT.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on the screen.")
def reconcile(
    out: Path,
    form_packs: tuple[Path, ...],
    calibration: Path | None,
    switch_off: tuple[str, ...],
    meanings: tuple[str, ...],
    ledger_url: str | None,
    quiet: bool,
) -> int:
    """Decide everything in OUT again from the stored readings: no picture is touched.

    For new rules, a new calibration, or after answers of reviewers. What is not
    given here stays as it was in the last run.
    """
    ledger = standing_ledger(out, ledger_url)
    store = Store(out)
    given: dict[str, Any] = {
        "form_packs": form_packs,
        "calibration": calibration,
        "switched_off": switch_off,
        "meanings": meanings,
    }
    options = replace(last_options(out), **{name: value for name, value in given.items() if value})
    resolver = ReadingsResolver.load(store, options)
    settings = {"settings": options.as_record()}
    console = Console(stderr=True, quiet=quiet)
    tally, before, failed = Tally(), Tally(), 0
    for name in track(list(store.documents()), "reconciling", console=console, transient=True):
        try:
            document = store.load_document(name)
            stored_input(store, document)  # says so where readings are gone
            fresh = resolver.resolve(document, Settled({}, {}), ()).document
            decided = with_answers(fresh, ledger, resolver).model_copy(update=settings)
        except OutputError as error:
            click.echo(f"FAILED {name}: {error}", err=True)
            failed += 1
            continue
        store.save_document(decided)
        ledger.keep_decided(decided)
        before.add(document)
        tally.add(decided)
    report = refresh_report(store, ledger, options)
    ledger.close()
    if not quiet:
        for line in report.unused:
            click.echo(line, err=True)
        for state, count in tally.figures.items():
            click.echo(f"{state.value}: {before.figures[state]} -> {count}")
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE
