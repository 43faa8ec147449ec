"""What can be wrong with a pack that its YAML does not show: keys, ids, blocks, names and limits of rules."""

from __future__ import annotations

from collections.abc import Sequence

from gouji_postprocess.form import Block, Each, FormRule, TableForm
from gouji_postprocess.pack_names import check_rule_names, matching_names, missing_name
from gouji_postprocess.pack_source import PackText


def check_table(form: TableForm, text: PackText, loc: tuple[int | str, ...]) -> None:
    """Whether the keys and rules of a table fit together.

    Raises:
        PackError: at the place in the text that does not.
    """
    quantities = list(form.quantities())
    twice = {key for key in quantities if quantities.count(key) > 1}
    if twice:
        raise text.error(loc, f"the same key for two quantities: {', '.join(sorted(twice)[:3])}")
    ids = [rule.id for rule in form.rules]
    for i, rule in enumerate(form.rules):
        at = (*loc, "rules", i)
        if ids.index(rule.id) != i:
            raise text.error((*at, "id"), f"a second rule {rule.id}")
        chosen = [block for block in form.blocks if rule.block in (None, block.key)]
        if not chosen:
            raise text.error((*at, "block"), f"no block {rule.block}")
        match rule.each:
            case Each.ROW:
                names = [{column.key for column in block.columns} for block in chosen]
            case Each.COLUMN:
                names = [{row.key for row in block.rows if row.figures} for block in chosen]
            case Each.ONCE:
                start = f"{form.key}." if form.key else ""
                names = [{quantity.removeprefix(start) for quantity in quantities}]
        check_names(rule, names, text, (*at, "rule"))
        _check_limits(rule, chosen, text, at)


def _check_limits(
    rule: FormRule, blocks: Sequence[Block], text: PackText, loc: tuple[int | str, ...]
) -> None:
    """Whether every pattern that limits a rule stands for a line it could be about."""
    lines = [line for block in blocks for line in (block.rows if rule.each is Each.ROW else block.columns)]
    keys = {line.key for line in lines if line.figures}
    for name, patterns in (("only", rule.only), ("unless", rule.unless)):
        for i, pattern in enumerate(patterns):
            if not matching_names(pattern, keys):
                raise text.error((*loc, name, i), f"{rule.id}: {missing_name(pattern, keys)}")


def check_names(rule: FormRule, names: list[set[str]], text: PackText, loc: tuple[int | str, ...]) -> None:
    """Whether a rule names what exists in one of these scopes.

    Raises:
        PackError: it does not.
    """
    wrong = check_rule_names(rule.rule, names)
    if wrong is not None:
        raise text.error(loc, f"{rule.id}: {wrong}")
