"""What is known about how well a model finds objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import Measure, ScoreSlice

Task = Literal["detection", "instance_segmentation"]


@dataclass(frozen=True)
class Objects:
    """The objects of one image, true or found.

    Attributes:
        boxes: (K, 4) float64 xyxy, pixels of the upright source image.
        classes: (K,) int64 class indices.
        scores: (K,) in [0, 1]; ones for true objects.
        is_crowd: (K,) regions that hold uncounted objects: finds inside them count as nothing.
        is_difficult: (K,) Pascal VOC's mark: left out of VOC AP.
        masks: K COCO run-length encodings; None where only boxes are judged.
    """

    boxes: NDArray[np.float64]
    classes: NDArray[np.int64]
    scores: NDArray[np.float64]
    is_crowd: NDArray[np.bool_]
    is_difficult: NDArray[np.bool_]
    masks: tuple[Mapping[str, Any], ...] | None = None

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self.classes)

    def select(self, rows: NDArray[Any]) -> Objects:
        """Return some of the objects."""
        chosen = np.arange(len(self))[rows]
        return Objects(
            boxes=self.boxes[chosen],
            classes=self.classes[chosen],
            scores=self.scores[chosen],
            is_crowd=self.is_crowd[chosen],
            is_difficult=self.is_difficult[chosen],
            masks=None if self.masks is None else tuple(self.masks[row] for row in chosen),
        )


@dataclass(frozen=True)
class CocoSummary:
    """COCO's numbers; -1 where there is nothing to judge.

    Attributes:
        values: "ap", "ap_50", "ap_75", "ap_small", "ap_medium", "ap_large", "ar_1", "ar_10",
            "ar_100", "ar_small", "ar_medium", "ar_large".
        class_ap, class_ap_50: (C,), NaN for a class without true objects.
    """

    values: Mapping[str, float]
    class_ap: NDArray[np.float64]
    class_ap_50: NDArray[np.float64]


@dataclass(frozen=True)
class ObjectClassReport:
    """How one class fares at its operating threshold.

    Attributes:
        ap, ap_50: None for a class without true objects.
        support: true objects.
        found: objects found with at least ``threshold``.
        hits: found ones that match a true object of this class with IoU of at least 0.5.
    """

    label: str
    support: int
    found: int
    hits: int
    ap: float | None
    ap_50: float | None
    threshold: float
    precision: Measure | None
    recall: Measure | None
    f1: float


@dataclass(frozen=True)
class ErrorType:
    """One kind of mistake, after TIDE (Bolya et al. 2020).

    Attributes:
        name: "class" (right place, wrong class), "location" (right class, IoU 0.1 to 0.5), "both",
            "duplicate", "background" (nothing there) or "missed".
        count: at the operating thresholds.
        ap_50_gain: how much AP@.5 would rise if exactly these were mended.
    """

    name: str
    count: int
    ap_50_gain: float


@dataclass(frozen=True)
class ObjectReport:
    """The judgement of a detector or an instance segmenter on a set of images.

    Attributes:
        coco: see `CocoSummary.values`.
        ap, ap_50: with intervals from a bootstrap over images.
        voc_ap_50: Pascal VOC's average precision (all points, since 2010) at IoU 0.5.
        confusion: (C + 1, C + 1) counts at the operating thresholds, rows are true classes,
            columns found ones; the last row and column stand for the background.
        box_coco: COCO's numbers of the boxes, where masks are judged.
    """

    task: Task
    labels: tuple[str, ...]
    num_images: int
    num_objects: int
    coco: Mapping[str, float]
    ap: Measure
    ap_50: Measure
    voc_ap_50: float
    precision: Measure | None
    recall: Measure | None
    f1: float
    per_class: tuple[ObjectClassReport, ...]
    confusion: tuple[tuple[int, ...], ...]
    errors: tuple[ErrorType, ...]
    slices: tuple[ScoreSlice, ...]
    unreadable: tuple[str, ...] = ()
    box_coco: Mapping[str, float] | None = None


@dataclass(frozen=True)
class ObjectResult:
    """What a model found in one image.

    Attributes:
        f1: of this image at the operating thresholds; 1 where nothing is there and nothing found.
        loss: 1 - f1, so that the worst image has the highest.
        objects: what was found above the operating thresholds, best first: {label, score, box}.
    """

    image_id: str
    num_true: int
    num_found: int
    num_hits: int
    f1: float
    loss: float
    objects: tuple[Mapping[str, Any], ...]

    @property
    def is_correct(self) -> bool:
        """Tell whether every object was found and nothing else."""
        return self.num_hits == self.num_true == self.num_found
