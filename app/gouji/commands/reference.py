"""`gouji reference`: docs/commands.md is what this prints, and a test holds it to that."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gouji.command import gouji


@click.command(hidden=True)
def reference() -> None:
    """Print the reference of all commands as Markdown (docs/commands.md)."""
    click.echo("\n".join(_pages()))


def _pages() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "Made by `gouji reference`; exit codes are in [errors.md](errors.md)."
    context = click.Context(gouji, info_name="gouji")
    for name in gouji.list_commands(context):
        command = gouji.get_command(context, name)
        if command is not None and not command.hidden:
            yield from _page(command, click.Context(command, info_name=name, parent=context))


def _page(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        yield from ("", f"## {context.command_path}", "", *_paragraphs(command.help or ""))
        for name in command.list_commands(context):
            sub = command.get_command(context, name)
            if sub is not None:
                yield from _page(sub, click.Context(sub, info_name=name, parent=context))
        return
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield from ("", f"## {context.command_path}", "", *_paragraphs(command.help or ""))
    yield from ("", f"    {usage}")
    options = [p for p in command.params if isinstance(p, click.Option)]
    if options:
        yield from ("", "| option | meaning |", "|---|---|")
    for option in options:
        record = option.get_help_record(context)
        if record is not None:
            yield f"| `{record[0].replace('|', ' or ')}` | {record[1].replace('|', ' or ')} |"


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\b", "").strip().splitlines()]
