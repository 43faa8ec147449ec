"""Evidence as JSON and back, so that figures and labels can be scored again without their picture.

The frames are stored exactly as they are (half precision), so that deciding again gives the same decisions.
Evidence for text names the characters it speaks of, that for figures speaks its own alphabet.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.reading import Evidence
from gouji_ocr.text_evidence import text_evidence


def evidence_to_json(evidence: Evidence | None) -> dict[str, Any] | None:
    """Plain JSON values; None for evidence that no network of gouji gave."""
    if not isinstance(evidence, CtcEvidence):
        return None
    frames = np.ascontiguousarray(evidence.frames, dtype="<f2")
    plain = {"steps": len(frames), "frames": base64.b64encode(frames.tobytes()).decode("ascii")}
    return plain if evidence.symbols is alphabet.SYMBOLS else plain | {"symbols": list(evidence.symbols)}


def evidence_from_json(plain: dict[str, Any] | None) -> CtcEvidence | None:
    """Read evidence back.

    Raises:
        ValueError: the frames are not whole.
    """
    if plain is None:
        return None
    flat = np.frombuffer(base64.b64decode(plain["frames"], validate=True), dtype="<f2")
    symbols = plain.get("symbols")
    frames = flat.reshape(plain["steps"], len(symbols or alphabet.SYMBOLS) + 1)
    return text_evidence(frames, symbols) if symbols else alphabet.evidence(frames)
