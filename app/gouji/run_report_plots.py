"""Small plots as inline SVG, built element by element so that no text can become markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gouji.run_report_elements import element

_WIDTH = 640
_ROW = 24  # height of a bar with its gap
_LABEL = 230  # room for the words left of the bars


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, how long it is, and its colour class."""

    label: str
    value: float
    shown: str
    kind: str = "plain"


def bars(rows: Sequence[Bar], title: str) -> Element:
    """A horizontal bar chart."""
    longest = max((row.value for row in rows), default=0.0) or 1.0
    room = _WIDTH - _LABEL - 110
    height = _ROW * max(len(rows), 1)
    chart = _picture(height, title)
    for index, row in enumerate(rows):
        top = index * _ROW
        width = max(row.value / longest * room, 1.0 if row.value else 0.0)
        chart.append(_text(row.label, _LABEL - 8, top + 16, "end"))
        chart.append(
            element(
                "rect",
                x=str(_LABEL),
                y=str(top + 4),
                width=f"{width:.1f}",
                height=str(_ROW - 8),
                rx="2",
                class_=row.kind,
            )
        )
        chart.append(_text(row.shown, _LABEL + width + 6, top + 16, "start"))
    return chart


def histogram(values: Sequence[float], title: str, unit: str, bins: int = 40) -> Element:
    """How often each value occurs; the axis ends where the longest hundredth begins."""
    height = 120
    chart = _picture(height + 24, title)
    if not values:
        return chart
    ordered = sorted(values)
    end = max(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1.02, 1e-6)
    counts = [0] * bins
    for value in ordered:
        counts[min(int(value / end * bins), bins - 1)] += 1
    most = max(counts)
    step = _WIDTH / bins
    for index, count in enumerate(counts):
        if count:
            tall = max(count / most * height, 1.0)
            chart.append(
                element(
                    "rect",
                    x=f"{index * step + 1:.1f}",
                    y=f"{height - tall:.1f}",
                    width=f"{step - 2:.1f}",
                    height=f"{tall:.1f}",
                    class_="plain",
                )
            )
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        chart.append(_text(f"{end * share:.2g} {unit}", _WIDTH * share, height + 17, anchor))
    return chart


def _picture(height: float, title: str) -> Element:
    return element(
        "svg",
        element("title", title),
        viewBox=f"0 0 {_WIDTH} {height:.0f}",
        role="img",
        width="100%",
        aria_label=title,
    )


def _text(words: str, x: float, y: float, anchor: str) -> Element:
    return element("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
