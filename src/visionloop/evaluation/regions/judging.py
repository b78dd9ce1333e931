"""From label maps to the judgement of a segmenter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example, Measure, Scores
from visionloop.evaluation.intervals import bootstrap
from visionloop.evaluation.models import ModelFolder
from visionloop.evaluation.regions.entities import (
    IGNORED,
    RegionClassReport,
    RegionReport,
    RegionResult,
)
from visionloop.evaluation.regions.painting import paint_labels
from visionloop.evaluation.slices import find_score_slices

_BOUNDARY_SHARE: Final = 0.02
_NUM_RESAMPLES: Final = 200
_BACKGROUND_NAME: Final = "(background)"

LabelMap = NDArray[np.uint8]


@dataclass(frozen=True)
class RegionCounts:
    """Pixels of N images, counted so that any part of the images can be judged again.

    Attributes:
        confusion: (N, C + 1, C + 1), rows are true classes, background first.
        boundary_shared, boundary_union: (N, C + 1) pixels near edges in both and in either.
    """

    confusion: NDArray[np.int64]
    boundary_shared: NDArray[np.int64]
    boundary_union: NDArray[np.int64]


def judge_regions(
    examples: Sequence[Example], scores: Scores, model: ModelFolder
) -> tuple[RegionReport, tuple[RegionResult, ...]]:
    """Compare predicted with true label maps at the resolution of the source images."""
    pairs = (
        (
            paint_labels(example, model.labels),
            to_source(scores.extras["mask"][row], example, model.preprocessing),
        )
        for row, example in enumerate(examples)
    )
    counts = count_regions(pairs, len(model.labels))
    return build_region_report(examples, counts, model.labels)


def count_regions(pairs: Iterable[tuple[LabelMap, LabelMap]], num_classes: int) -> RegionCounts:
    """Count (true, predicted) pairs of label maps, one image in memory at a time."""
    confusions, shared, unions = [], [], []
    for truth, predicted in pairs:
        confusions.append(confuse(truth, predicted, num_classes))
        both, either = _count_boundaries(truth, predicted, num_classes)
        shared.append(both)
        unions.append(either)
    return RegionCounts(np.array(confusions), np.array(shared), np.array(unions))


def confuse(
    truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], num_classes: int
) -> NDArray[np.int64]:
    """Return (C + 1, C + 1) pixel counts; ignored true pixels count nowhere."""
    known = truth != IGNORED
    size = num_classes + 1
    flat = truth[known].astype(np.int64) * size + predicted[known]
    return np.bincount(flat, minlength=size * size).reshape(size, size)


def to_source(mask: LabelMap, example: Example, preprocessing: Preprocessing) -> LabelMap:
    """Carry a (H, W) map from the model's input to the source image, pixel by pixel."""
    placement = preprocessing.placement(example.height, example.width)
    rows = (np.arange(example.height) + 0.5) * placement.scale_y + placement.offset_y
    columns = (np.arange(example.width) + 0.5) * placement.scale_x + placement.offset_x
    row = np.clip(rows * mask.shape[0] / preprocessing.height, 0, mask.shape[0] - 1).astype(int)
    column = np.clip(columns * mask.shape[1] / preprocessing.width, 0, mask.shape[1] - 1)
    result: LabelMap = mask[np.ix_(row, column.astype(int))]
    return result


def build_region_report(
    examples: Sequence[Example], counts: RegionCounts, labels: tuple[str, ...]
) -> tuple[RegionReport, tuple[RegionResult, ...]]:
    """Judge N counted images; return the report, and every image, worst first."""
    names = (_BACKGROUND_NAME, *labels)
    confusion = counts.confusion.sum(axis=0)
    iou, dice = overlap_of(confusion)
    edge = _ratio(counts.boundary_shared.sum(axis=0), counts.boundary_union.sum(axis=0))
    right = np.diag(confusion)
    precision, recall = _ratio(right, confusion.sum(axis=0)), _ratio(right, confusion.sum(axis=1))
    true_pixels = counts.confusion.sum(axis=2)
    total = max(1, int(confusion.sum()))
    per_class = tuple(
        RegionClassReport(
            label=name,
            num_images=int((true_pixels[:, row] > 0).sum()),
            share=float(true_pixels[:, row].sum() / total),
            iou=_number(iou[row]),
            dice=_number(dice[row]),
            boundary_iou=_number(edge[row]),
            precision=_number(precision[row]),
            recall=_number(recall[row]),
        )
        for row, name in enumerate(names)
    )
    results = [
        _result(example.image_id, counts.confusion[row], names)
        for row, example in enumerate(examples)
    ]
    report = RegionReport(
        labels=labels,
        num_images=len(examples),
        miou=_estimate(counts, lambda part: overlap_of(part.confusion.sum(axis=0))[0]),
        dice=_estimate(counts, lambda part: overlap_of(part.confusion.sum(axis=0))[1]),
        boundary_iou=_estimate(
            counts,
            lambda part: _ratio(part.boundary_shared.sum(axis=0), part.boundary_union.sum(axis=0)),
        ),
        pixel_accuracy=float(right.sum() / total),
        per_class=per_class,
        confusion=tuple(tuple(float(value) for value in row / total) for row in confusion),
        slices=find_score_slices(examples, np.array([item.miou for item in results])),
    )
    return report, tuple(sorted(results, key=lambda item: -item.loss))


