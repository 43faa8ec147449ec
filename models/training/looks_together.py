"""Writes the network that says what several networks on the looks of edges say together.

    python models/training/looks_together.py OUT.onnx NET.pt ...

It gives the mean of their log-odds, and what their last hidden layers say side by side.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn
from train_looks import LookNet, export


class Together(nn.Module):
    """Patches in, mean log-odds and all hidden values out, see `LookNet`."""

    def __init__(self, nets: list[LookNet]) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)

    def forward(self, patches: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See the class."""
        odds, hidden = zip(*(net(patches) for net in self.nets), strict=True)
        return torch.stack(odds).mean(0), torch.cat(hidden, 1)


def main() -> None:
    """Command line."""
    nets = []
    for path in sys.argv[2:]:
        net = LookNet()
        net.load_state_dict(torch.load(path))
        nets.append(net.eval())
    export(Together(nets), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
