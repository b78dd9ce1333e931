"""Metrics of a classifier, from labels and probabilities alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import ClassReport, Confusion
from visionloop.evaluation.intervals import wilson

Labels = NDArray[np.integer[Any]]
Probabilities = NDArray[np.floating[Any]]

_TINY = 1e-12


def count_confusions(labels: Labels, predicted: Labels, num_classes: int) -> NDArray[np.int64]:
    """Count (true, predicted) pairs.

    Args:
        labels: (N,) true class indices.
        predicted: (N,) predicted class indices.
        num_classes: C.

    Returns:
        (C, C), rows are true classes.
    """
    flat = labels.astype(np.int64) * num_classes + predicted.astype(np.int64)
    counts = np.bincount(flat, minlength=num_classes * num_classes)
    return counts.reshape(num_classes, num_classes).astype(np.int64)


def describe_classes(
    confusion: NDArray[np.int64], names: tuple[str, ...]
) -> tuple[ClassReport, ...]:
    """Give precision and recall of every class with Wilson intervals."""
    reports = []
    for index, name in enumerate(names):
        hits = int(confusion[index, index])
        support, predicted = int(confusion[index].sum()), int(confusion[:, index].sum())
        total = support + predicted
        reports.append(
            ClassReport(
                label=name,
                support=support,
                predicted=predicted,
                precision=wilson(hits, predicted) if predicted else None,
                recall=wilson(hits, support) if support else None,
                f1=2 * hits / total if total else 0.0,
            )
        )
    return tuple(reports)


def rank_confusions(
    confusion: NDArray[np.int64], names: tuple[str, ...], *, limit: int = 10
) -> tuple[Confusion, ...]:
    """Return the pairs of classes that are mixed up most, most frequent first."""
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    pairs = [divmod(int(flat), len(names)) for flat in order]
    return tuple(
        Confusion(names[true], names[predicted], int(wrong[true, predicted]))
        for true, predicted in pairs
        if wrong[true, predicted]
    )


def macro_average(values: list[float]) -> float:
    """Mean over classes, every class with the same weight; 0 of none."""
    return float(np.mean(values)) if values else 0.0


def image_losses(labels: Labels, probabilities: Probabilities) -> NDArray[np.float64]:
    """Negative log probability of the true class of each image, (N,)."""
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses: NDArray[np.float64] = -np.log(np.maximum(chosen, _TINY))
    return losses


def calibration_error(labels: Labels, probabilities: Probabilities, *, num_bins: int = 15) -> float:
    """Expected calibration error of the predicted class over bins of equal mass.

    Equal mass instead of equal width, because nearly all images of a good model fall into the
    last bins of equal width (Nixon et al. 2019, "Measuring calibration in deep learning").
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    error = 0.0
    for part in np.array_split(order, min(num_bins, len(order))):
        error += len(part) / len(order) * abs(confidence[part].mean() - correct[part].mean())
    return float(error)
