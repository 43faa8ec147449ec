"""Trains the figure network and writes it as ONNX.

    python models/training/train_figures.py OUT.onnx STEPS SHARD.npz … [HOW=WEIGHTS]

Runs on one CPU core (bfloat16 where the processor has it); on a GPU when torch finds one. The same
shards, steps and machine give the same weights. What is exported is not the last weights but their moving
average (Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992). Every
2,000 steps, and at the end, the average is kept beside OUT as a `.pt` file.

A further stage starts at a third of the learning rate: HOW is `from` an earlier stage (`.pt`), `deep` (from
it, with more layers) or `on` from an exported network that has them. Strips on which the earlier stage finds
the truth hopeless (most are illegible) are left out of it, and those it is sure of, rightly or not, are seen
less often.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from gouji_ocr import alphabet
from gouji_ocr.strips import FIGURE_HEIGHT

_BATCH = 128
_RATE = 3e-3
_HOPELESS = 12.0
_SURE = math.log(0.995)  # of the best path of an earlier stage
_SEEN_AGAIN = 0.4  # of the strips that an earlier stage is sure of, in each epoch
_KEEP = 0.999  # of the moving average at each step
_PAPER = 245


class Step(nn.Module):
    """A convolution, its normalisation and a threshold."""

    def __init__(self, inward: int, outward: int, kernel: int | tuple[int, int] = 3, **how: object) -> None:
        super().__init__()
        how.setdefault("padding", 1)
        self.conv = nn.Conv2d(inward, outward, kernel, bias=False, **how)  # type: ignore[arg-type]
        self.norm: nn.Module = nn.BatchNorm2d(outward)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any (n, inward, height, width)."""
        return torch.relu(self.norm(self.conv(x)))

    def fold(self) -> None:
        """Make the normalisation, as it is now, part of the convolution."""
        norm = self.norm
        if isinstance(norm, nn.BatchNorm2d):
            folded = fuse_conv_bn_weights(
                *(self.conv.weight, self.conv.bias, norm.running_mean, norm.running_var),
                *(norm.eps, norm.weight, norm.bias),
            )
            self.conv.weight, self.conv.bias = folded
            self.norm = nn.Identity()


