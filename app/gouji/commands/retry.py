"""`gouji retry`."""

from __future__ import annotations

from pathlib import Path

import click

from gouji.batch.last_run import last_request
from gouji.commands.batch_options import limits_of, run_and_show, worker_options


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--failed", is_flag=True, required=True, help="Try again what was given up.")
@worker_options
def retry(
    out: Path,
    failed: bool,
    workers: int | None,
    page_seconds: float,
    page_memory: int,
    engine: str,
    ledger: str | None,
    quiet: bool,
) -> int:
    """Try files and pages again that were given up, with the settings of the last run.

    Useful after the cause is gone: a disk that was away, a limit that was too low.
    """
    del failed  # required: more kinds of retry may come, and none should be the silent default
    request = last_request(
        out, ledger, workers=workers or 0, limits=limits_of(page_seconds, page_memory), engine=engine
    )
    return run_and_show(request, quiet=quiet)
