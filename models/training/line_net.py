"""The line reader's own graph in torch, so that its weights can be trained further.

Nothing of the network is written down anew: the nodes of the ONNX file are run one by one, with the few
patterns joined (bias, GELU, layer norm) that torch has a fast function for. Parameters keep the names of the
initialisers, which is how the changed ones are laid over the file again (`gouji_models.sessions`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

_GELU = ["Div", "Erf", "Add", "Mul", "Mul"]
_NORM = ["ReduceMean", "Sub", "Pow", "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add"]

Step = Callable[[dict[str, Any]], None]


class LineNet(nn.Module):
    """Strips (n, 3, 48, width) of -1 ink to 1 paper to features (n, width / 8, 120), and those to logits."""

    def __init__(self, path: Path) -> None:
        """Read the graph; which tensors are trained is the caller's to say."""
        super().__init__()
        graph = onnx.load(path).graph
        self.fixed: dict[str, Tensor] = {}
        self.weights = nn.ParameterDict()
        self.key: dict[str, str] = {}
        for initial in graph.initializer:
            value = torch.from_numpy(np.array(numpy_helper.to_array(initial)))
            if value.dtype == torch.float32 and value.numel() > 1:
                self.key[initial.name] = initial.name.replace(".", "/")
                self.weights[self.key[initial.name]] = nn.Parameter(value)
            else:
                self.fixed[initial.name] = value
        self.steps = self._compiled(graph)

    def named(self) -> dict[str, nn.Parameter]:
        """Parameters by the names of the file."""
        return {name: self.weights[key] for name, key in self.key.items()}

    def forward(self, x: Tensor) -> Tensor:
        """What the head is shown of every frame."""
        values: dict[str, Any] = {"x": x}
        for step in self.steps:
            step(values)
        return values[self.seen]

    @property
    def head_matrix(self) -> Tensor:
        """The head, (features, classes)."""
        return self._get({}, self.head[0])

    @property
    def head_shift(self) -> Tensor:
        """What the head adds to every class."""
        return self._get({}, self.head[1])

    def _compiled(self, graph: onnx.GraphProto) -> list[Step]:
        alias: dict[str, str] = {}
        nodes = []
        for node in graph.node:
            if node.op_type == "Identity":
                alias[node.output[0]] = alias.get(node.input[0], node.input[0])
            elif node.op_type == "Constant":
                value = next(a for a in node.attribute if a.name == "value").t
                self.fixed[node.output[0]] = torch.from_numpy(np.array(numpy_helper.to_array(value)))
            else:
                nodes.append(node)
        given = [[alias.get(name, name) for name in node.input] for node in nodes]
        kinds = [node.op_type for node in nodes]
        steps: list[Step] = []
        at = 0
        while at < len(nodes):
            inputs, out = given[at], nodes[at].output[0]
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in nodes[at].attribute}
            if kinds[at : at + 5] == _GELU:
                steps.append(_call(functional.gelu, inputs[:1], nodes[at + 4].output[0]))
                at += 5
            elif kinds[at : at + 9] == _NORM:
                scale, shift = given[at + 7][1], given[at + 8][1]
                steps.append(self._norm(inputs[0], scale, shift, nodes[at + 8].output[0]))
                at += 9
            elif kinds[at] == "Conv":
                bias = None
                if kinds[at + 1] == "Add" and given[at + 1][0] == out and given[at + 1][1] in self.key:
                    bias, out = given[at + 1][1], nodes[at + 1].output[0]
                steps.append(self._convolution(inputs, bias, attributes, out))
                at += 1 if bias is None else 2
            elif kinds[at:] == ["MatMul", "Add", "Softmax"]:
                self.seen, self.head = inputs[0], (inputs[1], given[at + 1][1])
                break
            else:
                steps.append(self._plain(kinds[at], inputs, attributes, out))
                at += 1
        return steps

    def _get(self, values: dict[str, Any], name: str) -> Tensor:
        if name in values:
            return values[name]
        return self.weights[self.key[name]] if name in self.key else self.fixed[name]

    def _norm(self, source: str, scale: str, shift: str, out: str) -> Step:
        def step(values: dict[str, Any]) -> None:
            weight, bias = self._get(values, scale), self._get(values, shift)
            values[out] = functional.layer_norm(
                values[source].float(), (len(weight),), weight, bias, self._epsilon
            )

        return step

    _epsilon = 1e-6

    def _convolution(self, inputs: list[str], bias: str | None, attributes: dict[str, Any], out: str) -> Step:
        strides, group = tuple(attributes["strides"]), attributes["group"]
        same = attributes.get("auto_pad") == b"SAME_UPPER"
        pads = attributes.get("pads", [0, 0, 0, 0])

        def step(values: dict[str, Any]) -> None:
            x, weight = self._get(values, inputs[0]), self._get(values, inputs[1])
            shift = None if bias is None else self._get(values, bias).reshape(-1)
            if same:
                x = functional.pad(x, (0, weight.shape[3] - 1, 0, weight.shape[2] - 1))
            values[out] = functional.conv2d(x, weight, shift, strides, tuple(pads[:2]), 1, group)

        return step

    def _plain(self, kind: str, inputs: list[str], attributes: dict[str, Any], out: str) -> Step:
        run = _OPERATIONS[kind]

        def step(values: dict[str, Any]) -> None:
            values[out] = run([self._get(values, name) for name in inputs], attributes)

        return step


