"""Trains part of the line reader further, on damaged lines, and writes what has changed.

    python models/training/train_lines.py OUT.npz STEPS DAMAGED.npz… fine=FINE.npz [rate=2e-4]
        [from=STATE.pt [keep=0.5]]

The head that knows the 18,708 characters stays as it is, as do the widest convolutions before it: what wear
does to strokes is seen in the layers below. Weights are drawn back to where they began, one line in four is
a good copy, and lines that nobody could read (the truth is far from likely) count for nothing. `OUT.npz`
holds the differences in half precision with the place of each in the file of the network;
`gouji_models.sessions` adds them. The weights themselves are kept beside it as `.pt`, for `from`; `keep` is
the share that the weights it began from have in what is written.
"""

from __future__ import annotations

import hashlib
import math
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from line_net import LineNet
from onnx import numpy_helper
from torch.nn import functional

from gouji_models import weights

_KEPT = (  # not trained: the head, and the widest pointwise convolutions of the last stage
    "linear_8.w_0", "linear_8.b_0", "conv2d_114.w_0",
    "conv2d_117.w_0", "conv2d_118.w_0", "conv2d_121.w_0", "conv2d_122.w_0",
)  # fmt: skip
_PIXELS = 7200  # width of all strips of a batch
_FINE = 0.25  # share of good copies
_HOPELESS, _DOUBTFUL = 7.0, 4.0  # nats a character: nothing is learnt beyond, all of it up to here
_RIVALS = 1200  # classes beside those of the batch that take part
_BACK = 2e-3  # pull towards the first weights, in units of the rate
_SMOOTH = 0.997  # of the running mean of the weights, which is what is written

Lines = list[tuple[np.ndarray, list[int]]]


