"""Points that could be commas: `1.400` may be 1,400 on a coarse scan, and sums hold at either size.

The two marks differ by a pixel or two, in every figure of a table alike, so that neither the picture of one
cell nor rules over such figures alone can tell; another figure of the table can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import fold_text

_EITHER = re.compile(r"[-+△▲(]?[1-9]\d{0,2}\.\d{3}\)?")
_THREE_DECIMALS = re.compile(r"[-+△▲(]?(0|\d{4,}|\d{1,3}(,\d{3})+)\.\d{3}\)?")


def open_points(texts: Mapping[CellRef, str]) -> set[CellRef]:
    """Cells whose point could be a thousands comma, in tables where no figure has three decimals for sure.

    >>> one, other = CellRef(1, 0, 0, 0), CellRef(1, 0, 1, 0)
    >>> open_points({one: "1.400", other: "25"}) == {one}
    True
    >>> open_points({one: "1.400", other: "0.925"})
    set()
    """
    folded = {ref: fold_text(text) for ref, text in texts.items()}
    proven = {(ref.page, ref.table) for ref, text in folded.items() if _THREE_DECIMALS.fullmatch(text)}
    return {
        ref for ref, text in folded.items() if (ref.page, ref.table) not in proven and _EITHER.fullmatch(text)
    }


def with_comma(text: str) -> str:
    """The text as it reads when its point is a comma.

    >>> with_comma("-81.680")
    '-81,680'
    """
    return text.replace(".", ",").replace("．", "，")
