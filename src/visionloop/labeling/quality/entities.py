"""Hidden tests, scores and what they say about people, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from visionloop.data.entities import AnnotationDraft


class ScoreKind(StrEnum):
    """What an answer was measured against."""

    GOLD = "gold"
    CONSENSUS = "consensus"


@dataclass(frozen=True)
class GoldImage:
    """An image whose labels are known; labelers meet it as a task like any other."""

    project: str
    image_id: str
    annotations: tuple[AnnotationDraft, ...]
    created_by: str
    created_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """One answer, measured.

    Attributes:
        value: agreement with what is known or was decided, 0 to 1.
        is_right: the value reached the bar.
    """

    task_id: str
    project: str
    queue: str
    image_id: str
    annotator: str
    kind: ScoreKind
    value: float
    is_right: bool
    created_at: datetime


@dataclass(frozen=True)
class Interval:
    """A share with its 95 % interval (Wilson)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AnnotatorQuality:
    """What is known about one person's work.

    Attributes:
        gold: share of hidden tests that were right; None before the first.
        consensus: mean agreement with what was decided; None without consensus.
        class_accuracy: expected share of right classes after Dawid and Skene; None without.
        estimate: the quality that weighs this person's votes.
        num_fixed: accepted only after a reviewer mended them.
        per_hour: images an hour of work.
    """

    name: str
    num_submitted: int
    num_rejections: int
    num_fixed: int
    num_gold: int
    gold: Interval | None
    gold_score: float | None
    num_consensus: int
    consensus: float | None
    class_accuracy: float | None
    estimate: float
    median_s: float | None
    per_hour: float | None


@dataclass(frozen=True)
class QualityReport:
    """How good the labels of a queue are.

    Attributes:
        mean_agreement: over all decided images, 0 to 1.
        cohen: pair of names to kappa.
        fleiss, krippendorff: over all annotators; None where they say nothing.
    """

    queue: str | None
    annotators: tuple[AnnotatorQuality, ...]
    mean_agreement: float | None
    cohen: Mapping[str, float | None]
    fleiss: float | None
    krippendorff: float | None
