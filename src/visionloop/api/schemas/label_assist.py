"""What the routes of model assistance and active learning take and give."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from visionloop.api.schemas.common import Schema


class SegmentRequest(Schema):
    """What a person pointed at, in upright pixels."""

    box: tuple[float, float, float, float] | None = Field(default=None, description="xyxy")
    inside: list[tuple[float, float]] = Field(
        default_factory=list, max_length=100, description="Places on the object"
    )
    outside: list[tuple[float, float]] = Field(
        default_factory=list, max_length=100, description="Places beside it"
    )


class OutlineOut(Schema):
    """The object that was meant; nothing is saved."""

    polygons: list[list[float]]
    bbox: tuple[float, float, float, float] | None
    runtime: str
    seconds: float


class AssistQualityOut(Schema):
    """What became of a model's proposals."""

    model: str
    num_tasks: int
    num_proposed: int
    num_unchanged: int
    num_edited: int
    num_rejected: int
    num_own: int = Field(description="Labels that people made without a proposal")
    unchanged: float | None
    low: float | None
    high: float | None


class AssistQualityList(Schema):
    """Models whose proposals people decided on."""

    items: list[AssistQualityOut]
    total: int


class SuggestQueue(Schema):
    """Which open tasks get proposals."""

    model: str | None = Field(default=None, description="NAME:VERSION; the champion by default")
    limit: int = Field(default=50, ge=1, le=500)


class SuggestedQueue(Schema):
    """How many tasks got proposals."""

    num_suggested: int
    num_unreadable: int


class ActiveBatchCreate(Schema):
    """How large a batch to choose, and by which model."""

    size: int = Field(ge=1, le=2000)
    model: str | None = None
    assignee: str | None = None


class RerankRequest(Schema):
    """The model that ranks."""

    model: str | None = None


class RerankedOut(Schema):
    """What a new model changed about the order of work."""

    model: str
    num_ranked: int
    num_unreadable: int


class CurvePointOut(Schema):
    """How good a model was after so many labels."""

    batch_id: str
    model: str
    num_labels: int
    num_audited: int
    accuracy: float | None
    low: float | None
    high: float | None
    created_at: datetime


class LearningCurveOut(Schema):
    """Accuracy against labels spent, measured on uniformly drawn images."""

    points: list[CurvePointOut]
    num_labels: int
    num_since: int
    is_retrain_due: bool
