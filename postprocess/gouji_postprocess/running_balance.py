"""Ledgers: what was left, came in and went out make what is left; a page begins as the last ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.rule import Rule, RuleSource, Term
from gouji_postprocess.sum_templates import is_total
from gouji_postprocess.table_lines import Lane, SeenLine

FEWEST_ROWS = 4
MOST = 0.75  # of the rows must hold for the column to be taken for a running balance

_LEFT = re.compile(r"余额|结余|剩余|结存|库存")
_IN = re.compile(r"收入|借方|增加|入库|收方")
_OUT = re.compile(r"支出|贷方|减少|出库|付方|发出")
_ONWARDS, _CARRIED = re.compile(r"[过转][次下]页"), re.compile(r"[承接][前上]页|上页结转")
_CARRY_VOID = 10.0  # nats: the words say that the figures are those of the other row
_OPENING = re.compile(r"期初|年初|上年|上期")


def running_balances(lanes: Sequence[Lane], *, prefix: str) -> Iterator[Rule]:
    """One rule for every row but the first, where a table is a ledger and most of its rows carry on.

    A ledger's columns may stand in several lanes, because what the money was for stands between them.
    """
    bands: dict[tuple[int, ...], list[Lane]] = {}
    for lane in lanes:
        bands.setdefault(tuple(row.at for row in lane.rows), []).append(lane)
    for beside in bands.values():
        whole = replace(
            beside[0],
            columns=tuple(column for lane in beside for column in lane.columns),
            cells={place: cell for lane in beside for place, cell in lane.cells.items()},
        )
        yield from _running_balance(whole, prefix)
        yield from _carried_on(whole, prefix)


def _running_balance(lane: Lane, prefix: str) -> Iterator[Rule]:
    columns = _columns(lane)
    if columns is None:
        return
    rows = [row for row in lane.rows if not ((row.path and is_total(row.label)) or _says(row, _ONWARDS))]
    rows = [row for at, row in enumerate(rows) if at == 0 or not _says(row, _CARRIED)]
    steps = [
        (before, now, refs) for before, now in pairwise(rows) if (refs := _refs(lane, columns, before, now))
    ]
    known = [gap for _, _, refs in steps if (gap := _gap(lane, refs)) is not None]
    held = sum(gap == 0 for gap in known)
    if len(known) < FEWEST_ROWS or held < MOST * len(known):
        return
    names = [column.label for column in columns]
    for _, now, refs in steps:
        yield Rule(
            id=f"{prefix}/carry{now.at}",
            terms=(Term(1, refs[0]), Term(-1, refs[1]), Term(-1, refs[2]), Term(1, refs[3])),
            source=RuleSource.HEADINGS,
            formula=f"{names[0]} = 上一行{names[0]} + {names[1]} - {names[2]}（第{now.at + 1}行）",
            void_cost=min(10.0, 0.5 * held),
            may_correct=True,
            scale=max(amount.decimals for ref in refs if (amount := lane.amount(ref)) is not None),
            why=f"在 {len(known)} 行中有 {held} 行成立",
        )


def _carried_on(lane: Lane, prefix: str) -> Iterator[Rule]:
    """What a page begins with is what the page before it ended with, column by column."""
    for before, now in pairwise(lane.rows):
        if not (_says(before, _ONWARDS) and _says(now, _CARRIED)):
            continue
        for column in lane.columns:
            refs = lane.ref(now, column), lane.ref(before, column)
            amounts = [lane.amount(ref) for ref in refs]
            if refs[0] is None or refs[1] is None or any(amount is None for amount in amounts):
                continue
            yield Rule(
                id=f"{prefix}/carried{now.at}c{column.at}",
                terms=(Term(1, refs[0]), Term(-1, refs[1])),
                source=RuleSource.HEADINGS,
                formula=f"{now.label} = {before.label}（{column.label}）",
                void_cost=_CARRY_VOID,
                scale=max(amount.decimals for amount in amounts if amount is not None),
                why="次页开头承接前页末尾",
            )


def _says(row: SeenLine, words: re.Pattern[str]) -> bool:
    return any(words.search(text) for text in row.path)


def _columns(lane: Lane) -> tuple[SeenLine, SeenLine, SeenLine] | None:
    """The columns of balance, in and out, when there is exactly one of each."""
    left = [c for c in lane.columns if _LEFT.search(c.label) and not _OPENING.search(c.label)]
    into = [c for c in lane.columns if c not in left and _IN.search(c.label)]
    out = [c for c in lane.columns if c not in left and _OUT.search(c.label)]
    if len(left) == len(into) == len(out) == 1:
        return left[0], into[0], out[0]
    return None


def _refs(
    lane: Lane, columns: tuple[SeenLine, SeenLine, SeenLine], before: SeenLine, now: SeenLine
) -> tuple[CellRef, CellRef, CellRef, CellRef] | None:
    """Balance now, balance before, in, out."""
    left, into, out = columns
    places = ((now, left), (before, left), (now, into), (now, out))
    refs = [ref for row, column in places if (ref := lane.ref(row, column)) is not None]
    if len(refs) < len(places) or any(lane.amount(ref) is None for ref in refs):
        return None
    return refs[0], refs[1], refs[2], refs[3]


def _gap(lane: Lane, refs: tuple[CellRef, CellRef, CellRef, CellRef]) -> int | None:
    amounts: list[Amount] = [amount for ref in refs if (amount := lane.amount(ref)) is not None]
    if amounts[0].kind is not AmountKind.FIGURE or amounts[1].kind is not AmountKind.FIGURE:
        return None
    if all(amount.value == 0 for amount in amounts[2:]):
        return None
    scale = max(amount.decimals for amount in amounts)
    now, before, into, out = (amount.at_scale(scale) for amount in amounts)
    return now - before - into + out
