"""The objects that a model found, in pixels of the picture that was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.data.preprocessing import Preprocessing

DEFAULT_THRESHOLD = 0.3


@dataclass(frozen=True)
class FoundObject:
    """One object: its box is xyxy, absolute pixels of the upright picture."""

    label: str
    score: float
    box: tuple[float, float, float, float]

    def to_dict(self) -> dict[str, Any]:
        """Return its JSON form."""
        return asdict(self)


def read_objects(
    outputs: Mapping[str, NDArray[Any]],
    *,
    preprocessing: Preprocessing,
    size: tuple[int, int],
    labels: Sequence[str],
    thresholds: Mapping[str, float],
) -> tuple[FoundObject, ...]:
    """Return what counts of one image, best first.

    Args:
        outputs: (K, 4) boxes in input pixels, (K,) scores and classes.
        preprocessing: that the picture went through.
        size: (height, width) of the whole upright picture.
        labels: class names in index order.
        thresholds: class -> score from which on an object counts.
    """
    limits = np.array([thresholds.get(label, DEFAULT_THRESHOLD) for label in labels])
    scores, classes = outputs["scores"], outputs["classes"].astype(np.int64)
    rows = np.flatnonzero((scores >= limits[classes]) & (scores > 0))
    boxes = preprocessing.placement(*size).to_source(outputs["boxes"][rows])
    boxes = np.clip(boxes, 0.0, np.array([size[1], size[0]] * 2, dtype=np.float64))
    return tuple(
        FoundObject(
            label=labels[classes[row]],
            score=round(float(scores[row]), 6),
            box=(
                round(float(box[0]), 2),
                round(float(box[1]), 2),
                round(float(box[2]), 2),
                round(float(box[3]), 2),
            ),
        )
        for row, box in zip(rows, boxes, strict=True)
    )
