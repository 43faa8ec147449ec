"""What print, paper and scanners do to a small picture of figures.

Written from looking at scans, apart from the damage of `fixtures/make`, which stays unseen for testing, and
drawn harder than its worst legible level. All functions take and give float32 gray, 255 paper; `worn` is
how much the copy suffered, 0 for a clean one, 1 for a bad one, a little more for what people can just read.
"""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


def print_it(g: Picture, r: random.Random, oversampling: int) -> Picture:
    """Stroke weight, width, slant and turn: before the picture is brought to its resolution."""
    if r.random() < 0.3:
        kernel = np.ones((r.choice([2, oversampling]), r.choice([2, oversampling])), np.uint8)
        g = (cv2.erode if r.random() < 0.6 else cv2.dilate)(g, kernel)
    if r.random() < 0.25:
        width = max(4, int(g.shape[1] * r.uniform(0.72, 1.25)))
        g = cv2.resize(g, (width, g.shape[0]), interpolation=cv2.INTER_AREA)
    degrees = r.gauss(0, 1.1) if r.random() < 0.5 else 0.0
    slant = r.gauss(0, 0.05) if r.random() < 0.2 else 0.0
    if degrees or slant:
        height, width = g.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        matrix[0, 1] += slant
        matrix[0, 2] -= slant * height / 2
        g = cv2.warpAffine(g, matrix, (width, height), borderValue=(255,))
    return g


