"""Boxes with masks."""

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
from visionloop.evaluation.objects.masks import encode_masks
from visionloop.evaluation.objects.thresholds import choose_thresholds
from visionloop.evaluation.parity import Parity
from visionloop.training.configs import DetectionConfig
from visionloop.training.packaging import CHECKPOINT_FOLDER
from visionloop.training.recipes.detection.assignment import assign_all, detection_loss
from visionloop.training.recipes.detection.masked_network import inside_boxes, mix_masks
from visionloop.training.recipes.detection.networks import (
    LIGHT_MASKS,
    DetectorFacts,
    build_detector,
    load_detector,
    save_detector,
)
from visionloop.training.recipes.detection.pretrained import restore_normalisation
from visionloop.training.recipes.detection.suppression import select_rows
from visionloop.training.recipes.detection.targets import check_objects
from visionloop.training.recipes.graphs import as_images, export_served
from visionloop.training.recipes.instances.masks import (
    InstanceTargets,
    instance_targets,
    mask_loss,
    move_masks,
)
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
class InstanceBatch:
    """Images (N, 3, H, W) in [0, 1] and their objects."""

    images: Tensor
    targets: list[InstanceTargets]


class ServedInstances(nn.Module):  # type: ignore[misc]
    """What an endpoint runs: pixels in; objects with masks and the embedding out."""

    def __init__(self, detector: nn.Module, *, overlap: float, max_objects: int) -> None:
        super().__init__()
        self.detector, self.overlap, self.max_objects = detector, overlap, max_objects

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Map (N, H, W, 3) uint8 images to what the instance segmentation task returns.

        Returns:
            probabilities (N, C), embedding (N, D), boxes (N, K, 4) in input pixels, scores (N, K),
            classes (N, K), masks (N, K, H / 4, W / 4) uint8: 255 times the probability, 0 outside
            the box.
        """
        return self.answer(as_images(images))

    def answer(self, images: Tensor) -> tuple[Tensor, ...]:
        """Do the same from (N, 3, H, W) images in [0, 1]."""
        raw = self.detector(images)
        scores = raw.boxes.classes.sigmoid() * raw.boxes.objectness.sigmoid().unsqueeze(2)
        best, classes, rows = select_rows(
            raw.boxes.boxes, scores, overlap=self.overlap, max_objects=self.max_objects
        )
        boxes = raw.boxes.boxes.gather(1, rows.unsqueeze(2).expand(-1, -1, 4))
        width = raw.coefficients.shape[2]
        mixed = raw.coefficients.gather(1, rows.unsqueeze(2).expand(-1, -1, width))
        masks = mix_masks(raw.prototypes, mixed).sigmoid()
        masks = masks * inside_boxes(boxes, masks.shape[2], masks.shape[3])
        levels = (masks * 255.0 + 0.5).to(torch.uint8)
        return torch.amax(scores, dim=1), raw.boxes.embedding, boxes, best, classes, levels


class InstanceLearner:
    """Boxes, classes and masks at once; the epoch with the highest mask AP is the best."""

    def __init__(self, config: DetectionConfig, data: TrainingData, network: nn.Module) -> None:
        self.config, self.data = config, data
        self.network: nn.Module = network
        self.backbone: Any = network.backbone
        where = (data.labels, config.preprocessing)
        self.targets = instance_targets(data.train.examples, *where)
        truth = instance_targets(data.validation.examples, *where)
        self.truth = [
            _as_objects(item.boxes, torch.ones(len(item.classes)), item.classes, item.masks * 255)
            for item in truth
        ]
        self.augmentation = BoxAugmentation(
            config.augmentation, config.horizontal_flip, config.vertical_flip
        )

    def make_batch(self, rows: Rows, generator: Generator) -> InstanceBatch:
        """Return images, boxes and masks, moved together."""
        images = to_tensor(self.data.train.pixels[rows])
        matrices = draw_matrices(len(rows), self.augmentation, generator)
        targets = []
        for row, matrix in zip(rows, matrices, strict=True):
            target = self.targets[row]
            boxes, kept = move_boxes(target.boxes, matrix, self.config.image_size)
            masks = move_masks(target.masks[kept], matrix)
            targets.append(InstanceTargets(boxes, target.classes[kept], masks))
        changed = change_images(images, matrices, self.augmentation, generator)
        return InstanceBatch(changed.contiguous(memory_format=torch.channels_last), targets)

    def loss(self, network: nn.Module, batch: InstanceBatch) -> tuple[Tensor, Metrics]:
        """Return the sum of the losses, and each of them."""
        raw = network(batch.images)
        found = assign_all(raw.boxes, batch.targets)
        parts = detection_loss(raw.boxes, batch.targets, found)
        parts["mask"] = self.config.mask_weight * mask_loss(raw, batch.targets, found)
        numbers = {f"{name}_loss": value.item() for name, value in parts.items()}
        return torch.stack(list(parts.values())).sum(), numbers

    def validate(self, network: nn.Module) -> Metrics:
        """Return COCO's AP of masks and boxes, in input pixels."""
        found, count = self.find(network), len(self.data.labels)
        masks = summarise(self.truth, found, count, by_mask=True).values
        boxes = summarise(self.truth, found, count).values
        return {
            "val_ap": max(0.0, masks["ap"]),
            "val_ap_50": max(0.0, masks["ap_50"]),
            "val_box_ap_50": max(0.0, boxes["ap_50"]),
        }

    def rank(self, metrics: Metrics) -> tuple[float, ...]:
        """Prefer AP over all thresholds; it is steadier than at one."""
        return metrics["val_ap"], metrics["val_box_ap_50"]

    def find(self, network: nn.Module) -> list[Objects]:
        """Return the objects that a network finds in the validation images."""
        served = ServedInstances(
            network, overlap=self.config.overlap, max_objects=self.config.max_objects
        )
        found: list[Objects] = []
        with torch.inference_mode():
            for images in in_batches(self.data.validation.pixels, network, size=8):
                _, _, *parts = (part.cpu() for part in served.answer(images))
                for boxes, scores, classes, masks in zip(*parts, strict=True):
                    shown = scores > 0
                    found.append(
                        _as_objects(boxes[shown], scores[shown], classes[shown], masks[shown])
                    )
        return found


