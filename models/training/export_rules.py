"""Writes the rule network as ONNX, laid out for speed."""

from __future__ import annotations

from pathlib import Path

import torch
from rule_net import Along, RuleNet
from torch import nn
from torch.nn import functional


class Shipped(nn.Module):
    """The same function as the trained network, laid out for speed: pixels in, probabilities out.

    ONNX Runtime keeps sixteen channels together and copies everything wherever channels are split or
    joined. So the two halves are two streams, filled up to sixteen channels with zeros, and norms are
    folded into convolutions.
    """

    def __init__(self, net: RuleNet) -> None:
        super().__init__()
        half = net.body[0].half
        wide = -(-half // 16) * 16
        halves = (slice(0, half), slice(half, 2 * half))
        first, norm = _folded(net.stem[0], net.stem[1])
        # Ink is (255 - pixel) / 255; paper around the picture must stay paper, so pixels are turned first.
        self.first = _conv(first / 255, norm, stride=2, padding=2)
        weight, bias = _folded(net.stem[3], net.stem[4])
        self.seconds = nn.ModuleList(
            _conv(_filled(weight[own], wide, None), _filled(bias[own], wide, None), stride=2, padding=1)
            for own in halves
        )
        self.looks, self.mixes = nn.ModuleList(), nn.ModuleList()
        for block in net.body:
            assert isinstance(block, Along)
            for look in (block.level, block.upright):
                kernel = _filled(look.weight, wide, None)
                self.looks.append(
                    _conv(kernel, None, padding=look.padding, dilation=look.dilation, groups=wide)
                )
            weight, bias = _folded(block.mix, block.norm)
            for out in halves:
                for at, own in enumerate(halves):
                    own_bias = _filled(bias[out], wide, None) if at == 0 else None
                    self.mixes.append(_conv(_filled(weight[out][:, own], wide, wide), own_bias))
        self.heads = nn.ModuleList(
            _conv(_filled(net.head.weight[:, own], None, wide), net.head.bias if at == 0 else None)
            for at, own in enumerate(halves)
        )

    def forward(self, evened: torch.Tensor) -> torch.Tensor:
        """Pixels (1, 1, h, w) of 0 to 255 in, probabilities (1, 2, h / 2, w / 2) out."""
        ink = torch.relu(self.first(255 - evened))
        level, upright = (torch.relu(second(ink)) for second in self.seconds)
        for at in range(0, len(self.looks), 2):
            seen = self.looks[at](level), self.looks[at + 1](upright)
            mixes = self.mixes[2 * at : 2 * at + 4]
            level = torch.relu(level + mixes[0](seen[0]) + mixes[1](seen[1]))
            upright = torch.relu(upright + mixes[2](seen[0]) + mixes[3](seen[1]))
        logits = self.heads[0](level) + self.heads[1](upright)
        return torch.sigmoid(functional.pixel_shuffle(logits, 2))


def _folded(conv: nn.Module, norm: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight and bias of a convolution followed by a norm."""
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale


def _filled(values: torch.Tensor, first: int | None, second: int | None) -> torch.Tensor:
    """Zeros added until there are so many along the first and the second axis."""
    for axis, wanted in enumerate((first, second)):
        if wanted is not None:
            shape = list(values.shape)
            shape[axis] = wanted - shape[axis]
            values = torch.cat([values, torch.zeros(shape)], axis)
    return values


def _conv(weight: torch.Tensor, bias: torch.Tensor | None, **how: object) -> nn.Conv2d:
    groups = int(str(how.get("groups", 1)))
    size = (int(weight.shape[2]), int(weight.shape[3]))
    conv = nn.Conv2d(weight.shape[1] * groups, weight.shape[0], size, bias=bias is not None, **how)  # type: ignore[arg-type]
    conv.weight.data = weight.detach().clone()
    if bias is not None and conv.bias is not None:
        conv.bias.data = bias.detach().clone()
    return conv


def export(net: RuleNet, out: Path) -> None:
    """Write the network with its scaling and sigmoid as ONNX of any picture size divisible by four."""
    net = net.to(memory_format=torch.contiguous_format).eval()
    shipped = Shipped(net).eval()
    sample = torch.rand(1, 1, 256, 320) * 255
    with torch.no_grad():
        assert torch.allclose(shipped(sample), torch.sigmoid(net(1 - sample / 255)), atol=1e-3)
    axes = {"evened": {2: "h", 3: "w"}, "rules": {2: "h2", 3: "w2"}}
    torch.onnx.export(
        shipped, (torch.zeros(1, 1, 256, 256),), str(out),
        input_names=["evened"], output_names=["rules"], dynamic_axes=axes, dynamo=False, opset_version=17,
    )  # fmt: skip
