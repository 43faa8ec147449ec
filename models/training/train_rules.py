"""Trains the rule network on rendered crops and writes it as ONNX.

    python models/training/train_rules.py OUT.onnx STEPS SHARD.npz ... [from=STAGE.pt]

Runs on one core (bfloat16 where the processor has it), about three quarters of a second a step. `from`
goes on from the weights of an earlier run, at a lower rate. What is exported is the moving average of the
weights (Polyak and Juditsky 1992); it is kept beside OUT as a `.pt` file every 500 steps.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from rule_net import RuleNet, Shipped
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

_BATCH = 2
_RATE = 2e-3
_AGAIN = 0.5  # of the rate that a later stage begins with
_KEEP = 0.998  # of the moving average at each step
_UNSEEN = 48  # crops of the last shard that are not trained on


class Crops:
    """Crops and targets of several shards in memory, as PNG."""

    def __init__(self, shards: list[Path]) -> None:
        self.pictures: list[np.ndarray] = []
        self.targets: list[np.ndarray] = []
        for shard in shards:
            data = np.load(shard)
            self.pictures += np.split(data["pictures"], data["picture_ends"][:-1])
            self.targets += np.split(data["targets"], data["target_ends"][:-1])

    def one(self, at: int, rng: np.random.Generator | None) -> tuple[np.ndarray, np.ndarray]:
        """Ink and target; with `rng` mirrored, laid on its side, cut, darker or paler, noisier than kept."""
        picture = 1 - _plane(self.pictures[at]).astype(np.float32) / 255
        packed = _plane(self.targets[at]).astype(np.float32) / 15
        target = packed.reshape(2, -1, packed.shape[1])
        if rng is None:
            return picture, target
        if rng.random() < 0.4:
            picture, target = picture[:, ::-1], target[..., ::-1]
        if rng.random() < 0.3:
            picture, target = picture[::-1], target[:, ::-1]
        if rng.random() < 0.15:
            picture, target = picture.T, target[::-1].transpose(0, 2, 1)
        if rng.random() < 0.2:  # the picture ends here, in the midst of the table
            side = int(rng.integers(2, 200))
            picture, target = picture.copy(), target.copy()
            if rng.random() < 0.5:
                picture[: 2 * side], target[:, :side] = 0, 0
            else:
                picture[:, : 2 * side], target[..., :side] = 0, 0
        if rng.random() < 0.5:
            picture = picture * np.float32(rng.uniform(0.6, 1.3))
        if rng.random() < 0.3:
            strength = np.float32(rng.uniform(0, 0.06))
            picture = picture + rng.standard_normal(picture.shape, dtype=np.float32) * strength
        return np.clip(picture, 0, 1), target

    def batch(self, picked: np.ndarray, rng: np.random.Generator | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Ink (n, 1, h, w) and targets (n, 2, h / 2, w / 2)."""
        ink, wanted = zip(*(self.one(int(at), rng) for at in picked), strict=True)
        return (
            torch.from_numpy(np.stack(ink)[:, None]).contiguous(memory_format=torch.channels_last),
            torch.from_numpy(np.stack(wanted)),
        )


def _plane(coded: np.ndarray) -> np.ndarray:
    plane = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    assert plane is not None
    return plane


