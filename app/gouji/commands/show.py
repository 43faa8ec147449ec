"""`gouji show`."""

from __future__ import annotations

from pathlib import Path

import click
from PIL import Image

from gouji.exits import OutputError
from gouji_layout.scan import open_scan


@click.command()
@click.argument("scan", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-p",
    "--page",
    "number",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Page of the file, from 1.",
)
@click.option("--layout", "layout_only", is_flag=True, help="Only the geometry: nothing is read.")
@click.option(
    "-o",
    "--out",
    default=Path("shown"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the pictures.",
)
def show(scan: Path, number: int, layout_only: bool, out: Path) -> None:
    """Draw each step of the work on a page as PNG pictures.

    With --layout the page is stood upright by its rules and text lines alone, without the engines.
    """
    from gouji_layout.lines import text_lines  # noqa: PLC0415 - these load the detector
    from gouji_layout.paper import Paper  # noqa: PLC0415
    from gouji_layout.picture import draw  # noqa: PLC0415
    from gouji_layout.regions import regions  # noqa: PLC0415
    from gouji_layout.tables import find_tables  # noqa: PLC0415
    from gouji_layout.upright import upright  # noqa: PLC0415
    from gouji_postprocess.form_layout import form_grids  # noqa: PLC0415
    from gouji_postprocess.packs import load_packs  # noqa: PLC0415

    opened = open_scan(scan)
    if number > opened.page_count:
        pages = "1 page" if opened.page_count == 1 else f"{opened.page_count} pages"
        raise click.BadParameter(f"{scan.name} has {pages}", param_hint="--page")
    score = None
    if not layout_only:
        from gouji_ocr.engines import Engines  # noqa: PLC0415
        from gouji_ocr.prose import line_scorer  # noqa: PLC0415

        score = line_scorer(Engines.load())
    page = upright(opened.page(number), read_lines=score)
    paper = Paper.of(page)
    tables = find_tables(page, paper, read_lines=score, forms=form_grids(load_packs().tables))
    layout, lines = regions(page, tables, paper), text_lines(page, tables, paper)
    pictures = draw(page, tables, layout, lines, paper)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for step, picture in pictures.items():
            path = out / f"{scan.stem}_p{number}_{step}.png"
            Image.fromarray(picture).save(path)
            click.echo(path)
    except OSError as error:
        raise OutputError(f"cannot write pictures into {out}: {error.strerror or error}") from error
