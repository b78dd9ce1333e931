"""True masks of objects at the resolution of the prototypes, moved with their images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.evaluation.objects.truth import is_set, placed_annotations
from visionloop.evaluation.regions.painting import paint_mask
from visionloop.training.recipes.augmentation import move
from visionloop.training.recipes.detection.assignment import Assignment
from visionloop.training.recipes.detection.masked_network import (
    MASK_STRIDE,
    RawInstances,
    inside_boxes,
)

_MIN_SIDE = 1.0
# More positive cells of an image teach the masks nothing new.
_MAX_CELLS = 48


@dataclass(frozen=True)
class InstanceTargets:
    """The objects of one image: boxes (G, 4) input pixels, classes (G,), masks (G, h, w) uint8."""

    boxes: Tensor
    classes: Tensor
    masks: Tensor


def instance_targets(
    examples: Sequence[Example], labels: Sequence[str], preprocessing: Preprocessing
) -> list[InstanceTargets]:
    """Return the objects of every image; crowds are not taught."""
    return [_of_image(example, labels, preprocessing) for example in examples]


def move_masks(masks: Tensor, matrix: Tensor) -> Tensor:
    """Move the (G, h, w) masks of one image by its (2, 3) matrix."""
    if not len(masks):
        return masks
    matrices = matrix.unsqueeze(0).expand(len(masks), -1, -1)
    moved = move(masks.unsqueeze(1).float(), matrices, padding="zeros").squeeze(1)
    return (moved > 0.5).to(masks.dtype)


def mask_loss(
    raw: RawInstances, targets: Sequence[InstanceTargets], found: Sequence[Assignment]
) -> Tensor:
    """Return the cross-entropy inside the true boxes, each object with the same weight."""
    losses = []
    for row, (target, assigned) in enumerate(zip(targets, found, strict=True)):
        cells, objects = assigned.cells[:_MAX_CELLS], assigned.objects[:_MAX_CELLS]
        if not len(cells):
            continue
        prototypes = raw.prototypes[row]
        logits = torch.einsum("kp,phw->khw", raw.coefficients[row, cells], prototypes)
        truth = target.masks[objects].float()
        inside = _inside(target.boxes[objects], truth)
        entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
        losses.append((entropy * inside).sum(dim=(1, 2)) / inside.sum(dim=(1, 2)).clamp(min=1.0))
    if not losses:
        return raw.prototypes.sum() * 0.0
    return torch.cat(losses).mean()


def _inside(boxes: Tensor, masks: Tensor) -> Tensor:
    return inside_boxes(boxes.unsqueeze(0), masks.shape[1], masks.shape[2]).squeeze(0)


def _of_image(
    example: Example, labels: Sequence[str], preprocessing: Preprocessing
) -> InstanceTargets:
    index = {label: position for position, label in enumerate(labels)}
    size = preprocessing.height // MASK_STRIDE
    small = Preprocessing(size, size, resize=preprocessing.resize)
    where = small.placement(example.height, example.width)
    placement = preprocessing.placement(example.height, example.width)
    boxes, classes, masks = [], [], []
    for annotation, box in placed_annotations(example):
        if is_set(annotation, "iscrowd"):
            continue
        placed = np.clip(placement.to_input(np.array([box]))[0], 0.0, preprocessing.width)
        if min(placed[2] - placed[0], placed[3] - placed[1]) < _MIN_SIDE:
            continue
        boxes.append(placed)
        classes.append(index[annotation.category])
        masks.append(paint_mask(annotation, size, size, placement=where))
    stacked = np.array(masks, dtype=np.uint8).reshape(len(masks), size, size)
    return InstanceTargets(
        torch.from_numpy(np.array(boxes, dtype=np.float32).reshape(-1, 4)),
        torch.tensor(classes, dtype=torch.int64),
        torch.from_numpy(stacked),
    )
