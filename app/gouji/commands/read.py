"""`gouji read`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from gouji.exits import ExitCode
from gouji.export_xlsx import STATE_NAMES, VERDICT_NAMES
from gouji.options import ReadOptions
from gouji.run_folder import Run, run_folder
from gouji_layout.scan import ScanLimits

_SHOWN = 12  # broken rules and failures listed on the screen; summary.json has all


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Results folder."
)
@click.option(
    "--max-pixels", default=ScanLimits().pixels, show_default=True, help="Largest page taken, in pixels."
)
@click.option("--max-pages", default=ScanLimits().pages, show_default=True, help="Most pages of one file.")
@click.option(
    "--forms",
    "form_packs",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Your own form packs (YAML).",
)
@click.option(
    "--calibration", type=click.Path(exists=True, path_type=Path), help="Calibration made by gouji calibrate."
)
@click.option("--no-second-look", is_flag=True, help="Do not read doubtful cells again with other engines.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on the screen.")
def read(
    paths: tuple[Path, ...],
    out: Path,
    max_pixels: int,
    max_pages: int,
    form_packs: tuple[Path, ...],
    calibration: Path | None,
    no_second_look: bool,
    quiet: bool,
) -> int:
    """Read scans (files or folders) into OUT and reconcile their figures.

    Run the same command again after an interruption: pages that were read are not read again.
    """
    options = ReadOptions(
        max_pixels=max_pixels,
        max_pages=max_pages,
        second_look=not no_second_look,
        form_packs=form_packs,
        calibration=calibration,
    )
    console = Console(stderr=True, quiet=quiet)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("reading", total=None)

        def advance(name: str, pages: int) -> None:
            progress.update(task, description=name[-40:], advance=pages)

        run = run_folder(paths, out, options, progress=advance)
    if not quiet:
        show_run(run, out, Console())
    return ExitCode.SOME_FAILED if run.tally.failures else ExitCode.DONE


def show_run(run: Run, out: Path, console: Console) -> None:
    """Print what was read, what is sure, and what needs a person."""
    tally = run.tally
    table = Table(title="gouji read", title_justify="left", show_header=False)
    table.add_row("文件 documents", str(tally.documents))
    table.add_row("页 pages", str(tally.pages))
    table.add_row("表 tables", str(tally.tables))
    for state, name in STATE_NAMES.items():
        table.add_row(f"数据 {name} {state.value}", str(tally.figures[state]))
    for verdict, name in VERDICT_NAMES.items():
        if tally.rules[verdict]:
            table.add_row(f"勾稽 {name} {verdict.value}", str(tally.rules[verdict]))
    table.add_row("失败 failed", str(len(tally.failures)))
    table.add_row("秒 seconds", f"{run.seconds:.1f}")
    console.print(table)
    for broken in tally.broken[:_SHOWN]:
        console.print(
            f"{broken.document}: {VERDICT_NAMES[broken.verdict]} {broken.formula} {broken.reason}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if len(tally.broken) > _SHOWN:
        console.print(f"… {len(tally.broken) - _SHOWN} more in {out / 'summary.json'}", markup=False)
    for failure in tally.failures[:_SHOWN]:
        page = f" p{failure.page}" if failure.page else ""
        console.print(
            f"FAILED {failure.path}{page}: {failure.message}", markup=False, highlight=False, soft_wrap=True
        )
    if len(tally.failures) > _SHOWN:
        console.print(f"… {len(tally.failures) - _SHOWN} more in {out / 'summary.json'}", markup=False)
    doubtful = sum(count for state, count in tally.figures.items() if state.value == "doubtful")
    console.print(f"results: {out / 'documents'}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"for a person: {doubtful} doubtful figures (gouji review {out})", markup=False, highlight=False
    )
