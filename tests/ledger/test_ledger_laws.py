"""The ledger keeps its promises on both databases: one owner, fenced finishes, no page twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from gouji.document import Document, SourceRecord
from gouji.exits import OutputError
from gouji.ledger import Ledger, open_ledger
from gouji.ledger_check import check_ledger
from gouji.ledger_claims import Claim, Kind, Struck
from gouji.ledger_enlist import Enlisted, Fingerprints, enlist
from gouji.ledger_leases import reclaim, release
from gouji.ledger_progress import progress
from gouji.ledger_tables import documents, metadata, pages
from gouji.ledger_work import MOST_CLAIMS, Work
from gouji.store import Store

WANTED = Fingerprints("reading", "deciding", "limits")


def queue(ledger: Ledger, owner: str = "me/1.1.x/1", wanted: Fingerprints = WANTED) -> Work:
    return Work(ledger, wanted, owner)


def put(ledger: Ledger, *names: str, wanted: Fingerprints = WANTED, stamp: str = "1") -> int:
    scans = [Enlisted(name, f"{name}.png", f"/nowhere/{name}.png", stamp) for name in names]
    return sum(enlist(ledger, scans, wanted))


def opened(ledger: Ledger, name: str, page_count: int) -> None:
    """List a document and open it."""
    put(ledger, name)
    work = queue(ledger)
    (claim,) = work.claim()
    assert claim.kind is Kind.OPEN
    work.opened(claim, f"sha of {name}", [f"{name}-{n}" for n in range(page_count)], then=0)


def decided(name: str) -> Document:
    return Document(name=name, source=SourceRecord(path=name, sha256=f"sha of {name}"), pages=(), tables=())


def test_the_migrations_make_exactly_the_tables_the_code_uses(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    ours = [d for d in differences if not _of_review(d)]
    assert ours == []


def test_work_goes_from_opening_over_pages_to_deciding(ledger: Ledger) -> None:
    opened(ledger, "a", 2)
    work = queue(ledger)
    kinds = []
    claims = work.claim()
    while claims:
        (claim,) = claims
        kinds.append(claim.kind)
        if claim.kind is Kind.READ:
            claims = work.read(claim, {"seconds": 1.0, "blank": False})
        else:
            claims = work.decided(claim, decided("a"), 0.5)
    assert kinds == [Kind.READ, Kind.READ, Kind.DECIDE]
    assert not work.open_work()


def test_a_document_of_which_pages_are_not_on_the_list_is_never_decided(ledger: Ledger) -> None:
    opened(ledger, "a", 2)
    with ledger.begin() as connection:
        connection.execute(delete(pages).where(pages.c.number == 2))
    work = queue(ledger)
    (claim,) = work.claim()
    assert work.read(claim, {"seconds": 1.0}) == []
    reclaim(ledger, WANTED, lambda _owner: False)
    assert work.claim() == []


def test_no_page_is_given_to_two_owners(ledger: Ledger) -> None:
    opened(ledger, "a", 5)
    taken = [queue(ledger, f"me/1.1.x/{n}").claim(2) for n in range(4)]
    keys = [claim.key for claims in taken for claim in claims]
    assert sorted(keys) == [f"a-{n}" for n in range(5)]


def test_a_finish_after_the_lease_was_taken_over_changes_nothing(ledger: Ledger) -> None:
    opened(ledger, "a", 1)
    first, second = queue(ledger, "first/1.1.x/1"), queue(ledger, "second/1.1.x/1")
    (late,) = first.claim()
    reclaim(ledger, WANTED, lambda owner: owner.startswith("first"))
    (taken,) = second.claim()
    assert taken.fence > late.fence
    first.read(late, {"seconds": 99.0}, then=0)
    assert first.strike(late, "ValueError", "late") is Struck.LOST
    assert progress(ledger).pages == {"running": 1}
    second.read(taken, {"seconds": 1.0}, then=0)
    with ledger.view() as connection:
        assert connection.execute(select(pages.c.seconds)).scalar() == 1.0


def test_a_lease_of_the_living_is_left_alone_and_one_that_ran_out_is_taken(ledger: Ledger) -> None:
    opened(ledger, "a", 1)
    queue(ledger).claim()
    assert reclaim(ledger, WANTED, lambda _owner: False) == 0
    with ledger.begin() as connection:
        connection.execute(update(pages).values(lease_until=1.0))
    assert reclaim(ledger, WANTED, lambda _owner: False) == 1
    assert progress(ledger).pages == {"todo": 1}


def test_a_page_that_failed_twice_is_given_up_and_its_document_decided_without_it(ledger: Ledger) -> None:
    opened(ledger, "a", 1)
    work = queue(ledger)
    (claim,) = work.claim()
    assert work.strike(claim, "TookTooLongError", "too long") is Struck.AGAIN
    (claim,) = work.claim()
    assert work.strike(claim, "TookTooLongError", "too long") is Struck.GIVEN_UP
    (claim,) = work.claim()
    assert claim.kind is Kind.DECIDE


def test_work_that_never_ends_is_given_up_though_nobody_lived_to_say_so(ledger: Ledger) -> None:
    opened(ledger, "a", 1)
    for _ in range(MOST_CLAIMS):
        assert queue(ledger).claim()[0].kind is Kind.READ
        reclaim(ledger, WANTED, lambda _owner: True)
    assert progress(ledger).pages == {"failed": 1}


def test_releasing_one_worker_leaves_the_others_their_work(ledger: Ledger) -> None:
    opened(ledger, "a", 2)
    queue(ledger, "me/1.1.x/1").claim()
    queue(ledger, "me/1.1.x/10").claim()
    assert release(ledger, "me/1.1.x/1") == 1
    assert progress(ledger).pages == {"running": 1, "todo": 1}


def test_listing_the_same_files_again_queues_nothing(ledger: Ledger) -> None:
    assert put(ledger, "a", "b") == 2
    assert put(ledger, "a", "b") == 0


def test_a_file_with_another_stamp_is_opened_again(ledger: Ledger) -> None:
    opened(ledger, "a", 1)
    assert put(ledger, "a", stamp="2") == 1
    (claim,) = queue(ledger).claim()
    # The old page is nobody's any more: its document is not what it was.
    assert claim.kind is Kind.OPEN


def test_other_weights_queue_the_pages_under_other_keys_and_leave_the_old_readings(ledger: Ledger) -> None:
    opened(ledger, "a", 1)
    newer = Fingerprints("other weights", "deciding", "limits")
    assert put(ledger, "a", wanted=newer) == 1
    work = queue(ledger, wanted=newer)
    (claim,) = work.claim()
    (claim,) = work.opened(claim, "sha of a", ["a-0 by other weights"])
    assert claim.key == "a-0 by other weights"


def test_pages_of_a_big_file_that_was_replaced_keep_nobody_from_work(ledger: Ledger) -> None:
    put(ledger, "big", "small")
    big, small = queue(ledger).claim()[0], queue(ledger).claim()[0]
    work = queue(ledger)
    work.opened(big, "sha of big", [f"big-{n}" for n in range(1500)], then=0)
    put(ledger, "big", stamp="2")
    work.opened(small, "sha of small", ["small-0"], then=0)
    (claim,) = work.claim()
    assert claim.key == "small-0"
    assert progress(ledger).pages == {"running": 1, "stale": 1500}


def test_a_ledger_of_a_newer_gouji_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    url = None if not ledger.shared else ledger.engine.url.render_as_string(hide_password=False)
    with pytest.raises(OutputError, match="newer gouji"):
        open_ledger(tmp_path / "out", url)


def test_the_check_finds_missing_readings_and_mends_them(ledger: Ledger, tmp_path: Path) -> None:
    opened(ledger, "a", 1)
    work = queue(ledger)
    (claim,) = work.claim()
    (claim,) = work.read(claim, {"seconds": 1.0})
    work.decided(claim, decided("a"), 1.0, then=0)
    store = Store(tmp_path / "out")
    store.prepare()
    store.save_document(decided("a"))
    (fault,) = check_ledger(ledger, store)
    assert fault.what == "readings missing or damaged"
    assert [f.mended for f in check_ledger(ledger, store, mend=True)] != [""]
    assert queue(ledger).claim()[0].key == "a-0"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["claim", "finish", "fail", "die", "reclaim"]), max_size=40))
def test_whatever_happens_every_page_ends_done_or_given_up_and_never_twice(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    ledger = open_ledger(tmp_path_factory.mktemp("law"))
    opened(ledger, "a", 3)
    held: list[tuple[Work, Claim]] = []
    dead: set[str] = set()
    done: list[str] = []
    for number, step in enumerate(steps):
        if step == "claim":
            work = queue(ledger, f"w{number}/1.1.x/1")
            held += [(work, claim) for claim in work.claim()]
        elif step == "reclaim":
            reclaim(ledger, WANTED, dead.__contains__)
            held = [(work, claim) for work, claim in held if work.owner not in dead]
        elif held:
            work, claim = held.pop(0)
            if step == "die":
                dead.add(work.owner)
                held.insert(0, (work, claim)) if len(held) % 2 else None
            elif step == "fail":
                work.strike(claim, "ValueError", "no")
            elif claim.kind is Kind.READ:
                work.read(claim, {"seconds": 1.0}, then=0)
                done.append(claim.key)
            else:
                work.decided(claim, decided("a"), 1.0, then=0)
    reclaim(ledger, WANTED, lambda _owner: True)
    work = queue(ledger, "last/1.1.x/1")
    while claims := work.claim():
        (claim,) = claims
        if claim.kind is Kind.READ:
            work.read(claim, {"seconds": 1.0}, then=0)
        else:
            work.decided(claim, decided("a"), 1.0, then=0)
    states = progress(ledger).pages
    assert sum(states.values()) == 3
    assert set(states) <= {"done", "failed"}
    assert not work.open_work()
    ledger.close()


def test_many_documents_are_counted_without_a_full_list(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        rows = [
            {
                "key": f"{n}",
                "sha256": "x",
                "number": n,
                "reading": "reading",
                "state": "done" if n % 3 else "todo",
            }
            for n in range(3000)
        ]
        connection.execute(insert(pages), rows)
    counted = progress(ledger)
    assert counted.pages == {"done": 2000, "todo": 1000}
    with ledger.view() as connection:
        assert connection.execute(select(func.count()).select_from(documents)).scalar() == 0


def _of_review(difference: object) -> bool:
    """Tables of the review page are in another module's metadata."""
    return isinstance(difference, tuple) and "review_" in str(difference[1])
