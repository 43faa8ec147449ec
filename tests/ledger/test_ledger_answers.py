"""What persons answered is written down once and never rewritten, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from gouji.ledger import Ledger
from gouji.ledger_answers import UNDONE, StaleDecisionError
from gouji.ledger_tables import decisions
from gouji_layout.geometry import CellRef


@pytest.mark.parametrize("change", [update(decisions).values(text="9"), delete(decisions)])
def test_a_decision_can_be_neither_changed_nor_taken_out(ledger: Ledger, change: object) -> None:
    ledger.record_decision("a", "p1t0r1c1", text="7", by="王", before="1", version=1)
    with pytest.raises(DBAPIError, match="append-only"), ledger.begin() as connection:
        connection.execute(change)  # type: ignore[call-overload]
    assert [d.text for d in ledger.decisions_of("a")] == ["7"]


def test_the_second_of_two_persons_is_told_what_the_first_decided(ledger: Ledger) -> None:
    ledger.record_decision("a", "p1t0r1c1", text="7", by="王", before="1", version=1)
    with pytest.raises(StaleDecisionError) as caught:
        ledger.record_decision("a", "p1t0r1c1", text="4", by="李", before="1", version=1)
    assert caught.value.current is not None
    assert caught.value.current.by == "王"


def test_an_answer_taken_back_is_no_answer_but_stays_on_record(ledger: Ledger) -> None:
    ledger.record_decision("a", "p1t0r1c1", text="7", by="王", before="1", version=1)
    ledger.record_decision("a", "p1t0r1c1", text="1", by="王", before="7", version=2, state=UNDONE)
    ledger.record_decision("a", "p1t0r1c2", text="5", by="王", before="6", version=1)
    assert set(ledger.answers_of("a")) == {CellRef.parse("p1t0r1c2")}
    assert len(ledger.decisions_of("a")) == 3
