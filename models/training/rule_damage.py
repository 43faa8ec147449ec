"""Damage of its own for training rules, so that the network does not learn one simulator only."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Rgb = NDArray[np.uint8]


def worn(rules: Gray, dpi: float, rng: np.random.Generator) -> Gray:
    """Lose pieces of rules: patches of other sizes than the simulator's, streaks, thin and light places."""
    ink = 255 - rules
    height, width = ink.shape
    mm = dpi / 25.4
    kind = rng.random()
    if kind < 0.5:
        cells = max(round(max(height, width) / mm / float(rng.uniform(1, 12))), 2)
        coarse = rng.random(
            (max(height * cells // max(height, width), 2), max(width * cells // max(height, width), 2))
        )
        bumps = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        lost = bumps < np.quantile(coarse, float(rng.uniform(0.02, 0.2)))
        ink = np.where(lost, ink * np.float32(rng.uniform(0, 0.4)), ink)
    elif kind < 0.8:
        ink = ink.copy()
        count = int(rng.uniform(20, 400) * height * width / (mm * 297) / (mm * 210))
        for x, y in zip(rng.integers(0, width, count), rng.integers(0, height, count), strict=True):
            w, h = int(rng.gamma(1.5, 1.2) * mm) + 1, int(rng.gamma(1.5, 1.2) * mm) + 1
            ink[y : y + h, x : x + w] = ink[y : y + h, x : x + w] * np.float32(rng.uniform(0, 0.3))
    else:
        across = rng.uniform(0.1, 1, (height, 1)) if rng.random() < 0.5 else rng.uniform(0.1, 1, (1, width))
        sigma = (0, 0, mm * 2)
        across = cv2.GaussianBlur(across.astype(np.float32), sigma[:2], sigma[2])
        ink = ink * np.clip((across - across.min()) / max(np.ptp(across), 1e-6) + 0.15, 0, 1)
    return (255 - ink).astype(np.uint8)


def rescanned(image: Rgb, rng: np.random.Generator) -> Rgb:
    """A second copy: other blur, noise, tone, thresholds, streaks and compression."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    height, width = gray.shape
    if rng.random() < 0.5:
        gray = 255 * (gray / 255) ** np.float32(rng.uniform(0.5, 2))
    if rng.random() < 0.3:
        length = int(rng.integers(2, 5))
        kernel = np.ones((1, length) if rng.random() < 0.5 else (length, 1), np.float32) / length
        gray = cv2.filter2D(gray, -1, kernel)
    if rng.random() < 0.3:
        small = cv2.resize(gray, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        gray = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.5:
        tile = rng.normal(0, float(rng.uniform(2, 20)), (256, 256)).astype(np.float32)
        if rng.random() < 0.5:
            tile = cv2.GaussianBlur(tile, (0, 0), 0.7) * 2
        gray += np.tile(tile, (height // 256 + 1, width // 256 + 1))[:height, :width]
    if rng.random() < 0.15:
        for row in rng.integers(0, height, int(rng.integers(1, 6))):  # scratches and dead sensor elements
            gray[row] = float(rng.choice([80, 255]))
    gray8 = np.clip(gray, 0, 255).astype(np.uint8)
    kind = rng.random()
    if kind < 0.15:
        gray8 = cv2.threshold(gray8, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
    elif kind < 0.3:
        block = int(rng.choice([21, 41, 81]))
        gray8 = cv2.adaptiveThreshold(
            gray8, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, float(rng.uniform(8, 25))
        )
    elif kind < 0.55:
        coded = cv2.imencode(".jpg", gray8, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 70))])[1]
        gray8 = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    return np.repeat(gray8[..., None], 3, axis=2)
