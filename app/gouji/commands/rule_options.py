"""Options about rules that reading and reconciling share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gouji.options import ReadOptions

OWN_FILE = click.Path(exists=True, path_type=Path, resolve_path=True)
"""A pack or calibration; later commands, run elsewhere, look for it where it was."""


def rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which rules are switched off, and what places without a figure mean."""
    command = click.option(
        "--meaning",
        "meanings",
        multiple=True,
        metavar="KIND=MEANING[@DOCUMENT]",
        callback=_checked,
        help="What a blank, dash, slash, below_unit, none or not_applicable stands for: zero, "
        "zero_if_closed, unknown, not_applicable or below_unit; for all documents or those named.",
    )(command)
    return click.option(
        "--switch-off",
        multiple=True,
        metavar="RULE[@FORM[@DOCUMENT]]",
        help="Rule not to apply, for the run, a form or a document; * stands for anything.",
    )(command)


def _checked(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    try:
        ReadOptions(meanings=tuple(text.partition("@")[0] for text in given))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return given
