"""A MobileNetV2 of random weights as an ONNX classifier package: speed needs no training.

Architecture: Sandler et al., MobileNetV2, 2018, table 2, width 1.0, 224 pixels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from visionloop.kernel.digests import canonical_json, sha256_bytes, sha256_file

SIDE = 224
# expansion, channels, repeats, stride
_BLOCKS = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
    (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
)  # fmt: skip


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.rng = np.random.default_rng(0)

    def constant(self, values: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def add(self, kind: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def conv(self, source: str, shape: tuple[int, ...], *, relu: bool = True, **how: int) -> str:
        fan_in = int(np.prod(shape[1:]))
        kernel = self.rng.normal(0, (2 / fan_in) ** 0.5, shape).astype(np.float32)
        bias = self.constant(np.zeros(shape[0], dtype=np.float32))
        pad = shape[2] // 2
        stride = how.get("stride", 1)
        output = self.add(
            "Conv", source, self.constant(kernel), bias,
            pads=[pad] * 4, strides=[stride, stride], group=how.get("group", 1),
        )  # fmt: skip
        if not relu:
            return output
        limits = [self.constant(np.array(v, dtype=np.float32)) for v in (0.0, 6.0)]
        return self.add("Clip", output, *limits)


def build_package(folder: Path, *, num_classes: int = 10) -> str:
    """Write a package into ``folder`` and return its digest."""
    graph = _Graph()
    floats = graph.add("Cast", "images", to=TensorProto.FLOAT)
    scale = graph.constant(np.array(1 / 127.5, dtype=np.float32))
    scaled = graph.add("Mul", floats, scale)
    centred = graph.add("Sub", scaled, graph.constant(np.array(1.0, dtype=np.float32)))
    flow = graph.add("Transpose", centred, perm=[0, 3, 1, 2])
    flow = graph.conv(flow, (32, 3, 3, 3), stride=2)
    channels = 32
    for expansion, width, repeats, first_stride in _BLOCKS:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            flow, channels = _block(graph, flow, channels, (expansion, width, stride)), width
    flow = graph.conv(flow, (1280, channels, 1, 1))
    pooled = graph.add("GlobalAveragePool", flow)
    embedding = graph.add("Flatten", pooled, output="embedding")
    head = graph.rng.normal(0, 0.02, (1280, num_classes)).astype(np.float32)
    logits = graph.add("MatMul", embedding, graph.constant(head))
    graph.add("Softmax", logits, output="probabilities", axis=1)
    return _save(graph, folder, num_classes)


def _block(graph: _Graph, source: str, channels: int, shape: tuple[int, int, int]) -> str:
    expansion, width, stride = shape
    inner = channels * expansion
    flow = graph.conv(source, (inner, channels, 1, 1)) if expansion > 1 else source
    flow = graph.conv(flow, (inner, 1, 3, 3), stride=stride, group=inner)
    flow = graph.conv(flow, (width, inner, 1, 1), relu=False)
    return graph.add("Add", source, flow) if stride == 1 and channels == width else flow


def _save(graph: _Graph, folder: Path, num_classes: int) -> str:
    info = helper.make_tensor_value_info
    made = helper.make_graph(
        graph.nodes,
        "mobilenet_v2",
        [info("images", TensorProto.UINT8, ["N", SIDE, SIDE, 3])],
        [
            info("probabilities", TensorProto.FLOAT, ["N", num_classes]),
            info("embedding", TensorProto.FLOAT, ["N", 1280]),
        ],
        graph.weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    content = {
        "format_version": 1,
        "name": "mobilenet-v2",
        "task": "classification",
        "labels": [f"class-{i}" for i in range(num_classes)],
        "preprocessing": {"height": SIDE, "width": SIDE, "resize": "squash"},
        "thresholds": {},
        "dataset": None,
        "run_id": None,
        "code_version": "bench",
        "metrics": {},
        "parity": None,
        "files": {"model.onnx": sha256_file(folder / "model.onnx")},
    }
    (folder / "package.json").write_bytes(canonical_json(content))
    return sha256_bytes(canonical_json(content))
