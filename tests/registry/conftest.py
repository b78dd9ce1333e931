"""What a training leaves, made small: a graph that names the strongest colour channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from visionloop.evaluation.entities import Example
from visionloop.evaluation.report import build_report, headline_metrics, report_to_dict

LABELS = ("washer", "bolt", "nut", "gear")
SIDE = 16
MakeFolder = Callable[..., Path]


def write_graph(path: Path, *, gain: float, num_labels: int, output: str = "probabilities") -> None:
    """Write softmax(mean colour x weights) as ONNX."""
    onnx = pytest.importorskip("onnx", reason="left out: onnx builds the models of these tests")
    helper, proto = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["images"], ["floats"], to=proto.FLOAT),
            helper.make_node("ReduceMean", ["floats", "axes"], ["embedding"], keepdims=0),
            helper.make_node("MatMul", ["embedding", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], [output], axis=1),
        ],
        "colors",
        [helper.make_tensor_value_info("images", proto.UINT8, ["N", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info(output, proto.FLOAT, ["N", num_labels]),
            helper.make_tensor_value_info("embedding", proto.FLOAT, ["N", 3]),
        ],
        [
            onnx.numpy_helper.from_array(_weights(gain, num_labels), "weights"),
            onnx.numpy_helper.from_array(np.array([1, 2], dtype=np.int64), "axes"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.save(model, path)


def _weights(gain: float, num_labels: int) -> np.ndarray:
    return np.eye(3, num_labels, dtype=np.float32) * np.float32(gain)


def _report(labels: Sequence[str]) -> dict[str, object]:
    rng = np.random.default_rng(1)
    truth = np.arange(80) % len(labels)
    probabilities = rng.dirichlet(np.ones(len(labels)), 80).astype(np.float32)
    examples = [
        Example(f"{i:064x}", labels[truth[i]], bytes, {"camera": f"cam{i % 2}"}) for i in range(80)
    ]
    report = build_report(examples, truth, probabilities, tuple(labels))
    return {
        "evaluation_id": "eval_1",
        "split": "test",
        "metrics": headline_metrics(report),
        "report": report_to_dict(report),
    }


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """Write the folder that a run leaves; ``checkpoint_gain`` differs for a broken export."""
    made: list[Path] = []

    def make(
        *,
        gain: float = 0.1,
        checkpoint_gain: float | None = None,
        labels: Sequence[str] = LABELS,
        num_outputs: int | None = None,
    ) -> Path:
        folder = tmp_path / f"run-{len(made)}"
        (folder / "checkpoint").mkdir(parents=True)
        made.append(folder)
        num_labels = num_outputs or len(labels)
        write_graph(folder / "model.onnx", gain=gain, num_labels=num_labels)
        images = np.random.default_rng(0).integers(0, 256, (6, SIDE, SIDE, 3), dtype=np.uint8)
        embeddings = images.astype(np.float32).mean(axis=(1, 2))
        logits = embeddings @ _weights(checkpoint_gain or gain, num_labels)
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        np.savez(
            folder / "parity.npz",
            images=images,
            probabilities=exponents / exponents.sum(axis=1, keepdims=True),
            embeddings=embeddings,
        )
        (folder / "labels.json").write_text(json.dumps(list(labels)))
        (folder / "preprocessing.json").write_text(json.dumps({"height": SIDE, "width": SIDE}))
        (folder / "environment.txt").write_text("onnxruntime==1.0\n")
        (folder / "evaluation.json").write_text(json.dumps(_report(labels)))
        (folder / "training.json").write_text(
            json.dumps({"recipe": "classification", "parameters": {"epochs": 3, "seed": gain}})
        )
        (folder / "baseline.parquet").write_bytes(b"PAR1 is read by monitoring alone")
        (folder / "checkpoint" / "model.safetensors").write_bytes(b"weights" * 100)
        (folder / "checkpoint" / "config.json").write_text("{}")
        return folder

    return make
