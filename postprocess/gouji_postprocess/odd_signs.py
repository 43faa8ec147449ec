"""Signs that stand alone in a table: a speck is read as a dash, `0` with one as `0%`, and no sum minds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import AmountKind
from gouji_postprocess.voices import parse_amount

_NOTHING = (AmountKind.DASH, AmountKind.SLASH, AmountKind.BELOW_UNIT)
SHARES = ("%", "％", "‰")
_OTHERWISE = 10  # cells of a table that show how it prints nothing, or figures that have no sign


def odd_signs(texts: Mapping[CellRef, str]) -> set[CellRef]:
    """Cells with a sign that no other cell of their table has, where there are many without.

    Signs are a dash, stroke or dots where blanks and zeros abound, and % behind a figure where others abound
    that have as many decimals and none.

    >>> table = {CellRef(1, 0, row, 0): "0" for row in range(12)}
    >>> odd_signs({**table, CellRef(1, 0, 12, 0): "-"})
    {CellRef(page=1, table=0, row=12, col=0)}
    >>> odd_signs({**table, CellRef(1, 0, 12, 0): "0%"})
    {CellRef(page=1, table=0, row=12, col=0)}
    >>> odd_signs({**table, CellRef(1, 0, 12, 0): "-", CellRef(1, 0, 13, 0): "—"})
    set()
    """
    signs: dict[tuple[int, int, AmountKind | str], list[tuple[CellRef, int]]] = defaultdict(list)
    nothing: Counter[tuple[int, int]] = Counter()
    figures: Counter[tuple[int, int, int]] = Counter()
    for ref, text in texts.items():
        amount = parse_amount(text)
        if amount is None:
            continue
        if amount.kind in _NOTHING:
            signs[ref.page, ref.table, amount.kind].append((ref, 0))
        elif amount.unit in SHARES:
            signs[ref.page, ref.table, SHARES[0]].append((ref, amount.decimals))
        else:
            nothing[ref.page, ref.table] += amount.value == 0
            figures[ref.page, ref.table, amount.decimals] += amount.kind is AmountKind.FIGURE
    odd = set()
    for (page, table, sign), found in signs.items():
        ref, decimals = found[0]
        share = sign == SHARES[0]
        without = figures[page, table, decimals] if share else nothing[page, table]
        if len(found) == 1 and without >= _OTHERWISE:
            odd.add(ref)
    return odd
