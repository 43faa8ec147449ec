"""Reads strips of figures with the project's own small CTC network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_models import ModelMissingError
from gouji_models.sessions import session
from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence, frames_of
from gouji_ocr.strips import batches, stacked

_MOST_PIXELS = 3072  # width of all strips of a batch together: what fits the processor's cache
_COLUMNS_A_FRAME = 2


@dataclass(frozen=True, eq=False)
class FigureNetwork:
    """The network of `models/training`: strips 32 high, one frame for every two columns.

    `temperature` divides the logits; it was fitted so that stated and real certainty agree
    (`docs/measured/reading.md`).
    """

    network: ort.InferenceSession
    temperature: float = 1.0
    name: str = "figures-v6"

    @classmethod
    def load(cls, threads: int = 1) -> FigureNetwork:
        """Open the network and compare its alphabet with ours.

        Raises:
            ModelMissingError: the weights are absent, or speak another alphabet.
        """
        network = session("figures-v6", threads)
        stated = network.get_modelmeta().custom_metadata_map
        if stated.get("symbols") != alphabet.SYMBOLS:
            raise ModelMissingError("数字识别模型的字符表与程序不一致，请重新安装")
        return cls(network, float(stated.get("temperature", "1")))

    def read_figures(self, strips: Sequence[Gray]) -> list[CtcEvidence]:
        """Evidence of each strip (32 high, on `ink.PAPER`), in the same order."""
        found: dict[int, CtcEvidence] = {}
        for group in batches([strip.shape[1] for strip in strips], most_pixels=_MOST_PIXELS):
            for i, frames in zip(group, self._run([strips[i] for i in group]), strict=True):
                found[i] = alphabet.evidence(frames)
        return [found[i] for i in range(len(strips))]

    def _run(self, strips: Sequence[Gray]) -> list[NDArray[np.float16]]:
        batch = stacked(strips)[:, None].astype(np.float32) / 127.5 - 1.0
        (logits,) = self.network.run(None, {"strips": batch})
        logits = logits / self.temperature
        logits -= logits.max(axis=2, keepdims=True)
        frames = frames_of(logits - np.log(np.exp(logits).sum(axis=2, keepdims=True)))
        return [
            rows[: strip.shape[1] // _COLUMNS_A_FRAME] for rows, strip in zip(frames, strips, strict=True)
        ]
