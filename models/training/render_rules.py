"""Renders crops of damaged pages with the rules that were printed on them.

    python models/training/render_rules.py OUT.npz PAGES SEED

Every page is drawn, worn, scanned, stood upright by its known geometry (with a little left over) and
evened exactly as the layout stage does; crops of it are kept as PNG with two targets at half resolution,
one below the other: where a level rule was printed and where an upright one was, drawn whole whatever is
left of the ink.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rule_damage import rescanned, worn
from rule_pages import RulePage, Run, rule_page

from fixtures.make.damage import Damage, Scan, draw_damage, scan
from gouji_layout.paper import Paper

CROP = 1280  # pixels of the work picture: a network must not see further than its crops are wide
_CROPS = 2  # of one page
_LEVELS = (0.03, 0.09, 0.15, 0.23, 0.3, 0.2)
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Points = NDArray[np.float64]
ToWork = Callable[[Points], Points]
"""From page points (N, 2) to pixels of the work picture."""


def main() -> None:
    """Render one shard."""
    out, pages, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    pictures, targets = [], []
    for at in range(pages):
        rng = np.random.default_rng([20260311, seed, at])
        for picture, target in crops(rng):
            pictures.append(_packed(picture))
            targets.append(_packed(np.round(np.concatenate(list(target)) * 15).astype(np.uint8)))
    np.savez(
        out,
        pictures=np.concatenate(pictures),
        picture_ends=np.cumsum([len(one) for one in pictures]),
        targets=np.concatenate(targets),
        target_ends=np.cumsum([len(one) for one in targets]),
    )


def _packed(plane: Bytes) -> Bytes:
    done, coded = cv2.imencode(".png", plane, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    return np.asarray(coded, dtype=np.uint8).ravel()


@dataclass(frozen=True, slots=True)
class StraightPage:
    """A worn and scanned page, stood upright by its known geometry with a little left over."""

    page: RulePage
    flat: Bytes  # RGB
    offset: tuple[int, int]  # of the page in the scan's own frame
    scale: float  # from flat pixels to work pixels
    to_work: ToWork  # of page points with the offset added


def crops(rng: np.random.Generator) -> list[tuple[Bytes, Floats]]:
    """Crops (CROP, CROP) of one page with targets (2, CROP / 2, CROP / 2), level then upright."""
    made = straight_page(rng)
    work = Paper.of(made.flat).scaled(made.scale).evened
    height, width = work.shape
    target = np.zeros((2, height // 2 + 1, width // 2 + 1), np.float32)
    for run in made.page.runs:
        _paint(target, run, made)
    return _cut(work, target, rng)


def straight_page(
    rng: np.random.Generator,
    *,
    scaled: bool = True,
    tricky: bool = False,
    levels: Sequence[float] = _LEVELS,
) -> StraightPage:
    """Draw, wear and scan one page; with `scaled` to the type that the rule network is shown.

    `levels` are the shares of pages worn as the six levels of `fixtures/make`.
    """
    dpi = int(rng.choice([100, 130, 150, 200, 200, 200, 240, 300]))
    page = rule_page(rng, dpi, tricky=tricky)
    damage = _damage(rng, levels)
    rules = worn(page.rules, dpi, rng) if rng.random() < 0.5 else page.rules
    scanned = scan(page.text, rules, damage, rng, dpi, page.tables, margin=40 * dpi / 72)
    image = rescanned(scanned.image, rng) if rng.random() < 0.35 else scanned.image
    scale = 1.0
    if scaled and (not 17 < 0.9 * page.em < 34 or rng.random() < 0.3):
        scale = float(rng.uniform(18, 34)) / page.em
    flat, to_work = _straightened(image, scanned, scale, rng)
    return StraightPage(page, flat, scanned.offset, scale, to_work)


def _damage(rng: np.random.Generator, levels: Sequence[float]) -> Damage:
    level = int(rng.choice(6, p=levels))
    drawn = draw_damage(level, rng)
    # Curl and quarter turns are taken out before rules are looked for; what is left of them is added below.
    return replace(drawn, curl=0.0, quarter_turns=0)


def _straightened(
    image: Bytes, scanned: Scan, scale: float, rng: np.random.Generator
) -> tuple[Bytes, ToWork]:
    """The upright page before it is scaled, and the function from page points to work pixels."""
    height, width = image.shape[:2]
    angle = float(rng.normal(0, rng.choice([0.04, 0.2, 1.2], p=[0.65, 0.2, 0.15])))
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0, 0, 1]])
    wave = np.zeros((2, 5, 5), np.float32)
    if rng.random() < 0.45:
        most = float(rng.choice([3.5, 10.0, 24.0], p=[0.6, 0.2, 0.2]))
        wave = (rng.normal(0, 1, (2, 5, 5)) * rng.uniform(0.3, most) / scale).astype(np.float32)
    still = not wave.any()
    back = scanned.homography @ np.linalg.inv(turn)
    if still:
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        flat = cv2.warpPerspective(image, back, (width, height), flags=flags, borderValue=(255, 255, 255))
    else:
        dx, dy = (cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC) for one in wave)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        x, y = x - dx, y - dy
        m = back.astype(np.float32)
        down = m[2, 0] * x + m[2, 1] * y + m[2, 2]
        from_x = (m[0, 0] * x + m[0, 1] * y + m[0, 2]) / down
        from_y = (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / down
        flat = cv2.remap(image, from_x, from_y, cv2.INTER_CUBIC, borderValue=(255, 255, 255))

    def to_work(points: Points) -> Points:
        at = cv2.perspectiveTransform(points[None], turn)[0]
        if not still:
            column = (at[:, 0] + 0.5) * 5 / width - 0.5
            row = (at[:, 1] + 0.5) * 5 / height - 0.5
            shift = [
                cv2.remap(
                    one,
                    column.astype(np.float32)[None],
                    row.astype(np.float32)[None],
                    cv2.INTER_CUBIC,
                    borderMode=cv2.BORDER_REPLICATE,
                )[0]
                for one in wave
            ]
            at = at + np.stack(shift, axis=1)
        return (at + 0.5) * scale - 0.5

    return flat, to_work


def run_points(run: Run, made: StraightPage) -> Points:
    """Points (N, 2) along one rule, in work pixels."""
    level, at, start, end, _ = run
    along = np.linspace(start, end, max(int((end - start) / 24), 1) + 1)
    across = np.full(len(along), at)
    points = np.stack([along, across] if level else [across, along], axis=1)
    return made.to_work(points + np.array(made.offset))


def _paint(target: Floats, run: Run, made: StraightPage) -> None:
    """Draw one rule into the target: full within its weight, fading over a target pixel."""
    level, half = run[0], run[4]
    points = (run_points(run, made) + 0.5) / 2 - 0.5  # target pixels
    plane = target[0] if level else target[1].T
    u, v = (points[:, 0], points[:, 1]) if level else (points[:, 1], points[:, 0])
    order = np.argsort(u)
    first, last = max(round(u.min()), 0), min(round(u.max()), plane.shape[1] - 1)
    if last <= first:
        return
    columns = np.arange(first, last + 1)
    middle = np.interp(columns, u[order], v[order])
    reach = half * made.scale / 2
    nearest = np.round(middle).astype(int)
    for shift in range(-int(reach) - 2, int(reach) + 3):
        row = nearest + shift
        value = np.clip(max(reach, 0.4) + 1.0 - np.abs(row - middle), 0, 1)
        good = (row >= 0) & (row < plane.shape[0])
        plane[row[good], columns[good]] = np.maximum(plane[row[good], columns[good]], value[good])


def _cut(work: Bytes, target: Floats, rng: np.random.Generator) -> list[tuple[Bytes, Floats]]:
    more_down, more_across = max(CROP - work.shape[0], 0), max(CROP - work.shape[1], 0)
    work = np.pad(work, ((0, more_down), (0, more_across)), constant_values=255)
    target = np.pad(target, ((0, 0), (0, more_down // 2 + 1), (0, more_across // 2 + 1)))
    height, width = work.shape
    found: list[tuple[Bytes, Floats]] = []
    for _ in range(40):
        if len(found) == _CROPS:
            break
        top, left = (2 * int(rng.integers(0, (side - CROP) // 2 + 1)) for side in (height, width))
        own = target[:, top // 2 : (top + CROP) // 2, left // 2 : (left + CROP) // 2]
        if own.mean() < 0.01 and rng.random() < 0.6:
            continue
        # Copied, or every crop would keep its whole page in memory.
        found.append((work[top : top + CROP, left : left + CROP].copy(), own.copy()))
    return found


if __name__ == "__main__":
    main()
