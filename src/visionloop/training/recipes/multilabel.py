"""Any number of labels per image."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn import functional

from visionloop.evaluation.multilabel import (
    choose_thresholds,
    mean_average_precision,
    true_classes,
)
from visionloop.evaluation.parity import Parity
from visionloop.training.configs import ClassificationConfig
from visionloop.training.packaging import CHECKPOINT_FOLDER
from visionloop.training.recipes.classification import (
    LabeledBatch,
    augment_images,
    begin_classifier,
    predict,
)
from visionloop.training.recipes.graphs import as_images, export_served
from visionloop.training.recipes.interface import (
    Metrics,
    Progress,
    Rows,
    TrainedModel,
    TrainingData,
)
from visionloop.training.recipes.loop import fit
from visionloop.training.recipes.networks import Classifier, load_checkpoint, save_checkpoint
from visionloop.training.recipes.sampling import Sampler


class MultilabelLearner:
    """Cross-entropy of one sigmoid a class; the epoch with the highest mean AP is the best."""

    def __init__(
        self, config: ClassificationConfig, data: TrainingData, classifier: Classifier
    ) -> None:
        self.config, self.data = config, data
        self.network: nn.Module = classifier
        self.backbone = classifier.backbone
        self.train_truth = true_classes(data.train.examples, data.labels)
        self.validation_truth = true_classes(data.validation.examples, data.labels)

    def make_batch(self, rows: Rows, generator: Generator) -> LabeledBatch:
        """Return augmented images and (N, C) targets."""
        images = augment_images(self.config, self.data.train.pixels[rows], generator)
        return LabeledBatch(images, torch.from_numpy(self.train_truth[rows]).float())

    def loss(self, network: nn.Module, batch: LabeledBatch) -> tuple[Tensor, Metrics]:
        """Return the mean cross-entropy over images and classes, targets smoothed."""
        logits, _ = network(batch.images)
        smoothing = self.config.label_smoothing
        targets = batch.labels * (1.0 - smoothing) + 0.5 * smoothing
        return functional.binary_cross_entropy_with_logits(logits.float(), targets), {}

    def validate(self, network: nn.Module) -> Metrics:
        """Return mean AP and cross-entropy on the validation images."""
        logits = predict(network, self.data.validation.pixels)
        truth = torch.from_numpy(self.validation_truth).float()
        loss = functional.binary_cross_entropy_with_logits(logits, truth)
        score = mean_average_precision(self.validation_truth, logits.sigmoid().numpy())
        return {"val_loss": loss.item(), "val_mean_ap": score}

    def rank(self, metrics: Metrics) -> tuple[float, ...]:
        """Prefer mean AP; of equal epochs the one that is surer of the truth."""
        return metrics["val_mean_ap"], -metrics["val_loss"]


class ServedMultilabel(nn.Module):  # type: ignore[misc]
    """What an endpoint runs: pixels in, one probability a class and the embedding out."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map (N, H, W, 3) uint8 images to probabilities (N, C) and embeddings (N, D)."""
        logits, embedding = self.classifier(as_images(images))
        return torch.sigmoid(logits), embedding


class MultilabelRecipe:
    """Trains, saves and exports multi-label classifiers."""

    @staticmethod
    def train(
        config: ClassificationConfig,
        data: TrainingData,
        *,
        checkpoint: Path | None = None,
        progress: Progress | None = None,
    ) -> TrainedModel:
        """Train and keep the epoch that is best on the validation images.

        Raises:
            CheckpointUnusable: the weights or the checkpoint cannot be loaded.
            TrainingDiverged: the loss is no longer a number.
        """
        torch.manual_seed(config.seed)
        learner = MultilabelLearner(config, data, begin_classifier(config, data.labels, checkpoint))
        shown = [tuple(np.flatnonzero(row).tolist()) for row in learner.train_truth]
        sampler = Sampler(config, len(data.train), is_new=data.is_new, class_sets=shown)
        trained = fit(learner, config, sampler, progress)
        probabilities = predict(trained.network, data.validation.pixels).sigmoid().numpy()
        chosen = choose_thresholds(learner.validation_truth, probabilities)
        thresholds = dict(zip(data.labels, chosen.tolist(), strict=True))
        return TrainedModel(**{**vars(trained), "facts": {"thresholds": thresholds}})

    @staticmethod
    def save(trained: TrainedModel, folder: Path) -> None:
        """Write the checkpoint that export reads and that later runs begin from."""
        network: Any = trained.network
        save_checkpoint(network, folder, thresholds=trained.facts["thresholds"])

    @staticmethod
    def export(package: Path, config: ClassificationConfig, images: NDArray[np.uint8]) -> Parity:
        """Export the checkpoint of a package folder and prove that both give the same."""
        classifier = load_checkpoint(package / CHECKPOINT_FOLDER)
        return export_served(
            ServedMultilabel(classifier),
            package,
            images,
            task="multilabel_classification",
            labels=classifier.facts.labels,
            preprocessing=config.preprocessing,
            thresholds=asdict(classifier.facts)["thresholds"],
        )
