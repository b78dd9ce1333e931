"""One label per image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn import functional

from visionloop.evaluation.calibration import fit_temperature
from visionloop.evaluation.parity import Parity
from visionloop.evaluation.scoring import label_indices
from visionloop.training.configs import ClassificationConfig
from visionloop.training.recipes.augmentation import STRENGTHS, augment
from visionloop.training.recipes.export import export_classifier
from visionloop.training.recipes.interface import (
    Metrics,
    Progress,
    Rows,
    TrainedModel,
    TrainingData,
)
from visionloop.training.recipes.loop import fit
from visionloop.training.recipes.networks import (
    Classifier,
    build_classifier,
    load_checkpoint,
    save_checkpoint,
)
from visionloop.training.recipes.pixels import in_batches, to_tensor
from visionloop.training.recipes.sampling import Sampler


@dataclass(frozen=True)
class LabeledBatch:
    """Images (N, 3, H, W) in [0, 1]; their class indices (N,), or (N, C) what each shows."""

    images: Tensor
    labels: Tensor


class ClassificationLearner:
    """Cross-entropy of a softmax; the most accurate epoch is the best."""

    def __init__(
        self, config: ClassificationConfig, data: TrainingData, classifier: Classifier
    ) -> None:
        self.config, self.data = config, data
        self.network: nn.Module = classifier
        self.backbone = classifier.backbone
        self.train_labels = label_indices(data.train.examples, data.labels)
        self.validation_labels = label_indices(data.validation.examples, data.labels)

    def make_batch(self, rows: Rows, generator: Generator) -> LabeledBatch:
        """Return augmented images and their labels."""
        images = augment_images(self.config, self.data.train.pixels[rows], generator)
        return LabeledBatch(images, torch.from_numpy(self.train_labels[rows]))

    def loss(self, network: nn.Module, batch: LabeledBatch) -> tuple[Tensor, Metrics]:
        """Return the smoothed cross-entropy and the share of correct images."""
        logits, _ = network(batch.images)
        smoothing = self.config.label_smoothing
        loss = functional.cross_entropy(logits.float(), batch.labels, label_smoothing=smoothing)
        correct = (logits.argmax(dim=1) == batch.labels).float().mean()
        return loss, {"accuracy": float(correct)}

    def validate(self, network: nn.Module) -> Metrics:
        """Return accuracy and cross-entropy on the validation images."""
        logits = predict(network, self.data.validation.pixels)
        truth = torch.from_numpy(self.validation_labels)
        return {
            "val_loss": float(functional.cross_entropy(logits, truth)),
            "val_accuracy": float((logits.argmax(dim=1) == truth).double().mean()),
        }

    def rank(self, metrics: Metrics) -> tuple[float, ...]:
        """Prefer accuracy; of equal epochs the one that is surer of the truth."""
        return metrics["val_accuracy"], -metrics["val_loss"]


class ClassificationRecipe:
    """Trains, saves and exports classifiers."""

    @staticmethod
    def train(
        config: ClassificationConfig,
        data: TrainingData,
        *,
        checkpoint: Path | None = None,
        progress: Progress | None = None,
    ) -> TrainedModel:
        """Train and keep the epoch that is best on the validation images.

        Args:
            config: how to train.
            data: what to learn.
            checkpoint: folder to begin from instead of ``config.weights``.
            progress: whom to tell.

        Raises:
            CheckpointUnusable: the weights or the checkpoint cannot be loaded.
            TrainingDiverged: the loss is no longer a number.
        """
        torch.manual_seed(config.seed)
        learner = ClassificationLearner(
            config, data, begin_classifier(config, data.labels, checkpoint)
        )
        classes = [(int(label),) for label in learner.train_labels]
        sampler = Sampler(config, len(data.train), is_new=data.is_new, class_sets=classes)
        trained = fit(learner, config, sampler, progress)
        logits = predict(trained.network, data.validation.pixels)
        temperature = fit_temperature(logits.numpy(), learner.validation_labels)
        return TrainedModel(**{**vars(trained), "facts": {"temperature": temperature}})

    @staticmethod
    def save(trained: TrainedModel, folder: Path) -> None:
        """Write the checkpoint that export reads and that later runs begin from."""
        network: Any = trained.network
        save_checkpoint(network, folder, temperature=trained.facts["temperature"])

    @staticmethod
    def export(package: Path, config: ClassificationConfig, images: NDArray[np.uint8]) -> Parity:
        """Export the checkpoint of a package folder and prove that both give the same."""
        return export_classifier(package, config, images)


def augment_images(
    config: ClassificationConfig, pixels: NDArray[np.uint8], generator: Generator
) -> Tensor:
    """Return (N, 3, H, W) images in [0, 1], changed as configured."""
    images = to_tensor(pixels)
    if config.augmentation != "none":
        strength = STRENGTHS[config.augmentation]
        images = augment(images, strength, generator, flip=config.horizontal_flip)
    return images.contiguous(memory_format=torch.channels_last)


def predict(network: nn.Module, pixels: NDArray[np.uint8]) -> Tensor:
    """Return the (N, C) logits of (N, H, W, 3) images, on the CPU."""
    with torch.inference_mode():
        return torch.cat([network(images)[0].cpu() for images in in_batches(pixels, network)])


def begin_classifier(
    config: ClassificationConfig, labels: tuple[str, ...], checkpoint: Path | None
) -> Classifier:
    """Load the checkpoint of an earlier run, or build a classifier with a new head.

    Raises:
        CheckpointUnusable: the weights or the checkpoint cannot be loaded.
    """
    if checkpoint is not None:
        return load_checkpoint(checkpoint, dropout=config.dropout, labels=labels)
    return build_classifier(
        labels, weights=config.weights, dropout=config.dropout, image_size=config.image_size
    )
