"""Scored images, choices among them and the learning curve, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ScoredImages:
    """What a model says about images that nobody labeled.

    Attributes:
        image_ids: in the order of the rows.
        classes: in the order of the columns.
        probabilities: (N, C).
        embeddings: (N, D).
        model: reference of the model.
    """

    image_ids: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: FloatArray
    embeddings: FloatArray
    model: str

    def __len__(self) -> int:
        return len(self.image_ids)


@dataclass(frozen=True)
class ActiveChoice:
    """One chosen image, and why.

    Attributes:
        index: row among the scored images.
        is_audit: drawn uniformly, whatever the model says.
    """

    index: int
    p_error: float
    is_audit: bool


@dataclass(frozen=True)
class Outcome:
    """What a model had said about an image before a person labeled it.

    Attributes:
        confidence, margin, entropy: of the model's probabilities then.
    """

    confidence: float
    margin: float
    entropy: float
    is_wrong: bool


@dataclass(frozen=True)
class CurvePoint:
    """How good a model was after so many labels.

    Attributes:
        num_labels: labeled images of the project when the batch was chosen.
        num_audited: uniformly drawn images of the batch that have been labeled since.
        accuracy: share of them that the model had right; None before the first.
        low, high: 95 % interval (Wilson).
    """

    batch_id: str
    model: str
    num_labels: int
    num_audited: int
    accuracy: float | None
    low: float | None
    high: float | None
    created_at: datetime


@dataclass(frozen=True)
class LearningCurve:
    """Accuracy against labels spent.

    Attributes:
        num_labels: labeled images of the project now.
        num_since: labels since the newest batch was chosen.
        is_retrain_due: as many as the batch asked for before the next model.
    """

    points: tuple[CurvePoint, ...]
    num_labels: int
    num_since: int
    is_retrain_due: bool


@dataclass(frozen=True)
class Reranked:
    """What a new model changed about the order of work."""

    model: str
    num_ranked: int
    num_unreadable: int
