"""Options of a run: what is settled about rules, for all documents or for some, and the way through JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from gouji.batch.run import Request
from gouji.command import gouji
from gouji.exits import OutputError
from gouji.options import ReadOptions
from gouji_ocr.amounts import AmountKind
from gouji_postprocess.rule import RuleSource
from gouji_postprocess.rule_settings import Nothing


def switched(options: ReadOptions, document: str, form: str, rule: str = "p1t0/R1/x") -> bool:
    settings = options.rule_settings(document)
    return settings.switch_for(rule=rule, source=RuleSource.FORM, form=form) is not None


def test_a_rule_is_switched_off_for_the_run_for_a_form_or_for_a_document() -> None:
    assert switched(ReadOptions(switched_off=("R1*",)), "a", "2019/T3")
    of_a_form = ReadOptions(switched_off=("R1*@2021",))
    assert switched(of_a_form, "a", "2021/T3")
    assert not switched(of_a_form, "a", "2019/T3")
    of_a_document = ReadOptions(switched_off=("R1*@*@2020/*",))
    assert switched(of_a_document, "2020/文登区", "2019/T3")
    assert not switched(of_a_document, "2021/文登区", "2019/T3")


def test_a_document_with_an_at_sign_in_its_name_is_meant_whole() -> None:
    of_a_document = ReadOptions(switched_off=("R1*@*@a@b",), meanings=("dash=zero@a@b",))
    assert switched(of_a_document, "a@b", "2019/T3")
    assert not switched(of_a_document, "a", "2019/T3")
    assert of_a_document.rule_settings("a@b").meanings[AmountKind.DASH] is Nothing.ZERO
    assert ReadOptions(switched_off=("R1*@*@a@b",)).without_effect([], {}) == [
        "--switch-off R1*@*@a@b: no rule is off by it"
    ]


def test_blanks_mean_what_is_settled_for_their_document() -> None:
    options = ReadOptions(meanings=("dash=zero", "blank=unknown@年鉴/*"))
    assert options.rule_settings("年鉴/1992").meanings[AmountKind.BLANK] is Nothing.UNKNOWN
    assert options.rule_settings("年报/2020").meanings[AmountKind.BLANK] is Nothing.ZERO_IF_CLOSED
    assert options.rule_settings("年报/2020").meanings[AmountKind.DASH] is Nothing.ZERO


@pytest.mark.parametrize("stated", ["blank=nothing", "space=zero", "blank"])
def test_a_meaning_that_is_none_is_refused_with_a_sentence(stated: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        ReadOptions(meanings=(stated,))
    done = CliRunner().invoke(
        gouji, ["read", str(tmp_path), "-o", str(tmp_path / "out"), "--meaning", stated]
    )
    assert done.exit_code == 2
    assert "Invalid value for '--meaning'" in done.output


def test_a_meaning_that_is_none_is_told_what_may_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose from zero, zero_if_closed, unknown, not_applicable"):
        ReadOptions(meanings=("blank=foo",))
    with pytest.raises(ValueError, match="choose from blank, dash, slash"):
        ReadOptions(meanings=("figure=zero",))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-pixels", "0"),
        ("--max-pixels", "-5"),
        ("--max-pages", "0"),
        ("--max-pages", "-1"),
        ("--page-seconds", "nan"),
        ("--page-seconds", "inf"),
    ],
)
def test_a_limit_that_makes_no_sense_is_wrong_use(tmp_path: Path, option: str, value: str) -> None:
    done = CliRunner().invoke(gouji, ["read", str(tmp_path), "-o", str(tmp_path / "out"), option, value])
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.output


@pytest.mark.parametrize("page", ["0", "3"])
def test_show_says_how_many_pages_there_are(tmp_path: Path, page: str) -> None:
    sheet = Image.new("L", (100, 100))
    sheet.save(tmp_path / "a.tif", save_all=True, append_images=[sheet])
    done = CliRunner().invoke(gouji, ["show", str(tmp_path / "a.tif"), "-p", page, "-o", str(tmp_path / "s")])
    assert done.exit_code == 2
    assert "--page" in done.output
    assert page == "0" or "a.tif has 2 pages" in done.output


def test_settings_that_nothing_came_under_are_named() -> None:
    options = ReadOptions(
        switched_off=("R1/*@small", "R9@small"),
        meanings=("blank=zero@年鉴/*", "dash=zero", "slash=zero@nosuchdoc"),
    )
    assert options.without_effect(["年鉴/1992"], {"--switch-off R1/*@small": 3}) == [
        "--switch-off R9@small: no rule is off by it",
        "--meaning slash=zero@nosuchdoc: no document has that name",
    ]


def test_options_come_back_from_json_as_they_went_in() -> None:
    options = ReadOptions(
        max_pages=7, form_packs=(Path("a.yaml"),), switched_off=("R1@2019",), meanings=("dash=zero",)
    )
    assert ReadOptions.from_record(json.loads(json.dumps(options.as_record()))) == options


def test_options_of_an_older_version_keep_the_new_defaults() -> None:
    assert ReadOptions.from_record({"max_pages": 3, "gone": 1}) == ReadOptions(max_pages=3)


def test_packs_given_by_a_relative_path_are_remembered_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Request] = []

    def note(request: Request, **_: object) -> int:
        asked.append(request)
        return 0

    monkeypatch.setattr("gouji.commands.read.run_and_show", note)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text("form: own")
    CliRunner().invoke(gouji, ["read", ".", "-o", "out", "--forms", "own.yaml"], standalone_mode=False)
    (request,) = asked
    assert request.options.as_record()["form_packs"] == [str((tmp_path / "own.yaml").resolve())]


def test_show_says_where_its_pictures_cannot_be_written(tmp_path: Path) -> None:
    Image.new("L", (200, 200), 255).save(tmp_path / "a.png")
    (tmp_path / "taken").touch()
    folder = str(tmp_path / "taken" / "shown")
    done = CliRunner().invoke(gouji, ["show", str(tmp_path / "a.png"), "--layout", "-o", folder])
    assert isinstance(done.exception, OutputError)
    assert str(done.exception) == f"cannot write pictures into {folder}: Not a directory"
