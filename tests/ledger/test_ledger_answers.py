"""What persons answered is written down once and never rewritten, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError

from gouji.ledger import Ledger
from gouji.ledger_answers import UNDONE
from gouji.ledger_tables import decisions
from gouji_layout.geometry import CellRef


def said(ledger: Ledger, ref: str, text: str, *, version: int = 1, state: str = "reviewed") -> None:
    with ledger.begin() as connection:
        values = {"document": "a", "ref": ref, "version": version, "text": text, "state": state}
        made = {"by": "王", "at": "2024-01-01T00:00:00Z", "before": "1", "why": "", "source_suspect": False}
        connection.execute(insert(decisions).values(**values, **made))


@pytest.mark.parametrize("change", [update(decisions).values(text="9"), delete(decisions)])
def test_a_decision_can_be_neither_changed_nor_taken_out(ledger: Ledger, change: object) -> None:
    said(ledger, "p1t0r1c1", "7")
    with pytest.raises(DBAPIError, match="append-only"), ledger.begin() as connection:
        connection.execute(change)  # type: ignore[call-overload]
    assert [d.text for d in ledger.decisions_of("a")] == ["7"]


def test_an_answer_taken_back_is_no_answer_but_stays_on_record(ledger: Ledger) -> None:
    said(ledger, "p1t0r1c1", "7")
    said(ledger, "p1t0r1c1", "1", version=2, state=UNDONE)
    said(ledger, "p1t0r1c2", "5")
    assert set(ledger.answers_of("a")) == {CellRef.parse("p1t0r1c2")}
    assert len(ledger.decisions_of("a")) == 3