def loss_of(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross entropy, heavier on rules and where a rule would go if it went on, and the overlap of each crop.

    Whether a rule ends at a crossing decides which cells are merged, so its continuation weighs most.
    """
    level = functional.max_pool2d(wanted[:, :1], (1, 61), 1, (0, 30))
    upright = functional.max_pool2d(wanted[:, 1:], (61, 1), 1, (30, 0))
    beyond = torch.cat([level, upright], 1) * (1 - wanted)
    weight = 1 + wanted + 2 * beyond
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, weight=weight)
    found = torch.sigmoid(logits)
    both = (found * wanted).sum((2, 3))
    overlap = 1 - (2 * both + 20) / (found.sum((2, 3)) + wanted.sum((2, 3)) + 20)
    return entropy * 4 + 0.2 * overlap.mean()


def rate(done: float, top: float) -> float:
    """Learning rate after this share of all steps: a short climb, then half a cosine."""
    return top * min(1.0, done / 0.03) * 0.5 * (1 + math.cos(math.pi * done)) + 1e-5


def train(out: Path, steps: int, shards: list[Path], stage: Path | None) -> None:
    """Train and export."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(0 if stage is None else 1)
    crops = Crops(shards)
    unseen = np.arange(len(crops.pictures))[-_UNSEEN:]
    net = RuleNet()
    if stage is not None:
        net.load_state_dict(torch.load(stage))
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    top = _RATE if stage is None else _AGAIN * _RATE
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(_KEEP), use_buffers=True)
    optimiser = torch.optim.AdamW(net.parameters(), top, weight_decay=1e-3)
    started, total, order = time.process_time(), 0.0, np.array([], dtype=int)
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = rate(step / steps, top)
        if len(order) < _BATCH:
            order = rng.permutation(len(crops.pictures) - len(unseen))
        picked, order = order[:_BATCH], order[_BATCH:]
        ink, wanted = crops.batch(picked, rng)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(ink)
        loss = loss_of(logits.float(), wanted)
        total += descended(loss, net, optimiser, average, steepest=1.0)
        if step % 100 == 0:
            spent = time.process_time() - started
            said = measured(average.module, crops, unseen) if step % 500 == 0 else ""
            print(f"step {step} {spent:.0f} s loss {total / 100:.4f} {said}", flush=True)
            total = 0.0
        if step % 500 == 0:
            torch.save(average.module.state_dict(), out.with_suffix(".pt"))
    torch.save(average.module.state_dict(), out.with_suffix(".pt"))
    export(average.module, out)


def descended(
    loss: torch.Tensor,
    net: nn.Module,
    optimiser: torch.optim.Optimizer,
    average: AveragedModel,
    *,
    steepest: float,
) -> float:
    """One step down the gradient, no longer than `steepest`, taken into the average; returns the loss."""
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), steepest)
    optimiser.step()
    average.update_parameters(net)
    return loss.item()


@torch.no_grad()
def measured(net: nn.Module, crops: Crops, unseen: np.ndarray) -> str:
    """Precision and recall of target pixels in crops that are not trained on."""
    net.eval()
    right = found = there = both = 0.0
    for start in range(0, len(unseen), _BATCH):
        ink, wanted = crops.batch(unseen[start : start + _BATCH], None)
        with torch.autocast("cpu", torch.bfloat16):
            seen = (net(ink) > 0).float()
        sure, near = (wanted > 0.6).float(), (wanted > 0.05).float()
        right += (seen * near).sum().item()
        found += seen.sum().item()
        there += sure.sum().item()
        both += (seen * sure).sum().item()
    net.train()
    return f"precision {right / max(found, 1):.4f} recall {both / max(there, 1):.4f}"


def export(net: nn.Module, out: Path) -> None:
    """Write the network with its scaling and sigmoid as ONNX for any picture whose sides 16 divides."""
    assert isinstance(net, RuleNet)
    shipped = Shipped(net.to(memory_format=torch.contiguous_format)).eval()  # type: ignore[call-overload]
    axes = {"evened": {2: "h", 3: "w"}, "rules": {2: "h2", 3: "w2"}}
    torch.onnx.export(
        shipped, (torch.zeros(1, 1, 256, 256),), str(out),
        input_names=["evened"], output_names=["rules"], dynamic_axes=axes, dynamo=False, opset_version=17,
    )  # fmt: skip


if __name__ == "__main__":
    paths = [arg for arg in sys.argv[3:] if not arg.startswith("from=")]
    stages = [Path(arg[5:]) for arg in sys.argv[3:] if arg.startswith("from=")]
    train(Path(sys.argv[1]), int(sys.argv[2]), [Path(p) for p in paths], stages[0] if stages else None)
