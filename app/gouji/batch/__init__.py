"""Batch: supervised workers, leases, limits, drop folders, many machines. The ledger says what is done."""
