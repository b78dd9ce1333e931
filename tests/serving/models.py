"""Tiny model packages: a classifier that names the strongest colour channel of an image."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visionloop.kernel.digests import canonical_json, sha256_bytes, sha256_file

COLORS = ("red", "green", "blue")
SIDE = 32


def build_package(
    packages_dir: Path,
    *,
    labels: Sequence[str] = COLORS,
    name: str = "colors",
    gain: float = 0.1,
    broken_graph: bytes | None = None,
) -> str:
    """Write a package under its digest and return the digest; another gain is another model."""
    onnx = pytest.importorskip("onnx", reason="left out: onnx builds the models of these tests")
    helper, numpy_helper, TensorProto = onnx.helper, onnx.numpy_helper, onnx.TensorProto

    weights = np.eye(3, len(labels), dtype=np.float32) * gain
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["floats", "axes"], ["embedding"], keepdims=0),
            helper.make_node("MatMul", ["embedding", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        ],
        "colors",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(labels)]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", 3]),
        ],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1, 2], dtype=np.int64), "axes"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    staging = packages_dir / f"staging-{name}"
    staging.mkdir(parents=True, exist_ok=True)
    onnx.save(model, staging / "model.onnx")
    if broken_graph is not None:
        (staging / "model.onnx").write_bytes(broken_graph)
    content = {
        "format_version": 1,
        "name": name,
        "task": "classification",
        "labels": list(labels),
        "preprocessing": {"height": SIDE, "width": SIDE, "resize": "squash"},
        "thresholds": {},
        "dataset": None,
        "run_id": None,
        "code_version": "test",
        "metrics": {},
        "parity": None,
        "files": {"model.onnx": sha256_file(staging / "model.onnx")},
    }
    (staging / "package.json").write_text(json.dumps(content))
    digest = sha256_bytes(canonical_json(content))
    if (packages_dir / digest).is_dir():
        shutil.rmtree(staging)
    else:
        staging.rename(packages_dir / digest)
    return digest


def make_image(
    color: str = "red", *, size: tuple[int, int] = (64, 48), kind: str = "JPEG"
) -> bytes:
    """Render a file of one colour with a little texture."""
    rng = np.random.default_rng(len(color))
    pixels = rng.integers(0, 60, (size[1], size[0], 3), dtype=np.uint8)
    pixels[..., COLORS.index(color)] += 180
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format=kind)
    return buffer.getvalue()
