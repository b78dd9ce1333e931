"""What an endpoint runs of a classifier."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from visionloop.evaluation.parity import Parity
from visionloop.training.configs import ClassificationConfig
from visionloop.training.packaging import CHECKPOINT_FOLDER
from visionloop.training.recipes.graphs import as_images, export_served
from visionloop.training.recipes.networks import Classifier, load_checkpoint


class ServedClassifier(nn.Module):  # type: ignore[misc]
    """Pixels in, calibrated probabilities and the embedding out."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier
        self.temperature = classifier.facts.temperature

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map (N, H, W, 3) uint8 images to probabilities (N, C) and embeddings (N, D)."""
        logits, embedding = self.classifier(as_images(images))
        return torch.softmax(logits / self.temperature, dim=1), embedding


def export_classifier(
    package: Path, config: ClassificationConfig, images: NDArray[np.uint8]
) -> Parity:
    """Export the checkpoint of a package folder and compare the two.

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
    return export_served(
        ServedClassifier(classifier),
        package,
        images,
        task="classification",
        labels=classifier.facts.labels,
        preprocessing=config.preprocessing,
    )
