"""What the Responsible AI routes give."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from visionloop.api.schemas.measures import MeasureOut


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class GapOut(_Schema):
    """How much better or worse the model is on some images than on the rest."""

    support: int
    quality: MeasureOut
    gap: MeasureOut
    p_value: float
    q_value: float
    is_weak: bool


class CohortOut(_Schema):
    """Images that share a label, a value, a third of a statistic, or a look."""

    kind: str
    attribute: str
    value: str
    gap: GapOut
    examples: list[str]


class TreeNodeOut(_Schema):
    """A node of the error tree; ``parent`` is a position in the list."""

    rule: str
    parent: int | None
    depth: int
    support: int
    quality: MeasureOut
    share_of_errors: float
    is_leaf: bool


class FoundSliceOut(_Schema):
    """Conditions found on one half of the images and tested on the other."""

    conditions: list[str]
    found: GapOut
    confirmed: GapOut
    examples: list[str]


class RobustnessOut(_Schema):
    """Quality on damaged copies of the same images; severity 0 is undamaged."""

    corruption: str
    severity: int
    quality: MeasureOut
    drop: float


class ExplanationOut(_Schema):
    """What the model looked at; ``saliency`` is a square grid of numbers in [0, 1]."""

    image_id: str
    method: str
    target: str
    score: float
    saliency: list[list[float]]
    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float


class MethodCheckOut(_Schema):
    """Whether a way to explain can be trusted for this model."""

    method: str
    num_images: int
    faithfulness: float
    random_faithfulness: float
    sanity: float | None
    is_trusted: bool


class LabelDoubtOut(_Schema):
    """An image whose label the model doubts."""

    image_id: str
    label: str
    suggested: str
    self_confidence: float


class BalanceOut(_Schema):
    """How evenly images are spread over the values of an attribute."""

    attribute: str
    shares: dict[str, float]
    imbalance: float
    evenness: float


class AssociationOut(_Schema):
    """How much an attribute and the label depend on each other."""

    attribute: str
    strength: float
    q_value: float
    cell: list[str]
    lift: float


class DataBiasOut(_Schema):
    """What the training data favour."""

    num_images: int
    balances: list[BalanceOut]
    associations: list[AssociationOut]


class ResponsibleContentOut(_Schema):
    """Everything a Responsible AI report says."""

    task: str
    num_images: int
    quality_name: str
    quality: MeasureOut
    cohorts: list[CohortOut]
    tree: list[TreeNodeOut]
    slices: list[FoundSliceOut]
    robustness: list[RobustnessOut]
    explanations: list[ExplanationOut]
    methods: list[MethodCheckOut]
    doubts: list[LabelDoubtOut]
    bias: DataBiasOut | None
    notes: list[str]


class ResponsibleReportOut(_Schema):
    """A stored report of an evaluation."""

    id: str
    evaluation_id: str
    created_by: str
    created_at: datetime
    content: ResponsibleContentOut


class ResponsibleJobOut(_Schema):
    """The job that will write the report."""

    job_id: str
    evaluation_id: str
