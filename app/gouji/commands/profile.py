"""What each step of reading costs, as a table for the screen (`gouji read --profile`)."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from gouji.batch.journal import Standing

STEP_NAMES = {
    "open": "打开 open",
    "upright": "扶正 upright",
    "tables": "表格 tables",
    "regions": "版面 regions",
    "crops": "裁切 crops",
    "figures": "数字 figures",
    "labels": "文字 labels",
    "lines": "正文 prose",
    "second": "复读 second readers",
    "reconcile": "勾稽 reconcile",
    "write": "写出 write",
}
"""Steps in the order in which a page goes through them, and what they are called on the screen."""


def show_steps(standing: Standing, console: Console) -> None:
    """Print processor seconds by step: the mean of a page read now, and the share of the whole.

    Deciding and writing a document is shared out among its pages. Starting a worker is not counted.
    """
    pages = max(standing.pages, 1)
    total = sum(standing.steps.values())
    table = Table(title=f"CPU 秒/页 seconds a page ({standing.pages} 页)", title_justify="left")
    table.add_column("步骤 step")
    table.add_column("秒/页", justify="right")
    table.add_column("占比 share", justify="right")
    others = [name for name in sorted(standing.steps) if name not in STEP_NAMES]
    for name in (*STEP_NAMES, *others):
        seconds = standing.steps.get(name, 0.0)
        share = seconds / total if total else 0.0
        table.add_row(STEP_NAMES.get(name, name), f"{seconds / pages:.3f}", f"{share:.0%}")
    table.add_row("合计 total", f"{total / pages:.3f}", "100%" if total else "–")
    console.print(table)
