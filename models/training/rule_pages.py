"""Random pages of tables and text for the rule network, with every rule known exactly.

The grids, spans, weights and patterns of rules are drawn at random; no published form is among them.
Only the typesetting of `fixtures/make` is shared. Rules are drawn on a layer of their own, so that they
can be worn apart from the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from rule_tables import MARKS, WORDS, random_look, random_table

from fixtures.make import prose
from fixtures.make.draw import Look, PlacedTable, draw, place
from fixtures.make.plan import PlannedTable, Prose

Layer = NDArray[np.uint8]
_MOVED = 0.7  # share of the merged cells of a tricky page whose texts are moved
_STROKE = 0.85  # of the ink of the most inked row or column of a text: a stroke
Run = tuple[bool, float, float, float, float]
"""Level or not, where across, start, end, and half the weight, in page pixels."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of rule is drawn; lengths in points."""

    kind: str  # "solid", "double", "dotted", "dashed", "matrix"
    weight: float
    period: float = 2.0
    gap: float = 1.5  # between the two lines of a double rule


@dataclass(eq=False)
class RulePage:
    """Layers of one page (255 is paper), its rules, and what they were drawn at."""

    text: Layer
    rules: Layer
    runs: list[Run] = field(default_factory=list)
    tables: list[tuple[float, ...]] = field(default_factory=list)
    em: float = 0.0  # type of the last table in page pixels


def rule_page(rng: np.random.Generator, dpi: int, *, tricky: bool = False) -> RulePage:
    """Draw one page at `dpi`; twice as fine first when the scan is coarse.

    On a `tricky` page most texts of merged cells have a stroke where a rule could be.
    """
    finer = 2 if dpi <= 240 else 1
    scale = dpi / 72 * finer
    wide = rng.random() < 0.2
    points = (841.9, 595.3) if wide else (595.3, 841.9)
    size = (round(points[0] * dpi / 72) * finer, round(points[1] * dpi / 72) * finer)
    look = random_look(rng)
    blocks: list[PlannedTable | Prose] = []
    for _ in range(int(rng.integers(1, 6))):
        if rng.random() < 0.45:
            blocks.append(prose.paragraph(rng))
        elif rng.random() < 0.3:
            blocks.append(
                Prose("".join(str(rng.choice([*WORDS, *MARKS])) for _ in range(int(rng.integers(3, 60)))))
            )
        blocks.append(random_table(rng))
    placed = place(tuple(blocks), look, size, scale)
    text = draw(placed, look, size, scale)[0].copy()
    if tricky:
        for table in placed.tables:
            _strokes_on_lines(text, table, rng)
    image = Image.fromarray(text)
    text_canvas = ImageDraw.Draw(image)
    rules = Image.new("L", size, 255)
    canvas = ImageDraw.Draw(rules)
    runs: list[Run] = []
    for table in placed.tables:
        runs += _draw_table(canvas, text_canvas, table, look, scale, rng)
    _clutter(text_canvas, size, scale, look, rng)
    if rng.random() < 0.15:  # a rule of its own, below a heading or above a foot
        y = float(rng.choice([0.05, 0.94])) * size[1]
        runs.append(_line(canvas, _style(rng), True, y, 0.1 * size[0], 0.9 * size[0], look.ink, scale))
    shrink = (size[0] // finer, size[1] // finer)
    layers = [np.asarray(layer.resize(shrink, Image.Resampling.BOX)) for layer in (image, rules)]
    return RulePage(
        layers[0],
        layers[1],
        [(level, *(value / finer for value in rest)) for level, *rest in runs],  # type: ignore[misc]
        [
            tuple(edge / finer for edge in (t.columns[0], t.rows[0], t.columns[-1], t.rows[-1]))
            for t in placed.tables
        ],
        look.table_size * dpi / 72,
    )


def _strokes_on_lines(text: Layer, placed: PlacedTable, rng: np.random.Generator) -> None:
    """Move the text of merged cells so that a stroke stands where a rule of other rows or columns goes on.

    By chance that is rare, and nothing else looks so much like a rule.
    """
    for cell in placed.table.cells:
        left, top, right, bottom = placed.rect(cell)
        inside = [
            [x - left for x in placed.columns[cell.col + 1 : cell.col + cell.colspan]],
            [y - top for y in placed.rows[cell.row + 1 : cell.row + cell.rowspan]],
        ]
        across = int(not inside[0] or (bool(inside[1]) and rng.random() < 0.5))
        part = text[top:bottom, left:right] if across else text[top:bottom, left:right].T
        ink = (255.0 - part).sum(axis=1)
        inked = np.flatnonzero(ink)
        if not inside[across] or not inked.size or rng.random() > _MOVED:
            continue
        stroke = rng.choice(np.flatnonzero(ink > _STROKE * ink.max()))
        shift = int(rng.choice(inside[across]) - stroke)
        if inked[0] + shift >= 0 and inked[-1] + shift < len(part):
            part[:] = np.roll(part, shift, axis=0)


def _style(rng: np.random.Generator) -> Style:
    kind = str(
        rng.choice(["solid", "double", "dotted", "dashed", "matrix"], p=[0.76, 0.07, 0.05, 0.06, 0.06])
    )
    weight = float(
        rng.choice([0.25, 0.35, 0.5, 0.75, 1.0, 1.5, 2.2], p=[0.1, 0.2, 0.3, 0.2, 0.1, 0.06, 0.04])
    )
    if kind == "matrix":
        weight = float(rng.uniform(0.8, 1.2))
    return Style(kind, weight, float(rng.uniform(1.4, 4)) * max(weight, 0.5), float(rng.uniform(1.2, 2.6)))


def _edges(table: PlannedTable) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    level = np.zeros((table.rows + 1, table.cols), dtype=bool)
    upright = np.zeros((table.rows, table.cols + 1), dtype=bool)
    for cell in table.cells:
        bottom, right = cell.row + cell.rowspan, cell.col + cell.colspan
        level[[cell.row, bottom], cell.col : right] = True
        upright[cell.row : bottom, [cell.col, right]] = True
    return level, upright


def _draw_table(
    canvas: ImageDraw.ImageDraw,
    text: ImageDraw.ImageDraw,
    placed: PlacedTable,
    look: Look,
    scale: float,
    rng: np.random.Generator,
) -> list[Run]:
    level, upright = _edges(placed.table)
    chance = rng.random(6)
    if chance[0] < 0.2:
        upright[:, [0, -1]] = False  # open sides, as in yearbooks
    elif chance[0] < 0.3:
        upright[:, int(rng.choice([0, -1]))] = False
    if chance[1] < 0.06:
        level[int(rng.choice([0, -1]))] = False
    if chance[2] < 0.12:  # rules around head and foot alone, or every few rows
        every = int(rng.choice([2, 3, 5, 100]))
        for row in range(2, placed.table.rows):
            if row % every:
                level[row] = False
    if chance[3] < 0.08:
        upright[:, 1:-1] = False
    if chance[4] < 0.1:  # single edges that were never drawn
        level &= rng.random(level.shape) > 0.08
        upright &= rng.random(upright.shape) > 0.08
    inner = _style(rng)
    frame = (
        replace(inner, weight=inner.weight * float(rng.choice([1, 1, 2])))
        if rng.random() < 0.7
        else _style(rng)
    )
    across = inner if rng.random() < 0.8 else _style(rng)
    runs = []
    for is_level, lines, places, cuts, plain in (
        (True, level, placed.rows, placed.columns, inner),
        (False, upright.T, placed.columns, placed.rows, across),
    ):
        for at, flags in enumerate(lines):
            style = frame if at in {0, len(lines) - 1} else plain
            runs += [
                _line(canvas, style, is_level, places[at], cuts[start], cuts[end], look.ink, scale)
                for start, end in _runs(flags)
            ]
    for cell in placed.table.cells:
        left, top, right, bottom = placed.rect(cell)
        if rng.random() < 0.02:  # a diagonal head
            text.line((left, top, right, bottom), fill=look.ink, width=max(round(0.5 * scale), 1))
        elif rng.random() < 0.02:  # a word underlined
            y = (top + bottom) / 2 + 0.6 * look.table_size * scale
            text.line(
                (left + 0.2 * (right - left), y, left + 0.7 * (right - left), y),
                fill=look.ink,
                width=max(round(0.5 * scale), 1),
            )
    return runs


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    steps = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))


