"""Writes the figure network whose weights are the weighted mean of two that began from the same ones.

    python models/training/mean_of.py OUT.onnx FIRST SECOND SHARE

FIRST and SECOND are stages (`.pt`) or exported networks (`.onnx`). SHARE is that of SECOND (Wortsman et al.,
"Model soups", 2022: one such mean is often better than either).
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from train_figures import FigureNet, export, exported


def main() -> None:
    """Command line."""
    out, first, second, share = sys.argv[1:5]
    states = [exported(Path(one)) if one.endswith(".onnx") else torch.load(one) for one in (first, second)]
    net = FigureNet()
    net.deepen()
    net.load_state_dict(
        {name: torch.lerp(states[0][name], states[1][name], float(share)) for name in states[0]}
    )
    export(net, Path(out))


if __name__ == "__main__":
    main()
