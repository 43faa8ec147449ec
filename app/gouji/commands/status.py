"""`gouji status`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gouji.commands.batch_options import ledger_option
from gouji.exits import ExitCode
from gouji.ledger_of_folder import standing_ledger
from gouji.ledger_progress import Standstill, given_up, progress, standstill
from gouji.ledger_tables import PageState, Step

_STEPS = {
    Step.OPEN: "待打开 to open",
    Step.READ: "识别中 being read",
    Step.DECIDE: "待判定 to decide",
    Step.DONE: "完成 done",
    Step.FAILED: "失败 failed",
}


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@ledger_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(out: Path, ledger: str | None, as_json: bool) -> int:
    """Say how far OUT is, also while a run is at work on it, and what was given up."""
    opened = standing_ledger(out, ledger)
    counted, now, failures = progress(opened), standstill(opened), list(given_up(opened))
    if as_json:
        record = {
            "documents": counted.documents,
            "pages": counted.pages,
            "pages_done": counted.pages_done,
            "pages_expected": counted.pages_expected,
            "questions": counted.questions,
            "in_flight": now.in_flight,
            "pages_last_minute": now.pages_last_minute,
            "last_page_seconds_ago": now.last_page_seconds_ago,
            "failed": [[item.shown, item.page, item.kind, item.message] for item in failures],
        }
        click.echo(json.dumps(record, ensure_ascii=False, indent=1))
        return ExitCode.DONE
    table = Table(title=f"gouji status {out}", title_justify="left", show_header=False)
    for step, label in _STEPS.items():
        if counted.documents.get(step):
            table.add_row(f"文件 {label}", f"{counted.documents[step]:,}")
    table.add_row("页 pages", f"{counted.pages_done:,} / {counted.pages_expected:,}")
    table.add_row("页 失败 failed pages", f"{counted.pages.get(PageState.FAILED, 0):,}")
    table.add_row("待复核 figures in question", f"{counted.questions:,}")
    table.add_row("现在 now", _now(now, open_work=bool(counted.pages_left)))
    console = Console()
    console.print(table)
    for item in failures[:20]:
        page = f" p{item.page}" if item.page else ""
        console.print(f"FAILED {item.shown}{page}: {item.message}", markup=False, highlight=False)
    if len(failures) > 20:
        console.print(f"… {len(failures) - 20} more; gouji status --json has all", markup=False)
    return ExitCode.DONE


def _now(now: Standstill, *, open_work: bool) -> str:
    if now.in_flight:
        return f"{now.in_flight} in flight, {now.pages_last_minute} pages in the last minute"
    return "no run at work; run gouji read again to go on" if open_work else "nothing left to do"
