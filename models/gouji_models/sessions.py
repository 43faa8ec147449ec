"""Opens a network for the processor, with settings under which processes do not fight for cores."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort

from gouji_models.registry import ModelMissingError, card, weights


def session(name: str, threads: int = 1, *, further: str = "") -> ort.InferenceSession:
    """An inference session of a registered network.

    Spinning is off: a worker that waits must not burn the core another one reads with.

    Args:
        name: the network.
        threads: threads of one inference call.
        further: registered differences that are added to its weights: what further training changed.

    Raises:
        ModelMissingError: see `gouji_models.weights`; or the differences are those of another file.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    model = _changed(name, further) if further else str(weights(name))
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _changed(name: str, further: str) -> bytes:
    """The file of a network with differences added to the weights that lie in it."""
    content = bytearray(weights(name).read_bytes())
    with np.load(weights(further)) as stored:
        if str(stored["base"]) != card(name).sha256:
            raise ModelMissingError(f"模型 {further} 是另一个文件的差值，不能用于 {name}")
        places, sizes, changes = stored["places"].tolist(), stored["sizes"].tolist(), stored["changes"]
    at = 0
    for place, size in zip(places, sizes, strict=True):
        kept = np.frombuffer(content, "<f4", size, place) + changes[at : at + size].astype(np.float32)
        content[place : place + kept.nbytes] = kept.astype("<f4").tobytes()
        at += size
    return bytes(content)
