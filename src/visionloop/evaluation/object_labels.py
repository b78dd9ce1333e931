"""Boxes that a detector doubts: overlooked, badly located, of the wrong class.

Source: Tkachenko, Thyagarajan, Mueller (2023), "ObjectLab: automated diagnosis of mislabeled images
in object detection data". All scores lie in [0, 1]; low means that the label is likely wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_TEMPERATURE: Final = 0.1
# Similarity of two boxes: mostly overlap, a little nearness, so that boxes apart still differ.
_OVERLAP_WEIGHT: Final = 0.9
# Above it a prediction is trusted to tell of a missing or swapped label, above the other to tell
# where a labeled object lies.
_SURE: Final = 0.95
_LIKELY: Final = 0.5
_EPSILON: Final = 1e-6


@dataclass(frozen=True)
class Boxes:
    """The boxes of one image.

    Attributes:
        boxes: (N, 4) xyxy, absolute pixels.
        labels: (N,) class indices.
        scores: (N,) confidences of predictions; ones for labels.
    """

    boxes: NDArray[np.float64]
    labels: NDArray[np.int64]
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class BoxDoubts:
    """What a detector thinks of the labels of one image.

    Attributes:
        overlooked: (P,) one a prediction; NaN where it is too unsure to tell.
        badly_located: (L,) one a labeled box.
        swapped: (L,) one a labeled box.
        score: of the image, all of them together.
    """

    overlooked: NDArray[np.float64]
    badly_located: NDArray[np.float64]
    swapped: NDArray[np.float64]
    score: float


def doubt_boxes(labeled: Boxes, predicted: Boxes) -> BoxDoubts:
    """Hold the labels of an image against what a detector sees that did not learn from it."""
    similarity = _similarity(labeled.boxes, predicted.boxes)
    same = labeled.labels[:, None] == predicted.labels[None, :]
    overlooked = _overlooked(similarity, same, predicted.scores)
    badly_located = _best(similarity, same & (predicted.scores >= _LIKELY))
    others = _best(similarity, ~same & (predicted.scores >= _SURE), absent=0.0)
    swapped = 1.0 - np.where(others > _located(similarity, same, predicted.scores), others, 0.0)
    parts = [softmin(part[~np.isnan(part)]) for part in (overlooked, badly_located, swapped)]
    return BoxDoubts(overlooked, badly_located, swapped, float(np.prod(parts) ** (1 / len(parts))))


def softmin(scores: NDArray[np.floating[Any]], temperature: float = _TEMPERATURE) -> float:
    """Pool scores so that the lowest count most; 1 where there are none."""
    if scores.size == 0:
        return 1.0
    weights = np.exp((scores.min() - scores) / temperature)
    return float((weights * scores).sum() / weights.sum())


def _overlooked(
    similarity: NDArray[np.float64], same: NDArray[np.bool_], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Score sure predictions by how near a label of their class lies."""
    nearest = np.where(same, similarity, 0.0).max(axis=0, initial=0.0)
    found: NDArray[np.float64] = np.where(nearest > 0.0, nearest, _EPSILON * (1 - scores))
    return np.where(scores >= _SURE, found, np.nan)


def _best(
    similarity: NDArray[np.float64], usable: NDArray[np.bool_], absent: float = 1.0
) -> NDArray[np.float64]:
    best = np.where(usable, similarity, -1.0).max(axis=1, initial=-1.0)
    return np.where(best < 0.0, absent, best)


def _located(
    similarity: NDArray[np.float64], same: NDArray[np.bool_], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How near a sure prediction of the labeled class lies; a confirmed label is not swapped."""
    return _best(similarity, same & (scores >= _SURE), absent=0.0)


def _similarity(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compare every box with every other: (L, P) in [0, 1]."""
    if not len(first) or not len(second):
        return np.zeros((len(first), len(second)))
    a, b = first[:, None], second[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.prod(np.clip(sides, 0.0, None), axis=-1)
    areas = [np.prod(np.clip(x[..., 2:] - x[..., :2], 0.0, None), axis=-1) for x in (a, b)]
    overlap = shared / np.maximum(areas[0] + areas[1] - shared, _EPSILON)
    apart = np.linalg.norm((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2, axis=-1)
    both = np.concatenate([first, second])
    reach = float(np.linalg.norm(both[:, 2:].max(axis=0) - both[:, :2].min(axis=0)))
    nearness = 1.0 - np.clip(apart / max(reach, _EPSILON), 0.0, 1.0)
    found: NDArray[np.float64] = _OVERLAP_WEIGHT * overlap + (1 - _OVERLAP_WEIGHT) * nearness
    return found
