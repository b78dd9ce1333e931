"""What is known about how good a model is, and where it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.data.entities import Annotation


@dataclass(frozen=True)
class Example:
    """A labeled photo to judge a model by.

    Attributes:
        label: the class, where an image has exactly one; else empty.
        read: returns the bytes of the file; called when they are needed.
        attributes: what slices are cut by: EXIF fields, custom metadata.
        statistics: (14,) image statistics where they are already known.
        group_key: person, track or cluster that the photo is from, where it is known.
        annotations: every label, with its place.
        width, height: pixels of the upright image; 0 where only a class is judged.
    """

    image_id: str
    label: str
    read: Callable[[], bytes]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    statistics: tuple[float, ...] | None = None
    dhash: str | None = None
    group_key: str | None = None
    annotations: tuple[Annotation, ...] = ()
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Scores:
    """What a model says about N images.

    Attributes:
        probabilities: (N, C) float32; of a classifier's rows sum to one, of other models each
            value says how surely the class is in the image.
        embeddings: (N, D) float32.
        extras: what the task adds, by output name: (N, K, 4) "boxes", (N, K) "scores" and
            "classes" of a detector, in input pixels, padded with score 0.
    """

    probabilities: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassReport:
    """How one class fares; precision is None where the class was never predicted."""

    label: str
    support: int
    predicted: int
    precision: Measure | None
    recall: Measure | None
    f1: float


@dataclass(frozen=True)
class SliceReport:
    """How the model fares on one part of the images, against the rest of them.

    Attributes:
        gap: accuracy here minus accuracy on the rest, with an interval.
        p_value: of no difference (Fisher's exact test).
        q_value: after Benjamini-Hochberg over all slices of the report.
        is_weak: worse than the rest, and not by chance at a false discovery rate of 5 %.
    """

    attribute: str
    value: str
    support: int
    accuracy: Measure
    gap: Measure
    p_value: float
    q_value: float
    is_weak: bool


@dataclass(frozen=True)
class ScoreSlice:
    """How a model fares on one part of the images, where each image has a score in [0, 1].

    Attributes:
        score: mean here, with an interval.
        gap: mean here minus mean on the rest, with an interval.
        p_value: of no difference (Mann-Whitney).
        q_value: after Benjamini-Hochberg over all slices of the report.
        is_weak: worse than the rest, and not by chance at a false discovery rate of 5 %.
    """

    attribute: str
    value: str
    support: int
    score: Measure
    gap: Measure
    p_value: float
    q_value: float
    is_weak: bool


@dataclass(frozen=True)
class ImageResult:
    """What the model said about one image.

    Attributes:
        confidence: probability of the predicted label.
        loss: negative log probability of the true label; the worst image has the highest.
        probabilities: in the order of the report's labels.
    """

    image_id: str
    label: str
    predicted: str
    confidence: float
    loss: float
    probabilities: tuple[float, ...]

    @property
    def is_correct(self) -> bool:
        """Tell whether the predicted label is the true one."""
        return self.label == self.predicted


@dataclass(frozen=True)
class Confusion:
    """A pair of classes that the model mixes up."""

    label: str
    predicted: str
    count: int


@dataclass(frozen=True)
class Report:
    """The judgement of one model on one set of images.

    Attributes:
        confusion: (C, C) counts, rows are true labels, columns predicted ones.
        calibration_error: expected calibration error over 15 equal-mass bins.
    """

    labels: tuple[str, ...]
    num_images: int
    accuracy: Measure
    macro_f1: float
    macro_recall: float
    log_loss: float
    calibration_error: float
    per_class: tuple[ClassReport, ...]
    confusion: tuple[tuple[int, ...], ...]
    top_confusions: tuple[Confusion, ...]
    slices: tuple[SliceReport, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """A stored judgement.

    Attributes:
        subject: what was judged, e.g. "run/run_01..." or "model/parts/3".
        split: the part of the dataset version, or a free name for other images.
        metrics: the headline numbers of the report.
        images_digest: blob with the result of every image.
    """

    id: str
    project: str
    subject: str
    run_id: str | None
    dataset_version_id: str | None
    split: str
    num_images: int
    metrics: Mapping[str, float]
    report_digest: str
    images_digest: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class ModelComparison:
    """Two models on the same images.

    Attributes:
        difference: candidate minus baseline accuracy, with a paired interval.
        p_value: McNemar's exact test; Wilcoxon's where images have scores.
        fixed, broken: images that only the candidate, or only the baseline, gets right; where
            images have scores, those that the candidate gets better or worse.
        measure: what "accuracy" stands for.
    """

    num_images: int
    baseline_accuracy: Measure
    candidate_accuracy: Measure
    difference: Measure
    p_value: float
    fixed: tuple[str, ...]
    broken: tuple[str, ...]
    measure: str = "accuracy"
