"""COCO's average precision and recall, computed by faster-coco-eval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from visionloop.evaluation.errors import EvaluationExtrasMissing
from visionloop.evaluation.objects.entities import CocoSummary, Objects

_NAMES: Final = (
    "ap", "ap_50", "ap_75", "ap_small", "ap_medium", "ap_large",
    "ar_1", "ar_10", "ar_100", "ar_small", "ar_medium", "ar_large",
)  # fmt: skip


def summarise(
    truth: Sequence[Objects], found: Sequence[Objects], num_classes: int, *, by_mask: bool = False
) -> CocoSummary:
    """Compute AP and AR over IoU thresholds 0.5 to 0.95.

    Args:
        truth: of N images.
        found: of the same images.
        num_classes: C.
        by_mask: overlap masks instead of boxes.

    Raises:
        EvaluationExtrasMissing: faster-coco-eval is not installed.
    """
    try:
        from faster_coco_eval import COCO, COCOeval_faster
    except ModuleNotFoundError as error:
        raise EvaluationExtrasMissing(str(error.name)) from error
    reference = COCO(_describe(truth, num_classes, by_mask=by_mask))
    answers = _list(found, by_mask=by_mask, with_scores=True)
    if not answers:
        return _nothing_found(truth, num_classes)
    judge = COCOeval_faster(
        reference,
        reference.loadRes(answers),
        "segm" if by_mask else "bbox",
        print_function=lambda *_: None,
    )
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    # Precision is (thresholds, recalls, classes, areas, detection limits), -1 for empty classes.
    precision = judge.eval["precision"][:, :, :, 0, 2]
    known = np.where(precision < 0, np.nan, precision)
    return CocoSummary(
        values={name: float(judge.stats[row]) for row, name in enumerate(_NAMES)},
        class_ap=known.mean(axis=(0, 1)),
        class_ap_50=known[0].mean(axis=0),
    )


def _describe(truth: Sequence[Objects], num_classes: int, *, by_mask: bool) -> dict[str, Any]:
    return {
        "images": [{"id": row} | _size(objects) for row, objects in enumerate(truth)],
        "categories": [{"id": row + 1, "name": str(row)} for row in range(num_classes)],
        "annotations": _list(truth, by_mask=by_mask, with_scores=False),
    }


def _list(images: Sequence[Objects], *, by_mask: bool, with_scores: bool) -> list[dict[str, Any]]:
    """Return one record for every object; ids count from 1, as the format asks."""
    records: list[dict[str, Any]] = []
    for image, objects in enumerate(images):
        for row in range(len(objects)):
            x1, y1, x2, y2 = (float(value) for value in objects.boxes[row])
            record: dict[str, Any] = {
                "id": len(records) + 1,
                "image_id": image,
                "category_id": int(objects.classes[row]) + 1,
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "area": (x2 - x1) * (y2 - y1),
                "iscrowd": int(objects.is_crowd[row]),
            }
            if by_mask and objects.masks is not None:
                record["segmentation"] = objects.masks[row]
                record["area"] = _mask_area(objects.masks[row])
            if with_scores:
                record["score"] = float(objects.scores[row])
            records.append(record)
    return records


def _size(objects: Objects) -> dict[str, int]:
    """Return the size of the image, which the library asks for where it compares masks."""
    height, width = objects.masks[0]["size"] if objects.masks else (1, 1)
    return {"height": height, "width": width}


def _mask_area(mask: Any) -> float:
    from faster_coco_eval.core import mask as masks

    return float(masks.area(mask))


def _nothing_found(truth: Sequence[Objects], num_classes: int) -> CocoSummary:
    counted = [objects.classes[~objects.is_crowd] for objects in truth]
    present = np.isin(np.arange(num_classes), np.concatenate([*counted, np.zeros(0, np.int64)]))
    value = 0.0 if present.any() else -1.0
    classes = np.where(present, 0.0, np.nan)
    return CocoSummary(dict.fromkeys(_NAMES, value), classes, classes)
