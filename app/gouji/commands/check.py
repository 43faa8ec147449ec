"""`gouji check`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gouji.exits import OutputError
from gouji.export_xlsx import VERDICT_NAMES
from gouji.store import Store
from gouji_postprocess.rule import Verdict
from gouji_postprocess.years import YearFinding, check_archive, unplaced


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--all", "show_all", is_flag=True, help="Also list what agrees.")
def check(out: Path, show_all: bool) -> None:
    """Check a whole archive across the years: what last year carried over is what this year took over.

    Every pair of reports of one organ in consecutive years is compared; organ and year are read from
    the titles. Nothing is changed. OUT/years.json has every comparison.
    """
    store = Store(out)
    if not any(True for _ in store.documents()):
        raise OutputError(f"{out} holds no results; read some scans into it first with gouji read")
    documents = list(_plain(store))
    findings = check_archive(documents)
    store.write_json("years.json", [_record(finding) for finding in findings])
    shown = [finding for finding in findings if show_all or finding.verdict is not Verdict.HOLDS]
    table = Table(title=f"{len(findings)} comparisons, {len(shown)} shown", title_justify="left")
    for heading in ("机关", "年度", "项目", "结论", "算式", "说明"):
        table.add_column(heading)
    for finding in shown:
        table.add_row(
            finding.organ,
            str(finding.year),
            finding.what,
            VERDICT_NAMES[finding.verdict],
            finding.formula,
            finding.reason,
        )
    Console().print(table)
    if left_out := unplaced(documents):
        click.echo(f"{len(left_out)} 份报告的标题读不出机关或年度，未参加核对：")
        click.echo("\n".join(f"  {path}" for path in left_out))
    if not findings:
        click.echo("no two reports of one organ in consecutive years were found", err=True)


def _plain(store: Store) -> Iterator[dict[str, Any]]:
    for name in store.documents():
        yield json.loads((store.folder(name) / "document.json").read_bytes())


def _record(finding: YearFinding) -> dict[str, object]:
    return {
        "organ": finding.organ,
        "year": finding.year,
        "rule": finding.rule,
        "what": finding.what,
        "verdict": finding.verdict.value,
        "formula": finding.formula,
        "reason": finding.reason,
        "cells": [list(pair) for pair in finding.cells],
    }
