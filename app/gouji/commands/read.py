"""`gouji read`."""

from __future__ import annotations

from pathlib import Path

import click

from gouji.batch.run import Request
from gouji.batch.sources import is_remote
from gouji.commands.batch_options import limits_of, run_and_show, worker_options
from gouji.commands.rule_options import OWN_FILE, rule_options
from gouji.naming import has_utf8_name, readable_name
from gouji.options import ReadOptions
from gouji_layout.scan import ScanLimits


@click.command()
@click.argument("places", metavar="PATHS...", nargs=-1, required=True)
@click.option("-o", "--out", required=True, help="Results folder.")
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    default=ScanLimits().pixels,
    show_default=True,
    help="Largest page taken, in pixels.",
)
@click.option(
    "--max-pages",
    type=click.IntRange(min=1),
    default=ScanLimits().pages,
    show_default=True,
    help="Most pages of one file.",
)
@click.option(
    "--forms",
    "form_packs",
    multiple=True,
    type=OWN_FILE,
    help="Your own form packs (YAML).",
)
@click.option("--calibration", type=OWN_FILE, help="Calibration made by gouji calibrate.")
@rule_options
@click.option("--no-second-look", is_flag=True, help="Do not read doubtful cells again with other engines.")
@click.option("--profile", is_flag=True, help="Show what each step cost, in processor seconds a page.")
@click.option("--watch", is_flag=True, help="Go on: read scans as they are dropped into the folders.")
@worker_options
def read(
    places: tuple[str, ...],
    out: str,
    max_pixels: int,
    max_pages: int,
    form_packs: tuple[Path, ...],
    calibration: Path | None,
    switch_off: tuple[str, ...],
    meanings: tuple[str, ...],
    no_second_look: bool,
    profile: bool,
    watch: bool,
    workers: int | None,
    page_seconds: float,
    page_memory: int,
    engine: str,
    ledger: str | None,
    quiet: bool,
) -> int:
    """Read scans (files, folders, s3://bucket/folder) into OUT and reconcile their figures.

    Run the same command again after an interruption: pages that were read are not read again.
    """
    for place in places:
        if not is_remote(place) and not Path(place).exists():
            raise click.BadParameter(f"{place} does not exist", param_hint="PATHS")
    for place in (*places, out):
        if not is_remote(place) and not has_utf8_name(Path(place).absolute()):
            shown = readable_name(Path(place).absolute())
            raise click.BadParameter(f"the name of {shown} is not UTF-8; rename it, e.g. with convmv")
    if not is_remote(out) and Path(out).is_file():
        raise click.BadParameter(f"{out} is a file", param_hint="--out")
    request = Request(
        places=places,
        out=out,
        options=ReadOptions(
            max_pixels=max_pixels,
            max_pages=max_pages,
            second_look=not no_second_look,
            form_packs=form_packs,
            calibration=calibration,
            switched_off=switch_off,
            meanings=meanings,
        ),
        ledger=ledger,
        workers=workers or 0,
        limits=limits_of(page_seconds, page_memory),
        watch=watch,
        engine=engine,
    )
    return run_and_show(request, quiet=quiet, profile=profile)
