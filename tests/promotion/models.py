"""Graphs to register: they name the strongest colour channel, and some fail on bright images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

SIDE = 32
_TOO_BRIGHT = 200.0


def write_graph(
    path: Path, labels: Sequence[str], *, gain: float = 0.1, is_fragile: bool = False
) -> None:
    """Write a classifier of ``images`` (N, 32, 32, 3) uint8.

    Args:
        path: of the ONNX file.
        labels: class names; the first three stand for the channels.
        gain: how sure it is; another gain is another file.
        is_fragile: whether it fails, at run time, on images brighter than 200 of 255.
    """
    onnx = pytest.importorskip("onnx", reason="left out: onnx builds the models of these tests")
    helper, kinds = onnx.helper, onnx.TensorProto
    constants = {
        "axes": np.array([1, 2], dtype=np.int64),
        "channels": np.array([1], dtype=np.int64),
        "weights": np.eye(3, len(labels), dtype=np.float32) * gain,
        "bound": np.array(_TOO_BRIGHT, dtype=np.float32),
        "table": np.zeros(1, dtype=np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=kinds.FLOAT),
        helper.make_node("ReduceMean", ["floats", "axes"], ["embedding"], keepdims=0),
        helper.make_node("MatMul", ["embedding", "weights"], ["scores"]),
    ]
    if is_fragile:
        # The second entry of a table with one entry is asked for when the image is too bright.
        nodes += [
            helper.make_node("ReduceMean", ["embedding", "channels"], ["mean"], keepdims=1),
            helper.make_node("Div", ["mean", "bound"], ["share"]),
            helper.make_node("Cast", ["share"], ["entry"], to=kinds.INT64),
            helper.make_node("Gather", ["table", "entry"], ["nothing"]),
            helper.make_node("Add", ["scores", "nothing"], ["logits"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["scores"], ["logits"]))
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    graph = helper.make_graph(
        nodes,
        "colors",
        [helper.make_tensor_value_info("images", kinds.UINT8, ["N", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info("probabilities", kinds.FLOAT, ["N", len(labels)]),
            helper.make_tensor_value_info("embedding", kinds.FLOAT, ["N", 3]),
        ],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.save(model, path)
