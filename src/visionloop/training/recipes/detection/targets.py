"""From labeled examples to what a detector is taught."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.evaluation.objects.truth import true_objects
from visionloop.training.errors import DatasetUnfit
from visionloop.training.recipes.detection.assignment import BoxTargets

# Smaller than this in the input nothing can be seen of an object.
_MIN_SIDE = 1.0


def box_targets(
    examples: Sequence[Example], labels: Sequence[str], preprocessing: Preprocessing
) -> list[BoxTargets]:
    """Return the objects of every image in input pixels; crowds are not taught."""
    return [_of_image(example, labels, preprocessing) for example in examples]


class HasClasses(Protocol):
    """Objects of an image, as far as their classes go."""

    @property
    def classes(self) -> Tensor:
        """(G,) int64."""


def check_objects(targets: Sequence[HasClasses], labels: Sequence[str]) -> None:
    """Refuse to teach a class that no training image shows at a size that can be seen.

    Raises:
        DatasetUnfit: there is such a class.
    """
    shown = {int(label) for target in targets for label in target.classes}
    missing = [label for row, label in enumerate(labels) if row not in shown]
    if missing:
        raise DatasetUnfit(
            f"no training image shows a box of {', '.join(missing)} of at least "
            f"{_MIN_SIDE:g} pixel at this image_size; raise image_size, or draw boxes",
            classes=missing,
        )


def _of_image(example: Example, labels: Sequence[str], preprocessing: Preprocessing) -> BoxTargets:
    objects = true_objects(example, labels)
    objects = objects.select(~objects.is_crowd)
    placement = preprocessing.placement(example.height, example.width)
    boxes = torch.from_numpy(placement.to_input(objects.boxes)).float().reshape(-1, 4)
    boxes = boxes.clamp(0.0, float(preprocessing.width))
    seen = ((boxes[:, 2:] - boxes[:, :2]) >= _MIN_SIDE).all(dim=1)
    return BoxTargets(boxes[seen], torch.from_numpy(objects.classes)[seen])
