"""Boxes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from visionloop.evaluation.objects.coco import summarise
from visionloop.evaluation.objects.entities import Objects
from visionloop.evaluation.objects.thresholds import choose_thresholds
from visionloop.evaluation.parity import Parity
from visionloop.training.configs import DetectionConfig
from visionloop.training.packaging import CHECKPOINT_FOLDER
from visionloop.training.recipes.detection.assignment import BoxTargets
from visionloop.training.recipes.detection.families import family_of
from visionloop.training.recipes.detection.networks import (
    LIGHT,
    TRANSFORMERS,
    DetectorFacts,
    build_detector,
    load_detector,
    save_detector,
)
from visionloop.training.recipes.detection.pretrained import restore_normalisation
from visionloop.training.recipes.detection.served import ServedDetector
from visionloop.training.recipes.detection.targets import box_targets, check_objects
from visionloop.training.recipes.detection.transformers_network import TransformersDetector
from visionloop.training.recipes.graphs import export_served
from visionloop.training.recipes.interface import (
    Metrics,
    Progress,
    Rows,
    TrainedModel,
    TrainingData,
)
from visionloop.training.recipes.loop import fit
from visionloop.training.recipes.moving_boxes import (
    BoxAugmentation,
    change_images,
    draw_matrices,
    move_boxes,
)
from visionloop.training.recipes.pixels import in_batches, to_tensor
from visionloop.training.recipes.sampling import Sampler

_NUM_TYPICAL = 32


@dataclass(frozen=True)
class BoxBatch:
    """Images (N, 3, H, W) in [0, 1] and their objects."""

    images: Tensor
    targets: list[BoxTargets]


class DetectionLearner:
    """Boxes, objectness and classes at once; the epoch with the highest AP is the best."""

    def __init__(self, config: DetectionConfig, data: TrainingData, network: nn.Module) -> None:
        self.config, self.data = config, data
        self.network: nn.Module = network
        self.backbone: Any = network.backbone
        self.family = family_of(network, overlap=config.overlap, max_objects=config.max_objects)
        where = (data.labels, config.preprocessing)
        self.targets = box_targets(data.train.examples, *where)
        self.truth = [_as_objects(item) for item in box_targets(data.validation.examples, *where)]
        self.augmentation = BoxAugmentation(
            config.augmentation, config.horizontal_flip, config.vertical_flip
        )

    def make_batch(self, rows: Rows, generator: Generator) -> BoxBatch:
        """Return images and boxes, moved together."""
        images = to_tensor(self.data.train.pixels[rows])
        matrices = draw_matrices(len(rows), self.augmentation, generator)
        targets = []
        for row, matrix in zip(rows, matrices, strict=True):
            target = self.targets[row]
            boxes, kept = move_boxes(target.boxes, matrix, self.config.image_size)
            targets.append(BoxTargets(boxes, target.classes[kept]))
        changed = change_images(images, matrices, self.augmentation, generator)
        return BoxBatch(changed.contiguous(memory_format=torch.channels_last), targets)

    def loss(self, network: nn.Module, batch: BoxBatch) -> tuple[Tensor, Metrics]:
        """Return the sum of the losses, and each of them."""
        parts = self.family.loss(network, batch.images, batch.targets)
        numbers = {f"{name}_loss": float(value.detach()) for name, value in parts.items()}
        return torch.stack(list(parts.values())).sum(), numbers

    def validate(self, network: nn.Module) -> Metrics:
        """Return COCO's AP, in input pixels."""
        found = self.find(network)
        coco = summarise(self.truth, found, len(self.data.labels)).values
        return {"val_ap": max(0.0, coco["ap"]), "val_ap_50": max(0.0, coco["ap_50"])}

    def rank(self, metrics: Metrics) -> tuple[float, ...]:
        """Prefer AP over all thresholds; it is steadier than at one."""
        return (metrics["val_ap"],)

    def find(self, network: nn.Module) -> list[Objects]:
        """Return the objects that a network finds in the validation images."""
        found: list[Objects] = []
        with torch.inference_mode():
            for images in in_batches(self.data.validation.pixels, network, size=16):
                chosen = self.family.select(network, images)
                parts = (chosen.boxes.cpu(), chosen.scores.cpu(), chosen.classes.cpu())
                found.extend(_as_found(*row) for row in zip(*parts, strict=True))
        return found


class DetectionRecipe:
    """Trains, saves and exports detectors."""

    @staticmethod
    def train(
        config: DetectionConfig,
        data: TrainingData,
        *,
        checkpoint: Path | None = None,
        progress: Progress | None = None,
    ) -> TrainedModel:
        """Train and keep the epoch that is best on the validation images.

        Raises:
            CheckpointUnusable: the weights or the checkpoint cannot be loaded.
            DatasetUnfit: a class has no box that can be seen.
            TrainingDiverged: the loss is no longer a number.
        """
        torch.manual_seed(config.seed)
        network = _begin(config, data, checkpoint)
        learner = DetectionLearner(config, data, network)
        check_objects(learner.targets, data.labels)
        classes = [tuple(int(label) for label in item.classes) for item in learner.targets]
        sampler = Sampler(config, len(data.train), is_new=data.is_new, class_sets=classes)
        trained = fit(learner, config, sampler, progress)
        thresholds = choose_thresholds(
            learner.truth, learner.find(trained.network), len(data.labels)
        )
        facts = DetectorFacts(
            family=TRANSFORMERS if isinstance(network, TransformersDetector) else LIGHT,
            labels=data.labels,
            overlap=config.overlap,
            max_objects=config.max_objects,
            thresholds=dict(zip(data.labels, thresholds.tolist(), strict=True)),
        )
        return TrainedModel(**{**vars(trained), "facts": vars(facts)})

    @staticmethod
    def save(trained: TrainedModel, folder: Path) -> None:
        """Write the checkpoint that export reads and that later runs begin from."""
        save_detector(trained.network, DetectorFacts(**trained.facts), folder)

    @staticmethod
    def export(package: Path, config: DetectionConfig, images: NDArray[np.uint8]) -> Parity:
        """Export the checkpoint of a package folder and prove that both give the same."""
        network, facts = load_detector(package / CHECKPOINT_FOLDER)
        return export_served(
            ServedDetector(
                network,
                family_of(network, overlap=facts.overlap, max_objects=facts.max_objects),
            ),
            package,
            images,
            task="detection",
            labels=facts.labels,
            preprocessing=config.preprocessing,
            thresholds=facts.thresholds,
        )


def _begin(config: DetectionConfig, data: TrainingData, checkpoint: Path | None) -> nn.Module:
    if checkpoint is not None:
        return load_detector(checkpoint, data.labels)[0]
    network, is_folded = build_detector(data.labels, config.weights)
    if is_folded:
        step = max(1, len(data.train) // _NUM_TYPICAL)
        typical = data.train.pixels[::step][:_NUM_TYPICAL]
        restore_normalisation(network, to_tensor(typical))
    return network


def _as_objects(target: BoxTargets) -> Objects:
    none = np.zeros(len(target.classes), dtype=bool)
    return Objects(
        target.boxes.double().numpy(), target.classes.numpy(), np.ones(len(none)), none, none
    )


def _as_found(boxes: Tensor, scores: Tensor, classes: Tensor) -> Objects:
    shown = scores > 0
    none = np.zeros(int(shown.sum()), dtype=bool)
    return Objects(
        boxes[shown].double().numpy(),
        classes[shown].numpy(),
        scores[shown].double().numpy(),
        none,
        none,
    )
