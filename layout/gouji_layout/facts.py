"""Intake facts of a page: blank, black borders, blur, and a fingerprint that finds duplicates."""

from __future__ import annotations

import cv2
import numpy as np

from gouji_layout.page import Gray, IntakeFacts
from gouji_layout.paper import Paper

_BLUR_DPI = 100
_BLANK_INK = 0.0006  # inked share of the page; one short line of text on A4 has about 0.001


def intake_facts(gray: Gray, paper: Paper, dpi: float, *, dpi_guessed: bool) -> IntakeFacts:
    """Look at a page before anything is read; `paper` may be of a smaller copy of `gray`."""
    evened, depth = paper.evened, paper.ink_depth
    inner = evened[evened.shape[0] // 25 : -(evened.shape[0] // 25) or None]
    inked = float((cv2.medianBlur(inner, 3) < 255 - max(0.5 * depth, 40)).mean())
    scale = min(_BLUR_DPI / dpi, 1.0)
    resized = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(resized, dtype=np.uint8)
    return IntakeFacts(
        blank=inked < _BLANK_INK,
        black_border=_black_border(small),
        blur=round(float(cv2.Laplacian(small, cv2.CV_64F).var()), 1),
        dpi_guessed=dpi_guessed,
        fingerprint=fingerprint(gray),
    )


def fingerprint(gray: Gray) -> str:
    """A 256-bit difference hash in hexadecimal; the same sheet scanned twice differs in few bits."""
    tiny = cv2.resize(cv2.GaussianBlur(gray[::2, ::2], (5, 5), 0), (17, 16), interpolation=cv2.INTER_AREA)
    bits = np.packbits(tiny[:, 1:] > tiny[:, :-1])
    return bits.tobytes().hex()


def fingerprint_distance(one: str, other: str) -> int:
    """Number of differing bits, 0 to 256; below about 20 the pages show the same sheet."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _black_border(small: Gray) -> bool:
    """Whether a dark strip, as of an open scanner lid, runs along at least one side."""
    strips = (small[:3], small[-3:], small[:, :3], small[:, -3:])
    return any(float((strip < 90).mean()) > 0.6 for strip in strips)
