"""Writing ONNX graphs that say what they are: task, labels and preprocessing travel inside."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Scores
from visionloop.evaluation.models import MODEL_FILE, TASK_OUTPUTS, THRESHOLDS_FILE, Scorer
from visionloop.evaluation.parity import Parity, compare_scores
from visionloop.training.errors import ExportDiffers

PARITY_FILE = "parity.npz"
_OPSET = 18


def as_images(pixels: Tensor) -> Tensor:
    """Turn (N, H, W, 3) uint8 into (N, 3, H, W) float32 in [0, 1], inside the graph."""
    return pixels.permute(0, 3, 1, 2).to(torch.float32) / 255.0


def export_served(
    served: nn.Module,
    package: Path,
    images: NDArray[np.uint8],
    *,
    task: str,
    labels: Sequence[str],
    preprocessing: Preprocessing,
    thresholds: Mapping[str, float] | None = None,
) -> Parity:
    """Write the graph of a network and its proof into a package folder.

    Writes ``model.onnx``, ``labels.json``, ``preprocessing.json``, ``thresholds.json`` where there
    are any, and ``parity.npz``, with which anyone can repeat the comparison without torch.

    Args:
        served: maps (N, H, W, 3) uint8 to probabilities, embedding and the outputs of the task.
        package: where to write.
        images: (N, H, W, 3) uint8, real photos at the input size.
        task: one of `TASK_OUTPUTS`.
        labels: class names in index order.
        preprocessing: from a photo to the input.
        thresholds: class -> operating threshold.

    Raises:
        ExportDiffers: graph and network disagree beyond rounding.
    """
    served.eval()
    outputs = ("probabilities", "embedding", *TASK_OUTPUTS[task])
    _write_graph(served, package / MODEL_FILE, images[:2], outputs)
    described = {"task": task, "labels": list(labels), "preprocessing": preprocessing.to_dict()}
    if thresholds:
        described["thresholds"] = dict(thresholds)
        (package / THRESHOLDS_FILE).write_text(json.dumps(thresholds, ensure_ascii=False))
    _describe_graph(package / MODEL_FILE, described)
    (package / "labels.json").write_text(json.dumps(list(labels), ensure_ascii=False))
    (package / "preprocessing.json").write_text(json.dumps(preprocessing.to_dict()))
    expected = run_network(served, images, TASK_OUTPUTS[task])
    proof: dict[str, Any] = {
        "images": images,
        "probabilities": expected.probabilities,
        "embeddings": expected.embeddings,
        **expected.extras,
    }
    np.savez_compressed(package / PARITY_FILE, **proof)
    parity = compare_scores(Scorer(package / MODEL_FILE).score(images), expected)
    if not parity.passed:
        raise ExportDiffers(parity.max_abs_difference, parity.tolerance)
    return parity


def run_network(served: nn.Module, images: NDArray[np.uint8], extras: Sequence[str]) -> Scores:
    """Return what the network itself says, by torch."""
    with torch.inference_mode():
        found = served(torch.from_numpy(np.ascontiguousarray(images)))
    probabilities, embedding, *others = (value.numpy() for value in found)
    return Scores(probabilities, embedding, dict(zip(extras, others, strict=True)))


def _write_graph(
    served: nn.Module, path: Path, example: NDArray[np.uint8], outputs: Sequence[str]
) -> None:
    with warnings.catch_warnings():
        # The tracing exporter is deprecated and warns at every fixed size it meets. It stays,
        # because it is ten times faster than the new one, keeps the batch size free without
        # hints, and what it writes is compared with the checkpoint anyway.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            served,
            (torch.from_numpy(np.ascontiguousarray(example)),),
            str(path),
            input_names=["images"],
            output_names=list(outputs),
            dynamic_axes={name: {0: "batch"} for name in ("images", *outputs)},
            opset_version=_OPSET,
            dynamo=False,
        )


def _describe_graph(path: Path, described: Mapping[str, Any]) -> None:
    model = onnx.load(str(path))
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in described.items()
    }
    onnx.helper.set_model_props(model, texts)
    onnx.save(model, str(path))
