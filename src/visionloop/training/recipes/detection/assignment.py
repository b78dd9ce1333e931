"""Decide which cells answer for which object, and what their answers cost.

SimOTA of YOLOX (Ge et al. 2021, section 2.1): an object takes the cells that already predict it
best; how many follows from how well they overlap it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from visionloop.training.recipes.detection.boxes import generalized_iou, pairwise_iou
from visionloop.training.recipes.detection.light_network import RawDetections

_CENTER_RADIUS = 2.5
_IOU_COST = 3.0
_OUTSIDE_COST = 1e5
_CANDIDATES = 10
_BOX_WEIGHT = 5.0


class HasBoxes(Protocol):
    """The objects of an image, as far as boxes and classes go."""

    @property
    def boxes(self) -> Tensor:
        """(G, 4) xyxy, input pixels."""

    @property
    def classes(self) -> Tensor:
        """(G,) int64."""


@dataclass(frozen=True)
class BoxTargets:
    """The objects of one image: boxes (G, 4) xyxy input pixels, classes (G,) int64."""

    boxes: Tensor
    classes: Tensor


@dataclass(frozen=True)
class Assignment:
    """Cells (P,) that answer for objects (P,), and the overlap (P,) of their boxes."""

    cells: Tensor
    objects: Tensor
    overlaps: Tensor


def assign(raw: RawDetections, image: int, targets: HasBoxes) -> Assignment:
    """Assign cells of one image to its objects; nothing is learned through the choice."""
    with torch.no_grad():
        return _assign(raw, image, targets)


def _assign(raw: RawDetections, image: int, targets: HasBoxes) -> Assignment:
    near, central = _candidates(raw, targets.boxes)
    cells = near.any(dim=1).nonzero().squeeze(1)
    if len(targets.boxes) == 0 or len(cells) == 0:
        nothing = torch.zeros(0, dtype=torch.int64, device=raw.boxes.device)
        return Assignment(nothing, nothing, nothing.float())
    overlaps = pairwise_iou(raw.boxes[image, cells], targets.boxes)
    joint = raw.classes[image, cells].sigmoid() * raw.objectness[image, cells, None].sigmoid()
    wrong = functional.binary_cross_entropy(
        joint.sqrt()[:, None].expand(-1, len(targets.boxes), -1),
        functional.one_hot(targets.classes, joint.shape[1]).float()[None].expand(
            len(cells), -1, -1
        ),
        reduction="none",
    ).sum(dim=2)  # fmt: skip
    cost = wrong - _IOU_COST * (overlaps + 1e-8).log() + _OUTSIDE_COST * ~central[cells]
    chosen = _choose(cost, overlaps)
    rows, objects = chosen.nonzero(as_tuple=True)
    return Assignment(cells[rows], objects, overlaps[rows, objects])


def assign_all(raw: RawDetections, targets: Sequence[HasBoxes]) -> list[Assignment]:
    """Assign the cells of N images to their objects."""
    return [assign(raw, row, target) for row, target in enumerate(targets)]


def detection_loss(
    raw: RawDetections, targets: Sequence[HasBoxes], found: Sequence[Assignment] | None = None
) -> dict[str, Tensor]:
    """Return the parts of the loss of a batch; their sum is what training lowers.

    Args:
        raw: of N images.
        targets: N.
        found: their assignments, where they are known already.
    """
    found = assign_all(raw, targets) if found is None else found
    count = max(1, sum(len(item.cells) for item in found))
    wanted = torch.zeros_like(raw.objectness)
    images = torch.cat([torch.full_like(item.cells, row) for row, item in enumerate(found)])
    cells = torch.cat([item.cells for item in found])
    wanted[images, cells] = 1.0
    boxes = torch.cat([t.boxes[item.objects] for t, item in zip(targets, found, strict=True)])
    labels = torch.cat([t.classes[item.objects] for t, item in zip(targets, found, strict=True)])
    overlaps = torch.cat([item.overlaps for item in found])
    logits = raw.classes[images, cells]
    classes = functional.one_hot(labels, logits.shape[1]) * overlaps[:, None]
    return {
        "box": _BOX_WEIGHT * (1.0 - generalized_iou(raw.boxes[images, cells], boxes)).sum() / count,
        "objectness": _cross_entropy(raw.objectness, wanted) / count,
        "class": _cross_entropy(logits, classes) / count,
    }


def _cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")


def _candidates(raw: RawDetections, boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Return (A, G) masks: cells inside the box or near its centre, and cells that are both."""
    x, y = raw.centers[:, :1], raw.centers[:, 1:]
    left, top, right, bottom = boxes.T
    inside = (x > left) & (x < right) & (y > top) & (y < bottom)
    reach = _CENTER_RADIUS * raw.strides[:, None]
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    central = ((x - middle_x).abs() < reach) & ((y - middle_y).abs() < reach)
    return inside | central, inside & central


def _choose(cost: Tensor, overlaps: Tensor) -> Tensor:
    """Return the (P, G) choice: each object its cheapest cells, each cell one object."""
    num_candidates = min(_CANDIDATES, len(cost))
    best = overlaps.topk(num_candidates, dim=0).values
    quota = best.sum(dim=0).int().clamp(min=1)
    ranks = cost.argsort(dim=0).argsort(dim=0)
    chosen = ranks < quota[None]
    several = chosen.sum(dim=1) > 1
    if several.any():
        cheapest = cost[several].argmin(dim=1)
        chosen[several] = functional.one_hot(cheapest, cost.shape[1]).bool()
    return chosen