def load(path: Path, classes: dict[str, int]) -> Lines:
    """Strips and classes of a shard; lines with characters that the network does not know are left out."""
    with np.load(path) as shard:
        strips, ends, shown = shard["strips"], shard["ends"].tolist(), str(shard["texts"]).split("\n")
    pieces = [strips[:, start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return [
        (strip, [classes[char] for char in text])
        for strip, text in zip(pieces, shown, strict=True)
        if all(char in classes for char in text) and len(text) + 2 <= strip.shape[1] // 8
    ]


def batches(damaged: Lines, fine: Lines, rng: np.random.Generator) -> list[Lines]:
    """Batches of lines about equally wide, in random order."""
    count = round(len(damaged) * _FINE / (1 - _FINE))
    lines = damaged + [fine[i] for i in rng.choice(len(fine), min(count, len(fine)), replace=False)]
    order = sorted(
        rng.permutation(len(lines)).tolist(), key=lambda i: lines[i][0].shape[1] + rng.uniform(0, 24)
    )
    groups: list[Lines] = [[]]
    for i in order:
        if groups[-1] and (len(groups[-1]) + 1) * lines[i][0].shape[1] > _PIXELS:
            groups.append([])
        groups[-1].append(lines[i])
    rng.shuffle(groups)  # type: ignore[arg-type]
    return groups


def tensors(lines: Lines, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A batch as the network takes it, stretched a little, paler or shifted by a pixel at times."""
    widest = max(strip.shape[1] for strip, _ in lines)
    batch = np.full((len(lines), 48, widest), 255, np.float32)
    for row, (strip, _) in zip(batch, lines, strict=True):
        moved = np.roll(strip, int(rng.integers(-1, 2)), axis=0) if rng.random() < 0.3 else strip
        pale = rng.uniform(0.6, 1.0) if rng.random() < 0.3 else 1.0
        row[:, : strip.shape[1]] = 255 - (255 - moved.astype(np.float32)) * pale
    x = torch.from_numpy(batch / 127.5 - 1)[:, None]
    stretch = 1.33 if rng.random() < 0.1 else rng.uniform(0.95, 1.08)
    width = max(math.ceil(widest * stretch / 8) * 8, 16)
    x = functional.interpolate(x, (48, width), mode="bilinear", align_corners=False)
    targets = torch.tensor([c for _, label in lines for c in label])
    sizes = torch.tensor([len(label) for _, label in lines])
    return x.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last), targets, sizes


def loss_of(net: LineNet, lines: Lines, rng: np.random.Generator) -> tuple[torch.Tensor, float]:
    """Mean loss a character of the lines that can be read, and the mean of all."""
    x, targets, sizes = tensors(lines, rng)
    with torch.autocast("cpu", torch.bfloat16):
        seen = net(x)
        with torch.no_grad():  # the classes that any frame thinks of; the others are too unlikely to matter
            likeliest = (seen @ net.head_matrix).amax((0, 1)).float() + net.head_shift
            likeliest[targets] = likeliest[0] = torch.inf
            kept = likeliest.topk(min(_RIVALS + len(targets), len(likeliest))).indices
            kept = torch.cat([torch.zeros(1, dtype=kept.dtype), kept[kept != 0]])
    logits = seen.float() @ net.head_matrix[:, kept] + net.head_shift[kept]
    logs = torch.log_softmax(logits, 2).transpose(0, 1)
    place = torch.zeros(len(likeliest), dtype=torch.long)
    place[kept] = torch.arange(len(kept))
    lengths = torch.full((len(lines),), logs.shape[0])
    nats = (
        functional.ctc_loss(logs, place[targets], lengths, sizes, reduction="none", zero_infinity=True)
        / sizes
    )
    count = ((_HOPELESS - nats.detach()) / (_HOPELESS - _DOUBTFUL)).clamp(0, 1)
    return (nats * count).sum() / len(lines), float(nats.detach().clamp(max=_HOPELESS).mean())


def changes(
    path: Path, first: dict[str, torch.Tensor], now: dict[str, torch.Tensor]
) -> dict[str, np.ndarray]:
    """The differences, and where in the file each tensor lies."""
    raw = path.read_bytes()
    graph = onnx.load(path).graph
    places, sizes, values = [], [], []
    for initial in graph.initializer:
        if initial.name not in now:
            continue
        whole = initial.SerializeToString()
        place = raw.index(whole) + len(whole) - len(initial.raw_data)
        delta = (now[initial.name] - first[initial.name]).numpy().astype(np.float16).ravel()
        assert np.array_equal(
            np.frombuffer(raw, "<f4", len(delta), place), numpy_helper.to_array(initial).ravel()
        )
        places.append(place)
        sizes.append(len(delta))
        values.append(delta)
    return {
        "places": np.array(places),
        "sizes": np.array(sizes),
        "changes": np.concatenate(values),
        "base": np.array(hashlib.sha256(raw).hexdigest()),
    }


def main() -> None:
    """Command line."""
    options = dict(a.split("=", 1) for a in sys.argv[3:] if "=" in a)
    out, steps = Path(sys.argv[1]), int(sys.argv[2])
    torch.manual_seed(1)
    torch.set_num_threads(1)
    rng = np.random.default_rng(int(options.get("seed", "1")))
    path = weights("ppocr-v6-rec")
    meta = {p.key: p.value for p in onnx.load(path).metadata_props}
    classes = {char: i + 1 for i, char in enumerate(meta["character"].split("\n"))}
    damaged = [line for a in sys.argv[3:] if "=" not in a for line in load(Path(a), classes)]
    fine = load(Path(options["fine"]), classes)
    net = LineNet(path)
    statistics = {name for name in net.named() if "batch_norm" in name and name[-1] in "12"}
    named = {name: p for name, p in net.named().items() if name not in statistics.union(_KEPT)}
    for name, p in net.named().items():
        p.requires_grad_(name in named)
        if p.ndim == 4:
            p.data = p.data.contiguous(memory_format=torch.channels_last)
    first = {name: p.detach().clone() for name, p in named.items()}
    if "from" in options:
        for name, value in torch.load(options["from"]).items():
            named[name].data.copy_(value)
    mean = {name: p.detach().clone() for name, p in named.items()}
    begun = {name: p.clone() for name, p in mean.items()}
    print(
        sum(p.numel() for p in named.values()), "weights,", len(damaged), "+", len(fine), "lines", flush=True
    )
    top = float(options.get("rate", "2e-4"))
    optimiser = torch.optim.Adam(list(named.values()), lr=top, betas=(0.9, 0.99))
    started = time.process_time()
    shown: list[float] = []
    queue: list[Lines] = []
    for seen in range(1, steps + 1):
        queue = queue or batches(damaged, fine, rng)
        rate = top * min(1.0, seen / 50) * (0.5 + 0.5 * math.cos(math.pi * seen / steps))
        optimiser.param_groups[0]["lr"] = rate
        loss, told = loss_of(net, queue.pop(), rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(named.values(), 2.0)
        optimiser.step()
        with torch.no_grad():
            keep = min(_SMOOTH, seen / (seen + 9))
            for name, p in named.items():
                p.lerp_(first[name], _BACK * rate / top)
                mean[name].lerp_(p, 1 - keep)
        shown.append(told)
        if seen % 50 == 0:
            print(f"{seen} {time.process_time() - started:.0f} s {np.mean(shown[-50:]):.4f}", flush=True)
        if seen % 100 == 0:
            torch.save(mean, out.with_suffix(".pt"))
    for name, p in mean.items():
        p.lerp_(begun[name], float(options.get("keep", "0")))
    torch.save(mean, out.with_suffix(".pt"))
    found = changes(path, first, mean)
    np.savez_compressed(out, **found)
    largest = max(float((mean[n] - first[n]).norm() / first[n].norm()) for n in named)
    print(f"{steps} steps, {out.stat().st_size} bytes, largest relative change {largest:.3f}")


if __name__ == "__main__":
    main()
