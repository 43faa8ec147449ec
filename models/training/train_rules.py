"""Trains the rule network on rendered crops and writes it as ONNX.

    python models/training/train_rules.py OUT.onnx STEPS SHARD.npz ... [from=STAGE.pt]

Runs on one core, about a quarter of a second a step. `from` goes on from the weights of an earlier run.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

_BATCH = 4
_RATE = 4e-3


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


class Crops:
    """Crops and targets of several shards in memory."""

    def __init__(self, shards: list[Path]) -> None:
        data = [np.load(shard) for shard in shards]
        self.pictures = np.concatenate([one["pictures"] for one in data])
        self.targets = np.concatenate([one["targets"] for one in data])

    def batch(self, picked: np.ndarray, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Ink and targets; mirrored, darker or paler, noisier than kept."""
        ink, wanted = [], []
        for at in picked:
            picture = 1 - self.pictures[at].astype(np.float32) / 255
            packed = self.targets[at]
            target = np.empty((*packed.shape[:2], packed.shape[2] * 2), np.float32)
            target[..., ::2], target[..., 1::2] = packed >> 4, packed & 15
            target /= 15
            if rng.random() < 0.5:
                picture, target = picture[:, ::-1], target[..., ::-1]
            if rng.random() < 0.5:
                picture, target = picture[::-1], target[:, ::-1]
            if rng.random() < 0.2:  # the picture ends here, in the midst of the table
                side = int(rng.integers(2, 80))
                picture, target = picture.copy(), target.copy()
                if rng.random() < 0.5:
                    picture[: 2 * side], target[:, :side] = 0, 0
                else:
                    picture[:, : 2 * side], target[..., :side] = 0, 0
            if rng.random() < 0.5:
                picture = picture * np.float32(rng.uniform(0.6, 1.3))
            if rng.random() < 0.3:
                picture = picture + rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(
                    rng.uniform(0, 0.06)
                )
            ink.append(np.clip(picture, 0, 1))
            wanted.append(target)
        return torch.from_numpy(np.stack(ink)[:, None]), torch.from_numpy(
            np.ascontiguousarray(np.stack(wanted))
        )


def loss_of(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross entropy, heavier on rules and where a rule would go if it went on, and the overlap of each crop.

    Whether a rule ends at a crossing decides which cells are merged, so its continuation weighs most.
    """
    level = functional.max_pool2d(wanted[:, :1], (1, 41), 1, (0, 20))
    upright = functional.max_pool2d(wanted[:, 1:], (41, 1), 1, (20, 0))
    beyond = torch.cat([level, upright], 1) * (1 - wanted)
    weight = 1 + wanted + 2 * beyond
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, weight=weight)
    found = torch.sigmoid(logits)
    both = (found * wanted).sum((2, 3))
    overlap = 1 - (2 * both + 20) / (found.sum((2, 3)) + wanted.sum((2, 3)) + 20)
    return entropy * 4 + 0.2 * overlap.mean()


@torch.no_grad()
def widen(net: RuleNet, state: dict[str, torch.Tensor]) -> None:
    """Take over the weights of an earlier, possibly narrower network, which the wider one then equals.

    What the new channels say is not yet listened to by the old ones.
    """
    own = net.state_dict()
    old, new = (weights["head.weight"].shape[1] for weights in (state, own))
    kept = torch.tensor([*range(old // 2), *range(new // 2, new // 2 + old // 2)])
    for name, values in state.items():
        target = own[name]
        if values.ndim == 0:  # how many batches a norm has seen
            target.copy_(values)
            continue
        rows = kept if len(values) == old else torch.arange(len(values))
        if values.ndim > 1 and values.shape[1] != target.shape[1]:
            target[rows] = 0
            target[rows[:, None], kept] = values
        else:
            target[rows] = values


def train(out: Path, steps: int, shards: list[Path], stage: Path | None) -> None:
    """Train and export."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    crops = Crops(shards)
    unseen = np.arange(len(crops.pictures))[-96:]
    net = RuleNet().to(memory_format=torch.channels_last)
    if stage is not None:
        widen(net, torch.load(stage))
    top = _RATE if stage is None else 0.6 * _RATE
    optimiser = torch.optim.AdamW(net.parameters(), top, weight_decay=1e-3)
    started, total, order = time.process_time(), 0.0, np.array([], dtype=int)
    for step in range(1, steps + 1):
        done = step / steps
        for group in optimiser.param_groups:
            group["lr"] = top * min(1.0, step / 100) * 0.5 * (1 + math.cos(math.pi * done)) + 1e-5
        if len(order) < _BATCH:
            order = rng.permutation(len(crops.pictures) - len(unseen))
        picked, order = order[:_BATCH], order[_BATCH:]
        ink, wanted = crops.batch(picked, rng)
        loss = loss_of(net(ink.contiguous(memory_format=torch.channels_last)), wanted)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        total += loss.item()
        if step % 200 == 0:
            spent = time.process_time() - started
            print(
                f"step {step} {spent:.0f} s loss {total / 200:.4f} {measured(net, crops, unseen)}", flush=True
            )
            total = 0.0
            torch.save(net.state_dict(), out.with_suffix(".pt"))
    torch.save(net.state_dict(), out.with_suffix(".pt"))
    export(net, out)


@torch.no_grad()
def measured(net: RuleNet, crops: Crops, unseen: np.ndarray) -> str:
    """Precision and recall of target pixels in crops that are not trained on."""
    net.eval()
    right = found = there = both = 0.0
    rng = np.random.default_rng(1)
    for start in range(0, len(unseen), 8):
        ink, wanted = crops.batch(unseen[start : start + 8], rng)
        seen = (net(ink) > 0).float()
        sure, near = (wanted > 0.6).float(), (wanted > 0.05).float()
        right += (seen * near).sum().item()
        found += seen.sum().item()
        there += sure.sum().item()
        both += (seen * sure).sum().item()
    net.train()
    return f"precision {right / max(found, 1):.4f} recall {both / max(there, 1):.4f}"


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


if __name__ == "__main__":
    paths = [arg for arg in sys.argv[3:] if not arg.startswith("from=")]
    stages = [Path(arg[5:]) for arg in sys.argv[3:] if arg.startswith("from=")]
    train(Path(sys.argv[1]), int(sys.argv[2]), [Path(p) for p in paths], stages[0] if stages else None)
