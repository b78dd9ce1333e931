"""Labels that a model doubts: confident learning, ranked by self-confidence.

Source: Northcutt et al. (2021), "Confident learning: estimating uncertainty in dataset labels". A
class's threshold is the mean probability that its own images get; a label is doubted when another
class passes its threshold and is the likelier one. Probabilities must come from a model that has
not learned from the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def class_thresholds(
    labels: NDArray[np.integer[Any]], probabilities: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return the mean probability of each class on its own images, (C,); infinite without any.

    Args:
        labels: (N,) class indices as labeled.
        probabilities: (N, C).
    """
    thresholds = np.full(probabilities.shape[1], np.inf)
    for index in np.unique(labels):
        thresholds[index] = probabilities[labels == index, index].mean()
    return thresholds


def suggest_labels(
    labels: NDArray[np.integer[Any]], probabilities: NDArray[np.floating[Any]]
) -> NDArray[np.int64]:
    """Return the class that each image more likely shows, (N,); its own where nothing is doubted.

    Args:
        labels: (N,) class indices as labeled.
        probabilities: (N, C).
    """
    confident = probabilities >= class_thresholds(labels, probabilities)
    likely = np.where(confident, probabilities, -1.0).argmax(axis=1)
    doubted = confident.any(axis=1) & (likely != labels)
    return np.where(doubted, likely, labels).astype(np.int64)


def rank_doubts(
    labels: NDArray[np.integer[Any]], probabilities: NDArray[np.floating[Any]]
) -> Sequence[int]:
    """Return the rows whose labels are doubted, the least self-confident first."""
    doubted = np.flatnonzero(suggest_labels(labels, probabilities) != labels)
    own = probabilities[doubted, labels[doubted]]
    return [int(row) for row in doubted[np.argsort(own, kind="stable")]]
