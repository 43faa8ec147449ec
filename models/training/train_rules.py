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
from export_rules import export
from rule_net import RuleNet
from torch import nn
from torch.nn import functional

_BATCH = 4
_RATE = 4e-3


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


if __name__ == "__main__":
    paths = [arg for arg in sys.argv[3:] if not arg.startswith("from=")]
    stages = [Path(arg[5:]) for arg in sys.argv[3:] if arg.startswith("from=")]
    train(Path(sys.argv[1]), int(sys.argv[2]), [Path(p) for p in paths], stages[0] if stages else None)
