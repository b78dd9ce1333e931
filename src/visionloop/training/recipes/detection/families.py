"""How each family of detectors is taught and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from visionloop.training.recipes.detection.assignment import BoxTargets, detection_loss
from visionloop.training.recipes.detection.suppression import select_objects
from visionloop.training.recipes.detection.transformers_network import TransformersDetector


@dataclass(frozen=True)
class Selection:
    """What a detector says about a batch.

    Attributes:
        presence: (N, C), the surest score of each class.
        embedding: (N, D).
        boxes: (N, K, 4) xyxy, input pixels.
        scores: (N, K) falling, 0 where there are fewer than K objects.
        classes: (N, K) int64.
    """

    presence: Tensor
    embedding: Tensor
    boxes: Tensor
    scores: Tensor
    classes: Tensor


class Family(Protocol):
    """A family, with its settings."""

    def loss(
        self, network: nn.Module, images: Tensor, targets: Sequence[BoxTargets]
    ) -> dict[str, Tensor]:
        """Return the parts of the loss; their sum is what training lowers."""

    def select(self, network: nn.Module, images: Tensor) -> Selection:
        """Return the objects of (N, 3, H, W) images in [0, 1]."""


@dataclass(frozen=True)
class LightFamily:
    """The light detector: one box a cell, of which overlapping ones are dropped."""

    overlap: float
    max_objects: int

    def loss(
        self, network: nn.Module, images: Tensor, targets: Sequence[BoxTargets]
    ) -> dict[str, Tensor]:
        """Assign cells to objects and return what their answers cost."""
        return detection_loss(network(images), targets)

    def select(self, network: nn.Module, images: Tensor) -> Selection:
        """Keep the best of boxes that overlap."""
        raw = network(images)
        scores = raw.classes.sigmoid() * raw.objectness.sigmoid().unsqueeze(2)
        chosen = select_objects(
            raw.boxes, scores, overlap=self.overlap, max_objects=self.max_objects
        )
        return Selection(torch.amax(scores, dim=1), raw.embedding, *chosen)


@dataclass(frozen=True)
class TransformersFamily:
    """Detectors with queries: their own loss, and the best of a fixed number of answers."""

    max_objects: int

    def loss(
        self, network: nn.Module, images: Tensor, targets: Sequence[BoxTargets]
    ) -> dict[str, Tensor]:
        """Let the model match its queries with the objects."""
        height, width = images.shape[2:]
        scale = torch.tensor([width, height, width, height], device=images.device)
        labels = [
            {"class_labels": item.classes, "boxes": _centred(item.boxes / scale)}
            for item in targets
        ]
        output = network(images, labels)
        return {"model": output.loss}

    def select(self, network: nn.Module, images: Tensor) -> Selection:
        """Take the highest scores over queries and classes."""
        output: Any = network(images)
        scores = output.logits.sigmoid()
        num_classes = scores.shape[2]
        count = min(self.max_objects, scores.shape[1] * num_classes)
        best, places = scores.flatten(1).topk(count, dim=1)
        queries = torch.div(places, num_classes, rounding_mode="floor")
        boxes = output.pred_boxes.gather(1, queries.unsqueeze(2).expand(-1, -1, 4))
        middle, half = boxes[..., :2], boxes[..., 2:] / 2
        corners = torch.cat([middle - half, middle + half], dim=2)
        height, width = images.shape[2:]
        scale = torch.tensor([width, height, width, height], dtype=corners.dtype)
        return Selection(
            presence=torch.amax(scores, dim=1),
            embedding=output.last_hidden_state.mean(dim=1),
            boxes=corners * scale.to(corners.device),
            scores=best,
            classes=places - queries * num_classes,
        )


def family_of(network: nn.Module, *, overlap: float, max_objects: int) -> Family:
    """Return the family of a network."""
    if isinstance(network, TransformersDetector):
        return TransformersFamily(max_objects)
    return LightFamily(overlap, max_objects)


def _centred(boxes: Tensor) -> Tensor:
    """Turn xyxy into centre and size."""
    low, high = boxes[:, :2], boxes[:, 2:]
    return torch.cat([(low + high) / 2, high - low], dim=1)
