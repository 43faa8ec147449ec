"""Opening a ledger: in any folder, and with a sentence where the file is no database."""

from __future__ import annotations

from pathlib import Path

import pytest

from gouji.exits import OutputError
from gouji.ledger import LEDGER_FILE, Ledger, open_ledger
from gouji.ledger_enlist import Enlisted, Fingerprints, enlist
from gouji.ledger_progress import progress


def put(ledger: Ledger, count: int) -> None:
    scans = [Enlisted(f"{n}", f"{n}.png", f"/nowhere/{n}.png", "1") for n in range(count)]
    assert sum(enlist(ledger, scans, Fingerprints("reading", "deciding", "limits"))) == count


@pytest.mark.parametrize("name", ["out?x=1", "out#1", "out 100%25", "结果"])
def test_a_folder_with_any_name_has_its_ledger_inside(tmp_path: Path, name: str) -> None:
    ledger = open_ledger(tmp_path / name)
    ledger.close()
    assert (tmp_path / name / LEDGER_FILE).is_file()


@pytest.mark.parametrize("worker", [True, False])
def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path, *, worker: bool) -> None:
    (tmp_path / LEDGER_FILE).write_bytes(b"this is no database" * 100)
    with pytest.raises(OutputError, match="file is not a database"):
        progress(open_ledger(tmp_path, worker=worker))


def test_a_ledger_that_was_damaged_is_said_to_be_damaged(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    put(ledger, 500)
    ledger.close()
    file = tmp_path / LEDGER_FILE
    raw = file.read_bytes()
    file.write_bytes(raw[:8192] + bytes(len(raw) - 8192))
    ledger = open_ledger(tmp_path, worker=True)
    with pytest.raises(OutputError, match=r"cannot be read: .*malformed"):
        progress(ledger)
    with pytest.raises(OutputError, match=r"cannot be written: .*malformed"):
        put(ledger, 500)
    ledger.close()
