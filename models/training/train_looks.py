"""Trains the network that says of the picture of an edge whether it was drawn, and writes it as ONNX.

    python models/training/train_looks.py OUT.onnx STEPS SHARD.npz ...

Runs on one core (bfloat16 where the processor has it), about a sixth of a second a step. What is exported is
the moving average of the weights (Polyak and Juditsky 1992). Every twelfth page is kept for testing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import torch
from rule_net import Residual, convolution
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from train_rules import descended, rate

from gouji_layout.edge_network import PATCH

_BATCH = 48
_RATE = 2e-3
_KEEP = 0.995  # of the moving average at each step
_TEST = 12  # every so manyeth page
_SMOOTH = 0.01  # what is held against being too sure
_BLIND = 0.15  # of the patches are shown without what the rule network sees
_DRAWN = 0.6  # weight of an edge that was drawn: an edge added shifts cells, an edge lost joins two


class LookNet(nn.Module):
    """Patches (n, 4, 64, 160) of 0 to 255 (`edge_patch`) in, log-odds (n,) that the edge was drawn out."""

    def __init__(self, half: int = 24, quarter: int = 40, eighth: int = 64) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(4, half, 5, 2),
            *(convolution(half, quarter, 3, 2), Residual(quarter)),
            *(convolution(quarter, eighth, 3, 2), Residual(eighth), Residual(eighth)),
        )
        rows = 4  # of an eighth of the resolution, around the edge
        self.middle = slice(PATCH[0] // 16 - rows // 2, PATCH[0] // 16 + rows // 2)
        self.odds = nn.Sequential(
            nn.Dropout(0.15), nn.Linear(3 * rows * eighth, 64), nn.ReLU(inplace=True), nn.Linear(64, 1)
        )

    def forward(self, patches: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See the class; beside the log-odds the values of the last hidden layer, (n, 64)."""
        planes = patches / 255
        planes = torch.cat([1 - planes[:, :1], planes[:, 1:]], 1)
        hidden = self.odds[:-1](self.together(planes))
        return self.odds[-1](hidden)[:, 0], hidden

    def judged(self, planes: torch.Tensor) -> torch.Tensor:
        """The same of planes of 0 to 1 in which ink is 1."""
        return self.odds(self.together(planes))[:, 0]

    def together(self, planes: torch.Tensor) -> torch.Tensor:
        """What is seen on the edge, beside it, and least of what is seen on it."""
        seen = self.body(planes)[:, :, self.middle]
        along = functional.avg_pool2d(planes[:, 3:4, :1], (1, 8))
        on = (seen * (along / (along.sum(3, keepdim=True) + 1e-3))).sum(3)
        beside = (seen * ((1 - along) / ((1 - along).sum(3, keepdim=True) + 1e-3))).sum(3)
        least = torch.where(along > 0.5, seen, torch.full_like(seen, 9.0)).amin(3)
        return torch.cat([on, beside, least], 1).flatten(1).float()


class Edges:
    """Patches of several shards, in memory."""

    def __init__(self, shards: list[Path]) -> None:
        data = [np.load(shard) for shard in shards]
        self.patches = np.concatenate([one["patches"] for one in data])
        self.drawn = np.concatenate([one["drawn"] for one in data])
        pages = np.concatenate([one["pages"] for one in data])
        self.test, self.train = np.flatnonzero(pages % _TEST == 0), np.flatnonzero(pages % _TEST)

    def planes(self, picked: np.ndarray) -> torch.Tensor:
        """Planes (n, 4, *PATCH) of 0 to 1 in which ink is 1."""
        planes = torch.from_numpy(self.patches[picked].astype(np.float32) / 255)
        planes[:, 0] = 1 - planes[:, 0]
        return planes.contiguous(memory_format=torch.channels_last)

    def varied(self, picked: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
        """The same, mirrored, off its place, darker or paler, noisier and seen less surely than kept."""
        planes = self.planes(picked)
        if rng.random() < 0.5:
            planes = planes.flip(3)
        if rng.random() < 0.5:
            planes = planes.flip(2)
        planes = torch.roll(planes, int(rng.integers(-2, 3)), 2)

        def each(low: float, high: float) -> torch.Tensor:
            return torch.from_numpy(rng.uniform(low, high, (len(picked), 1, 1, 1)).astype(np.float32))

        noise = torch.randn_like(planes[:, :1]) * each(0, 0.06) * (each(0, 1) < 0.4)
        ink = planes[:, :1] * each(0.6, 1.25) + noise
        seen = planes[:, 1:3] * each(0.75, 1.1) * (each(0, 1) > _BLIND)
        varied = torch.cat([ink.clamp(0, 1), seen.clamp(0, 1), planes[:, 3:]], 1)
        return varied.contiguous(memory_format=torch.channels_last)


def train(out: Path, steps: int, shards: list[Path]) -> None:
    """Train and export."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    edges = Edges(shards)
    net = LookNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(_KEEP), use_buffers=True)
    optimiser = torch.optim.AdamW(net.parameters(), _RATE, weight_decay=1e-2)
    started, total, order = time.process_time(), 0.0, np.array([], dtype=int)
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = rate(step / steps, _RATE)
        if len(order) < _BATCH:
            order = rng.permutation(edges.train)
        picked, order = order[:_BATCH], order[_BATCH:]
        wanted = torch.from_numpy(edges.drawn[picked].astype(np.float32))
        with torch.autocast("cpu", torch.bfloat16):
            odds = net.judged(edges.varied(picked, rng))
        target = wanted * (1 - 2 * _SMOOTH) + _SMOOTH
        weight = torch.where(wanted > 0, _DRAWN, 1.0)
        loss = functional.binary_cross_entropy_with_logits(odds.float(), target, weight=weight)
        total += descended(loss, net, optimiser, average, steepest=2.0)
        if step % 200 == 0:
            spent = time.process_time() - started
            print(f"step {step} {spent:.0f} s loss {total / 200:.4f}", flush=True)
            total = 0.0
    print(measured(average.module, edges), flush=True)
    torch.save(average.module.state_dict(), out.with_suffix(".pt"))
    export(average.module, out)


@torch.no_grad()
def measured(net: nn.Module, edges: Edges) -> str:
    """How many edges of the test pages are judged right, of those drawn and of those not."""
    net.eval()
    odds = np.concatenate(
        [
            net.judged(edges.planes(edges.test[start : start + _BATCH])).numpy()
            for start in range(0, len(edges.test), _BATCH)
        ]
    )
    drawn = edges.drawn[edges.test]
    right = (odds > 0) == drawn
    return f"drawn {right[drawn].sum()} of {drawn.sum()}, absent {right[~drawn].sum()} of {(~drawn).sum()}"


def export(net: nn.Module, out: Path) -> None:
    """Write the network as ONNX for any number of patches."""
    net = net.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    names = {"patches": {0: "n"}, "odds": {0: "n"}, "hidden": {0: "n"}}
    torch.onnx.export(
        net, (torch.zeros(2, 4, *PATCH),), str(out),
        input_names=["patches"], output_names=["odds", "hidden"], dynamic_axes=names,
        dynamo=False, opset_version=17,
    )  # fmt: skip


if __name__ == "__main__":
    train(Path(sys.argv[1]), int(sys.argv[2]), [Path(path) for path in sys.argv[3:]])
