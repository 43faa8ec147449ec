"""Files of worn grids: what is known of their edges, and which of them were drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gouji_layout.worn_edges import PLANES

ABSENT, DRAWN, UNKNOWN = 0, 1, 2
Truth = NDArray[np.uint8]
Labelled = tuple[NDArray[np.float32], Truth]
"""Planes (PLANES, rows + 1, cols + 1) of `grid_planes`, and truth (2, rows + 1, cols + 1) laid alike."""


def save(path: Path, grids: list[Labelled]) -> None:
    """Write grids to one file."""
    np.savez(
        path,
        planes=np.concatenate([planes.ravel() for planes, _ in grids]).astype(np.float16),
        truth=np.concatenate([truth.ravel() for _, truth in grids]),
        shapes=np.array([truth.shape[1:] for _, truth in grids]),
    )


def load(path: Path) -> list[Labelled]:
    """Grids of one file."""
    data = np.load(path)
    ends = np.cumsum(data["shapes"].prod(axis=1))[:-1]
    planes = np.split(data["planes"].astype(np.float32), PLANES * ends)
    truth = np.split(data["truth"], 2 * ends)
    return [
        (p.reshape(-1, *shape), t.reshape(-1, *shape))
        for p, t, shape in zip(planes, truth, data["shapes"], strict=True)
    ]
