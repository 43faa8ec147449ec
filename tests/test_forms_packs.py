"""Form packs: what is shipped, and what a broken or hostile pack is told."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from form_pages import sample_values, table_from

from gouji_postprocess.draft import draft_pack
from gouji_postprocess.form import Packs, TableForm
from gouji_postprocess.form_layout import lay_out
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import BUNDLED, PackError, check_pack, load_packs, parse_pack

PACKS = load_packs()

GOOD = """\
form: small
title: 小表
years: [2000, 2010]
tables:
  - id: T1
    key: t
    columns:
      - {key: a, label: 甲}
      - {key: b, label: 乙}
      - {key: total, label: 合计}
    rows:
      - {key: x, label: 第一行}
    rules:
      - {id: R1, each: row, rule: total = a + b, why: 合计等于甲乙之和}
"""


def test_every_bundled_pack_passes_its_own_check() -> None:
    for path in BUNDLED.glob("*.yaml"):
        assert check_pack(path).tables


def test_the_families_of_the_domain_are_shipped() -> None:
    wanted = ["2014/T1", "dingxi/T1", "accounts/T1", "accounts/T7", "census/T1"]
    wanted += [f"{year}/T{n}" for year in (2019, 2021) for n in (2, 3, 4)]
    assert {table.id for table in PACKS.tables} >= set(wanted)


@pytest.mark.parametrize(("table", "figures"), [("2019/T3", 161), ("2021/T3", 175), ("2019/T4", 15)])
def test_the_national_forms_have_all_their_figures(table: str, figures: int) -> None:
    form = PACKS.table(table)
    assert form is not None
    assert len(list(form.quantities())) == figures


def test_quantities_are_named_by_their_place_in_the_form() -> None:
    form = PACKS.table("2021/T3")
    assert form is not None
    assert "applications.outcome.granted.natural_person" in set(form.quantities())


def test_equal_tables_of_two_forms_know_each_other() -> None:
    form = PACKS.table("2021/T4")
    assert form is not None
    assert form.also == ("2019/T4",)


def broken(old: str, new: str) -> PackError:
    with pytest.raises(PackError) as caught:
        parse_pack(GOOD.replace(old, new), "mine.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("form: small", "form: small\ncolour: red", 2, "unknown key"),
        ("{key: b, label: 乙}", "{key: b, lable: 乙}", 9, "unknown key"),
        ("years: [2000, 2010]", "", 1, "missing"),
        ("title: 小表", "title: 小表\ntitle: 大表", 3, "the same key twice"),
        ("total = a + b", "total = a + c", 14, "there is no c"),
        ("total = a + b", "total = a +", 14, "expected"),
        ("total = a + b", "total = total", 14, "says nothing"),
        ("total = a + b", "a + b = b + a", 14, "says nothing"),
        ("total = a + b", "total ~ a / (b - b)", 14, "always zero"),
        ("total = a + b", "total ~ a / 0 + b", 14, "always zero"),
        ("each: row, rule", "each: row, only: [z], rule", 14, "there is no z"),
        ("each: row, rule", "each: row, unless: [x, z.*], rule", 14, "there is no z.*"),
        ("years: [2000, 2010]", "years: [2010, 2000]", 3, "2010 is after 2000"),
        ("{key: b, label: 乙}", '{key: b, label: ""}', 9, "at least 1 character"),
        ("{key: b, label: 乙}", "{key: a, label: 乙}", 5, "the same key for two quantities"),
        ("each: row", "each: cell", 14, "row"),
        ("years: [2000, 2010]", "years: [2000", 4, "not YAML"),
        ("form: small", "form: &x small", 1, "anchors and aliases"),
        ("title: 小表", "title: !!python/name:os.system x", 2, "tags are not used"),
    ],
)
def test_a_broken_pack_is_told_the_line_and_what_is_wrong(old: str, new: str, line: int, words: str) -> None:
    error = broken(old, new)
    assert error.line == line
    assert words in str(error)
    assert "mine.yaml" in str(error)


def test_a_misspelt_name_in_a_rule_gets_a_hint() -> None:
    assert "did you mean total?" in str(broken("total = a + b", "totl = a + b"))


def test_a_yaml_bomb_is_refused_before_it_is_built() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"k{i}: &k{i} [*a, *a]\n" for i in range(50))
    with pytest.raises(PackError, match="anchors"):
        parse_pack(bomb)


def test_tables_that_stand_for_each_other_in_a_circle_are_refused() -> None:
    text = "form: x\ntitle: t\nyears: [1, 2]\ntables:\n  - {id: A, same_as: x/B}\n  - {id: B, same_as: x/A}\n"
    with pytest.raises(PackError, match="circle") as caught:
        parse_pack(text)
    assert caught.value.line == 5


def test_deep_nesting_and_huge_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="deeper"):
        parse_pack("form: " + "[" * 40 + "]" * 40)
    big = tmp_path / "big.yaml"
    big.write_text("# " + "x" * 600_000, encoding="utf-8")
    with pytest.raises(PackError, match="larger"):
        check_pack(big)


def test_a_file_that_is_gone_is_not_called_unreadable_text(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"cannot be opened: .*gone\.yaml"):
        load_packs([tmp_path / "gone.yaml"])


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "picture.yaml"
    binary.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(PackError, match="UTF-8"):
        check_pack(binary)


def test_a_pack_of_ones_own_replaces_the_bundled_form_of_the_same_name(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(GOOD.replace("form: small", 'form: "2014"'), encoding="utf-8")
    assert load_packs([tmp_path]).forms["2014"].title == "小表"


@pytest.mark.parametrize("form", [t for t in PACKS.tables if not t.id.endswith("T2")], ids=lambda f: f.id)
def test_a_drafted_pack_knows_the_table_it_was_drafted_from(form: TableForm) -> None:
    values = sample_values(form, random.Random(1))
    table, readings = table_from(lay_out(form, {key: str(value) for key, value in values.items()}))
    draft = parse_pack(draft_pack(table, readings, form="mine", title="草稿"))
    match = match_form(table, readings, Packs({"mine": draft}))
    assert match is not None
    assert not match.missing
    assert len(draft.tables[0].rules) >= len([r for r in form.rules if not r.soft]) - 2


def test_a_table_without_figures_cannot_be_drafted() -> None:
    table, readings = table_from([["名称", "地址"], ["甲", "乙"]])
    with pytest.raises(ValueError, match="no labelled figures"):
        draft_pack(table, readings)
