"""`gouji reconcile`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from gouji.exits import ExitCode, OutputError
from gouji.ledger import open_ledger
from gouji.options import ReadOptions
from gouji.resolve import decide_again
from gouji.store import Store
from gouji.summary import Tally
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.packs import load_packs


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--forms",
    "form_packs",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Your own form packs (YAML).",
)
@click.option(
    "--calibration",
    type=click.Path(exists=True, path_type=Path),
    help="Calibration made by gouji calibrate.",
)
@click.option(
    "--switch-off", multiple=True, metavar="RULE", help="Rule not to apply, by id; * stands for anything."
)
@click.option("--ledger", "ledger_url", help="Address of the ledger where it is not in OUT.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on the screen.")
def reconcile(
    out: Path,
    form_packs: tuple[Path, ...],
    calibration: Path | None,
    switch_off: tuple[str, ...],
    ledger_url: str | None,
    quiet: bool,
) -> int:
    """Decide everything in OUT again from the stored readings: no picture is touched.

    For new rules, a new calibration, or after answers of reviewers.
    """
    store = Store(out)
    options = ReadOptions(form_packs=form_packs, calibration=calibration, switched_off=switch_off)
    packs = load_packs(form_packs)
    measured = Calibration.load(calibration) if calibration else Calibration.bundled()
    ledger = open_ledger(out, ledger_url)
    console = Console(stderr=True, quiet=quiet)
    tally, before, failed = Tally(), Tally(), 0
    for name in track(list(store.documents()), "reconciling", console=console, transient=True):
        try:
            document = store.load_document(name)
            decided = decide_again(
                store,
                document,
                packs=packs,
                calibration=measured,
                options=options,
                answers=ledger.answers_of(name),
            )
        except OutputError as error:
            click.echo(f"FAILED {name}: {error}", err=True)
            failed += 1
            continue
        store.save_document(decided.document)
        ledger.keep_decided(decided.document)
        before.add(document)
        tally.add(decided.document)
    ledger.close()
    if not quiet:
        for state, count in tally.figures.items():
            click.echo(f"{state.value}: {before.figures[state]} -> {count}")
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE
