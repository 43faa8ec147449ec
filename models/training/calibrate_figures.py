"""Fits the temperature of the figure network and writes it into the file.

    python models/training/calibrate_figures.py FIGURES.onnx UNSEEN.npz [COUNT]

UNSEEN are strips of families kept out of training. The temperature is the one under which their true texts
are likeliest (Guo et al., "On Calibration of Modern Neural Networks", 2017, for a CTC likelihood).
Prints one JSON line with what was fitted and how sure the network then is against how often it is right.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

from gouji_ocr import alphabet
from gouji_ocr.ctc import forward
from gouji_ocr.figures import FigureNetwork

_TEMPERATURES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.1, 2.5)
_BINS = (0.0, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.01)


def strips_of(path: Path, count: int) -> tuple[list[np.ndarray], list[list[int]]]:
    """The first strips of a file and their classes."""
    data = np.load(path)
    strips = np.split(data["strips"], data["ends"][:-1], axis=1)[:count]
    labels = np.split(data["labels"], data["label_ends"][:-1])[:count]
    return strips, [[int(c) for c in label] for label in labels]


def mean_loss(network: FigureNetwork, strips: list[np.ndarray], labels: list[list[int]]) -> float:
    """Mean negative log-likelihood of the true texts, each at most 30 nats."""
    found = network.read_figures(strips)
    return float(
        np.mean(
            [
                min(30.0, -forward(e.frames.astype(np.float64), label))
                for e, label in zip(found, labels, strict=True)
            ]
        )
    )


def main() -> None:
    """Command line."""
    path, unseen = Path(sys.argv[1]), Path(sys.argv[2])
    strips, labels = strips_of(unseen, int(sys.argv[3]) if len(sys.argv) > 3 else 3000)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    network = ort.InferenceSession(str(path), options)
    losses = {t: mean_loss(FigureNetwork(network, t), strips, labels) for t in _TEMPERATURES}
    temperature = min(losses, key=lambda t: losses[t])
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"symbols": alphabet.SYMBOLS, "temperature": str(temperature)})
    onnx.save(model, path)
    best = [e.best(5) for e in FigureNetwork(network, temperature).read_figures(strips)]
    truths = ["".join(alphabet.SYMBOLS[c - 1] for c in label) for label in labels]
    sure = np.exp([candidates[0].log_probability for candidates in best])
    right = np.array([c[0].text == t for c, t in zip(best, truths, strict=True)])
    places = np.digitize(sure, _BINS) - 1
    bins = [
        [_BINS[k], int((places == k).sum()), round(float(right[places == k].mean()), 4)]
        for k in sorted(set(places))
    ]
    in_five = np.mean([any(c.text == t for c in cs) for cs, t in zip(best, truths, strict=True)])
    print(
        json.dumps(
            {
                "temperature": temperature,
                "losses": {str(t): round(loss, 4) for t, loss in losses.items()},
                "strips": len(strips),
                "exact": round(float(right.mean()), 4),
                "in_five": round(float(in_five), 4),
                "bins": bins,
            }
        )
    )


if __name__ == "__main__":
    main()
