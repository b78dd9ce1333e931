"""What a task brings to the shared loop, and what the training job asks of a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from visionloop.evaluation.parity import Parity
from visionloop.training.images import ImageSet

Metrics = Mapping[str, float]
Rows = NDArray[np.int64]


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
class EpochRecord:
    """What one pass over the training images brought: "train_...", "val_...", seconds."""

    epoch: int
    metrics: Metrics


@dataclass(frozen=True)
class Progress:
    """How a training tells how far it is, and where it keeps what it needs to go on.

    Attributes:
        on_step: called after every step with the share done; may raise to stop.
        on_epoch: called after every epoch, and after a resume for every epoch before it.
        state_path: file that a killed training resumes from; None to keep none.
        save_every_s: least time between two states; one is written after every epoch as well.
    """

    on_step: Callable[[float], None] | None = None
    on_epoch: Callable[[EpochRecord], None] | None = None
    state_path: Path | None = None
    save_every_s: float = 30.0


@dataclass(frozen=True)
class TrainedModel:
    """The weights of the best epoch and how they came about.

    Attributes:
        network: in evaluation mode, on the CPU.
        facts: what the recipe wants to remember, e.g. a temperature or operating thresholds.
        num_threads: that torch used, for the phases after it.
    """

    network: nn.Module
    best_epoch: int
    history: tuple[EpochRecord, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    num_threads: int = 1


class Learner(Protocol):
    """A task, as the loop sees it.

    Attributes:
        network: what learns.
        backbone: the part that stays as it is while the head alone learns.
    """

    network: nn.Module
    backbone: nn.Module

    def make_batch(self, rows: Rows, generator: Generator) -> Any:
        """Return the augmented images and targets of some training images, on the CPU."""

    def loss(self, network: nn.Module, batch: Any) -> tuple[Tensor, Metrics]:
        """Return what training lowers, and numbers about the batch as means over its images."""

    def validate(self, network: nn.Module) -> Metrics:
        """Judge a network on the validation images; names begin with "val_"."""

    def rank(self, metrics: Metrics) -> tuple[float, ...]:
        """Return what the best epoch has the most of."""


class RecipeImplementation(Protocol):
    """A recipe, as the training job uses it."""

    def train(
        self, config: Any, data: TrainingData, *, checkpoint: Path | None, progress: Progress
    ) -> TrainedModel:
        """Train and keep the epoch that is best on the validation images."""

    def save(self, trained: TrainedModel, folder: Path) -> None:
        """Write the checkpoint that export reads and that later runs begin from."""

    def export(self, package: Path, config: Any, images: NDArray[np.uint8]) -> Parity:
        """Export the checkpoint of a package folder and prove that both give the same."""
