"""Operating thresholds: from which score on a found object counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.objects.entities import Objects
from visionloop.evaluation.objects.matching import match_all

DEFAULT_THRESHOLD: Final = 0.3


def choose_thresholds(
    truth: Sequence[Objects], found: Sequence[Objects], num_classes: int, *, by_mask: bool = False
) -> NDArray[np.float64]:
    """Return for each class (C,) the score at which F1 is highest, at IoU 0.5.

    Choose on validation images, so that the test split stays unseen. A class without true objects
    gets `DEFAULT_THRESHOLD`.
    """
    matches = match_all(truth, found, num_classes, by_mask=by_mask)
    support = matches.support.sum(axis=0)
    result = np.full(num_classes, DEFAULT_THRESHOLD)
    for label in range(num_classes):
        rows = np.flatnonzero((matches.classes == label) & ~matches.ignored[0])
        if not support[label] or not len(rows):
            continue
        rows = rows[np.argsort(-matches.scores[rows], kind="stable")]
        right = np.cumsum(matches.hits[0, rows])
        f1 = 2 * right / (np.arange(1, len(rows) + 1) + support[label])
        result[label] = _between(matches.scores[rows], int(f1.argmax()))
    return result


def apply_thresholds(objects: Objects, thresholds: NDArray[np.float64]) -> Objects:
    """Return the objects that count, best first."""
    kept = objects.select(objects.scores >= thresholds[objects.classes])
    return kept.select(np.argsort(-kept.scores, kind="stable"))


def _between(scores: NDArray[np.float64], last: int) -> float:
    """Return a threshold halfway between the last score that counts and the next."""
    after = scores[last + 1] if last + 1 < len(scores) else 0.0
    return round(float(scores[last] + after) / 2, 4)