def headline_regions(report: RegionReport) -> dict[str, float]:
    """Return the numbers that lists show and runs log."""
    weak = [item for item in report.slices if item.is_weak]
    return {
        "miou": report.miou.value,
        "miou_low": report.miou.low,
        "miou_high": report.miou.high,
        "dice": report.dice.value,
        "boundary_iou": report.boundary_iou.value,
        "pixel_accuracy": report.pixel_accuracy,
        "num_images": float(report.num_images),
        "num_weak_slices": float(len(weak)),
    }


def overlap_of(
    confusion: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return IoU and Dice of every class, NaN for a class that neither occurs nor is predicted."""
    right = np.diag(confusion)
    both = confusion.sum(axis=0) + confusion.sum(axis=1)
    return _ratio(right, both - right), _ratio(2 * right, both)


def _estimate(
    counts: RegionCounts, measure: Callable[[RegionCounts], NDArray[np.float64]]
) -> Measure:
    """Mean over the classes that truly occur, background left out, with its interval."""
    occurs = counts.confusion.sum(axis=(0, 2)) > 0
    occurs[0] = False

    def statistic(rows: NDArray[np.int64]) -> float:
        part = RegionCounts(
            counts.confusion[rows], counts.boundary_shared[rows], counts.boundary_union[rows]
        )
        values = measure(part)[occurs]
        known = values[~np.isnan(values)]
        return float(known.mean()) if known.size else 0.0

    found = bootstrap(statistic, len(counts.confusion), num_resamples=_NUM_RESAMPLES)
    return Measure(found.value, min(found.low, found.value), max(found.high, found.value))


def image_miou(confusion: NDArray[np.int64]) -> float:
    """Return the mean IoU over the classes that truly occur in one image, background included."""
    iou, _ = overlap_of(confusion)
    occurs = confusion.sum(axis=1) > 0
    return float(np.nan_to_num(iou[occurs]).mean()) if occurs.any() else 1.0


def _result(image_id: str, confusion: NDArray[np.int64], names: tuple[str, ...]) -> RegionResult:
    iou, _ = overlap_of(confusion)
    score = image_miou(confusion)
    known = {name: round(float(iou[row]), 4) for row, name in enumerate(names)
             if not np.isnan(iou[row])}  # fmt: skip
    return RegionResult(image_id, miou=score, loss=1.0 - score, iou=known)


def _count_boundaries(
    truth: LabelMap, predicted: LabelMap, num_classes: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    reach = max(1.0, round(_BOUNDARY_SHARE * float(np.hypot(*truth.shape))))
    shared = np.zeros(num_classes + 1, dtype=np.int64)
    union = np.zeros_like(shared)
    known = truth != IGNORED
    for value in np.union1d(np.unique(truth[known]), np.unique(predicted[known])):
        true, found = (_edge(part == value, reach) & known for part in (truth, predicted))
        shared[value] = int((true & found).sum())
        union[value] = int((true | found).sum())
    return shared, union


def _edge(mask: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    """Return the pixels of a region that are within reach of its outside or of the border."""
    padded = np.pad(mask, 1)
    inside: NDArray[np.bool_] = distance_transform_edt(padded)[1:-1, 1:-1] <= reach
    return mask & inside


def _ratio(above: NDArray[np.int64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.where(below > 0, above / np.maximum(below, 1), np.nan)
    return result


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
