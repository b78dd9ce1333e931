"""Average precision from matches, fast enough to be repeated for a bootstrap.

The numbers that are reported come from faster-coco-eval; these give their intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import Measure
from visionloop.evaluation.objects.entities import Objects
from visionloop.evaluation.objects.matching import Matches, match_voc

_RECALLS: Final = np.linspace(0.0, 1.0, 101)
_NUM_RESAMPLES: Final = 200

Floats = NDArray[np.float64]


class PrecisionCurves:
    """Matches in the order of their scores, ready to be weighted image by image."""

    def __init__(self, matches: Matches) -> None:
        self.support = matches.support
        self.num_classes = matches.support.shape[1]
        self.parts = []
        for label in range(self.num_classes):
            rows = np.flatnonzero(matches.classes == label)
            rows = rows[np.argsort(-matches.scores[rows], kind="stable")]
            counts = ~matches.ignored[:, rows]
            hits = matches.hits[:, rows] & counts
            self.parts.append((matches.images[rows], hits, ~hits & counts))

    def average_precision(self, weights: Floats | None = None) -> Floats:
        """Return AP (T, C) at each IoU threshold, NaN for a class without true objects.

        Args:
            weights: (N,) how often each image counts; once by default.
        """
        weights = np.ones(len(self.support)) if weights is None else weights
        support = weights @ self.support
        columns = [
            self._one_class(label, weights, float(support[label]))
            for label in range(self.num_classes)
        ]
        return np.stack(columns, axis=1)

    def _one_class(self, label: int, weights: Floats, support: float) -> Floats:
        images, hits, misses = self.parts[label]
        if support == 0:
            return np.full(len(hits), np.nan)
        right = np.cumsum(hits * weights[images], axis=1)
        wrong = np.cumsum(misses * weights[images], axis=1)
        precision = right / np.maximum(right + wrong, 1e-12)
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        result = np.zeros(len(hits))
        for row in range(len(hits)):
            # Rounding must not push a recall of exactly 0.3 past the mark 0.3.
            places = np.searchsorted(right[row] / support, _RECALLS - 1e-12, side="left")
            reached = places < len(images)
            result[row] = envelope[row, places[reached]].sum() / len(_RECALLS)
        return result


def bootstrap(
    matches: Matches, value: tuple[float, float], *, seed: int = 0
) -> tuple[Measure, Measure]:
    """Return AP and AP@.5 with 95 % intervals from resampling images.

    Args:
        matches: of the images.
        value: AP and AP@.5 of the images as they are.
        seed: of the resampling.
    """
    curves, random = PrecisionCurves(matches), np.random.default_rng(seed)
    num_images = len(matches.support)
    found = np.empty((_NUM_RESAMPLES, 2))
    for row in range(_NUM_RESAMPLES):
        weights = np.bincount(random.integers(0, num_images, num_images), minlength=num_images)
        values = curves.average_precision(weights.astype(np.float64))
        found[row] = mean(values), mean(values[0])
    low, high = np.percentile(found, [2.5, 97.5], axis=0)
    ap, ap_50 = (
        Measure(exact, min(float(low[row]), exact), max(float(high[row]), exact))
        for row, exact in enumerate(value)
    )
    return ap, ap_50


def mean(values: Floats) -> float:
    """Mean of the numbers that are there; 0 of none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else 0.0


def voc_average_precision(
    truth: Sequence[Objects], found: Sequence[Objects], num_classes: int
) -> float:
    """Return Pascal VOC's mean AP at IoU 0.5: the area under the whole curve, as since 2010."""
    values = np.full(num_classes, np.nan)
    for label in range(num_classes):
        support = sum(
            int(((item.classes == label) & ~item.is_crowd & ~item.is_difficult).sum())
            for item in truth
        )
        if support:
            matched = [match_voc(*pair, label) for pair in zip(truth, found, strict=True)]
            scores = np.array([score for part in matched for score in part[0]])
            hits = np.array([hit for part in matched for hit in part[1]], dtype=bool)
            values[label] = area_under_curve(scores, hits, support)
    return mean(values)


def area_under_curve(scores: Floats, hits: NDArray[np.bool_], support: int) -> float:
    """Return the area under the precision envelope over recall."""
    hits = hits[np.argsort(-scores, kind="stable")]
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(envelope[hits].sum() / support)
