"""What print, paper and scanners do to a small picture of figures.

Written from looking at scans, apart from the damage of `fixtures/make`, which stays unseen for testing.
All functions take and give float32 gray, 255 paper.
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


def rules(g: Picture, r: random.Random) -> Picture:
    """Remnants of ruled lines at the sides of the crop."""
    height, width = g.shape
    for side in range(4):
        if r.random() > 0.45:
            continue
        dark, thick, away = r.randrange(0, 170), r.choice([1, 1, 2, 2, 3]), r.choice([0, 0, 0, 1, 2, 3])
        start = r.uniform(0, 0.5) if r.random() < 0.4 else 0.0
        end = r.uniform(0.5, 1) if r.random() < 0.4 else 1.0
        tilt = r.choice([0, 0, r.uniform(-2.5, 2.5)])
        if side < 2:
            at = away if side == 0 else height - 1 - away
            ends = ((int(start * width), at), (int(end * width), round(at + tilt)))
        else:
            at = away if side == 2 else width - 1 - away
            ends = ((at, int(start * height)), (round(at + tilt), int(end * height)))
        cv2.line(g, *ends, dark, thick)
    return g


def faded(g: Picture, r: random.Random, nr: np.random.Generator) -> Picture:
    """Strokes that lost ink in patches."""
    height, width = g.shape
    coarse = nr.random((max(3, height // 3), max(3, width // 3))).astype(np.float32)
    patches = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 1.3), (width, height))
    patches = (patches - patches.min()) / (np.ptp(patches) + 1e-6)
    lost = (patches > r.uniform(0.45, 0.85)) & (g < 210)
    return np.where(lost, np.minimum(255, g + r.uniform(40, 120)), g)


def overprinted(g: Picture, r: random.Random, size: float) -> Picture:
    """A seal's arc, a watermark's stroke or ink shining through from the back, all in gray."""
    height, width = g.shape
    over = np.full_like(g, 255)
    light = r.randrange(120, 235)
    if r.random() < 0.5:
        centre = (r.randrange(-width, 2 * width), r.randrange(-height, 2 * height))
        radius = r.randrange(height, 4 * height)
        cv2.ellipse(over, centre, (radius, radius), 0, 0, 360, light, max(2, int(size * r.uniform(0.1, 0.5))))
    else:
        one = (r.randrange(width), r.randrange(-height, height))
        two = (r.randrange(width), r.randrange(height, 2 * height))
        cv2.line(over, one, two, light, max(2, int(size * r.uniform(0.1, 0.6))))
    if r.random() < 0.3:
        over = np.minimum(over, 255 - (255 - g[:, ::-1]) * np.float32(r.uniform(0.08, 0.3)))
        over = cv2.GaussianBlur(over, (0, 0), 1.0)
    return np.minimum(g, over)


def scanned(
    g: Picture, r: random.Random, nr: np.random.Generator, size: float, *, strength: float = 1.0
) -> Picture:
    """Blur, lost resolution, uneven light, low contrast, noise, specks, sharpening, compression.

    Args:
        g: the picture.
        r: chance of what happens.
        nr: chance of noise.
        size: of the type in pixels.
        strength: 1 for all that is left legible, less for better copies.
    """
    height, width = g.shape
    if r.random() < 0.8:
        sigma = strength * min(abs(r.gauss(0.5, 0.45)) * max(size, 12) / 24, size * 0.075)
        if sigma > 0.2:
            g = cv2.GaussianBlur(g, (0, 0), sigma)
    if r.random() < 0.08:
        kernel = np.zeros((3, 3), np.float32)
        kernel[(1, slice(None)) if r.random() < 0.5 else (slice(None), 1)] = 1 / 3
        g = cv2.filter2D(g, -1, kernel)
    if r.random() < 0.2:
        scale = r.uniform(1 - 0.5 * strength, 0.9)
        if size * scale > 8:
            small = cv2.resize(g, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            g = cv2.resize(
                small, (width, height), interpolation=r.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])
            )
    if r.random() < 0.3:
        yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
        g = g * (1 - r.uniform(0, 0.3) * (xx / width * r.random() + yy / height * r.random()))
    if r.random() < 0.4:
        g = g * (r.uniform(150, 255) / 255)
    if r.random() < 0.3:
        g = g + r.uniform(0, 90) * (1 - g / 255)
    if r.random() < 0.65:
        deviation = strength * r.choice([2, 5, 9, 14, 20])
        g = g + nr.normal(0, deviation, g.shape).astype(np.float32)
    if r.random() < 0.06:
        specks(g, r, r.randrange(1, 6))
    if r.random() < 0.12:
        g = g + r.uniform(0.5, 2.5) * (g - cv2.GaussianBlur(g, (0, 0), r.uniform(0.8, 2.0)))
    g = np.clip(g, 0, 255)
    if r.random() < 0.5:
        _, packed = cv2.imencode(".jpg", g.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, r.randrange(25, 92)])
        g = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    if r.random() < 0.07 * strength:
        _, g = cv2.threshold(g.astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    return g.astype(np.float32)


def specks(g: Picture, r: random.Random, count: int) -> None:
    """Dirt, drawn into the picture."""
    height, width = g.shape
    for _ in range(count):
        cv2.circle(
            g, (r.randrange(width), r.randrange(height)), r.choice([0, 0, 1, 1]), r.randrange(0, 140), -1
        )
