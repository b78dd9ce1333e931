"""How much true and found objects overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.objects.entities import Objects

Floats = NDArray[np.float64]


def overlaps(found: Objects, truth: Objects, *, by_mask: bool = False) -> Floats:
    """Return the (K, G) intersection over union; over a crowd, the share of the found object."""
    if not len(found) or not len(truth):
        return np.zeros((len(found), len(truth)))
    if by_mask and found.masks is not None and truth.masks is not None:
        from faster_coco_eval.core import mask as masks

        crowd: list[Any] = truth.is_crowd.astype(np.uint8).tolist()
        shared: Floats = np.asarray(masks.iou(list(found.masks), list(truth.masks), crowd))
        return shared
    return box_overlaps(found.boxes, truth.boxes, truth.is_crowd)


def box_overlaps(found: Floats, truth: Floats, is_crowd: NDArray[np.bool_] | None = None) -> Floats:
    """Return the (K, G) intersection over union of (K, 4) and (G, 4) xyxy boxes."""
    low = np.maximum(found[:, None, :2], truth[None, :, :2])
    high = np.minimum(found[:, None, 2:], truth[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=2)
    union = _area(found)[:, None] + _area(truth)[None] - shared
    if is_crowd is not None:
        union = np.where(is_crowd[None], _area(found)[:, None], union)
    result: Floats = shared / np.maximum(union, 1e-12)
    return result


def _area(boxes: Floats) -> Floats:
    result: Floats = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None), axis=1)
    return result
