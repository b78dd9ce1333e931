"""What the routes of consensus and quality take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from visionloop.api.schemas.common import Schema
from visionloop.api.schemas.data import AnnotationIn
from visionloop.api.schemas.labeling import SuggestedAnnotation
from visionloop.labeling.consensus.entities import CaseState


class ObjectVoteOut(Schema):
    """One object that at least one annotator saw."""

    category: str
    seen_by: list[str]
    categories: dict[str, str]
    similarity: float
    is_kept: bool


class ConsensusCaseOut(Schema):
    """An image that several people answered, and how it was decided."""

    id: str
    queue: str
    image_id: str
    state: CaseState
    agreement: float
    annotators: list[str]
    task_ids: list[str]
    merged: list[SuggestedAnnotation]
    objects: list[ObjectVoteOut]
    created_at: datetime
    choice: str | None
    resolved_by: str | None
    resolved_at: datetime | None


class ConsensusCaseList(Schema):
    """Cases, those that agree least first."""

    items: list[ConsensusCaseOut]
    total: int


class ConsensusCaseDetail(Schema):
    """A case with what everybody said."""

    case: ConsensusCaseOut
    answers: dict[str, list[SuggestedAnnotation]]
    attributes: dict[str, dict[str, Any]]


class CaseResolve(Schema):
    """What a reviewer takes."""

    choice: str = Field(description="merged, the name of an annotator, or own")
    annotations: list[AnnotationIn] = Field(default_factory=list, max_length=20_000)


class GoldImages(Schema):
    """Images that test labelers."""

    image_ids: list[str] = Field(min_length=1, max_length=5000)


class GoldImageOut(Schema):
    """An image whose labels are known."""

    image_id: str
    annotations: list[SuggestedAnnotation]
    created_by: str
    created_at: datetime


class GoldImageList(Schema):
    """The images that test labelers."""

    items: list[GoldImageOut]
    total: int


class GoldRemoved(Schema):
    """How many images no longer test anybody."""

    num_images: int


class IntervalOut(Schema):
    """A share with its 95 % interval (Wilson)."""

    value: float
    low: float
    high: float


class AnnotatorQualityOut(Schema):
    """What is known about one person's work."""

    name: str
    num_submitted: int
    num_rejections: int
    num_fixed: int
    num_gold: int
    gold: IntervalOut | None = Field(description="Share of hidden tests that were right")
    gold_score: float | None
    num_consensus: int
    consensus: float | None = Field(description="Mean agreement with what was decided")
    class_accuracy: float | None = Field(description="Expected, after Dawid and Skene")
    estimate: float = Field(description="Weighs this person's votes")
    median_s: float | None
    per_hour: float | None


class LabelQualityOut(Schema):
    """How good the labels of a queue are."""

    queue: str | None
    annotators: list[AnnotatorQualityOut]
    mean_agreement: float | None
    cohen: dict[str, float | None]
    fleiss: float | None
    krippendorff: float | None
