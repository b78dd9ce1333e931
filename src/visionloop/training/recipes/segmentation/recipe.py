"""A class for every pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn import functional

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.evaluation.parity import Parity
from visionloop.evaluation.regions.entities import IGNORED
from visionloop.evaluation.regions.judging import confuse, overlap_of
from visionloop.evaluation.regions.painting import paint_labels
from visionloop.training.configs import SegmentationConfig
from visionloop.training.packaging import CHECKPOINT_FOLDER
from visionloop.training.recipes.augmentation import move
from visionloop.training.recipes.graphs import as_images, export_served
from visionloop.training.recipes.interface import (
    Metrics,
    Progress,
    Rows,
    TrainedModel,
    TrainingData,
)
from visionloop.training.recipes.loop import fit
from visionloop.training.recipes.moving_boxes import BoxAugmentation, change_images, draw_matrices
from visionloop.training.recipes.pixels import in_batches, to_tensor
from visionloop.training.recipes.sampling import Sampler
from visionloop.training.recipes.segmentation.networks import (
    Segmenter,
    build_segmenter,
    load_segmenter,
    save_segmenter,
)


@dataclass(frozen=True)
class RegionBatch:
    """Images (N, 3, H, W) in [0, 1] and their label maps (N, H, W) int64."""

    images: Tensor
    maps: Tensor


class SegmentationLearner:
    """Cross-entropy and Dice of pixels; the epoch with the highest mIoU is the best."""

    def __init__(self, config: SegmentationConfig, data: TrainingData, network: Segmenter) -> None:
        self.config, self.data = config, data
        self.network: nn.Module = network
        self.backbone = network.backbone
        where = (data.labels, config.preprocessing)
        self.train_maps = paint_inputs(data.train.examples, *where)
        self.validation_maps = paint_inputs(data.validation.examples, *where)
        self.augmentation = BoxAugmentation(
            config.augmentation, config.horizontal_flip, config.vertical_flip, rotation=8.0
        )

    def make_batch(self, rows: Rows, generator: Generator) -> RegionBatch:
        """Return images and label maps, moved together."""
        images = to_tensor(self.data.train.pixels[rows])
        maps = torch.from_numpy(self.train_maps[rows])
        matrices = draw_matrices(len(rows), self.augmentation, generator)
        changed = change_images(images, matrices, self.augmentation, generator)
        return RegionBatch(
            changed.contiguous(memory_format=torch.channels_last), move_maps(maps, matrices)
        )

    def loss(self, network: nn.Module, batch: RegionBatch) -> tuple[Tensor, Metrics]:
        """Return the loss at the resolution of the input."""
        logits, _ = network(batch.images)
        large = functional.interpolate(
            logits.float(), size=batch.maps.shape[1:], mode="bilinear", align_corners=False
        )
        entropy = functional.cross_entropy(large, batch.maps, ignore_index=IGNORED)
        dice = dice_loss(large, batch.maps)
        numbers = {"entropy_loss": entropy.item(), "dice_loss": dice.item()}
        return entropy + dice, numbers

    def validate(self, network: nn.Module) -> Metrics:
        """Return mIoU over the labeled classes and the share of right pixels."""
        found = predict_maps(network, self.data.validation.pixels)
        counts = confuse(self.validation_maps.ravel(), found.ravel(), len(self.data.labels))
        iou, _ = overlap_of(counts)
        occurs = counts.sum(axis=1) > 0
        occurs[0] = False
        score = float(np.nan_to_num(iou[occurs]).mean()) if occurs.any() else 0.0
        right = float(np.diag(counts).sum() / max(1, counts.sum()))
        return {"val_miou": score, "val_pixel_accuracy": right}

    def rank(self, metrics: Metrics) -> tuple[float, ...]:
        """Prefer overlap; pixels of large regions count no more than those of small ones."""
        return metrics["val_miou"], metrics["val_pixel_accuracy"]


class ServedSegmenter(nn.Module):  # type: ignore[misc]
    """What an endpoint runs: pixels in; label map, share of each class and embedding out."""

    def __init__(self, segmenter: Segmenter) -> None:
        super().__init__()
        self.segmenter = segmenter

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map (N, H, W, 3) uint8 to probabilities (N, C), embedding (N, D), mask (N, H, W) uint8.

        The probability of a class is the highest that any pixel gives it.
        """
        logits, embedding = self.segmenter(as_images(images))
        surest = torch.softmax(logits, dim=1).amax(dim=(2, 3))[:, 1:]
        large = functional.interpolate(
            logits, size=images.shape[1:3], mode="bilinear", align_corners=False
        )
        return surest, embedding, large.argmax(dim=1).to(torch.uint8)


