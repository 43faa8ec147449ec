"""The `gouji` command: subcommands are loaded when asked for, known failures become one line and a code."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

_COMMANDS = {
    "audit": "gouji.commands.users:audit",
    "calibrate": "gouji.commands.calibrate:calibrate",
    "check": "gouji.commands.check:check",
    "doctor": "gouji.commands.doctor:doctor",
    "evaluate": "gouji.commands.evaluate:evaluate",
    "forms": "gouji.commands.forms:forms",
    "ledger": "gouji.commands.ledger:ledger",
    "read": "gouji.commands.read:read",
    "reconcile": "gouji.commands.reconcile:reconcile",
    "reference": "gouji.commands.reference:reference",
    "retry": "gouji.commands.retry:retry",
    "review": "gouji.commands.review:review",
    "schema": "gouji.commands.schema:schema",
    "show": "gouji.commands.show:show",
    "status": "gouji.commands.status:status",
    "users": "gouji.commands.users:users",
}


class _LazyGroup(click.Group):
    """Imports a subcommand when it is used, so that `gouji --help` does not load the engines."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands with the first line of their help."""
        rows = [
            (name, command.get_short_help_str(80))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gouji")
def gouji() -> None:
    """Scanned Chinese report tables into figures that can be trusted (勾稽)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; the one place where failures become exit codes."""
    try:
        outcome: Any = gouji.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; run the same command again to go on", err=True)
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last line of defence says what happened and how to report it
        from gouji.exits import ExitCode, exit_code  # noqa: PLC0415 - loads the stages

        code = exit_code(error)
        if code is ExitCode.UNEXPECTED:
            traceback.print_exc()
            click.echo("this is a mistake in gouji; please report it with the lines above", err=True)
        else:
            click.echo(f"gouji: {error}", err=True)
        sys.exit(code)
    sys.exit(outcome if isinstance(outcome, int) else 0)
