"""The rule network: what rules look like close by, and where they must go on, seen from afar."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

_REACH = 11
_DILATIONS = (1, 2, 1, 3)


def convolution(inward: int, outward: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution, its normalisation and a threshold."""
    return nn.Sequential(
        nn.Conv2d(inward, outward, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outward),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two convolutions whose result is added to what came in (He et al. 2016, arXiv:1512.03385)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features (n, channels, h, w) in and out."""
        return torch.relu(x + self.norm(self.second(self.first(x))))


class Along(nn.Module):
    """Half of the channels look far along x, half along y; then all are mixed, and what came in is added."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        half, pad = channels // 2, dilation * (_REACH // 2)
        self.half = half
        self.level = nn.Conv2d(
            half, half, (1, _REACH), padding=(0, pad), dilation=(1, dilation), groups=half, bias=False
        )
        self.upright = nn.Conv2d(
            half, half, (_REACH, 1), padding=(pad, 0), dilation=(dilation, 1), groups=half, bias=False
        )
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features (n, channels, h, w) in and out."""
        # In single precision: gradients of these kernels came out as 1e29 in bfloat16 (torch 2.13, oneDNN).
        with torch.autocast("cpu", enabled=False):
            halves = x[:, : self.half].float(), x[:, self.half :].float()
            seen = torch.cat([self.level(halves[0]), self.upright(halves[1])], 1)
        return torch.relu(x + self.norm(self.mix(seen)))


class RuleNet(nn.Module):
    """Ink (n, 1, h, w) of 0 to 1 in, logits (n, 2, h / 2, w / 2) of level and upright rules out.

    A U-Net (Ronneberger et al. 2015, arXiv:1505.04597) of four resolutions; sides are multiples of 16. At a
    sixteenth of the resolution it sees about 650 pixels along a rule to either side.
    """

    def __init__(self, half: int = 16, quarter: int = 24, eighth: int = 48, sixteenth: int = 128) -> None:
        super().__init__()
        self.to_half = convolution(1, half, 5, 2)
        self.to_quarter = convolution(half, quarter, 3, 2)
        self.to_eighth = nn.Sequential(convolution(quarter, eighth, 3, 2), Residual(eighth))
        self.to_sixteenth = nn.Sequential(
            convolution(eighth, sixteenth, 3, 2),
            Residual(sixteenth),
            *(Along(sixteenth, dilation) for dilation in _DILATIONS),
        )
        self.narrow_eighth = nn.Conv2d(sixteenth, eighth, 1)
        self.from_eighth = Residual(eighth)
        self.narrow_quarter = nn.Conv2d(eighth, quarter, 1)
        self.from_quarter = convolution(quarter, quarter)
        self.head = nn.Conv2d(quarter, 8, 1)

    def forward(self, ink: torch.Tensor) -> torch.Tensor:
        """See the class."""
        quarter = self.to_quarter(self.to_half(ink))
        eighth = self.to_eighth(quarter)
        far = self.narrow_eighth(self.to_sixteenth(eighth))
        eighth = self.from_eighth(eighth + functional.interpolate(far, scale_factor=2.0))
        near = functional.interpolate(self.narrow_quarter(eighth), scale_factor=2.0)
        return functional.pixel_shuffle(self.head(self.from_quarter(quarter + near)), 2)


class Shipped(nn.Module):
    """The trained network as it is kept: pixels of 0 to 255 in, probabilities out."""

    def __init__(self, net: RuleNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, evened: torch.Tensor) -> torch.Tensor:
        """Pixels (1, 1, h, w) in, probabilities (1, 2, h / 2, w / 2) out."""
        return torch.sigmoid(self.net(1 - evened / 255))
