"""Forms, rules and reconciliation: which reading of each figure the page and the arithmetic agree on."""
