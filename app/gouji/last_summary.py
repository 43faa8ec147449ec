"""What `summary.json` of an output folder says of its last run: where the scans were, and its settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gouji.options import ReadOptions


def last_summary(out: Path) -> dict[str, Any]:
    """The last summary; empty where a run was broken off before it wrote one."""
    try:
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return summary if isinstance(summary, dict) else {}


def last_options(out: Path) -> ReadOptions:
    """The settings of the last run, or the defaults."""
    settings = last_summary(out).get("settings", {})
    return ReadOptions.from_record(settings) if isinstance(settings, dict) else ReadOptions()


def last_inputs(out: Path) -> tuple[Path, ...]:
    """The files and folders that the last run read."""
    inputs = last_summary(out).get("inputs", [])
    return tuple(Path(str(path)) for path in inputs) if isinstance(inputs, list) else ()
