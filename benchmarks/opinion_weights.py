"""Fits how much each reader counts beside the others (`gouji_ocr.combine.WEIGHTS`): one JSON line.

    python -m benchmarks.opinion_weights [--pages 24] [--seed 940] [--held-out 960]

Only cells in doubt are ever shown to several readers, so only they are fitted on: figure cells of made
pages (levels 2 to 4, 150 and 200 dpi, fonts not in training) that the figure network is not sure of. The
weights are those under which what is printed is likeliest among all texts that any reader names: a
logistic model over candidates, whose likelihood has one maximum (McFadden, "Conditional logit analysis",
1974). Pages of other seeds are held out.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from benchmarks.reading import flat_page, true_tables
from benchmarks.reading_measures import canonical, same
from numpy.typing import NDArray

from fixtures.make import make_page
from gouji_ocr import grammar
from gouji_ocr.combine import WEIGHTS, by_reader, named_figures
from gouji_ocr.engines import Engines
from gouji_ocr.reader import read_table
from gouji_ocr.reading import Opinion, ReadingKind
from gouji_ocr.second import second_look

_DOUBT = np.log(0.98)
_VARIETY = ((2, 200), (3, 200), (3, 150), (4, 200))  # level, dpi
_STEPS, _RATE = 4000, 0.05

Choice = tuple[NDArray[np.float64], NDArray[np.float64], int]
"""Features (candidates, readers), priors of the candidates, which candidate is printed (-1: none)."""


def choices(engines: Engines, pages: int, seed: int, readers: tuple[str, ...]) -> list[Choice]:
    """What all readers say of every figure in doubt."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(pages):
        level, dpi = _VARIETY[at % len(_VARIETY)]
        made = make_page(seed * 1000 + at, level, dpi)
        page = flat_page(made)
        for table, texts in true_tables(made, rng, dpi / 100):
            numeric = [cell["numeric"] for cell in made.truth["tables"][table.index]["cells"]]
            first = read_table(page, table, engines)
            truths = {r.ref: t for r, t, n in zip(first, texts, numeric, strict=True) if n and t}
            asked = [
                r.ref
                for r in first
                if r.ref in truths and r.kind is not ReadingKind.BLANK and r.log_probability < _DOUBT
            ]
            for reading in second_look(page, table, first, asked, engines) if asked else []:
                choice = _choice(reading.opinions, truths[reading.ref], readers)
                if choice is not None:
                    found.append(choice)
    return found


def _choice(opinions: tuple[Opinion, ...], truth: str, readers: tuple[str, ...]) -> Choice | None:
    texts = sorted(named_figures(opinions))
    if not texts:
        return None
    silent = dict.fromkeys(readers, 0.0)
    rows = [silent | by_reader(opinions, text) for text in texts]
    right = next((i for i, text in enumerate(texts) if same(text, canonical(truth))), -1)
    features = np.array([[row[reader] for reader in readers] for row in rows])
    return features, np.array([grammar.prior(text) for text in texts]), right


def fitted(data: list[Choice], readers: tuple[str, ...]) -> NDArray[np.float64]:
    """Weights of greatest likelihood, none below zero."""
    weights = np.full(len(readers), 0.5)
    known = [choice for choice in data if choice[2] >= 0]
    for step in range(_STEPS):
        slope = np.zeros(len(readers))
        for features, prior, right in known:
            p = _probabilities(features, prior, weights)
            slope += features[right] - p @ features
        weights = np.maximum(0.0, weights + _RATE / (1 + step / 500) * slope / len(known))
    return weights


def _probabilities(
    features: NDArray[np.float64], prior: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    scores = features @ weights + prior
    p = np.exp(scores - scores.max())
    return np.asarray(p / p.sum())


def judged(data: list[Choice], weights: NDArray[np.float64]) -> dict[str, float]:
    """How good weights are: share right, mean loss in nats (no more than 12 each), calibration error."""
    right, loss, stated = [], [], []
    for features, prior, truth in data:
        p = _probabilities(features, prior, weights)
        right.append(int(p.argmax()) == truth)
        loss.append(min(12.0, -np.log(p[truth])) if truth >= 0 else 12.0)
        stated.append(p.max())
    sure, ok = np.array(stated), np.array(right)
    places = np.digitize(sure, (0.5, 0.7, 0.9, 0.97))
    error = sum(
        abs(sure[places == k].mean() - ok[places == k].mean()) * (places == k).mean()
        for k in set(places.tolist())
    )
    return {
        "exact": round(float(ok.mean()), 4),
        "loss": round(float(np.mean(loss)), 4),
        "ece": round(float(error), 4),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--seed", type=int, default=940)
    parser.add_argument("--held-out", type=int, default=960)
    arguments = parser.parse_args()
    engines = Engines.load()
    readers = (engines.figures.name, engines.lines.name, engines.tesseract.name)
    data = choices(engines, arguments.pages, arguments.seed, readers)
    others = choices(engines, arguments.pages, arguments.held_out, readers)
    weights = fitted(data, readers)
    present = np.array([WEIGHTS.get(reader, 1.0) for reader in readers])
    alone = np.array([1.0, 0.0, 0.0])
    result = {
        "readers": readers,
        "in_doubt": [len(data), len(others)],
        "weights": [round(float(weight), 3) for weight in weights],
        "present": present.tolist(),
        "held_out": {
            "network alone": judged(others, alone),
            "present weights": judged(others, present),
            "fitted weights": judged(others, weights),
        },
    }
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
