"""Evidence as JSON and back, so that figures can be scored again without their picture.

Only evidence over the alphabet of figures is kept: rules bind figures, never labels. The frames are
stored exactly as they are (half precision), so that deciding again gives the same decisions.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.reading import Evidence


def evidence_to_json(evidence: Evidence | None) -> dict[str, Any] | None:
    """Plain JSON values; None for evidence that is not over the alphabet of figures."""
    if not isinstance(evidence, CtcEvidence) or evidence.symbols is not alphabet.SYMBOLS:
        return None
    frames = np.ascontiguousarray(evidence.frames, dtype="<f2")
    return {"steps": len(frames), "frames": base64.b64encode(frames.tobytes()).decode("ascii")}


def evidence_from_json(plain: dict[str, Any] | None) -> CtcEvidence | None:
    """Read evidence back.

    Raises:
        ValueError: the frames are not whole.
    """
    if plain is None:
        return None
    flat = np.frombuffer(base64.b64decode(plain["frames"], validate=True), dtype="<f2")
    frames = flat.reshape(plain["steps"], len(alphabet.SYMBOLS) + 1)
    return alphabet.evidence(frames)
