"""`gouji evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from gouji.evaluate import evaluate as measure
from gouji.evaluate import render


@click.command()
@click.argument("truth_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of tables.")
def evaluate(truth_dir: Path, out: Path, as_json: bool) -> None:
    """Compare the results in OUT with the truth files in TRUTH_DIR."""
    evaluation = measure(truth_dir, out)
    if as_json:
        click.echo(json.dumps(evaluation.as_record(), ensure_ascii=False))
    else:
        Console().print(render(evaluation))
