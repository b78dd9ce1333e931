"""From every cell's box to the objects of an image, in torch and in ONNX alike."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from visionloop.training.recipes.detection.boxes import pairwise_iou

# Boxes that no operating threshold would let through cost most of the time.
MIN_SCORE = 0.01
# Cells that are looked at; more bring no object that is among the best hundred.
_CANDIDATES = 400


def select_rows(
    boxes: Tensor, scores: Tensor, *, overlap: float, max_objects: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Keep the best of boxes that overlap, class by class.

    Args:
        boxes: (N, A, 4) xyxy.
        scores: (N, A, C) in [0, 1].
        overlap: largest IoU with a better box of the class.
        max_objects: K.

    Returns:
        scores (N, K) falling and 0 where there are fewer, classes (N, K) and rows of A (N, K).
    """
    count, num_classes = min(_CANDIDATES, boxes.shape[1]), scores.shape[2]
    _, likely = scores.amax(dim=2).topk(count, dim=1)
    near = boxes.gather(1, likely.unsqueeze(2).expand(-1, -1, 4))
    by_class = scores.gather(1, likely.unsqueeze(2).expand(-1, -1, num_classes)).transpose(1, 2)
    kept = by_class * _Suppression.apply(near, by_class, overlap, max_objects)
    best, places = kept.flatten(1).topk(min(max_objects, count * num_classes), dim=1)
    # Exporters turn // of integers into a slow detour; this form stays one operator.
    classes = torch.div(places, count, rounding_mode="floor")
    return best, classes, likely.gather(1, places - classes * count)


def select_objects(
    boxes: Tensor, scores: Tensor, *, overlap: float, max_objects: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Do as `select_rows`, and return the boxes.

    Returns:
        boxes (N, K, 4), scores (N, K) falling and 0 where there are fewer, classes (N, K) int64.
    """
    best, classes, rows = select_rows(boxes, scores, overlap=overlap, max_objects=max_objects)
    return boxes.gather(1, rows.unsqueeze(2).expand(-1, -1, 4)), best, classes


class _Suppression(torch.autograd.Function):  # type: ignore[misc]
    """Marks (N, C, A) what survives; in a graph it is ONNX's NonMaxSuppression."""

    @staticmethod
    def forward(_: Any, boxes: Tensor, scores: Tensor, overlap: float, max_objects: int) -> Tensor:
        """Mark with 1 what survives, with 0 what does not."""
        kept = torch.zeros_like(scores)
        for image in range(len(boxes)):
            for label in range(scores.shape[1]):
                rows = _suppress(boxes[image], scores[image, label], overlap, max_objects)
                kept[image, label, rows] = 1.0
        return kept

    @staticmethod
    def symbolic(g: Any, boxes: Any, scores: Any, overlap: float, max_objects: int) -> Any:
        """Write the operator, and scatter its list of survivors into a mask."""

        def constant(value: Any, dtype: torch.dtype) -> Any:
            return g.op("Constant", value_t=torch.tensor(value, dtype=dtype))

        survivors = g.op(
            "NonMaxSuppression",
            boxes,
            scores,
            constant([max_objects], torch.int64),
            constant([overlap], torch.float32),
            constant([MIN_SCORE], torch.float32),
        )
        zeros = g.op("Mul", scores, constant(0.0, torch.float32))
        count = g.op(
            "Slice",
            g.op("Shape", survivors),
            constant([0], torch.int64),
            constant([1], torch.int64),
        )
        ones = g.op("Expand", constant([1.0], torch.float32), count)
        return g.op("ScatterND", zeros, survivors, ones).setType(scores.type())


def _suppress(boxes: Tensor, scores: Tensor, overlap: float, max_objects: int) -> Tensor:
    """Return the rows that survive among the boxes (A, 4) of one class."""
    rows = (scores > MIN_SCORE).nonzero().squeeze(1)
    order = rows[scores[rows].argsort(descending=True, stable=True)]
    shared = pairwise_iou(boxes[order], boxes[order]) > overlap
    kept: list[int] = []
    dead = torch.zeros(len(order), dtype=torch.bool, device=boxes.device)
    for position in range(len(order)):
        if not dead[position]:
            kept.append(position)
            dead |= shared[position]
            if len(kept) == max_objects:
                break
    return order[kept]
