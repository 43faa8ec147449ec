"""An output folder and its ledger know each other; no other takes the place of either."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_runs import environment, folder, run

from gouji.command import main
from gouji.exits import ExitCode, OutputError
from gouji.ledger import LEDGER_FILE
from gouji.ledger_of_folder import own_ledger, standing_ledger
from gouji.store import LEDGER_MARK, Store


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    environment(monkeypatch, tmp_path)
    return folder(tmp_path / "in", 2)


def other(tmp_path: Path, name: str = "other") -> str:
    return f"sqlite:///{tmp_path / name}.db"


def test_a_run_without_the_ledger_that_has_the_answers_is_refused_and_makes_no_other(
    tmp_path: Path, scans: Path
) -> None:
    run(scans, tmp_path / "out", ledger=other(tmp_path))
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("document.json")}
    with pytest.raises(OutputError, match=r"in another ledger: use --ledger sqlite:///.*other\.db"):
        run(scans, tmp_path / "out")
    assert not (tmp_path / "out" / LEDGER_FILE).exists()
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("document.json")} == before
    run(scans, tmp_path / "out", ledger=other(tmp_path))


@pytest.mark.parametrize("name", ["a new one", "that of another folder"])
def test_another_ledger_than_that_of_the_folder_is_refused(tmp_path: Path, scans: Path, name: str) -> None:
    run(scans, tmp_path / "out", ledger=other(tmp_path))
    url = other(tmp_path, "second")
    if name == "that of another folder":
        run(scans, tmp_path / "out2", ledger=url)
    with pytest.raises(OutputError, match="in another ledger"):
        run(scans, tmp_path / "out", ledger=url)


def test_a_folder_with_a_ledger_inside_takes_none_from_elsewhere(tmp_path: Path, scans: Path) -> None:
    run(scans, tmp_path / "out")
    with pytest.raises(OutputError, match=f"use its own {LEDGER_FILE}, without --ledger"):
        run(scans, tmp_path / "out", ledger=other(tmp_path))


def test_two_folders_in_one_ledger_are_refused(tmp_path: Path, scans: Path) -> None:
    run(scans, tmp_path / "out", ledger=other(tmp_path))
    with pytest.raises(OutputError, match="belongs to another output folder"):
        run(scans, tmp_path / "out2", ledger=other(tmp_path))


def test_every_command_on_a_folder_says_which_ledger_has_its_answers(
    tmp_path: Path, scans: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    run(scans, out, ledger=other(tmp_path))
    for command in ("status", "ledger check", "reconcile", "retry --failed", "review", "audit"):
        with pytest.raises(SystemExit) as left:
            main([*command.split(), str(out)])
        assert left.value.code == ExitCode.BAD_OUTPUT
        assert "use --ledger sqlite:///" in capsys.readouterr().err
    assert not (out / LEDGER_FILE).exists()


def test_a_folder_moved_with_its_ledger_goes_on_and_a_deleted_ledger_is_made_anew(
    tmp_path: Path, scans: Path
) -> None:
    run(scans, tmp_path / "out")
    moved = (tmp_path / "out").rename(tmp_path / "moved")
    run(scans, moved)
    for path in moved.glob(f"{LEDGER_FILE}*"):
        path.unlink()
    run(scans, moved)
    standing_ledger(moved).close()


def test_a_folder_made_before_ledgers_had_names_joins_its_own(tmp_path: Path, scans: Path) -> None:
    out = tmp_path / "out"
    run(scans, out)
    (out / LEDGER_MARK).unlink()
    ledger = standing_ledger(out)  # looking changes nothing
    with ledger.begin() as connection:
        connection.exec_driver_sql("DELETE FROM identity")
    ledger.close()
    assert not (out / LEDGER_MARK).exists()
    run(scans, out)
    assert (out / LEDGER_MARK).exists()


def test_machines_that_begin_at_the_same_moment_give_one_name(
    tmp_path: Path, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, url = Store(tmp_path / "out"), other(tmp_path)
    store.prepare()
    write = Store.write_json

    def with_another_before(self: Store, name: str, value: object) -> Path:
        monkeypatch.setattr(Store, "write_json", write)
        own_ledger(store, url).close()
        return self.write_json(name, value)

    monkeypatch.setattr(Store, "write_json", with_another_before)
    own_ledger(store, url).close()
    own_ledger(store, url).close()


def test_no_password_of_a_ledger_stands_in_the_folder(tmp_path: Path, server: str) -> None:
    store = Store(tmp_path / "out")
    store.prepare()
    ledger = own_ledger(store, server.replace("gouji@", "gouji:geheim@"))
    with ledger.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    ledger.close()
    mark = (tmp_path / "out" / LEDGER_MARK).read_text(encoding="utf-8")
    assert "geheim" not in mark
    assert "gouji:***@" in mark


def test_a_mark_that_is_damaged_is_named(tmp_path: Path, scans: Path) -> None:
    run(scans, tmp_path / "out")
    (tmp_path / "out" / LEDGER_MARK).write_text("{", encoding="utf-8")
    with pytest.raises(OutputError, match=r"ledger\.json cannot be read"):
        run(scans, tmp_path / "out")
