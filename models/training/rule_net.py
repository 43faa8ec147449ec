"""The rule network as it is trained; `export_rules.py` lays it out for speed."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Along(nn.Module):
    """Half of the channels look far along x, half along y; then all are mixed, and what came in is added."""

    def __init__(self, channels: int, reach: int, dilation: int) -> None:
        super().__init__()
        half, pad = channels // 2, dilation * (reach // 2)
        self.half = half
        self.level = nn.Conv2d(
            half, half, (1, reach), padding=(0, pad), dilation=(1, dilation), groups=half, bias=False
        )
        self.upright = nn.Conv2d(
            half, half, (reach, 1), padding=(pad, 0), dilation=(dilation, 1), groups=half, bias=False
        )
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features (n, channels, h, w) in and out."""
        seen = torch.cat([self.level(x[:, : self.half]), self.upright(x[:, self.half :])], 1)
        return torch.relu(x + self.norm(self.mix(seen)))


class RuleNet(nn.Module):
    """Ink (n, 1, h, w) of 0 to 1 in, logits (n, 2, h / 2, w / 2) of level and upright rules out.

    Everything but the first layer runs at a quarter of the resolution; the last one spreads each
    place over two by two half-resolution pixels.
    """

    def __init__(self, channels: int = 32, blocks: int = 8, reach: int = 11) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 8, 5, 2, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, channels, 4, 2, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
        )  # fmt: skip
        self.body = nn.Sequential(*[Along(channels, reach, (1, 2, 1, 4)[at % 4]) for at in range(blocks)])
        self.head = nn.Conv2d(channels, 8, 1)

    def forward(self, ink: torch.Tensor) -> torch.Tensor:
        """See the class."""
        return functional.pixel_shuffle(self.head(self.body(self.stem(ink))), 2)
