"""The reliability plot: what readings state of themselves against how often they are right, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

_SIDE, _MARGIN, _GRID = 360, 56, (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999)
_Z = 1.96  # standard deviations of a 95 % interval


def reliability_plot(bins: Sequence[Sequence[float]]) -> str:
    """A plot of (lower edge, figures, mean stated, share right) with 95 % Wilson intervals.

    Both axes are logarithmic in the share of errors, because what matters lies between 0.9 and 1.
    """
    whole = _SIDE + 2 * _MARGIN
    style = "font:11px sans-serif;background:#fff"
    svg = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {whole} {whole}",
        width=str(whole),
        style=style,
    )
    for share in _GRID:
        x, y = _across(share), _up(share)
        _line(svg, (x, _up(0)), (x, _up(_GRID[-1])), "#ddd")
        _line(svg, (_across(0), y), (_across(_GRID[-1]), y), "#ddd")
        _text(svg, (x, _MARGIN + _SIDE + 16), f"{share:g}", "middle")
        _text(svg, (_MARGIN - 6, y + 4), f"{share:g}", "end")
    _line(svg, (_across(0), _up(0)), (_across(_GRID[-1]), _up(_GRID[-1])), "#999")
    for _, count, stated, right in bins:
        low, high = wilson(right, int(count))
        x = _across(stated)
        _line(svg, (x, _up(low)), (x, _up(high)), "#3465a4")
        SubElement(svg, "circle", cx=f"{x:.1f}", cy=f"{_up(right):.1f}", r="4", fill="#3465a4")
        _text(svg, (x + 6, _up(right) + 14), str(int(count)), "start")
    _text(svg, (whole / 2, whole - 8), "stated probability", "middle")
    _text(svg, (whole / 2, _MARGIN / 2), "share right, with 95 % interval and number of figures", "middle")
    return tostring(svg, encoding="unicode")


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927).

    >>> low, high = wilson(1.0, 1000)
    >>> 0.996 < low < high == 1.0
    True
    """
    if not count:
        return 0.0, 1.0
    spread = _Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    reach = _Z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, round(middle + reach, 12))


def _place(share: float) -> float:
    """0 to 1 along an axis."""
    errors = max(1 - share, 1 - _GRID[-1])
    return math.log10(errors) / math.log10(1 - _GRID[-1])


def _across(share: float) -> float:
    return _MARGIN + _place(share) * _SIDE


def _up(share: float) -> float:
    return _MARGIN + (1 - _place(share)) * _SIDE


def _line(svg: Element, one: tuple[float, float], two: tuple[float, float], colour: str) -> None:
    ends = {"x1": one[0], "y1": one[1], "x2": two[0], "y2": two[1]}
    SubElement(svg, "line", {key: f"{value:.1f}" for key, value in ends.items()}, stroke=colour)


def _text(svg: Element, at: tuple[float, float], text: str, anchor: str) -> None:
    part = SubElement(svg, "text", {"x": f"{at[0]:.1f}", "y": f"{at[1]:.1f}", "text-anchor": anchor})
    part.text = text
