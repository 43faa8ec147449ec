"""Trains the network that judges all edges of a worn grid together, and writes it as ONNX.

    python models/training/train_grids.py OUT.onnx STEPS GRIDS.npz ... [test=GRIDS.npz] [from=NET.onnx]
        [rate=1e-3] [seed=0]

GRIDS are files of `render_grids.py`; `from` goes on from earlier weights, which may know less of an edge.
Runs on one core, about a sixth of a second a step. What is exported is the moving average of the weights
(Polyak and Juditsky 1992).

Forms have a grammar (columns go down to the bottom), and the network sees whole grids. So that it learns what
edges look like beside others, and not the forms by heart, it is shown parts of grids, mirrored, with
rectangles of other grids pasted into them (after CutMix, Yun et al. 2019, arXiv:1905.04899).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from grid_files import DRAWN, UNKNOWN, Labelled, load
from onnx import numpy_helper
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from train_rules import descended, rate

from gouji_layout.edge_evidence import OWN
from gouji_layout.edge_network import HIDDEN
from gouji_layout.worn_edges import LOOKED, PLACES, PLANES, TERMS, THERE, mirrored, mirrored_edges

_BATCH, _KEEP, _SMOOTH = 16, 0.99, 0.01
_AT_ONCE = 6  # batches that are made together
_PART, _PASTED = 0.75, 0.5  # shares of grids of which a part is shown, and into which others are pasted
_LARGEST = 0.6  # of a grid that one pasted rectangle may cover
_NOISE = 0.03
_UNSEEN = 0.03  # of the places lose some of what networks and the first step say
_SPOKEN = (OWN.index("looks"), len(OWN), len(OWN) + 2)  # looks, the first step, the drawn share
_ALONE = len(OWN)
_LEFT_OUT = 0.1  # of the hidden values of looks, at each step


class Block(nn.Module):
    """Neighbours, and means along the row and the column, added to what came in (n, channels, h, w)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.near = nn.Conv2d(channels, channels, 3, padding=1)
        self.row = nn.Conv2d(channels, channels // 2, 1)
        self.column = nn.Conv2d(channels, channels // 2, 1)
        self.mix = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """`there` (n, 1, h, w) is 1 where the grid has edges."""
        means = [
            (own(x) * there).sum(axis, keepdim=True) / there.sum(axis, keepdim=True).clamp(min=1)
            for own, axis in ((self.row, 3), (self.column, 2))
        ]
        row = means[0].expand(-1, -1, -1, x.shape[3])
        column = means[1].expand(-1, -1, x.shape[2], -1)
        mixed = self.mix(torch.cat([torch.relu(self.near(x)), row, column], 1))
        return torch.relu(x + mixed) * there


class GridNet(nn.Module):
    """Planes (n, PLANES, h, w) of `grid_planes` in, log-odds (n, 2, h, w) of drawn edges out."""

    def __init__(self, channels: int = 48, blocks: int = 4) -> None:
        super().__init__()
        self.inward = nn.Conv2d(PLACES, channels, 1)
        # These begin at nothing, so that earlier weights can be trained further.
        self.texts = nn.Conv2d(4 * (LOOKED - PLACES), channels, 1, bias=False)
        self.looks = nn.Conv2d(2 * HIDDEN, channels, 1, bias=False)
        for added in (self.texts, self.looks):
            nn.init.zeros_(added.weight)
        self.some = nn.Dropout2d(_LEFT_OUT)
        self.blocks = nn.ModuleList(Block(channels) for _ in range(blocks))
        self.outward = nn.Conv2d(channels, 2, 1)

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """See the class."""
        there = planes[:, THERE:PLACES].amax(1, keepdim=True)
        alone = 4 * torch.stack([planes[:, _ALONE], planes[:, TERMS + _ALONE]], 1)
        texts = self.texts(around(planes[:, PLACES:LOOKED]))
        looks = self.looks(self.some(planes[:, LOOKED:]))
        x = torch.relu(self.inward(planes[:, :PLACES]) + texts + looks) * there
        for block in self.blocks:
            x = block(x, there)
        return self.outward(x) + alone


def around(places: torch.Tensor) -> torch.Tensor:
    """What is known of the four places around each crossing, (n, 4 * measures, h, w)."""
    above = functional.pad(places, (0, 0, 1, 0))[:, :, :-1]
    both = torch.cat([places, above], 1)
    return torch.cat([both, functional.pad(both, (1, 0))[..., :-1]], 1)


def varied(grids: list[Labelled], picked: int, rng: np.random.Generator) -> Labelled:
    """One grid as it is shown: a part of it, mirrored, noisy, with rectangles of another grid in it."""
    planes, truth = _part(*grids[picked], rng)
    if rng.random() < _PASTED:
        _paste(planes, truth, *_part(*grids[int(rng.integers(len(grids)))], rng), rng)
    there = np.repeat(planes[THERE:PLACES], TERMS, axis=0)
    planes[:THERE] += there * rng.normal(0, _NOISE, there.shape).astype(np.float32)
    unseen = rng.random(planes.shape[1:]) < _UNSEEN
    for term in _SPOKEN:
        planes[term][unseen] *= rng.random()
    return planes, truth


def _part(planes: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> Labelled:
    rows, columns = truth.shape[1:]
    high, wide, top, left = rows, columns, 0, 0
    if rng.random() < _PART:
        high, wide = (int(rng.integers(min(3, side), side + 1)) for side in (rows, columns))
        top, left = int(rng.integers(0, rows - high + 1)), int(rng.integers(0, columns - wide + 1))
    planes = planes[:, top : top + high, left : left + wide].copy()
    truth = truth[:, top : top + high, left : left + wide].copy()
    # The last line of a part has edges along it alone.
    for own in _of(0):
        planes[own, :, -1] = 0
    for own in _of(1):
        planes[own, -1] = 0
    planes[PLACES:LOOKED, :, -1] = planes[PLACES:LOOKED, -1] = 0
    truth[0, :, -1] = truth[1, -1] = UNKNOWN
    for axis in (2, 1):
        if rng.random() < 0.5:
            planes, truth = mirrored(planes, axis), mirrored_edges(truth, axis)
    return planes, truth


def _of(way: int) -> tuple[slice, slice, slice]:
    """The planes of the edges of one direction."""
    looks = LOOKED + way * HIDDEN
    return (
        slice(way * TERMS, (way + 1) * TERMS),
        slice(THERE + way, THERE + way + 1),
        slice(looks, looks + HIDDEN),
    )


def _paste(
    planes: np.ndarray, truth: np.ndarray, others: np.ndarray, theirs: np.ndarray, rng: np.random.Generator
) -> None:
    """Put rectangles of another grid in, where both have edges."""
    size, other = np.array(truth.shape[1:]), np.array(theirs.shape[1:])
    for _ in range(int(rng.integers(1, 4))):
        high, wide = (int(rng.integers(1, most + 1)) for most in np.minimum(size, other))
        if high * wide > _LARGEST * size.prod():
            continue
        to, source = _somewhere(size, (high, wide), rng), _somewhere(other, (high, wide), rng)
        both = (planes[THERE:PLACES, *to] > 0) & (others[THERE:PLACES, *source] > 0)
        for way in (0, 1):
            terms, _, looks = _of(way)
            for own in (terms, looks):
                planes[own, *to][:, both[way]] = others[own, *source][:, both[way]]
            truth[way][to][both[way]] = theirs[way][source][both[way]]
        places = both.all(axis=0)
        planes[PLACES:LOOKED, *to][:, places] = others[PLACES:LOOKED, *source][:, places]


def _somewhere(size: np.ndarray, part: tuple[int, int], rng: np.random.Generator) -> tuple[slice, slice]:
    """A rectangle of so many rows and columns in a grid."""
    top, left = (int(rng.integers(0, side - length + 1)) for side, length in zip(size, part, strict=True))
    return slice(top, top + part[0]), slice(left, left + part[1])


def alike(grids: list[Labelled], rng: np.random.Generator) -> list[list[Labelled]]:
    """Batches of grids about equally large, so that little of them is empty, in random order."""
    grids.sort(key=lambda grid: max(grid[1].shape[1:]))
    batches = [grids[at : at + _BATCH] for at in range(0, len(grids), _BATCH)]
    return [batches[at] for at in rng.permutation(len(batches))]


def batch(grids: list[Labelled]) -> tuple[torch.Tensor, torch.Tensor]:
    """Grids of one size, larger ones' places empty in the smaller."""
    size = np.max([truth.shape for _, truth in grids], axis=0)[1:]
    planes = np.zeros((len(grids), PLANES, *size), np.float32)
    truth = np.full((len(grids), 2, *size), UNKNOWN, np.uint8)
    for at, (own, known) in enumerate(grids):
        planes[at, :, : own.shape[1], : own.shape[2]] = own
        truth[at, :, : own.shape[1], : own.shape[2]] = known
    return torch.from_numpy(planes), torch.from_numpy(truth)


def train(
    out: Path, steps: int, grids: list[Labelled], tests: list[Labelled], options: dict[str, str]
) -> None:
    """Train and export."""
    torch.set_num_threads(1)
    seed, top = int(options.get("seed", "0")), float(options.get("rate", "2e-3"))
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = GridNet()
    if "from" in options:
        earlier = onnx.load(options["from"]).graph.initializer
        known = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in earlier}
        net.load_state_dict(known, strict=False)
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(_KEEP))
    optimiser = torch.optim.AdamW(net.parameters(), top, weight_decay=2e-2)
    started, total = time.process_time(), 0.0
    waiting: list[list[Labelled]] = []
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = rate(step / steps, top)
        waiting = waiting or alike(
            [varied(grids, pick, rng) for pick in rng.integers(0, len(grids), _BATCH * _AT_ONCE)], rng
        )
        planes, truth = batch(waiting.pop())
        known = (truth != UNKNOWN).float()
        target = (truth == DRAWN).float() * (1 - 2 * _SMOOTH) + _SMOOTH
        losses = functional.binary_cross_entropy_with_logits(net(planes), target, reduction="none")
        loss = (losses * known).sum() / known.sum()
        total += descended(loss, net, optimiser, average, steepest=2.0)
        if step % 300 == 0:
            spent = time.process_time() - started
            said = measured(average.module, tests)
            print(f"step {step} {spent:.0f} s loss {total / 300:.4f} {said}", flush=True)
            total = 0.0
    export(average.module, out)


@torch.no_grad()
def measured(net: nn.Module, tests: list[Labelled]) -> str:
    """Edges of the test grids judged wrong, alone and together, and grids without any."""
    net.eval()
    wrong, alone, edges, right = 0, 0, 0, 0
    for grid in tests:
        planes, truth = batch([grid])
        known, drawn = truth != UNKNOWN, truth == DRAWN
        bad = int((((net(planes) > 0) != drawn) & known).sum())
        first = torch.stack([planes[:, _ALONE], planes[:, TERMS + _ALONE]], 1)
        alone += int((((first > 0) != drawn) & known).sum())
        wrong, edges, right = wrong + bad, edges + int(known.sum()), right + (bad == 0)
    return f"wrong {wrong} (alone {alone}) of {edges}, {right} of {len(tests)} grids right"


def export(net: nn.Module, out: Path) -> None:
    """Write the network as ONNX for grids of any size."""
    places = {0: "n", 2: "ys", 3: "xs"}
    torch.onnx.export(
        net.eval(), (torch.zeros(1, PLANES, 7, 9),), str(out),
        input_names=["edges"], output_names=["odds"], dynamic_axes={"edges": places, "odds": places},
        dynamo=False, opset_version=17,
    )  # fmt: skip


if __name__ == "__main__":
    named = dict(argument.split("=", 1) for argument in sys.argv[3:] if "=" in argument)
    train(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        [grid for path in sys.argv[3:] if "=" not in path for grid in load(Path(path))],
        load(Path(named["test"])) if "test" in named else [],
        named,
    )
