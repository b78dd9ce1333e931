"""The training loop of classifiers: everything between decoded images and the best weights."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from visionloop.evaluation.calibration import fit_temperature
from visionloop.training.configs import ClassificationConfig
from visionloop.training.errors import TrainingDiverged
from visionloop.training.images import ImageSet
from visionloop.training.recipes.augmentation import STRENGTHS, augment
from visionloop.training.recipes.networks import (
    Classifier,
    build_classifier,
    load_checkpoint,
    save_checkpoint,
)

_WARM_UP = 0.1
_EVALUATION_BATCH = 128


@dataclass(frozen=True)
class TrainingData:
    """Decoded images to learn from and to choose the best epoch by.

    Attributes:
        is_new: (N,) which training images the warm start never saw; None without warm start.
    """

    train: ImageSet
    validation: ImageSet
    labels: tuple[str, ...]
    is_new: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class EpochMetrics:
    """What one pass over the training images brought."""

    epoch: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class TrainedClassifier:
    """The weights of the best epoch and how they came about.

    Attributes:
        num_threads: that torch used, for the phases after it.
    """

    classifier: Classifier
    temperature: float
    best_epoch: int
    history: tuple[EpochMetrics, ...]
    num_threads: int = 1


OnEpoch = Callable[[EpochMetrics], None]
OnStep = Callable[[float], None]


def train_classifier(
    config: ClassificationConfig,
    data: TrainingData,
    *,
    checkpoint: Path | None = None,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainedClassifier:
    """Train and keep the epoch that is best on the validation images.

    Args:
        config: how to train.
        data: what to learn.
        checkpoint: folder to begin from instead of ``config.weights``.
        on_step: called after every step with the share done; may raise to stop.
        on_epoch: called after every epoch.

    Raises:
        CheckpointUnusable: the weights or the checkpoint cannot be loaded.
        TrainingDiverged: the loss is no longer a number.
    """
    if config.num_threads:
        torch.set_num_threads(config.num_threads)
    torch.manual_seed(config.seed)
    classifier = _begin(config, data.labels, checkpoint)
    trainer = _Trainer(config, data, classifier)
    history: list[EpochMetrics] = []
    best, best_key = copy.deepcopy(trainer.averaged.state_dict()), (-1.0, -math.inf)
    best_epoch = 0
    for epoch in range(config.epochs):
        metrics = trainer.run_epoch(epoch, on_step)
        history.append(metrics)
        if on_epoch:
            on_epoch(metrics)
        key = (metrics.val_accuracy, -metrics.val_loss)
        if key > best_key:
            best_key, best_epoch = key, epoch
            best = copy.deepcopy(trainer.averaged.state_dict())
    chosen = trainer.averaged
    chosen.load_state_dict(best)
    logits = _predict(chosen.eval(), data.validation.pixels)
    temperature = fit_temperature(logits.numpy(), data.validation.labels)
    threads = torch.get_num_threads()
    return TrainedClassifier(chosen, temperature, best_epoch, tuple(history), threads)


def save_trained(trained: TrainedClassifier, folder: Path) -> None:
    """Write the checkpoint that export reads and that later runs begin from."""
    save_checkpoint(trained.classifier, folder, temperature=trained.temperature)


def to_tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """Turn (N, H, W, 3) uint8 images into (N, 3, H, W) float32 in [0, 1]."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
    return tensor.to(torch.float32).div(255.0)


