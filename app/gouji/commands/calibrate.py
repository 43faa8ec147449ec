"""`gouji calibrate`."""

from __future__ import annotations

from pathlib import Path

import click

from gouji.exits import SettingsError
from gouji.samples import samples
from gouji_postprocess.calibrate import LEAST
from gouji_postprocess.calibrate import calibrate as measure
from gouji_postprocess.calibration import Calibration


@click.command()
@click.argument("truth_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--save",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the calibration (JSON).",
)
@click.option("--version", "name", required=True, help="Name under which decisions will cite it.")
def calibrate(truth_dir: Path, out: Path, save: Path, name: str) -> None:
    """Measure the readers on results in OUT whose truth is in TRUTH_DIR.

    Use the result with `gouji read --calibration FILE` or `gouji reconcile --calibration FILE`.
    """
    found = list(samples(truth_dir, out))
    if len(found) < LEAST:
        raise SettingsError(
            f"only {len(found)} figures with truth were found in whole tables; {LEAST} are needed"
        )
    measured = measure(found, version=name, base=Calibration.bundled())
    measured.save(save)
    click.echo(f"{len(found)} figures; {', '.join(sorted(measured.readers))} -> {save}")