class SegmentationRecipe:
    """Trains, saves and exports semantic segmenters."""

    @staticmethod
    def train(
        config: SegmentationConfig,
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
        if checkpoint is not None:
            network = load_segmenter(checkpoint, data.labels)
        else:
            network = build_segmenter(
                data.labels, weights=config.weights, image_size=config.image_size
            )
        learner = SegmentationLearner(config, data, network)
        shown = [tuple(int(value) for value in np.unique(item)) for item in learner.train_maps]
        sampler = Sampler(config, len(data.train), is_new=data.is_new, class_sets=shown)
        return fit(learner, config, sampler, progress)

    @staticmethod
    def save(trained: TrainedModel, folder: Path) -> None:
        """Write the checkpoint that export reads and that later runs begin from."""
        network: Any = trained.network
        save_segmenter(network, folder)

    @staticmethod
    def export(package: Path, config: SegmentationConfig, images: NDArray[np.uint8]) -> Parity:
        """Export the checkpoint of a package folder and prove that both give the same."""
        segmenter = load_segmenter(package / CHECKPOINT_FOLDER)
        return export_served(
            ServedSegmenter(segmenter),
            package,
            images,
            task="semantic_segmentation",
            labels=segmenter.facts.labels,
            preprocessing=config.preprocessing,
        )


def paint_inputs(
    examples: tuple[Example, ...], labels: tuple[str, ...], preprocessing: Preprocessing
) -> NDArray[np.int64]:
    """Return (N, H, W) label maps in input pixels; what a letterbox adds is ignored."""
    size = (preprocessing.height, preprocessing.width)
    result = np.full((len(examples), *size), IGNORED, dtype=np.int64)
    for row, example in enumerate(examples):
        placement = preprocessing.placement(example.height, example.width)
        painted = paint_labels(example, labels, size=size, placement=placement)
        whole = np.array([[0.0, 0.0, example.width, example.height]])
        x1, y1, x2, y2 = np.clip(np.round(placement.to_input(whole)[0]), 0, size[0]).astype(int)
        result[row, y1:y2, x1:x2] = painted[y1:y2, x1:x2]
    return result


def move_maps(maps: Tensor, matrices: Tensor) -> Tensor:
    """Move (N, H, W) label maps; what comes from beyond the border is ignored."""
    # Zero is what is filled in, so values are shifted by one on the way.
    shifted = (maps + 1).unsqueeze(1).float()
    moved = move(shifted, matrices, mode="nearest", padding="zeros").squeeze(1).long()
    return torch.where(moved == 0, torch.full_like(moved, IGNORED), moved - 1)


def dice_loss(logits: Tensor, maps: Tensor) -> Tensor:
    """Return 1 minus the mean soft Dice of the classes in a batch.

    Args:
        logits: (N, C + 1, H, W).
        maps: (N, H, W) with IGNORED pixels.
    """
    known = maps != IGNORED
    truth = functional.one_hot(torch.where(known, maps, 0), logits.shape[1]).permute(0, 3, 1, 2)
    truth = truth * known.unsqueeze(1)
    likely = torch.softmax(logits, dim=1) * known.unsqueeze(1)
    shared = (likely * truth).sum(dim=(0, 2, 3))
    total = likely.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    occurs = truth.sum(dim=(0, 2, 3)) > 0
    dice = 2 * shared[occurs] / total[occurs].clamp(min=1.0)
    return 1.0 - dice.mean() if occurs.any() else logits.sum() * 0.0


def predict_maps(network: nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the (N, H, W) label maps of (N, H, W, 3) images."""
    parts = []
    with torch.inference_mode():
        for images in in_batches(pixels, network, size=16):
            logits, _ = network(images)
            large = functional.interpolate(
                logits.float(), size=images.shape[2:], mode="bilinear", align_corners=False
            )
            parts.append(large.argmax(dim=1).to(torch.uint8).cpu().numpy())
    return np.concatenate(parts)
