"""Judging models that give an image any number of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from visionloop.evaluation.entities import Example, Measure, ScoreSlice
from visionloop.evaluation.intervals import bootstrap, wilson
from visionloop.evaluation.slices import find_score_slices

DEFAULT_THRESHOLD: Final = 0.5
_NUM_RESAMPLES: Final = 200


@dataclass(frozen=True)
class MultilabelClassReport:
    """How one class fares at its operating threshold.

    Attributes:
        ap: average precision over all thresholds; None for a class that no image shows.
        support: images that show it.
        predicted: images in which it was found.
    """

    label: str
    support: int
    predicted: int
    hits: int
    ap: float | None
    threshold: float
    precision: Measure | None
    recall: Measure | None
    f1: float


@dataclass(frozen=True)
class MultilabelReport:
    """The judgement of a multi-label classifier on a set of images.

    Attributes:
        mean_ap: mean over the classes that occur, with an interval from a bootstrap over images.
        macro_f1, micro_f1: at the operating thresholds, over classes and over all decisions.
        exact_match: share of images with exactly the right classes.
    """

    labels: tuple[str, ...]
    num_images: int
    mean_ap: Measure
    macro_f1: float
    micro_f1: float
    exact_match: Measure
    per_class: tuple[MultilabelClassReport, ...]
    slices: tuple[ScoreSlice, ...]
    unreadable: tuple[str, ...] = ()
    task: str = "multilabel_classification"


@dataclass(frozen=True)
class MultilabelResult:
    """What a model said about one image.

    Attributes:
        loss: 1 - F1 of the classes of this image.
        probabilities: class -> how surely it is there.
    """

    image_id: str
    labels: tuple[str, ...]
    predicted: tuple[str, ...]
    loss: float
    probabilities: Mapping[str, float]

    @property
    def is_correct(self) -> bool:
        """Tell whether exactly the right classes were found."""
        return set(self.labels) == set(self.predicted)


def true_classes(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Return (N, C): which classes each image shows."""
    shown = [{item.category for item in example.annotations} for example in examples]
    table = [[label in present for label in labels] for present in shown]
    return np.array(table, dtype=bool).reshape(len(examples), len(labels))


def choose_thresholds(
    truth: NDArray[np.bool_], probabilities: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return for each class (C,) the probability at which F1 is highest; choose on validation."""
    result = np.full(truth.shape[1], DEFAULT_THRESHOLD)
    for row in range(truth.shape[1]):
        if not truth[:, row].any():
            continue
        order = np.argsort(-probabilities[:, row], kind="stable")
        right = np.cumsum(truth[order, row])
        f1 = 2 * right / (np.arange(1, len(order) + 1) + truth[:, row].sum())
        best = int(f1.argmax())
        values = probabilities[order, row]
        after = float(values[best + 1]) if best + 1 < len(values) else 0.0
        result[row] = round((float(values[best]) + after) / 2, 4)
    return result


def judge_multilabel(
    examples: Sequence[Example],
    probabilities: NDArray[np.float32],
    labels: tuple[str, ...],
    thresholds: Mapping[str, float],
) -> tuple[MultilabelReport, tuple[MultilabelResult, ...]]:
    """Judge N images; return the report, and every image, worst first."""
    truth = true_classes(examples, labels)
    limits = np.array([thresholds.get(label, DEFAULT_THRESHOLD) for label in labels])
    predicted = probabilities >= limits
    per_class = tuple(
        _describe(label, truth[:, row], predicted[:, row], probabilities[:, row], limits[row])
        for row, label in enumerate(labels)
    )
    f1 = image_f1(truth, predicted)
    results = [
        MultilabelResult(
            image_id=example.image_id,
            labels=_names(truth[row], labels),
            predicted=_names(predicted[row], labels),
            loss=float(1.0 - f1[row]),
            probabilities={
                label: round(float(value), 6)
                for label, value in zip(labels, probabilities[row], strict=True)
            },
        )
        for row, example in enumerate(examples)
    ]
    hits, decided = int((truth & predicted).sum()), int(truth.sum() + predicted.sum())
    exact = (truth == predicted).all(axis=1)
    present = [item.f1 for item in per_class if item.support]
    report = MultilabelReport(
        labels=labels,
        num_images=len(examples),
        mean_ap=_mean_ap(truth, probabilities),
        macro_f1=float(np.mean(present)) if present else 0.0,
        micro_f1=2 * hits / decided if decided else 1.0,
        exact_match=wilson(int(exact.sum()), len(exact)),
        per_class=per_class,
        slices=find_score_slices(examples, f1),
    )
    return report, tuple(sorted(results, key=lambda item: -item.loss))


def headline_multilabel(report: MultilabelReport) -> dict[str, float]:
    """Return the numbers that lists show and runs log."""
    weak = [item for item in report.slices if item.is_weak]
    return {
        "mean_ap": report.mean_ap.value,
        "mean_ap_low": report.mean_ap.low,
        "mean_ap_high": report.mean_ap.high,
        "macro_f1": report.macro_f1,
        "micro_f1": report.micro_f1,
        "exact_match": report.exact_match.value,
        "num_images": float(report.num_images),
        "num_weak_slices": float(len(weak)),
    }


def mean_average_precision(truth: NDArray[np.bool_], probabilities: NDArray[np.float32]) -> float:
    """Return the mean over the classes that some image shows; 0 where none does."""
    rows = np.flatnonzero(truth.any(axis=0))
    values = [average_precision_score(truth[:, row], probabilities[:, row]) for row in rows]
    return float(np.mean(values)) if values else 0.0


def _mean_ap(truth: NDArray[np.bool_], probabilities: NDArray[np.float32]) -> Measure:
    found = bootstrap(
        lambda rows: mean_average_precision(truth[rows], probabilities[rows]),
        len(truth),
        num_resamples=_NUM_RESAMPLES,
    )
    return Measure(found.value, min(found.low, found.value), max(found.high, found.value))


def _describe(
    label: str,
    truth: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    probabilities: NDArray[np.float32],
    threshold: float,
) -> MultilabelClassReport:
    hits, support, found = int((truth & predicted).sum()), int(truth.sum()), int(predicted.sum())
    return MultilabelClassReport(
        label=label,
        support=support,
        predicted=found,
        hits=hits,
        ap=float(average_precision_score(truth, probabilities)) if support else None,
        threshold=float(threshold),
        precision=wilson(hits, found) if found else None,
        recall=wilson(hits, support) if support else None,
        f1=2 * hits / (support + found) if support + found else 0.0,
    )


def image_f1(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return F1 of the classes of each image (N,); 1 where none is there and none was found."""
    hits = (truth & predicted).sum(axis=1)
    total = truth.sum(axis=1) + predicted.sum(axis=1)
    scores: NDArray[np.float64] = np.where(total > 0, 2 * hits / np.maximum(total, 1), 1.0)
    return scores


def _names(chosen: NDArray[np.bool_], labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(label for label, is_there in zip(labels, chosen, strict=True) if is_there)
