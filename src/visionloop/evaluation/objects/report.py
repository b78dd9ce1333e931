"""The judgement of a detector or an instance segmenter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import Example
from visionloop.evaluation.intervals import wilson
from visionloop.evaluation.objects.average_precision import bootstrap, voc_average_precision
from visionloop.evaluation.objects.coco import summarise
from visionloop.evaluation.objects.entities import (
    CocoSummary,
    ObjectClassReport,
    ObjectReport,
    ObjectResult,
    Objects,
)
from visionloop.evaluation.objects.errors import analyse_errors
from visionloop.evaluation.objects.matching import Matches, match_all
from visionloop.evaluation.objects.overlap import overlaps
from visionloop.evaluation.objects.thresholds import apply_thresholds
from visionloop.evaluation.slices import find_score_slices


def build_object_report(
    examples: Sequence[Example],
    truth: Sequence[Objects],
    found: Sequence[Objects],
    *,
    labels: tuple[str, ...],
    thresholds: NDArray[np.float64],
    by_mask: bool = False,
) -> tuple[ObjectReport, tuple[ObjectResult, ...]]:
    """Judge N images; return the report, and the result of every image, worst first.

    Args:
        examples: N images with what slices are cut by.
        truth: their objects.
        found: everything the model found in them, whatever the score.
        labels: C class names.
        thresholds: (C,) operating thresholds.
        by_mask: overlap masks instead of boxes.

    Raises:
        EvaluationExtrasMissing: faster-coco-eval is not installed.
    """
    coco = summarise(truth, found, len(labels), by_mask=by_mask)
    ap, ap_50 = bootstrap(
        match_all(truth, found, len(labels), by_mask=by_mask),
        (max(0.0, coco.values["ap"]), max(0.0, coco.values["ap_50"])),
    )
    counted = [apply_thresholds(item, thresholds) for item in found]
    matches = match_all(truth, counted, len(labels), by_mask=by_mask)
    results = [
        _result(example, true, item, int((matches.hits[0] & (matches.images == row)).sum()), labels)
        for row, (example, true, item) in enumerate(zip(examples, truth, counted, strict=True))
    ]
    hits, num_found = int(matches.hits[0].sum()), int((~matches.ignored[0]).sum())
    support = int(matches.support.sum())
    report = ObjectReport(
        task="instance_segmentation" if by_mask else "detection",
        labels=labels,
        num_images=len(examples),
        num_objects=support,
        coco=coco.values,
        ap=ap,
        ap_50=ap_50,
        voc_ap_50=voc_average_precision(truth, found, len(labels)),
        precision=wilson(hits, num_found) if num_found else None,
        recall=wilson(hits, support) if support else None,
        f1=_f1(hits, num_found, support),
        per_class=_describe_classes(matches, coco, labels, thresholds),
        confusion=_count_confusions(truth, counted, len(labels), by_mask=by_mask),
        errors=analyse_errors(truth, counted, len(labels), by_mask=by_mask),
        slices=find_score_slices(examples, np.array([item.f1 for item in results])),
        box_coco=summarise(truth, found, len(labels)).values if by_mask else None,
    )
    return report, tuple(sorted(results, key=lambda item: -item.loss))


def headline_objects(report: ObjectReport) -> dict[str, float]:
    """Return the numbers that lists show and runs log."""
    names = ("ap", "ap_50", "ap_75", "ar_100")
    weak = [item for item in report.slices if item.is_weak]
    boxes = report.box_coco or {}
    return {
        **{name: report.coco[name] for name in names},
        **{f"box_{name}": boxes[name] for name in names if name in boxes},
        "ap_50_low": report.ap_50.low,
        "ap_50_high": report.ap_50.high,
        "voc_ap_50": report.voc_ap_50,
        "f1": report.f1,
        "precision": report.precision.value if report.precision else 0.0,
        "recall": report.recall.value if report.recall else 0.0,
        "num_images": float(report.num_images),
        "num_objects": float(report.num_objects),
        "num_weak_slices": float(len(weak)),
    }


def _result(
    example: Example, true: Objects, found: Objects, hits: int, labels: tuple[str, ...]
) -> ObjectResult:
    num_true = int((~true.is_crowd).sum())
    f1 = _f1(hits, len(found), num_true)
    return ObjectResult(
        image_id=example.image_id,
        num_true=num_true,
        num_found=len(found),
        num_hits=hits,
        f1=f1,
        loss=1.0 - f1,
        objects=tuple(_describe(found, row, labels) for row in range(len(found))),
    )


def _describe(found: Objects, row: int, labels: tuple[str, ...]) -> Mapping[str, Any]:
    described: dict[str, Any] = {
        "label": labels[found.classes[row]],
        "score": round(float(found.scores[row]), 4),
        "box": [round(float(value), 1) for value in found.boxes[row]],
    }
    if found.masks is not None:
        described["mask"] = found.masks[row]
    return described


def _describe_classes(
    matches: Matches,
    coco: CocoSummary,
    labels: tuple[str, ...],
    thresholds: NDArray[np.float64],
) -> tuple[ObjectClassReport, ...]:
    reports = []
    for row, label in enumerate(labels):
        chosen = (matches.classes == row) & ~matches.ignored[0]
        hits, found = int(matches.hits[0, chosen].sum()), int(chosen.sum())
        support = int(matches.support[:, row].sum())
        reports.append(
            ObjectClassReport(
                label=label,
                support=support,
                found=found,
                hits=hits,
                ap=_number(coco.class_ap[row]),
                ap_50=_number(coco.class_ap_50[row]),
                threshold=float(thresholds[row]),
                precision=wilson(hits, found) if found else None,
                recall=wilson(hits, support) if support else None,
                f1=_f1(hits, found, support),
            )
        )
    return tuple(reports)


def _count_confusions(
    truth: Sequence[Objects], found: Sequence[Objects], num_classes: int, *, by_mask: bool
) -> tuple[tuple[int, ...], ...]:
    """Pair objects by place alone, so that a wrong class shows as one mistake and not as two."""
    counts = np.zeros((num_classes + 1, num_classes + 1), dtype=np.int64)
    for true, answers in zip(truth, found, strict=True):
        targets = true.select(~true.is_crowd)
        shared = overlaps(answers, targets, by_mask=by_mask)
        free_found, free_true = set(range(len(answers))), set(range(len(targets)))
        order = np.argsort(-shared, axis=None, kind="stable")
        for row, column in zip(*np.unravel_index(order, shared.shape), strict=True):
            if shared[row, column] < 0.5:
                break
            if row in free_found and column in free_true:
                free_found.discard(int(row))
                free_true.discard(int(column))
                counts[targets.classes[column], answers.classes[row]] += 1
        for column in free_true:
            counts[targets.classes[column], num_classes] += 1
        for row in free_found:
            counts[num_classes, answers.classes[row]] += 1
    return tuple(tuple(int(value) for value in row) for row in counts)


def _f1(hits: int, found: int, support: int) -> float:
    return 2 * hits / (found + support) if found + support else 1.0


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
