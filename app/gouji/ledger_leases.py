"""Keeps leases of the living and takes those of the dead back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, update

from gouji.ledger import Ledger
from gouji.ledger_enlist import Fingerprints
from gouji.ledger_tables import PageState, Step, documents, pages
from gouji.ledger_work import MOST_CLAIMS, advance

_LEASED = (documents, pages)


def renew(ledger: Ledger, runner: str, lease_seconds: float) -> None:
    """Prolong every lease that this runner's workers hold."""
    with ledger.begin() as connection:
        until = ledger.clock() + lease_seconds
        for table in _LEASED:
            held = and_(_leased(table), _held_by(table, f"{runner}/"))
            connection.execute(update(table).where(held).values(lease_until=until))


def release(ledger: Ledger, owner: str) -> int:
    """Put everything back that `owner` (or, ending in "/", any worker of that runner) holds."""
    with ledger.begin() as connection:
        return sum(
            _put_back(connection, table, and_(_leased(table), _held_by(table, owner))) for table in _LEASED
        )


def reclaim(ledger: Ledger, wanted: Fingerprints, is_dead: Callable[[str], bool]) -> int:
    """Put back what the dead and the silent hold; what nobody ever came back from is given up.

    Args:
        ledger: the ledger.
        wanted: what this run works towards.
        is_dead: says of an owner on this machine that it is gone; others must let their lease run out.

    Returns:
        How many pieces of work were put back.
    """
    with ledger.begin() as connection:
        now = ledger.clock()
        taken = 0
        for table in _LEASED:
            leased = _leased(table)
            owners = connection.execute(select(table.c.owner).where(leased).distinct()).scalars()
            dead: Sequence[str] = [owner for owner in owners if is_dead(owner)]
            gone = or_(table.c.owner.in_(dead), table.c.lease_until < now)
            _give_up_fatal(connection, table, and_(leased, gone), wanted)
            taken += _put_back(connection, table, and_(leased, gone))
        connection.execute(advance(wanted))
        return taken


def _leased(table: Table) -> ColumnElement[bool]:
    """Rows somebody works on, said so that an index finds the few of them among ten million."""
    if table is pages:
        return and_(pages.c.state == PageState.RUNNING, pages.c.owner.is_not(None))
    return and_(documents.c.step.in_([Step.OPEN, Step.DECIDE]), documents.c.owner.is_not(None))


def _held_by(table: Table, owner: str) -> ColumnElement[bool]:
    # ".../1" must not stand for ".../10" too.
    return table.c.owner.startswith(owner, autoescape=True) if owner.endswith("/") else table.c.owner == owner


def _put_back(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    values: dict[str, object] = {"owner": None, "lease_until": None, "fence": table.c.fence + 1}
    if table is pages:
        values["state"] = PageState.TODO
    return connection.execute(update(table).where(which).values(**values)).rowcount


def _give_up_fatal(
    connection: Connection, table: Table, which: ColumnElement[bool], wanted: Fingerprints
) -> None:
    """Work that was claimed again and again and never ended brings its machine down."""
    values: dict[str, object] = {
        "error_kind": "NeverFinishedError",
        "error": f"claimed {MOST_CLAIMS} times without an end: the run or the machine died each time",
        "limits": wanted.limits,
        "owner": None,
        "lease_until": None,
        "fence": table.c.fence + 1,
        **({"state": PageState.FAILED} if table is pages else {"step": Step.FAILED}),
    }
    connection.execute(update(table).where(which, table.c.claims >= MOST_CLAIMS).values(**values))