class Residual(nn.Module):
    """Two convolutions beside the way straight through; says nothing before it is trained."""

    def __init__(self, channels: int, kernel: tuple[int, int], padding: tuple[int, int]) -> None:
        super().__init__()
        self.inner = nn.Conv2d(channels, channels, kernel, padding=padding)
        self.outer = nn.Conv2d(channels, channels, kernel, padding=padding)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any (n, channels, height, width)."""
        return torch.relu(x + self.outer(torch.relu(self.inner(x))))


class FigureNet(nn.Module):
    """Convolutions that squeeze 32 rows to one, one frame for every two columns; no recurrence."""

    def __init__(self) -> None:
        super().__init__()
        self.strokes = nn.Sequential(
            Step(1, 24, stride=(2, 1)),
            Step(24, 48, stride=(2, 2)),
            Step(48, 64),
            nn.MaxPool2d((2, 1)),
            Step(64, 96),
        )
        self.shapes: nn.Module = nn.Identity()
        self.columns = nn.Sequential(nn.MaxPool2d((2, 1)), Step(96, 144, (2, 3), padding=(0, 1)))
        self.along = nn.Sequential(
            Step(144, 144, (1, 3), padding=(0, 1)), Step(144, 144, (1, 3), padding=(0, 1))
        )
        self.context: nn.Module = nn.Identity()
        self.frames = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(144, len(alphabet.SYMBOLS) + 1, 1))

    def deepen(self) -> None:
        """Fold the normalisation in and add layers that change nothing yet: training goes on from there."""
        for part in self.modules():
            if isinstance(part, Step):
                part.fold()
        self.shapes = Residual(96, (3, 3), (1, 1))
        self.context = Residual(144, (1, 3), (0, 1))

    def forward(self, strips: torch.Tensor) -> torch.Tensor:
        """Strips (n, 1, 32, width) from -1 ink to 1 paper; logits (n, width / 2, classes)."""
        columns = self.columns(self.shapes(self.strokes(strips)))
        logits: torch.Tensor = self.frames(self.context(self.along(columns)))
        return logits.squeeze(2).permute(0, 2, 1)


class Strips:
    """Strips and labels of several shards, drawn in batches of about equal width."""

    def __init__(self, shards: list[Path]) -> None:
        self.strips: list[np.ndarray] = []
        self.labels: list[np.ndarray] = []
        for shard in shards:
            data = np.load(shard)
            self.strips += np.split(data["strips"], data["ends"][:-1], axis=1)
            self.labels += np.split(data["labels"], data["label_ends"][:-1])
        self.widths = np.array([strip.shape[1] for strip in self.strips])
        self.easy = np.zeros(len(self.strips), dtype=bool)

    def keep(self, which: np.ndarray, easy: np.ndarray) -> None:
        """Leave out all other strips; those that are easy are shown less often."""
        places = np.flatnonzero(which)
        self.strips, self.labels = [self.strips[i] for i in places], [self.labels[i] for i in places]
        self.widths, self.easy = self.widths[places], easy[places]

    def epochs(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Batches without end; every strip that is not easy once an epoch."""
        while True:
            shown = np.flatnonzero(~self.easy | (rng.random(len(self.easy)) < _SEEN_AGAIN))
            order = shown[np.argsort(self.widths[shown] + rng.uniform(-6, 6, len(shown)))]
            starts = np.arange(0, len(order) - _BATCH // 2, _BATCH)
            for start in rng.permutation(starts):
                yield order[start : start + _BATCH]

    def batch(
        self, picked: np.ndarray, rng: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pictures, joined labels and their lengths; shifted, paler or darker, noisier than kept."""
        widest = int(self.widths[picked].max())
        x = np.full((len(picked), FIGURE_HEIGHT, widest), _PAPER, np.float32)
        for row, i in zip(x, picked, strict=True):
            start = int(rng.integers(0, widest - self.widths[i] + 1)) if rng.random() < 0.3 else 0
            row[:, start : start + self.widths[i]] = self.strips[i]
        shift = int(rng.integers(-2, 3))
        x = np.roll(x, shift, axis=1)
        if shift:
            x[:, :shift] = _PAPER if shift > 0 else x[:, :shift]
            x[:, shift:] = _PAPER if shift < 0 else x[:, shift:]
        strength = rng.uniform(0, 10, (len(picked), 1, 1)) * (rng.random((len(picked), 1, 1)) < 0.5)
        x += rng.standard_normal(x.shape, dtype=np.float32) * strength.astype(np.float32)
        x = _PAPER - (_PAPER - x) * rng.uniform(0.6, 1.1, (len(picked), 1, 1)).astype(np.float32)
        labels = [self.labels[i] for i in picked]
        return (
            torch.from_numpy(np.clip(x, 0, 255)[:, None] / 127.5 - 1),
            torch.from_numpy(np.concatenate(labels).astype(np.int64)),
            torch.tensor([len(label) for label in labels]),
        )


def judged(net: nn.Module, data: Strips) -> tuple[np.ndarray, np.ndarray]:
    """Which strips are worth another look, as the truth is within `_HOPELESS` nats, and which are easy.

    Easy is what the network is sure of, be it right or wrong: so what it states stays honest.
    """
    net.eval()
    found, easy = np.zeros(len(data.strips), dtype=bool), np.zeros(len(data.strips), dtype=bool)
    order = np.argsort(data.widths)
    with torch.no_grad():
        for start in range(0, len(order), _BATCH):
            picked = order[start : start + _BATCH]
            x = np.full((len(picked), FIGURE_HEIGHT, int(data.widths[picked].max())), _PAPER, np.float32)
            for row, i in zip(x, picked, strict=True):
                row[:, : data.widths[i]] = data.strips[i]
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(torch.from_numpy(x[:, None] / 127.5 - 1))
            frames = functional.log_softmax(logits.float(), 2).permute(1, 0, 2)
            labels = torch.from_numpy(np.concatenate([data.labels[i] for i in picked]).astype(np.int64))
            lengths = torch.tensor([len(data.labels[i]) for i in picked])
            steps = torch.full((len(picked),), len(frames))
            loss = functional.ctc_loss(frames, labels, steps, lengths, reduction="none")
            found[picked] = loss.numpy() < _HOPELESS
            easy[picked] = frames.max(2).values.sum(0).numpy() > _SURE
    net.train()
    return found, easy


def rate(done: float, top: float) -> float:
    """Learning rate after this share of all steps: a short climb, then half a cosine."""
    return top * min(1.0, done / 0.05) * 0.5 * (1 + math.cos(math.pi * done)) + 1e-5


def exported(network: Path) -> dict[str, torch.Tensor]:
    """The weights of an exported network, by the names they were exported from."""
    kept = onnx.load(network).graph.initializer
    arrays = {one.name.removesuffix("_half"): onnx.numpy_helper.to_array(one) for one in kept}
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in arrays.items()}


def train(out: Path, steps: int, shards: list[Path], stage: Path | None, how: str) -> None:
    """Train and export; from the weights of an earlier stage when there is one."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rng = np.random.default_rng(0)
    data = Strips(shards)
    net = FigureNet()
    if how == "on":
        net.deepen()
    if stage is not None:
        net.load_state_dict(exported(stage) if how == "on" else torch.load(stage))
        data.keep(*judged(net, data))
        print(f"{len(data.strips)} strips, {int(data.easy.sum())} of them easy", flush=True)
    if how == "deep":
        net.deepen()
    net = net.to(device, memory_format=torch.channels_last)
    top = _RATE if stage is None else _RATE / 3
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(_KEEP), use_buffers=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=1e-2)
    started, seen = time.process_time(), 0.0
    for step, picked in zip(range(steps), data.epochs(rng), strict=False):
        for group in optimiser.param_groups:
            group["lr"] = rate(step / steps, top)
        x, labels, lengths = data.batch(picked, rng)
        with torch.autocast(device, torch.bfloat16):
            logits = net(x.to(device).contiguous(memory_format=torch.channels_last))
        frames = functional.log_softmax(logits.float(), 2).permute(1, 0, 2)
        loss = functional.ctc_loss(
            frames, labels.to(device), torch.full((len(picked),), len(frames)), lengths, zero_infinity=True
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        average.update_parameters(net)
        seen += float(loss.detach())
        if (step + 1) % 200 == 0:
            print(f"{step + 1} loss {seen / 200:.4f} CPU s {time.process_time() - started:.0f}", flush=True)
            seen = 0.0
        if (step + 1) % 2000 == 0:
            torch.save(average.module.state_dict(), out.with_suffix(".pt"))
    torch.save(average.module.state_dict(), out.with_suffix(".pt"))
    export(average.module, out)


def export(net: nn.Module, out: Path) -> None:
    """Write ONNX with free batch and width, weights in half precision, the alphabet in its metadata."""
    net = net.cpu().eval().to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        net,
        (torch.ones(2, 1, FIGURE_HEIGHT, 64),),
        str(out),
        input_names=["strips"],
        output_names=["logits"],
        dynamic_axes={"strips": {0: "batch", 3: "width"}, "logits": {0: "batch", 1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    model = halved(onnx.load(out))
    onnx.helper.set_model_props(model, {"symbols": alphabet.SYMBOLS})
    onnx.save(model, out)
    print(out, out.stat().st_size)


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with its weights kept in half precision; they are widened once, when it is loaded."""
    graph = model.graph
    for kept in graph.initializer:
        weights = onnx.numpy_helper.to_array(kept)
        if weights.ndim > 1:
            name = kept.name
            kept.CopyFrom(onnx.numpy_helper.from_array(weights.astype(np.float16), f"{name}_half"))
            cast = onnx.helper.make_node("Cast", [kept.name], [name], to=onnx.TensorProto.FLOAT)
            graph.node.insert(0, cast)
    return model


def main() -> None:
    """Command line."""
    shards = [Path(argument) for argument in sys.argv[3:] if "=" not in argument]
    stages = [argument.split("=", 1) for argument in sys.argv[3:] if "=" in argument]
    how, stage = (stages[0][0], Path(stages[0][1])) if stages else ("", None)
    train(Path(sys.argv[1]), int(sys.argv[2]), shards, stage, how)


if __name__ == "__main__":
    main()
