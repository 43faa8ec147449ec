"""Whole runs of the command as a person starts it: good pages to the end, bad ones reported."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from fixtures.make import make_page
from gouji.document import Document
from gouji.evaluate import evaluate

ROOT = Path(__file__).parent.parent
GOUJI = Path(sys.executable).with_name("gouji")


def gouji(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(GOUJI), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)


def read_documents(out: Path) -> dict[str, Document]:
    root = out / "documents"
    return {
        path.parent.relative_to(root).as_posix(): Document.model_validate_json(path.read_bytes())
        for path in root.rglob("document.json")
    }


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good scans among seven bad ones."""
    folder = tmp_path_factory.mktemp("scans")
    page = make_page(seed=41, level=1, dpi=150, form="2021", parts=("T4",))
    (folder / "2023").mkdir()
    Image.fromarray(page.image).save(folder / "2023" / "复议诉讼.png", dpi=(150, 150))
    Image.fromarray(page.image).save(folder / "copy.jpg", dpi=(150, 150), quality=92)
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "cut.pdf").write_bytes(b"%PDF-1.4\n1 0 obj <<")
    (folder / "letter.png").write_text("not a picture")
    Image.new("L", (1, 1)).save(folder / "dot.png")
    Image.new("1", (20_000, 20_000)).save(folder / "huge.tif", compression="group4")
    (folder / "pack.docx").write_bytes(b"PK\x03\x04 broken")
    (folder / "notes.txt").write_text("left alone")
    return folder


@pytest.fixture(scope="module")
def first_run(
    scans: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    out = tmp_path_factory.mktemp("out")
    return out, gouji("read", scans, "-o", out)


def test_good_scans_are_read_and_bad_ones_each_cost_only_themselves(
    first_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, done = first_run
    assert done.returncode == 3, done.stderr
    with_pages = {name for name, document in read_documents(out).items() if document.pages}
    assert with_pages == {"2023/复议诉讼", "copy"}
    summary = json.loads((out / "summary.json").read_text())
    failed = {Path(failure["path"]).name for failure in summary["failures"]}
    assert failed == {"empty.pdf", "cut.pdf", "letter.png", "dot.png", "huge.tif", "pack.docx"}
    for failure in summary["failures"]:
        assert failure["message"]
        assert "\n" not in failure["message"]
        assert "Traceback" not in failure["message"]
    assert "FAILED" in done.stdout


def test_every_cell_says_what_it_is_and_why(first_run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = first_run
    document = read_documents(out)["2023/复议诉讼"]
    assert document.source.path == "2023/复议诉讼.png"
    cells = [cell for table in document.tables for cell in table.cells]
    assert len(cells) > 15
    for cell in cells:
        assert cell.reason
        assert cell.ref.startswith("p1t")
    assert any(rule.source == "form" for table in document.tables for rule in table.rules)


def test_the_workbook_keeps_merged_cells(first_run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = first_run
    table = read_documents(out)["2023/复议诉讼"].tables[0]
    book = openpyxl.load_workbook(out / "documents" / "2023" / "复议诉讼" / "tables.xlsx")
    merged = sum(cell.rowspan > 1 or cell.colspan > 1 for cell in table.cells)
    assert len(book.worksheets[0].merged_cells.ranges) == merged > 0


def test_a_second_run_reads_no_page_again_and_changes_nothing(
    scans: Path, first_run: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    out, _ = first_run
    before = {path: path.stat().st_mtime_ns for path in (out / "pages").rglob("*.gz")}
    documents = read_documents(out)
    again = gouji("read", scans, "-o", out)
    assert again.returncode == 3
    assert {path: path.stat().st_mtime_ns for path in (out / "pages").rglob("*.gz")} == before
    assert read_documents(out) == documents


def test_deciding_again_keeps_the_settings_of_the_run_and_renews_its_summary(
    first_run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(first_run[0], out)
    first = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert first["rules"]["holds"] > 0
    switched = gouji("reconcile", out, "--switch-off", "*", "--switch-off", "R9@nosuchform")
    assert switched.returncode == 0, switched.stderr
    assert "--switch-off R9@nosuchform: no rule is off by it" in switched.stderr
    assert "--switch-off *:" not in switched.stderr
    without = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert without["rules"]["holds"] == 0
    assert without["figures"]["confirmed"] == 0
    kept = ("inputs", "failures", "documents", "pages", "seconds")
    assert {key: without[key] for key in kept} == {key: first[key] for key in kept}
    assert gouji("reconcile", out).returncode == 0
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["rules"]["holds"] == 0


def test_a_folder_without_scans_is_an_error_that_says_so(tmp_path: Path) -> None:
    done = gouji("read", tmp_path, "-o", tmp_path / "out")
    assert done.returncode == 4
    assert "no scan" in done.stderr


def test_an_output_folder_that_cannot_be_made_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    Image.new("L", (100, 100), 255).save(tmp_path / "a.png")
    done = gouji("read", tmp_path / "a.png", "-o", tmp_path / "file" / "out")
    assert done.returncode == 7, done.stderr
    assert "cannot write" in done.stderr


def test_the_doctor_finds_everything_in_place() -> None:
    done = gouji("doctor")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout


@pytest.mark.slow
def test_all_176_figures_of_the_seed_report_are_right_and_all_its_rules_hold(tmp_path: Path) -> None:
    name = "文登区2020年报"
    shutil.copytree(ROOT / "fixtures" / "scans" / name, tmp_path / "in" / name)
    done = gouji("read", tmp_path / "in", "-o", tmp_path / "out" / "x")
    assert done.returncode == 0, done.stderr
    (document,) = read_documents(tmp_path / "out" / "x").values()
    found = evaluate(ROOT / "fixtures" / "truth" / name, tmp_path / "out" / "x").as_record()
    assert found["total"]["figures"] == 176
    assert found["total"]["figures_exact"] == 1.0
    rules = [rule for table in document.tables for rule in table.rules if rule.source == "form"]
    assert len(rules) == 40
    assert {rule.verdict.value for rule in rules} == {"holds"}
