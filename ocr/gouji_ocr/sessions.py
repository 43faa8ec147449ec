"""Opens a network for the processor, with settings under which processes do not fight for cores."""

from __future__ import annotations

import onnxruntime as ort

from gouji_models import weights


def session(name: str, threads: int = 1) -> ort.InferenceSession:
    """An inference session of a registered network.

    Spinning is off: a worker that waits must not burn the core another one reads with.

    Raises:
        ModelMissingError: see `gouji_models.weights`.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(str(weights(name)), options, providers=["CPUExecutionProvider"])
