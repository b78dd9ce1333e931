"""Export to ONNX, and the proof that the exported graph gives what the checkpoint gives."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from visionloop.evaluation.entities import Scores
from visionloop.evaluation.models import MODEL_FILE, Scorer
from visionloop.evaluation.parity import Parity, compare_scores
from visionloop.training.configs import ClassificationConfig
from visionloop.training.errors import ExportDiffers
from visionloop.training.packaging import CHECKPOINT_FOLDER
from visionloop.training.recipes.networks import Classifier, load_checkpoint

PARITY_FILE = "parity.npz"
_OPSET = 18


class ServedClassifier(nn.Module):  # type: ignore[misc]
    """What an endpoint runs: pixels in, calibrated probabilities and the embedding out."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier
        self.temperature = classifier.facts.temperature

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map (N, H, W, 3) uint8 images to probabilities (N, C) and embeddings (N, D)."""
        scaled = images.permute(0, 3, 1, 2).to(torch.float32) / 255.0
        logits, embedding = self.classifier(scaled)
        return torch.softmax(logits / self.temperature, dim=1), embedding


def export_classifier(
    package: Path, config: ClassificationConfig, images: NDArray[np.uint8]
) -> Parity:
    """Export the checkpoint of a package folder and compare the two.

    Writes ``model.onnx``, ``labels.json``, ``preprocessing.json`` and ``parity.npz``, with which
    anyone can repeat the comparison without torch.

    Args:
        package: folder with ``checkpoint/``.
        config: how it was trained.
        images: (N, H, W, 3) uint8, real photos at the input size.

    Raises:
        CheckpointUnusable: the checkpoint cannot be loaded.
        ExportDiffers: graph and checkpoint disagree beyond rounding.
    """
    # Loading it again proves that the checkpoint on disk is the model that was trained.
    classifier = load_checkpoint(package / CHECKPOINT_FOLDER)
    served = ServedClassifier(classifier).eval()
    _write_graph(served, package / MODEL_FILE, images[:2])
    labels = list(classifier.facts.labels)
    (package / "labels.json").write_text(json.dumps(labels, ensure_ascii=False))
    (package / "preprocessing.json").write_text(json.dumps(config.preprocessing.to_dict()))
    expected = run_checkpoint(served, images)
    np.savez_compressed(
        package / PARITY_FILE,
        images=images,
        probabilities=expected.probabilities,
        embeddings=expected.embeddings,
    )
    parity = compare_scores(Scorer(package / MODEL_FILE).score(images), expected)
    if not parity.passed:
        raise ExportDiffers(parity.max_abs_difference, parity.tolerance)
    return parity


def run_checkpoint(served: ServedClassifier, images: NDArray[np.uint8]) -> Scores:
    """Return what the checkpoint itself says, by torch."""
    with torch.inference_mode():
        probabilities, embeddings = served(torch.from_numpy(np.ascontiguousarray(images)))
    return Scores(probabilities.numpy(), embeddings.numpy())


def _write_graph(served: ServedClassifier, path: Path, example: NDArray[np.uint8]) -> None:
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
            output_names=["probabilities", "embedding"],
            dynamic_axes={name: {0: "batch"} for name in ("images", "probabilities", "embedding")},
            opset_version=_OPSET,
            dynamo=False,
        )
