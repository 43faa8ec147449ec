"""Boxes in page pixels, names of cells, and the way back from the straightened page to the scan.

Every box in the project is in *page pixels*: origin top left, y downwards, after straightening.
Only `Straightening` knows scan pixels; everything that must point at the original picture goes
through `Straightening.to_scan`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Points as an (N, 2) array of x, y."""


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """An upright rectangle in page pixels; right and bottom are outside it.

    Raises:
        ValueError: the box is empty or inside out.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (self.left < self.right and self.top < self.bottom):
            raise ValueError(f"empty or inside-out box: {self}")

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle as x, y."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlap(self, other: Box) -> float:
        """Area that both boxes cover, in square pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.overlap(other)
        return shared / (self.area + other.area - shared)

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def padded(self, by: float) -> Box:
        """The box grown by `by` pixels on every side (shrunk when negative)."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def slices(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Row and column slices of an array of this shape; whole pixels, cut at its border."""
        height, width = shape[:2]
        top, bottom = max(round(self.top), 0), min(round(self.bottom), height)
        left, right = max(round(self.left), 0), min(round(self.right), width)
        return slice(top, max(bottom, top)), slice(left, max(right, left))

    def corners(self) -> Points:
        """The four corners, clockwise from top left, as a (4, 2) array."""
        return np.array(
            [
                [self.left, self.top],
                [self.right, self.top],
                [self.right, self.bottom],
                [self.left, self.bottom],
            ]
        )

    def as_list(self) -> list[float]:
        """[left, top, right, bottom] rounded to a tenth of a pixel, for JSON."""
        return [round(float(v), 1) for v in (self.left, self.top, self.right, self.bottom)]

    @classmethod
    def around(cls, points: Points) -> Self:
        """The smallest box around (N, 2) points."""
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return cls(float(left), float(top), float(right), float(bottom))


_CELL_REF = re.compile(r"p(\d+)t(\d+)r(\d+)c(\d+)")


@dataclass(frozen=True, slots=True, order=True)
class CellRef:
    """The name of a cell inside one document; prints as `p3t0r12c4` everywhere.

    Pages count from 1 as on the file, tables, rows and columns from 0. A merged cell is named
    by its top-left row and column.

    >>> CellRef.parse("p3t0r12c4")
    CellRef(page=3, table=0, row=12, col=4)
    >>> str(CellRef(3, 0, 12, 4))
    'p3t0r12c4'
    """

    page: int
    table: int
    row: int
    col: int

    def __str__(self) -> str:
        return f"p{self.page}t{self.table}r{self.row}c{self.col}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name back.

        Raises:
            ValueError: the text is not a cell name.
        """
        match = _CELL_REF.fullmatch(text)
        if match is None:
            raise ValueError(f"not a cell name like p3t0r12c4: {text!r}")
        return cls(*map(int, match.groups()))


@dataclass(frozen=True, eq=False)
class Straightening:
    """How the upright page came out of the scan, and the only way back.

    The scan is first turned by `quarter_turns` (counter-clockwise, as `numpy.rot90`), then
    rectified: `page_to_turned` is the 3 x 3 homography from page pixels to the pixels of the
    turned scan. A curved page also has `mesh`: a (rows, cols, 2) array of x, y offsets in page
    pixels, spread evenly over the page, added to a page point *before* the homography.
    """

    scan_size: tuple[int, int]  # width, height of the scan as it came
    page_size: tuple[int, int]  # width, height of the page
    quarter_turns: int = 0
    degrees: float = 0.0  # skew that was taken out, counter-clockwise positive
    page_to_turned: NDArray[np.float64] | None = None
    mesh: NDArray[np.float32] | None = None

    @cached_property
    def _matrix(self) -> NDArray[np.float64]:
        return np.eye(3) if self.page_to_turned is None else np.asarray(self.page_to_turned, dtype=np.float64)

    def to_scan(self, points: Points) -> Points:
        """Take (N, 2) page points back to pixels of the scan as it came."""
        return self._unturn(self.to_turned(points))

    def to_turned(self, points: Points) -> Points:
        """Take (N, 2) page points to pixels of the scan after its quarter turns."""
        points = np.asarray(points, dtype=np.float64)
        moved = points + self._offsets(points)
        return np.asarray(cv2.perspectiveTransform(moved[None], self._matrix)[0], dtype=np.float64)

    def to_page(self, points: Points) -> Points:
        """Take (N, 2) scan points to the page; with a mesh, by fixed-point iteration."""
        turned = self._turn(np.asarray(points, dtype=np.float64))
        target = cv2.perspectiveTransform(turned[None], np.linalg.inv(self._matrix))[0]
        page = target.copy()
        for _ in range(8 if self.mesh is not None else 0):
            page = target - self._offsets(page)
        return np.asarray(page, dtype=np.float64)

    def _offsets(self, points: Points) -> Points:
        """The mesh at these page points: bilinear, exact, and constant beyond the page."""
        if self.mesh is None:
            return np.zeros_like(points)
        last = np.array(self.mesh.shape[1::-1]) - 1  # columns, rows
        size = np.maximum(np.array(self.page_size) - 1, 1)
        place = np.clip(points / size, 0.0, 1.0) * last
        corner = np.minimum(place.astype(np.intp), np.maximum(last - 1, 0))
        x, y = (place - corner).T[:, :, None]
        (col, row), (right, below) = corner.T, np.minimum(corner + 1, last).T
        upper = self.mesh[row, col] * (1 - x) + self.mesh[row, right] * x
        lower = self.mesh[below, col] * (1 - x) + self.mesh[below, right] * x
        return np.asarray(upper * (1 - y) + lower * y, dtype=np.float64)

    def _unturn(self, points: Points) -> Points:
        width, height = self.scan_size
        x, y = points[:, 0], points[:, 1]
        match self.quarter_turns % 4:
            case 0:
                pair = (x, y)
            case 1:
                pair = (width - 1 - y, x)
            case 2:
                pair = (width - 1 - x, height - 1 - y)
            case _:
                pair = (y, height - 1 - x)
        return np.stack(pair, axis=1)

    def _turn(self, points: Points) -> Points:
        width, height = self.scan_size
        x, y = points[:, 0], points[:, 1]
        match self.quarter_turns % 4:
            case 0:
                pair = (x, y)
            case 1:
                pair = (y, width - 1 - x)
            case 2:
                pair = (width - 1 - x, height - 1 - y)
            case _:
                pair = (height - 1 - y, x)
        return np.stack(pair, axis=1)