class InstanceRecipe:
    """Trains, saves and exports instance segmenters."""

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
            DatasetUnfit: a class has no object that can be seen.
            TrainingDiverged: the loss is no longer a number.
        """
        torch.manual_seed(config.seed)
        learner = InstanceLearner(config, data, _begin(config, data, checkpoint))
        check_objects(learner.targets, data.labels)
        classes = [tuple(int(label) for label in item.classes) for item in learner.targets]
        sampler = Sampler(config, len(data.train), is_new=data.is_new, class_sets=classes)
        trained = fit(learner, config, sampler, progress)
        found = learner.find(trained.network)
        chosen = choose_thresholds(learner.truth, found, len(data.labels), by_mask=True)
        facts = DetectorFacts(
            family=LIGHT_MASKS,
            labels=data.labels,
            overlap=config.overlap,
            max_objects=config.max_objects,
            thresholds=dict(zip(data.labels, chosen.tolist(), strict=True)),
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
            ServedInstances(network, overlap=facts.overlap, max_objects=facts.max_objects),
            package,
            images,
            task="instance_segmentation",
            labels=facts.labels,
            preprocessing=config.preprocessing,
            thresholds=facts.thresholds,
        )


def _begin(config: DetectionConfig, data: TrainingData, checkpoint: Path | None) -> nn.Module:
    if checkpoint is not None:
        return load_detector(checkpoint, data.labels)[0]
    network, is_folded = build_detector(data.labels, config.weights, family=LIGHT_MASKS)
    if is_folded:
        step = max(1, len(data.train) // _NUM_TYPICAL)
        restore_normalisation(network, to_tensor(data.train.pixels[::step][:_NUM_TYPICAL]))
    return network


def _as_objects(boxes: Tensor, scores: Tensor, classes: Tensor, masks: Tensor) -> Objects:
    none = np.zeros(len(classes), dtype=bool)
    return Objects(
        boxes=boxes.double().numpy(),
        classes=classes.numpy(),
        scores=scores.double().numpy(),
        is_crowd=none,
        is_difficult=none,
        masks=encode_masks(masks.numpy() > 127),
    )
