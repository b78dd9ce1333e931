"""Reports of the tasks beside classification."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from visionloop.api.schemas.measures import MeasureOut, ScoreSliceOut


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ObjectClassReportOut(_Schema):
    """How one class of objects fares at its operating threshold."""

    label: str
    support: int
    found: int
    hits: int
    ap: float | None
    ap_50: float | None
    threshold: float
    precision: MeasureOut | None
    recall: MeasureOut | None
    f1: float


class ErrorTypeOut(_Schema):
    """One kind of mistake, and how much AP@.5 would rise without it."""

    name: str
    count: int
    ap_50_gain: float


class ObjectReportOut(_Schema):
    """The judgement of a detector or an instance segmenter."""

    task: str
    labels: list[str]
    num_images: int
    num_objects: int
    coco: dict[str, float]
    box_coco: dict[str, float] | None
    ap: MeasureOut
    ap_50: MeasureOut
    voc_ap_50: float
    precision: MeasureOut | None
    recall: MeasureOut | None
    f1: float
    per_class: list[ObjectClassReportOut]
    confusion: list[list[int]]
    errors: list[ErrorTypeOut]
    slices: list[ScoreSliceOut]
    unreadable: list[str]


class RegionClassReportOut(_Schema):
    """How one class of pixels fares."""

    label: str
    num_images: int
    share: float
    iou: float | None
    dice: float | None
    boundary_iou: float | None
    precision: float | None
    recall: float | None


class RegionReportOut(_Schema):
    """The judgement of a semantic segmenter."""

    labels: list[str]
    num_images: int
    miou: MeasureOut
    dice: MeasureOut
    boundary_iou: MeasureOut
    pixel_accuracy: float
    per_class: list[RegionClassReportOut]
    confusion: list[list[float]]
    slices: list[ScoreSliceOut]
    unreadable: list[str]


class MultilabelClassReportOut(_Schema):
    """How one class of a multi-label classifier fares at its operating threshold."""

    label: str
    support: int
    predicted: int
    hits: int
    ap: float | None
    threshold: float
    precision: MeasureOut | None
    recall: MeasureOut | None
    f1: float


class MultilabelReportOut(_Schema):
    """The judgement of a multi-label classifier."""

    labels: list[str]
    num_images: int
    mean_ap: MeasureOut
    macro_f1: float
    micro_f1: float
    exact_match: MeasureOut
    per_class: list[MultilabelClassReportOut]
    slices: list[ScoreSliceOut]
    unreadable: list[str]
