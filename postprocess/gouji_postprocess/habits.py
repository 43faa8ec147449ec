"""How the figures of a table are set, where nearly all of them are set alike.

Separators are a pixel or two of a coarse scan: what one cell cannot tell, the others do. They tell
nothing of columns that are set otherwise, as are the codes and years beside a table of amounts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind, parse_amount
from gouji_ocr.reading import Reading

_T = TypeVar("_T", int, bool)
_PREVAILS, _ENOUGH = 0.8, 20  # share and number of figures that make a habit


@dataclass(frozen=True, slots=True)
class Habits:
    """What prevails in a table; None where nothing does."""

    decimals: int | None = None
    grouped: bool | None = None  # whether thousands are set apart

    def breaks(self, amount: Amount) -> int:
        """How many habits this amount breaks.

        >>> [Habits(0, grouped=True).breaks(Amount(1234, decimals)) for decimals in (0, 1)]
        [1, 1]
        """
        if amount.kind is not AmountKind.FIGURE:
            return 0
        other_decimals = self.decimals is not None and (
            amount.decimals != self.decimals or amount.style.bare_point
        )
        other_groups = self.grouped is not None and _grouped(amount) is not None
        return other_decimals + (other_groups and _grouped(amount) is not self.grouped)


def habits_of(readings: Mapping[CellRef, Reading]) -> dict[tuple[int, int, int], Habits]:
    """The habits of each column (page, table, column): its table's, as far as it keeps them itself."""
    tables: dict[tuple[int, int], list[Amount]] = {}
    columns: dict[tuple[int, int, int], list[Amount]] = {}
    for ref, reading in readings.items():
        amount = parse_amount(reading.text)
        told = [amount] if amount is not None and amount.kind is AmountKind.FIGURE else []
        tables.setdefault((ref.page, ref.table), []).extend(told)
        columns.setdefault((ref.page, ref.table, ref.col), []).extend(told)
    habits = {
        table: Habits(
            _prevailing(amount.decimals for amount in figures),
            _prevailing(grouped for amount in figures if (grouped := _grouped(amount)) is not None),
        )
        for table, figures in tables.items()
    }
    return {column: _kept(habits[column[:2]], figures) for column, figures in columns.items()}


def _kept(habits: Habits, figures: Sequence[Amount]) -> Habits:
    """What of the habits at least half of these figures keep."""
    decimals, grouped = Habits(decimals=habits.decimals), Habits(grouped=habits.grouped)
    return Habits(
        habits.decimals if 2 * sum(map(decimals.breaks, figures)) <= len(figures) else None,
        habits.grouped if 2 * sum(map(grouped.breaks, figures)) <= len(figures) else None,
    )


def _grouped(amount: Amount) -> bool | None:
    """Whether its thousands are set apart; None for a figure too small to tell."""
    return bool(amount.style.comma) if abs(amount.value) >= 1000 * 10**amount.decimals else None


def _prevailing(seen: Iterable[_T]) -> _T | None:
    counts = Counter(seen)
    for value, times in counts.most_common(1):
        if times >= max(_ENOUGH, _PREVAILS * counts.total()):
            return value
    return None
