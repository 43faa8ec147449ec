"""Fits the temperature of the figure network, writes it into the file, and says how well the network reads.

    python models/training/calibrate_figures.py FIGURES.onnx UNSEEN.npz [SEEN.npz]

UNSEEN are strips of font families kept out of training, SEEN further strips (another seed) of families in it.
The temperature is the one under which the true texts of the first half of UNSEEN are likeliest (Guo et al.,
"On Calibration of Modern Neural Networks", 2017, for a CTC likelihood), but never below 1: a network that
was sure on renderings is not made surer. What is reported is of the second half, and of SEEN. One JSON line.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

from gouji_ocr import alphabet
from gouji_ocr.ctc import forward
from gouji_ocr.figures import FigureNetwork

_TEMPERATURES = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.4, 1.5, 1.6, 1.8, 2.1, 2.5)
_HOPELESS = 8.0
_BINS = (0.0, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.01)
_DAMAGE = (("light", 0.0, 0.4), ("middling", 0.4, 0.8), ("heavy", 0.8, 2.0))


@dataclass(frozen=True, eq=False)
class Strips:
    """Rendered strips, their classes, and how much each copy suffered."""

    pictures: list[np.ndarray]
    labels: list[list[int]]
    worn: np.ndarray

    @classmethod
    def load(cls, path: Path) -> Strips:
        """All strips of a file."""
        data = np.load(path)
        pictures = np.split(data["strips"], data["ends"][:-1], axis=1)
        labels = np.split(data["labels"], data["label_ends"][:-1])
        return cls(pictures, [[int(c) for c in label] for label in labels], data["worn"])

    def part(self, which: slice) -> Strips:
        """Some of them."""
        return Strips(self.pictures[which], self.labels[which], self.worn[which])


def mean_loss(network: FigureNetwork, strips: Strips) -> float:
    """Mean negative log-likelihood of the true texts, each at most `_HOPELESS` nats.

    What is illegible, or was cut wrongly, says nothing of how sure the network may be of the rest.
    """
    found = network.read_figures(strips.pictures)
    losses = [
        min(_HOPELESS, -forward(evidence.frames.astype(np.float64), label))
        for evidence, label in zip(found, strips.labels, strict=True)
    ]
    return float(np.mean(losses))


def report(network: FigureNetwork, strips: Strips) -> dict[str, object]:
    """Shares right, by damage, and bins of certainty: lower edge, strips, mean stated, share right."""
    best = [evidence.best(5) for evidence in network.read_figures(strips.pictures)]
    truths = ["".join(alphabet.SYMBOLS[c - 1] for c in label) for label in strips.labels]
    sure = np.exp([candidates[0].log_probability for candidates in best])
    right = np.array([c[0].text == t for c, t in zip(best, truths, strict=True)])
    in_five = np.array([any(c.text == t for c in cs) for cs, t in zip(best, truths, strict=True)])
    places = np.digitize(sure, _BINS) - 1
    by_damage = {}
    for name, low, high in _DAMAGE:
        these = (strips.worn >= low) & (strips.worn < high)
        by_damage[name] = [int(right[these].sum()), int(these.sum())]
    return {
        "strips": len(truths),
        "exact": round(float(right.mean()), 4),
        "in_five": round(float(in_five.mean()), 4),
        "by_damage": by_damage,
        "bins": [
            [_BINS[k], int((places == k).sum())]
            + [round(float(values[places == k].mean()), 4) for values in (sure, right)]
            for k in sorted(set(places.tolist()))
        ],
    }


def main() -> None:
    """Command line."""
    path, unseen = Path(sys.argv[1]), Strips.load(Path(sys.argv[2]))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    network = ort.InferenceSession(str(path), options)
    half = len(unseen.pictures) // 2
    to_fit = unseen.part(slice(0, half))
    losses = {t: mean_loss(FigureNetwork(network, t), to_fit) for t in _TEMPERATURES}
    temperature = min(losses, key=lambda t: (round(losses[t], 2), -t))  # of about equal ones the humbler
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"symbols": alphabet.SYMBOLS, "temperature": str(temperature)})
    onnx.save(model, path)
    fitted = FigureNetwork(network, temperature)
    result: dict[str, object] = {
        "temperature": temperature,
        "losses": {str(t): round(loss, 4) for t, loss in losses.items()},
        "unseen": report(fitted, unseen.part(slice(half, None))),
    }
    if len(sys.argv) > 3:
        result["seen"] = report(fitted, Strips.load(Path(sys.argv[3])))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
