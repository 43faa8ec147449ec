"""Signs for nothing that stand alone: a speck in a blank cell is read as a dash, and no sum minds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import AmountKind
from gouji_postprocess.voices import parse_amount

_SIGNS = (AmountKind.DASH, AmountKind.SLASH, AmountKind.BELOW_UNIT)
_OTHERWISE = 10  # blanks and zeros of a table that show how it prints nothing


def odd_zeros(texts: Mapping[CellRef, str]) -> set[CellRef]:
    """Cells with a dash, stroke or dots that no other cell of their table has, where blanks and zeros abound.

    >>> table = {CellRef(1, 0, row, 0): "0" for row in range(12)}
    >>> odd_zeros({**table, CellRef(1, 0, 12, 0): "-"})
    {CellRef(page=1, table=0, row=12, col=0)}
    >>> odd_zeros({**table, CellRef(1, 0, 12, 0): "-", CellRef(1, 0, 13, 0): "—"})
    set()
    """
    signs: dict[tuple[int, int, AmountKind], list[CellRef]] = defaultdict(list)
    otherwise: Counter[tuple[int, int]] = Counter()
    for ref, text in texts.items():
        amount = parse_amount(text)
        if amount is None:
            continue
        if amount.kind in _SIGNS:
            signs[ref.page, ref.table, amount.kind].append(ref)
        elif amount.value == 0:
            otherwise[ref.page, ref.table] += 1
    return {
        found[0]
        for (page, table, _), found in signs.items()
        if len(found) == 1 and otherwise[page, table] >= _OTHERWISE
    }
