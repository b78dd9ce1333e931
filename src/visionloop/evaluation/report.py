"""The judgement of a model on a set of images, and its JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import (
    ClassReport,
    Confusion,
    Example,
    ImageResult,
    Measure,
    Report,
    SliceReport,
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
from visionloop.evaluation.slices import find_slices


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


def headline_metrics(report: Report) -> dict[str, float]:
    """Return the numbers that lists show and runs log."""
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


def report_to_dict(report: Report) -> dict[str, Any]:
    """Return the JSON form of a report."""
    return asdict(report)


def report_from_dict(value: Mapping[str, Any]) -> Report:
    """Build a report from its JSON form."""
    fields = dict(value)
    fields["labels"] = tuple(fields["labels"])
    fields["accuracy"] = Measure(**fields["accuracy"])
    fields["per_class"] = tuple(_class_report(item) for item in fields["per_class"])
    fields["confusion"] = tuple(tuple(row) for row in fields["confusion"])
    fields["top_confusions"] = tuple(Confusion(**item) for item in fields["top_confusions"])
    fields["slices"] = tuple(_slice_report(item) for item in fields["slices"])
    fields["unreadable"] = tuple(fields["unreadable"])
    return Report(**fields)


def results_to_dict(results: Sequence[ImageResult], labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON form of the results, one list per column, worst image first."""
    return {
        "labels": list(labels),
        "image_id": [item.image_id for item in results],
        "label": [item.label for item in results],
        "predicted": [item.predicted for item in results],
        "loss": [round(item.loss, 6) for item in results],
        "probabilities": [[round(p, 6) for p in item.probabilities] for item in results],
    }


def results_from_dict(value: Mapping[str, Any]) -> tuple[ImageResult, ...]:
    """Build image results from their JSON form."""
    columns = (value[name] for name in ("image_id", "label", "predicted", "loss", "probabilities"))
    return tuple(
        ImageResult(image_id, label, predicted, max(row), loss, tuple(row))
        for image_id, label, predicted, loss, row in zip(*columns, strict=True)
    )


def _class_report(value: Mapping[str, Any]) -> ClassReport:
    measures = {
        name: Measure(**value[name]) if value[name] else None for name in ("precision", "recall")
    }
    return ClassReport(**{**value, **measures})


def _slice_report(value: Mapping[str, Any]) -> SliceReport:
    measures = {name: Measure(**value[name]) for name in ("accuracy", "gap")}
    return SliceReport(**{**value, **measures})