def _call(function: Callable[[Tensor], Tensor], inputs: list[str], out: str) -> Step:
    def step(values: dict[str, Any]) -> None:
        values[out] = function(values[inputs[0]])

    return step


def _slice(given: list[Tensor], _: dict[str, Any]) -> Tensor:
    x, starts, ends = given[0], given[1].tolist(), given[2].tolist()
    axes = given[3].tolist() if len(given) > 3 else list(range(len(starts)))
    for axis, start, end in zip(axes, starts, ends, strict=True):
        x = x.narrow(axis, start, min(end, x.shape[axis]) - start)
    return x


def _reshape(given: list[Tensor], _: dict[str, Any]) -> Tensor:
    x, shape = given[0], [int(v) for v in given[1].reshape(-1)]
    return x.reshape([x.shape[i] if v == 0 else v for i, v in enumerate(shape)])


def _batch_norm(given: list[Tensor], attributes: dict[str, Any]) -> Tensor:
    x, scale, shift, mean, variance = given
    mean, variance = mean.detach(), variance.detach()  # as they are: only scale and shift are learnt
    return functional.batch_norm(x, mean, variance, scale, shift, False, 0.0, attributes["epsilon"])


def _max_pool(given: list[Tensor], attributes: dict[str, Any]) -> Tensor:
    down, across = attributes["kernel_shape"]
    return functional.max_pool2d(functional.pad(given[0], (0, across - 1, 0, down - 1)), (down, across), 1)


_OPERATIONS: dict[str, Callable[[list[Tensor], dict[str, Any]], Tensor]] = {
    "Add": lambda g, _: g[0] + g[1],
    "Mul": lambda g, _: g[0] * g[1],
    "MatMul": lambda g, _: g[0] @ g[1],
    "Relu": lambda g, _: functional.relu(g[0]),
    "Sigmoid": lambda g, _: torch.sigmoid(g[0]),
    "HardSigmoid": lambda g, _: functional.hardsigmoid(g[0]),
    "Softmax": lambda g, a: torch.softmax(g[0].float(), a["axis"]),
    "Transpose": lambda g, a: g[0].permute(*a["perm"]),
    "Concat": lambda g, a: torch.cat(g, a["axis"]),
    "Squeeze": lambda g, a: g[0].squeeze(*a["axes"]),
    "Unsqueeze": lambda g, a: g[0].unsqueeze(*a["axes"]),
    "ReduceMean": lambda g, a: g[0].mean(tuple(a["axes"]), keepdim=bool(a.get("keepdims", 1))),
    "Shape": lambda g, _: torch.tensor(g[0].shape),
    "Slice": _slice,
    "Reshape": _reshape,
    "BatchNormalization": _batch_norm,
    "MaxPool": _max_pool,
    "AveragePool": lambda g, a: functional.avg_pool2d(g[0], a["kernel_shape"], a["strides"]),
}
