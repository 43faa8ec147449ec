"""Every scan that is found gets a row of its own, whatever it is called; on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select, update

from gouji.batch.sources import find_sources
from gouji.ledger import Ledger
from gouji.ledger_enlist import Enlisted, Fingerprints, enlist
from gouji.ledger_tables import Step, documents

WANTED = Fingerprints("reading", "deciding", "limits")


def files(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def read(ledger: Ledger, *places: object) -> int:
    """List what a run over these places finds."""
    found = [item for item in find_sources([str(p) for p in places]) if isinstance(item, Enlisted)]
    return sum(enlist(ledger, found, WANTED))


def listed(ledger: Ledger) -> dict[str, str]:
    """The name of each listed scan, by the last two parts of its location."""
    with ledger.view() as connection:
        rows = connection.execute(select(documents).order_by(documents.c.id)).all()
    return {"/".join(row.location.split("/")[-2:]): row.name for row in rows}


def test_files_of_one_name_from_several_runs_are_all_listed(ledger: Ledger, tmp_path: Path) -> None:
    files(tmp_path, "x/A.png", "y/A.png", "z/A.png")
    assert read(ledger, tmp_path / "x") == 1
    assert read(ledger, tmp_path / "y", tmp_path / "z") == 2
    assert listed(ledger).keys() == {"x/A.png", "y/A.png", "z/A.png"}
    assert len(set(listed(ledger).values())) == 3
    before = listed(ledger)
    assert read(ledger, tmp_path / "z", tmp_path / "y", tmp_path / "x") == 0
    assert listed(ledger) == before


def test_a_file_that_is_called_like_a_numbered_one_is_listed_too(ledger: Ledger, tmp_path: Path) -> None:
    files(tmp_path, "x/A.png", "y/A.png", "w/A~2.png")
    assert read(ledger, tmp_path / "x", tmp_path / "y", tmp_path / "w") == 3
    assert listed(ledger).keys() == {"x/A.png", "y/A.png", "w/A~2.png"}
    assert len(set(listed(ledger).values())) == 3


def test_objects_of_one_name_in_two_buckets_are_both_listed(ledger: Ledger) -> None:
    scans = [Enlisted("A", "A.png", f"s3://{bucket}/A.png", "1") for bucket in ("b1", "b2", "b1")]
    assert sum(enlist(ledger, scans, WANTED)) == 2
    assert listed(ledger) == {"b1/A.png": "A", "b2/A.png": "A~2"}
    assert sum(enlist(ledger, scans, WANTED)) == 0


def test_only_one_of_two_files_takes_the_place_of_one_that_is_gone(ledger: Ledger, tmp_path: Path) -> None:
    files(tmp_path, "x/A.png")
    read(ledger, tmp_path / "x")
    (tmp_path / "x" / "A.png").unlink()
    scans = [Enlisted("A", "A.png", f"s3://{bucket}/A.png", "1") for bucket in ("b1", "b2")]
    assert sum(enlist(ledger, scans, WANTED)) == 2
    assert listed(ledger) == {"b1/A.png": "A", "b2/A.png": "A~2"}


def test_another_file_of_the_name_of_one_that_is_gone_gets_a_name_of_its_own(
    ledger: Ledger, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    files(tmp_path, "one/001.png")
    (one / "001.png").write_bytes(b"first")
    read(ledger, one)
    with ledger.begin() as connection:  # it was read
        digest = hashlib.sha256(b"first").hexdigest()
        connection.execute(update(documents).values(sha256=digest, step=Step.DONE, decided_with="deciding"))
    (one / "001.png").unlink()
    files(tmp_path, "other/001.png")
    (other / "001.png").write_bytes(b"second")
    assert read(ledger, other) == 1
    assert listed(ledger) == {"one/001.png": "001", "other/001.png": "001~2"}


def test_a_file_that_was_moved_keeps_its_name(ledger: Ledger, tmp_path: Path) -> None:
    files(tmp_path, "one/001.png", "other/001.png")
    (tmp_path / "one" / "001.png").write_bytes(b"first")
    (tmp_path / "other" / "001.png").write_bytes(b"first")
    read(ledger, tmp_path / "one")
    with ledger.begin() as connection:
        connection.execute(update(documents).values(sha256=hashlib.sha256(b"first").hexdigest()))
    (tmp_path / "one" / "001.png").unlink()
    read(ledger, tmp_path / "other")
    assert listed(ledger) == {"other/001.png": "001"}


def test_hosts_that_list_at_the_same_time_lose_no_scan(ledger: Ledger) -> None:
    def host(number: int) -> None:
        for n in range(15):
            for bucket in (f"of-{number}", "shared"):
                list(enlist(ledger, [Enlisted(f"{n}", f"{n}.png", f"s3://{bucket}/{n}.png", "1")], WANTED))

    with ThreadPoolExecutor(4) as hosts:
        list(hosts.map(host, range(4)))
    with ledger.view() as connection:
        found = list(connection.scalars(select(documents.c.location)))
    assert len(set(found)) == len(found) == 15 + 4 * 15


def test_others_can_write_while_a_chunk_is_looked_at_and_it_stays_when_nobody_asks_on(
    ledger: Ledger,
) -> None:
    listing = enlist(ledger, [Enlisted("a", "a.png", "/nowhere/a.png", "1")], WANTED)
    assert isinstance(listing, Iterator)
    assert next(listing) == 1
    with ledger.engine.connect() as other:
        assert len(other.execute(select(documents)).all()) == 1
    listing.close()  # type: ignore[attr-defined]
    assert len(listed(ledger)) == 1