class _Trainer:
    """Holds what one epoch hands to the next: weights, their average, optimiser, schedule."""

    def __init__(
        self, config: ClassificationConfig, data: TrainingData, classifier: Classifier
    ) -> None:
        self.config, self.data, self.classifier = config, data, classifier
        self.averaged = copy.deepcopy(classifier) if config.weight_averaging else classifier
        self.sampler = _Sampler(config, data)
        self.total_steps = config.epochs * self.sampler.num_batches
        self.step = 0
        self.generator = torch.Generator().manual_seed(config.seed)
        self.optimiser = torch.optim.AdamW(
            _parameter_groups(classifier, config.weight_decay), lr=config.learning_rate
        )

    def run_epoch(self, epoch: int, on_step: OnStep | None) -> EpochMetrics:
        """Make one pass over the training images and measure the result."""
        started = time.monotonic()
        self.classifier.train()
        self._freeze(epoch < self.config.freeze_epochs)
        losses, hits, seen = 0.0, 0, 0
        for rows in self.sampler.draw():
            loss, correct = self._learn(rows)
            if not math.isfinite(loss):
                raise TrainingDiverged(epoch, self.config.learning_rate)
            losses, hits, seen = losses + loss * len(rows), hits + correct, seen + len(rows)
            if on_step:
                on_step(self.step / self.total_steps)
        validation = self.data.validation
        logits = _predict(self.averaged.eval(), validation.pixels)
        truth = torch.from_numpy(validation.labels)
        return EpochMetrics(
            epoch=epoch,
            train_loss=losses / seen,
            train_accuracy=hits / seen,
            val_loss=float(functional.cross_entropy(logits, truth)),
            val_accuracy=float((logits.argmax(dim=1) == truth).double().mean()),
            learning_rate=float(self.optimiser.param_groups[0]["lr"]),
            seconds=time.monotonic() - started,
        )

    def _learn(self, rows: NDArray[np.int64]) -> tuple[float, int]:
        """Take one optimiser step; return the loss and the number of correct images."""
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate()
        images = to_tensor(self.data.train.pixels[rows])
        if self.config.augmentation != "none":
            strength = STRENGTHS[self.config.augmentation]
            flip = self.config.horizontal_flip
            images = augment(images, strength, self.generator, flip=flip)
        truth = torch.from_numpy(self.data.train.labels[rows])
        logits, _ = self.classifier(images.contiguous(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits, truth, label_smoothing=self.config.label_smoothing)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.step += 1
        self._average()
        return float(loss.detach()), int((logits.argmax(dim=1) == truth).sum())

    def _learning_rate(self) -> float:
        """Warm up, then fall along a half cosine."""
        share = self.step / self.total_steps
        warm = min(1.0, (self.step + 1) / max(1.0, _WARM_UP * self.total_steps))
        return self.config.learning_rate * warm * 0.5 * (1.0 + math.cos(math.pi * share))

    def _average(self) -> None:
        """Follow the weights; early steps count less, because the weights still move far."""
        if self.averaged is self.classifier:
            return
        decay = min(self.config.weight_averaging, (1 + self.step) / (10 + self.step))
        current = self.classifier.state_dict()
        with torch.no_grad():
            for name, value in self.averaged.state_dict().items():
                if value.dtype.is_floating_point:
                    value.mul_(decay).add_(current[name], alpha=1.0 - decay)
                else:
                    value.copy_(current[name])

    def _freeze(self, frozen: bool) -> None:
        for parameter in self.classifier.backbone.parameters():
            parameter.requires_grad_(not frozen)
        if frozen:
            # Batch statistics of frozen features must not move either.
            self.classifier.backbone.eval()


class _Sampler:
    """Draws batches of rows; after a warm start, new images fill a fixed share of them."""

    def __init__(self, config: ClassificationConfig, data: TrainingData) -> None:
        self.count = len(data.train.labels)
        self.batch_size = min(config.batch_size, self.count)
        self.num_batches = max(1, self.count // self.batch_size)
        self.random = np.random.default_rng(config.seed)
        self.new, self.old = np.array([], dtype=np.int64), np.arange(self.count)
        self.num_new = 0
        if data.is_new is not None and data.is_new.any() and not data.is_new.all():
            self.new, self.old = np.flatnonzero(data.is_new), np.flatnonzero(~data.is_new)
            natural = len(self.new) / self.count
            share = max(natural, config.new_image_share)
            self.num_new = round(share * self.num_batches * self.batch_size)

    def draw(self) -> Iterator[NDArray[np.int64]]:
        """Yield the rows of every batch of one epoch."""
        total = self.num_batches * self.batch_size
        rows = np.concatenate(
            [_cycle(self.new, self.num_new, self.random),
             _cycle(self.old, total - self.num_new, self.random)]
        )  # fmt: skip
        yield from np.split(self.random.permutation(rows), self.num_batches)


def _cycle(rows: NDArray[np.int64], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw ``count`` rows so that none is drawn twice before all were drawn once."""
    if count == 0:
        return np.array([], dtype=np.int64)
    rounds = [random.permutation(rows) for _ in range(-(-count // len(rows)))]
    return np.concatenate(rounds)[:count]


def _begin(
    config: ClassificationConfig, labels: Sequence[str], checkpoint: Path | None
) -> Classifier:
    if checkpoint is not None:
        classifier = load_checkpoint(checkpoint, dropout=config.dropout, labels=labels)
    else:
        classifier = build_classifier(
            labels,
            weights=config.weights,
            dropout=config.dropout,
            image_size=config.image_size,
        )
    # Convolutions on CPUs are 10 to 60 % faster in this memory layout.
    classifier.to(memory_format=torch.channels_last)
    return classifier


def _parameter_groups(classifier: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Decay weights only: shrinking biases and normalisation scales helps nothing."""
    parameters = list(classifier.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _predict(classifier: nn.Module, pixels: NDArray[np.uint8]) -> Tensor:
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pixels), _EVALUATION_BATCH):
            images = to_tensor(pixels[start : start + _EVALUATION_BATCH])
            parts.append(classifier(images.contiguous(memory_format=torch.channels_last))[0])
    return torch.cat(parts)