def _line(
    canvas: ImageDraw.ImageDraw,
    style: Style,
    level: bool,
    at: float,
    start: float,
    end: float,
    ink: int,
    scale: float,
) -> Run:
    """Draw one rule in its style and say where it is."""
    weight = max(round(style.weight * scale), 1)
    places, half = [at], weight / 2
    if style.kind == "double":
        gap = max(round(style.gap * scale), 2)
        places, half = [at - gap / 2, at + gap / 2], gap / 2 + weight / 2
    step = max(style.period * scale, weight + 1.0)
    for place_ in places:
        low = round(place_ - weight / 2)
        if style.kind in {"dotted", "dashed", "matrix"}:
            drawn = {"dotted": weight, "dashed": 0.6 * step, "matrix": weight}[style.kind]
            pitch = {"dotted": step, "dashed": step, "matrix": max(0.85 * weight + 0.5, 2.0)}[style.kind]
            pieces = [(p, p + drawn) for p in np.arange(start, end, pitch)]
        else:
            pieces = [(start - weight / 2, end + weight / 2)]
        for a, b in pieces:
            box = (round(a), low, round(b) - 1, low + weight - 1)
            if not level:
                box = (box[1], box[0], box[3], box[2])
            if box[2] < box[0] or box[3] < box[1]:
                continue
            if style.kind == "matrix":
                canvas.ellipse(box, fill=ink)
            else:
                canvas.rectangle(box, fill=ink)
    return (level, float(at), float(start), float(end), half)


def _clutter(
    canvas: ImageDraw.ImageDraw, size: tuple[int, int], scale: float, look: Look, rng: np.random.Generator
) -> None:
    """What looks like rules and is none: bars, scrawls, boxes to tick."""
    for _ in range(int(rng.choice([0, 0, 1, 3]))):
        x, y = rng.uniform(0.05, 0.95, 2) * size
        kind = rng.random()
        width = max(round(float(rng.uniform(0.4, 1.2)) * scale), 1)
        if kind < 0.3:
            for bar in range(int(rng.integers(3, 9))):
                left = x + bar * 9 * scale
                canvas.rectangle(
                    (left, y - float(rng.uniform(4, 60)) * scale, left + 6 * scale, y),
                    outline=look.ink,
                    width=width,
                )
        elif kind < 0.7:
            points = np.array([x, y]) + np.cumsum(
                rng.normal(0, 6 * scale, (int(rng.integers(3, 12)), 2)), axis=0
            )
            canvas.line([tuple(p) for p in points.tolist()], fill=look.ink, width=width)
        else:
            side = float(rng.uniform(6, 14)) * scale
            for box in range(int(rng.integers(1, 6))):
                canvas.rectangle(
                    (x + 2 * box * side, y, x + (2 * box + 1) * side, y + side), outline=look.ink, width=width
                )
