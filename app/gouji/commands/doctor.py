"""`gouji doctor`."""

from __future__ import annotations

import click

from gouji.doctor import examine
from gouji.exits import ExitCode


@click.command()
def doctor() -> int:
    """Say what is installed, what loads, and what to do about what is missing."""
    ailing = False
    for finding in examine():
        mark = "ok  " if finding.well else ("FAIL" if finding.needed else "none")
        click.echo(f"{mark} {finding.what}: {finding.detail}")
        if not finding.well:
            click.echo(f"     -> {finding.remedy}")
            ailing |= finding.needed
    return ExitCode.NOT_INSTALLED if ailing else ExitCode.DONE
