"""`gouji schema`."""

from __future__ import annotations

import json

import click

from gouji.document import Document


@click.command()
def schema() -> None:
    """Print the JSON Schema of document.json."""
    click.echo(json.dumps(Document.model_json_schema(by_alias=True), ensure_ascii=False, indent=1))
