"""Options that commands of batch runs share, and what they show on the screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from gouji.batch.journal import Standing
from gouji.batch.run import Outcome, Request, Show, run_batch
from gouji.batch.settings import Limits
from gouji.commands.profile import show_steps
from gouji.exits import ExitCode
from gouji.export_xlsx import STATE_NAMES, VERDICT_NAMES
from gouji.ledger_progress import Progress as Counted
from gouji.summary import kinds_line, short_formula

_SHOWN = 12  # broken rules and failures listed on the screen; summary.json has all

ledger_option = click.option(
    "--ledger", metavar="URL", help="Database for many machines, e.g. postgresql+psycopg://user@host/name."
)


def worker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How many workers, and how much each of them may take."""
    usual = Limits()
    for option in (
        click.option(
            "--workers", type=click.IntRange(min=1), help="Processes that read; one a core if not given."
        ),
        click.option(
            "--page-seconds",
            type=click.FloatRange(min=1),
            default=usual.page_seconds,
            show_default=True,
            callback=_finite,
            help="A page that takes longer is stopped, tried once more, then put aside.",
        ),
        click.option(
            "--page-memory",
            type=click.IntRange(min=200),
            default=usual.megabytes,
            show_default=True,
            help="Megabytes a worker may take before it is stopped.",
        ),
        click.option(
            "--engine",
            default="local",
            show_default=True,
            metavar="local|dask|dask://HOST:PORT",
            help="Where workers run: here, on a Dask cluster of this machine, or on a running one.",
        ),
        ledger_option,
        click.option("-q", "--quiet", is_flag=True, help="Only errors on the screen."),
    ):
        command = option(command)
    return command


def _finite(_context: click.Context, _option: click.Parameter, given: float) -> float:
    if not math.isfinite(given):  # nan passes every range
        raise click.BadParameter(f"{given} is not a number of seconds")
    return given


def limits_of(page_seconds: float, page_memory: int) -> Limits:
    """The limits that the options stand for."""
    usual = Limits()
    return Limits(
        page_seconds=page_seconds,
        document_seconds=max(usual.document_seconds, page_seconds),
        megabytes=page_memory,
        recycle_megabytes=min(usual.recycle_megabytes, page_memory),
    )


def run_and_show(request: Request, *, quiet: bool, profile: bool = False) -> int:
    """Run a request with a progress bar and print what came of it, and what it cost when asked."""
    with progress_bar(quiet=quiet) as show:
        outcome = run_batch(request, show)
    if not quiet:
        show_outcome(outcome, request.out, Console())
    if profile:
        show_steps(outcome.report.now, Console())
    if outcome.interrupted:
        click.echo("stopped; run the same command again to go on", err=True)
        return ExitCode.INTERRUPTED
    return ExitCode.SOME_FAILED if outcome.report.tally.failures else ExitCode.DONE


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Show]:
    """A bar on standard error with pages, rate, time left, doubtful figures and failures."""
    console = Console(stderr=True, quiet=quiet)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[facts]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None, facts="")

        def show(counted: Counted, standing: Standing) -> None:
            expected = counted.pages_expected
            bar.update(
                task,
                total=expected or None,
                completed=counted.pages_done,
                description=standing.at[-32:] or "reading",
                facts=facts_line(counted, standing),
            )

        yield show


def facts_line(counted: Counted, standing: Standing) -> str:
    """Rate, time left, figures in question and failures, in one line."""
    rate = standing.rate()
    left = counted.pages_left
    parts = [f"{rate:.2f} 页/秒"] if rate else []
    if rate and left > 0:
        minutes, seconds = divmod(round(left / rate), 60)
        hours, minutes = divmod(minutes, 60)
        parts.append(f"余 {hours}:{minutes:02d}:{seconds:02d}")
    parts.append(f"待复核 {counted.questions}")
    if standing.failures:
        parts.append(f"失败 {standing.failures}")
    return " · ".join(parts)


def show_outcome(outcome: Outcome, out: Path | str, console: Console) -> None:
    """Print what was read, what is sure, and what needs a person."""
    report = outcome.report
    tally = report.tally
    table = Table(title="gouji read", title_justify="left", show_header=False)
    table.add_row("文件 documents", str(tally.documents))
    table.add_row("页 pages", f"{tally.pages} ({report.now.pages} read now)")
    table.add_row("表 tables", str(tally.tables))
    for state, name in STATE_NAMES.items():
        table.add_row(f"数据 {name} {state.value}", str(tally.figures[state]))
    for verdict, name in VERDICT_NAMES.items():
        if tally.rules[verdict]:
            table.add_row(f"勾稽 {name} {verdict.value}", str(tally.rules[verdict]))
    table.add_row("失败 failed", str(len(tally.failures)))
    for label, found in (
        ("疑似原文错误 source suspects", tally.source_suspects),
        ("重复文件 duplicates", len(report.duplicates)),
        ("空白页 blank pages", len(report.blank)),
        ("缺号 missing numbers", sum(len(gap.missing) for gap in report.gaps)),
        ("原件已不在原处，仍计入 scans gone, still counted", len(report.gone)),
        ("页 尚未识别 pages still to read", report.progress.pages_left),
    ):
        if found:
            table.add_row(label, str(found))
    if report.passed_over:
        table.add_row("未读取的文件 not taken", kinds_line(report.passed_over))
    table.add_row("秒 seconds", f"{report.seconds:.1f}")
    console.print(table)
    lines = [
        f"{broken.document}: {VERDICT_NAMES[broken.verdict]} {short_formula(broken.formula)} {broken.reason}"
        for broken in tally.broken
    ]
    _list(lines, out, console)
    failures = [
        f"FAILED {failure.path}{f' p{failure.page}' if failure.page else ''}: {failure.message}"
        for failure in tally.failures
    ]
    _list(failures, out, console)
    _list([*report.unused, *report.now.warnings], out, console)
    if report.progress.pages_left and not outcome.interrupted:
        console.print(
            f"another run is still at work: gouji status {out}", markup=False, highlight=False, soft_wrap=True
        )
    suspects = f", {tally.source_suspects} source suspects" if tally.source_suspects else ""
    for line in (
        f"results: {out}/documents",
        f"report: {out}/report.html",
        f"for a person: {report.progress.questions} doubtful figures{suspects} (gouji review {out})",
    ):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _list(lines: list[str], out: Path | str, console: Console) -> None:
    for line in lines[:_SHOWN]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if len(lines) > _SHOWN:
        console.print(
            f"… {len(lines) - _SHOWN} more in {out}/summary.json",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
