"""A classifier without training: its ONNX graph is written by hand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example

LABELS = ("red", "green", "blue")


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A folder with a graph that calls an image by its strongest channel."""
    onnx = pytest.importorskip("onnx", reason="left out: the package onnx is not installed")
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["scaled"]),
        helper.make_node("ReduceMean", ["scaled", "axes"], ["embedding"], keepdims=0),
        helper.make_node("Softmax", ["embedding"], ["probabilities"], axis=1),
    ]
    constants = [
        helper.make_tensor("scale", TensorProto.FLOAT, [1], [0.02]),
        helper.make_tensor("axes", TensorProto.INT64, [2], [1, 2]),
    ]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3])
        for name in ("probabilities", "embedding")
    ]
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["batch", 8, 8, 3])
    graph = helper.make_graph(nodes, "strongest", [images], outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    folder = tmp_path / "model"
    folder.mkdir()
    onnx.save(model, folder / "model.onnx")
    (folder / "labels.json").write_text(json.dumps(LABELS))
    (folder / "preprocessing.json").write_text(json.dumps(Preprocessing(8, 8).to_dict()))
    return folder


@pytest.fixture
def paint() -> Callable[..., Example]:
    """Make an example: a picture in one colour with a label that may be wrong."""

    def paint_example(name: str, color: str, label: str | None = None) -> Example:
        random = np.random.default_rng(int.from_bytes(name.encode()[-8:], "big"))
        image = random.integers(20, 60, (24, 20, 3)).astype(np.uint8)
        image[..., LABELS.index(color)] += 120
        buffer = io.BytesIO()
        PillowImage.fromarray(image).save(buffer, "PNG")
        return Example(name, label or color, buffer.getvalue, {"camera": f"cam-{color}"})

    return paint_example
