"""Names in the rules of a pack: which lines a pattern stands for, and which names do not exist."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import process

from gouji_postprocess.language import Formula, names_in, parse_formula


def matching_names(pattern: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names that a pattern stands for, in their own order.

    `a.*` is every key deeper than `a`; `*.total` every key that ends in `.total` or is `total`;
    a star in the middle stands for one part or more.

    >>> matching_names("a.*", ["a", "a.x", "a.y.z", "b.x"])
    ('a.x', 'a.y.z')
    """
    if "*" not in pattern:
        return tuple(name for name in names if name == pattern)
    regex = re.compile(".+".join(map(re.escape, pattern.split("*"))))
    return tuple(name for name in names if regex.fullmatch(name))


def check_rule_names(rule: str, scopes: list[set[str]]) -> str | None:
    """What is wrong with the names of a rule, or None; it must fit at least one of the scopes."""
    formula: Formula = parse_formula(rule)
    problems: list[str] = []
    for scope in scopes:
        missing = [name for name in names_in(formula) if not matching_names(name, scope)]
        if not missing:
            return None
        near = process.extractOne(missing[0], sorted(scope), score_cutoff=60)
        hint = f"; did you mean {near[0]}?" if near else ""
        problems.append(f"there is no {missing[0]}{hint}")
    return problems[0] if problems else "there is nothing it could be about"
