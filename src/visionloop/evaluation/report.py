"""The judgement of a model on a set of images, and its JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import (
    Example,
    ImageResult,
    Measure,
    Report,
)
from visionloop.evaluation.intervals import wilson
from visionloop.evaluation.metrics import (
    calibration_error,
    count_confusions,
    describe_classes,
    image_losses,
    macro_average,
    rank_confusions,
)
from visionloop.evaluation.multilabel import (
    MultilabelReport,
    MultilabelResult,
    headline_multilabel,
)
from visionloop.evaluation.objects.entities import ObjectReport, ObjectResult
from visionloop.evaluation.objects.report import headline_objects
from visionloop.evaluation.regions.entities import RegionReport, RegionResult
from visionloop.evaluation.regions.judging import headline_regions
from visionloop.evaluation.slices import find_slices
from visionloop.evaluation.storing import rebuild

AnyReport = Report | ObjectReport | RegionReport | MultilabelReport
AnyResult = ImageResult | ObjectResult | RegionResult | MultilabelResult


def build_report(
    examples: Sequence[Example],
    truth: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    labels: tuple[str, ...],
) -> Report:
    """Judge N scored images.

    Args:
        examples: N images with what slices are cut by.
        truth: (N,) class indices.
        probabilities: (N, C).
        labels: C class names.
    """
    predicted = probabilities.argmax(axis=1)
    correct = predicted == truth
    confusion = count_confusions(truth, predicted, len(labels))
    per_class = describe_classes(confusion, labels)
    present = [item for item in per_class if item.support]
    return Report(
        labels=labels,
        num_images=len(examples),
        accuracy=wilson(int(correct.sum()), len(correct)),
        macro_f1=macro_average([item.f1 for item in present]),
        macro_recall=macro_average([item.recall.value for item in present if item.recall]),
        log_loss=float(image_losses(truth, probabilities).mean()),
        calibration_error=calibration_error(truth, probabilities),
        per_class=per_class,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        top_confusions=rank_confusions(confusion, labels),
        slices=find_slices(examples, correct),
    )


def headline_metrics(report: AnyReport) -> dict[str, float]:
    """Return the numbers that lists show and runs log."""
    if isinstance(report, ObjectReport):
        return headline_objects(report)
    if isinstance(report, RegionReport):
        return headline_regions(report)
    if isinstance(report, MultilabelReport):
        return headline_multilabel(report)
    weak = [item for item in report.slices if item.is_weak]
    return {
        "accuracy": report.accuracy.value,
        "accuracy_low": report.accuracy.low,
        "accuracy_high": report.accuracy.high,
        "macro_f1": report.macro_f1,
        "macro_recall": report.macro_recall,
        "log_loss": report.log_loss,
        "calibration_error": report.calibration_error,
        "num_images": float(report.num_images),
        "num_weak_slices": float(len(weak)),
    }


def headline(report: AnyReport) -> tuple[str, Measure]:
    """Return the one number that a sentence about a model names, and what it is called."""
    if isinstance(report, ObjectReport):
        return ("mask AP@.5" if report.task == "instance_segmentation" else "AP@.5"), report.ap_50
    if isinstance(report, RegionReport):
        return "mIoU", report.miou
    if isinstance(report, MultilabelReport):
        return "mAP", report.mean_ap
    return "accuracy", report.accuracy


def report_to_dict(report: AnyReport) -> dict[str, Any]:
    """Return the JSON form of a report."""
    return asdict(report)


def report_from_dict(value: Mapping[str, Any]) -> AnyReport:
    """Build a report from its JSON form; reports without a task are of classifiers."""
    kind: type[AnyReport] = _REPORTS.get(str(value.get("task")), Report)
    return rebuild(kind, value)


def results_to_dict(results: Sequence[AnyResult], labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON form of the results, worst image first; of classifiers by columns."""
    images = [item for item in results if isinstance(item, ImageResult)]
    if len(images) < len(results):
        kind = type(results[0]).__name__
        return {"labels": list(labels), "kind": kind, "images": [asdict(item) for item in results]}
    return {
        "labels": list(labels),
        "image_id": [item.image_id for item in images],
        "label": [item.label for item in images],
        "predicted": [item.predicted for item in images],
        "loss": [round(item.loss, 6) for item in images],
        "probabilities": [[round(p, 6) for p in item.probabilities] for item in images],
    }


def results_from_dict(value: Mapping[str, Any]) -> tuple[AnyResult, ...]:
    """Build image results from their JSON form."""
    if "images" in value:
        kind: type[AnyResult] = _RESULTS[value["kind"]]
        return tuple(rebuild(kind, item) for item in value["images"])
    columns = (value[name] for name in ("image_id", "label", "predicted", "loss", "probabilities"))
    return tuple(
        ImageResult(image_id, label, predicted, max(row), loss, tuple(row))
        for image_id, label, predicted, loss, row in zip(*columns, strict=True)
    )


_REPORTS: dict[str, type[Any]] = {
    "detection": ObjectReport,
    "instance_segmentation": ObjectReport,
    "semantic_segmentation": RegionReport,
    "multilabel_classification": MultilabelReport,
}
_RESULTS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (ObjectResult, RegionResult, MultilabelResult)
}
