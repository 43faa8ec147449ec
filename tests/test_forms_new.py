"""`gouji forms new` drafts a pack that passes its check, and never destroys one that is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from form_pages import QUARTERS, quarters, table_from

from fixtures.review_folder import Folder, make_folder
from gouji.command import gouji
from gouji.commands.forms import _unit_above
from gouji.exits import ExitCode, OutputError, exit_code
from gouji_layout.geometry import Box
from gouji_ocr.reading import TextLine
from gouji_postprocess.draft import draft_pack
from gouji_postprocess.packs import check_pack, parse_pack


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return make_folder(tmp_path_factory.mktemp("read"), seeds=(3,), squares=0)


def draft(read: Folder, save: Path, *options: str) -> None:
    command = ["forms", "new", str(read.out), read.names[0], "--page", "1", "-o", str(save), *options]
    done = CliRunner().invoke(gouji, command, standalone_mode=False)
    if done.exception is not None:
        raise done.exception


def test_a_draft_passes_the_check_also_in_a_folder_that_has_to_be_made(read: Folder, tmp_path: Path) -> None:
    draft(read, tmp_path / "packs" / "own.yaml", "--form", "own")
    assert check_pack(tmp_path / "packs" / "own.yaml").id == "own"


def test_the_unit_above_a_table_and_its_totals_are_drafted() -> None:
    text = draft_pack(*table_from([list(row) for row in QUARTERS]), unit="万元")
    form = parse_pack(text)
    assert form.tables[0].blocks[0].unit == "万元"
    assert len(form.tables[0].rules) == 4


def test_totals_that_hardly_ever_hold_are_no_rules_of_a_draft() -> None:
    text = draft_pack(*table_from(quarters("175", "282", "449", "219")))
    assert not parse_pack(text).tables[0].rules


@pytest.mark.parametrize(
    ("lines", "unit"),
    [
        (["收支情况表", "单位：万元"], "万元"),
        (["单位：元", "表二　单位: 千元"], "千元"),
        (["（金额单位：亿元）", "填报单位：某局"], "亿元"),
        ([], ""),
    ],
)
def test_the_unit_is_the_one_that_is_printed_nearest_above(lines: list[str], unit: str) -> None:
    table, _ = table_from([list(row) for row in QUARTERS])
    table = replace(table, box=Box(0, 500, 300, 650))
    above = [TextLine(Box(0, 30 * i, 200, 30 * i + 20), text, -0.01) for i, text in enumerate(lines)]
    below = TextLine(Box(0, 700, 200, 720), "单位：亿元", -0.01)
    assert _unit_above(table, [*above, below]) == unit


def test_a_pack_that_is_there_is_written_over_only_when_asked(read: Folder, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("# edited by hand", encoding="utf-8")
    with pytest.raises(OutputError, match="--force") as caught:
        draft(read, own)
    assert exit_code(caught.value) is ExitCode.BAD_OUTPUT
    assert own.read_text(encoding="utf-8") == "# edited by hand"
    draft(read, own, "--force")
    assert check_pack(own).id == "draft"


def test_a_place_that_cannot_be_written_is_a_clear_error(read: Folder, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        draft(read, tmp_path / "file" / "own.yaml")


@pytest.mark.parametrize("form", ["a/b: [", "", "x" * 41, "a\n"])
def test_an_id_that_no_pack_may_have_is_refused(read: Folder, tmp_path: Path, form: str) -> None:
    with pytest.raises(click.BadParameter, match="not a form's id"):
        draft(read, tmp_path / "own.yaml", "--form", form)
    assert not (tmp_path / "own.yaml").exists()