def bumps(shape: tuple[int, int], pitch: float, nr: np.random.Generator) -> Picture:
    """A smooth field of 0 to 1 with bumps about this many pixels apart."""
    height, width = shape
    coarse = nr.random((int(height / pitch) + 2, int(width / pitch) + 2)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def pale(g: Picture, r: random.Random, nr: np.random.Generator, worn: float, size: float) -> Picture:
    """Ink weaker on the whole, weaker in places, and lost in patches, so that strokes break."""
    ink = 255 - g
    ink *= 1 - r.uniform(0, 0.5) * min(worn, 1.0)
    if r.random() < 0.4:
        ink *= 1 - r.uniform(0, 0.5) * worn * bumps(g.shape, size * r.uniform(0.5, 3), nr).clip(0, 1)
    if r.random() < 0.2 * worn:
        patches = bumps(g.shape, max(2.0, size * r.uniform(0.1, 0.25)), nr)
        ink *= np.where(patches > r.uniform(0.62, 0.9), r.uniform(0.1, 0.7), 1.0).astype(np.float32)
    return 255 - ink


def rules(g: Picture, r: random.Random, nr: np.random.Generator, edge: float) -> Picture:
    """Ruled lines where the border of the cell is, faint, broken or whole, met by those of its neighbours."""
    height, width = g.shape
    ruling = np.full_like(g, 255)
    dark, thick = r.choice([0, 20, r.randrange(0, 190)]), r.choice([1, 1, 2, 2, 3, 4])
    for side in range(4):
        if r.random() > 0.8:
            continue
        along = width if side < 2 else height
        at = edge + r.uniform(-2.5, 2.5)
        if side % 2:
            at = (height if side < 2 else width) - 1 - at
        tilt = r.choice([0.0, 0.0, r.uniform(-2, 2)])
        start, end = (0, along) if r.random() < 0.75 else sorted((r.randrange(along), r.randrange(along)))
        one, two = (start, round(at)), (end, round(at + tilt))
        cv2.line(ruling, *((one, two) if side < 2 else (one[::-1], two[::-1])), dark, thick)
    if r.random() < 0.4:
        gaps = bumps(g.shape, r.uniform(6, 30), nr) > r.uniform(0.3, 0.8)
        ruling = np.where(gaps, 255 - (255 - ruling) * np.float32(r.uniform(0, 0.3)), ruling)
    return np.minimum(g, ruling)


def overprinted(g: Picture, r: random.Random, size: float) -> Picture:
    """A seal in gray: its ring, its star, characters of its ring, or a stroke of a pen, as ink on ink."""
    height, width = g.shape
    over = np.full_like(g, 255)
    light = r.randrange(70, 225)
    thick = max(1, int(size * r.uniform(0.08, 0.6)))
    kind = r.random()
    if kind < 0.45:
        centre = (r.randrange(-width, 2 * width), r.randrange(-2 * height, 3 * height))
        radius = r.randrange(height, 5 * height)
        cv2.ellipse(over, centre, (radius, radius), 0, 0, 360, light, thick)
    elif kind < 0.65:
        points = [[r.randrange(-width // 4, width * 5 // 4), r.randrange(-height, 2 * height)] for _ in "abc"]
        cv2.fillPoly(over, [np.array(points, np.int32)], light)
    elif kind < 0.85:  # strokes of a character of the ring
        x, y = r.randrange(width), r.randrange(height)
        for _ in range(r.randrange(2, 8)):
            way = r.choice([(1, 0), (0, 1), (1, 1)])
            far = r.uniform(0.3, 2.0) * size
            start = (int(x + r.uniform(-1, 1) * size), int(y + r.uniform(-1, 1) * size))
            end = (int(start[0] + way[0] * far), int(start[1] + way[1] * far))
            cv2.line(over, start, end, light, max(1, int(size * r.uniform(0.05, 0.16))))
    else:
        one = (r.randrange(width), r.randrange(-height, height))
        two = (r.randrange(width), r.randrange(height, 2 * height))
        cv2.line(over, one, two, light, thick)
    over = cv2.GaussianBlur(over, (0, 0), 0.8)
    return g * over / 255


def shining_through(g: Picture, behind: Picture, r: random.Random, worn: float, size: float) -> Picture:
    """The mirrored print of the other side, soft and faint."""
    height, width = g.shape
    scale = r.uniform(0.7, 1.6)
    turned = cv2.resize(behind[:, ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tiled = np.tile(turned, (height // turned.shape[0] + 2, width // turned.shape[1] + 2))
    top, left = r.randrange(turned.shape[0]), r.randrange(turned.shape[1])
    soft = cv2.GaussianBlur(
        tiled[top : top + height, left : left + width], (0, 0), size * r.uniform(0.05, 0.2)
    )
    return np.minimum(g, 255 - (255 - soft) * np.float32(r.uniform(0.05, 0.55) * min(worn, 1.0)))


def specks(g: Picture, r: random.Random, count: int, size: float) -> None:
    """Dirt and lost spots, drawn into the picture."""
    height, width = g.shape
    for _ in range(count):
        radius = int(min(abs(r.gauss(0, 0.09)), 0.25) * size)
        tone = r.randrange(0, 120) if r.random() < 0.8 else 255
        cv2.circle(g, (r.randrange(width), r.randrange(height)), radius, tone, -1)


def scanned(g: Picture, r: random.Random, nr: np.random.Generator, size: float, worn: float) -> Picture:
    """Paper, light, blur, lost resolution, noise, specks, two levels, sharpening, compression."""
    height, width = g.shape
    paper = r.uniform(150, 255) if r.random() < 0.5 else r.uniform(225, 255)
    g = g * (paper / 255)
    if r.random() < 0.5 * worn:
        grain = nr.normal(0, 1, (height // 2 + 1, width // 2 + 1)).astype(np.float32)
        grain = cv2.resize(cv2.GaussianBlur(grain, (0, 0), 0.8), (width, height))
        g = g + grain * np.float32(r.uniform(2, 20) * worn)
    if r.random() < 0.4:
        g = g * (1 - r.uniform(0, 0.35) * worn * bumps(g.shape, size * r.uniform(1.5, 6), nr)).clip(0.3, 1)
    if r.random() < 0.85:
        sigma = min(abs(r.gauss(0.03, 0.035)) * size * (0.4 + worn), size * 0.1)
        if sigma > 0.2:
            g = cv2.GaussianBlur(g, (0, 0), sigma)
    if r.random() < 0.06:
        kernel = np.zeros((3, 3), np.float32)
        kernel[(1, slice(None)) if r.random() < 0.5 else (slice(None), 1)] = 1 / 3
        g = cv2.filter2D(g, -1, kernel)
    if r.random() < 0.35 * worn:
        kept = r.uniform(0.5, 0.95)
        if size * kept > 7.5:
            small = cv2.resize(g, None, fx=kept, fy=kept, interpolation=cv2.INTER_AREA)
            how = r.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])
            g = cv2.resize(small, (width, height), interpolation=how)
    if r.random() < 0.75:
        g = g + nr.normal(0, abs(r.gauss(0, 11)) * worn, g.shape).astype(np.float32)
    if r.random() < 0.35 * worn:
        specks(g, r, 1 + int(r.expovariate(0.4)), size)
    if r.random() < 0.1:
        g = g + r.uniform(0.4, 2.0) * (g - cv2.GaussianBlur(g, (0, 0), r.uniform(0.8, 2.0)))
    g = np.clip(g, 0, 255)
    two = r.random()
    if two < 0.10:
        g = black_and_white(g, r)
    elif two < 0.16 and size > 10:
        g = faxed(g, r, nr, size)
    if r.random() < 0.6:
        quality = r.randrange(18, 92)
        _, packed = cv2.imencode(".jpg", g.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
        g = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    return g.astype(np.float32)


def black_and_white(g: Picture, r: random.Random) -> Picture:
    """A threshold somewhere between the paper around and the darkest ink, too light or too dark at times."""
    if r.random() < 0.5:
        g = cv2.GaussianBlur(g, (0, 0), r.uniform(0.4, 0.8)).astype(np.float32)
    paper = float(np.percentile(g, 75))
    depth = paper - g
    return np.where(depth > r.uniform(0.22, 0.6) * max(float(depth.max()), 25.0), 0.0, 255.0).astype(
        np.float32
    )


def faxed(g: Picture, r: random.Random, nr: np.random.Generator, size: float) -> Picture:
    """Two levels at a lower resolution, with scan lines lost or doubled, salt and pepper."""
    height, width = g.shape
    fx, fy = (min(1.0, max(9.0 / size, r.uniform(0.6, 1.05))) for _ in "xy")
    small = cv2.resize(g, None, fx=fx, fy=fy, interpolation=cv2.INTER_AREA)
    black = black_and_white(small, r)
    for row in range(1, len(black)):
        if r.random() < 0.012:
            black[row] = black[row - 1] if r.random() < 0.6 else 255
    pepper = nr.random(black.shape)
    share = 10 ** r.uniform(-3.5, -1.4)
    black[pepper < share] = 0
    black[pepper > 1 - share] = 255
    how = r.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR])
    return cv2.resize(black, (width, height), interpolation=how).astype(np.float32)
