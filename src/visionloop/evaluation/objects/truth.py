"""True and found objects in one form: pixels of the upright source image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.data.entities import Annotation
from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example, Scores
from visionloop.evaluation.objects.entities import Objects
from visionloop.evaluation.objects.masks import encode_masks, masks_in_source
from visionloop.evaluation.regions.painting import paint_mask
from visionloop.kernel.geometry import Box


def true_objects(example: Example, labels: Sequence[str], *, with_masks: bool = False) -> Objects:
    """Return the labeled objects of an image; class labels without a place are left out."""
    index = {label: position for position, label in enumerate(labels)}
    placed = placed_annotations(example)
    masks = None
    if with_masks:
        shape = (len(placed), example.height, example.width)
        painted = [paint_mask(item, example.height, example.width) for item, _ in placed]
        masks = encode_masks(np.array(painted, dtype=bool).reshape(shape))
    return Objects(
        boxes=np.array([box for _, box in placed], dtype=np.float64).reshape(-1, 4),
        classes=np.array([index[item.category] for item, _ in placed], dtype=np.int64),
        scores=np.ones(len(placed)),
        is_crowd=np.array([is_set(item, "iscrowd") for item, _ in placed], dtype=bool),
        is_difficult=np.array([is_set(item, "difficult") for item, _ in placed], dtype=bool),
        masks=masks,
    )


def placed_annotations(example: Example) -> list[tuple[Annotation, Box]]:
    """Return the annotations that have a place, with the box around each."""
    return [(item, box) for item in example.annotations if (box := box_of(item)) is not None]


def box_of(annotation: Annotation) -> Box | None:
    """Return the upright box around an annotation; None where it has no place or no area."""
    box = annotation.bbox
    if box is None and isinstance(annotation.segmentation, list) and annotation.segmentation:
        points = np.concatenate([np.reshape(part, (-1, 2)) for part in annotation.segmentation])
        low, high = points.min(axis=0), points.max(axis=0)
        box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    if box is None or box[2] <= box[0] or box[3] <= box[1]:
        return None
    return box


def found_objects(
    scores: Scores, row: int, example: Example, preprocessing: Preprocessing
) -> Objects:
    """Return what a model found in one image, carried from its input to the source image."""
    confidence = np.asarray(scores.extras["scores"][row], dtype=np.float64)
    chosen = confidence > 0.0
    placement = preprocessing.placement(example.height, example.width)
    boxes = placement.to_source(scores.extras["boxes"][row][chosen])
    limits = np.array([example.width, example.height] * 2, dtype=np.float64)
    count = int(chosen.sum())
    masks = None
    if "masks" in scores.extras:
        levels = scores.extras["masks"][row][chosen]
        masks = encode_masks(masks_in_source(levels, example, preprocessing))
    return Objects(
        boxes=np.clip(boxes, 0.0, limits),
        classes=_integers(scores.extras["classes"][row][chosen]),
        scores=confidence[chosen],
        is_crowd=np.zeros(count, dtype=bool),
        is_difficult=np.zeros(count, dtype=bool),
        masks=masks,
    )


def _integers(values: Any) -> NDArray[np.int64]:
    return np.asarray(values, dtype=np.int64)


def is_set(annotation: Annotation, name: str) -> bool:
    """Tell whether an attribute such as "iscrowd" is 1 or true."""
    return str(annotation.attributes.get(name, 0)).lower() in ("1", "true")
