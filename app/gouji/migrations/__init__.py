"""Alembic migrations of the ledger; run by `gouji.ledger.open_ledger`, shipped in the wheel."""
