"""What the evaluation routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from visionloop.api.schemas.measures import MeasureOut
from visionloop.api.schemas.task_reports import (
    MultilabelReportOut,
    ObjectReportOut,
    RegionReportOut,
)
from visionloop.data.entities import Split


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ClassReportOut(_Schema):
    """How one class fares."""

    label: str
    support: int
    predicted: int
    precision: MeasureOut | None
    recall: MeasureOut | None
    f1: float


class SliceReportOut(_Schema):
    """How one part of the images fares against the rest."""

    attribute: str
    value: str
    support: int
    accuracy: MeasureOut
    gap: MeasureOut
    p_value: float
    q_value: float
    is_weak: bool


class ConfusionOut(_Schema):
    """A pair of classes that the model mixes up."""

    label: str
    predicted: str
    count: int


class ReportOut(_Schema):
    """The judgement of one model on one set of images."""

    labels: list[str]
    num_images: int
    accuracy: MeasureOut
    macro_f1: float
    macro_recall: float
    log_loss: float
    calibration_error: float
    per_class: list[ClassReportOut]
    confusion: list[list[int]]
    top_confusions: list[ConfusionOut]
    slices: list[SliceReportOut]
    unreadable: list[str]


class EvaluationOut(_Schema):
    """A stored judgement and its headline numbers."""

    id: str
    project: str
    subject: str
    run_id: str | None
    dataset_version_id: str | None
    split: str
    num_images: int
    metrics: dict[str, float]
    created_by: str
    created_at: datetime


class EvaluationList(_Schema):
    """Evaluations, newest first."""

    items: list[EvaluationOut]
    total: int


class EvaluationDetailOut(_Schema):
    """A stored judgement in full."""

    evaluation: EvaluationOut
    report: ReportOut | None = Field(default=None, description="Of a classifier.")
    objects: ObjectReportOut | None = Field(
        default=None, description="Of a detector or an instance segmenter."
    )
    regions: RegionReportOut | None = Field(default=None, description="Of a semantic segmenter.")
    multilabel: MultilabelReportOut | None = Field(
        default=None, description="Of a multi-label classifier."
    )


class FoundObjectOut(_Schema):
    """One object that the model found; ``box`` is xyxy in pixels of the upright image."""

    label: str
    score: float
    box: list[float]
    mask: dict[str, Any] | None = None


class ImageResultOut(_Schema):
    """What the model said about one image; a classifier gives one label, others objects."""

    image_id: str
    label: str
    predicted: str
    confidence: float
    loss: float
    is_correct: bool
    probabilities: list[float]
    num_true: int | None = None
    num_found: int | None = None
    num_hits: int | None = None
    objects: list[FoundObjectOut] | None = None
    labels: list[str] | None = Field(default=None, description="True classes, of several.")
    scores: dict[str, float] | None = Field(
        default=None,
        description="By class: IoU of a segmenter, probability of a multi-label classifier.",
    )


class ImageResultList(_Schema):
    """Image results, worst first."""

    items: list[ImageResultOut]
    total: int


class EvaluationCreate(_Schema):
    """Judge the model of a finished run on a split of a dataset version."""

    run_id: str
    dataset_version: str = Field(description="Id, NAME:NUMBER, or NAME for the newest.")
    split: Split = "test"


class EvaluationJobOut(_Schema):
    """The job that will write the evaluation."""

    job_id: str
    evaluation_id: str


class ModelComparisonOut(_Schema):
    """Two models on the same images; ``difference`` is candidate minus baseline."""

    num_images: int
    baseline_accuracy: MeasureOut
    candidate_accuracy: MeasureOut
    difference: MeasureOut
    p_value: float
    fixed: list[str]
    broken: list[str]
    measure: str
