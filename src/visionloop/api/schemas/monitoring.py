"""What the monitoring routes say and understand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from visionloop.monitoring.entities import AlertKind, AlertState, Severity, WindowState

Share = Annotated[float, Field(ge=0, le=1)]


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True, protected_namespaces=())


class MonitorSettingsSchema(_Schema):
    """How a monitor evaluates."""

    window_size: Annotated[int, Field(ge=50, le=5000)] = 200
    min_images: Annotated[int, Field(ge=20, le=5000)] = 50
    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.01
    every_requests: Annotated[int, Field(ge=1, le=100_000)] = 25
    max_accuracy_drop: Share = 0.1
    review_budget: Annotated[int, Field(ge=1, le=10_000)] = 50
    audit_share: Share = 0.15
    review_on_alert: bool = False
    assignee: str | None = None
    max_latency_p95_ms: Annotated[float, Field(gt=0)] = 1000.0
    max_restarts_per_hour: Annotated[int, Field(ge=0, le=60)] = 3
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 90


class MonitorSchema(_Schema):
    """A monitor."""

    id: str
    project: str
    name: str
    endpoint: str
    deployment: str | None
    is_enabled: bool
    settings: MonitorSettingsSchema
    created_by: str
    created_at: datetime
    updated_at: datetime


class MonitorList(_Schema):
    """Monitors of a project."""

    items: list[MonitorSchema]
    total: int


class MonitorCreate(_Schema):
    """A monitor to create."""

    name: str
    endpoint: str
    deployment: str | None = None
    is_enabled: bool = True
    settings: MonitorSettingsSchema = MonitorSettingsSchema()


class MonitorUpdate(_Schema):
    """Changes to a monitor; what is left out stays."""

    deployment: str | None = None
    is_enabled: bool | None = None
    settings: MonitorSettingsSchema | None = None


class FamilyResultSchema(_Schema):
    """One family of drift tests."""

    name: str
    statistic: float
    threshold: float
    p_value: float


class FeatureShiftSchema(_Schema):
    """One feature of the window against the reference."""

    name: str
    distance: float
    shift: float
    reference_mean: float
    window_mean: float


class ShiftedImageSchema(_Schema):
    """An image that looks least like the reference."""

    request_id: str
    image_id: str
    label: str
    score: float


class DriftResultSchema(_Schema):
    """Outcome of the drift tests."""

    p_value: float
    alpha: float
    auc: float
    is_drifted: bool
    num_images: int
    num_reference: int
    families: list[FamilyResultSchema]
    features: list[FeatureShiftSchema]
    images: list[ShiftedImageSchema]


class PerformanceEstimateSchema(_Schema):
    """Accuracy estimated without labels, with a 90 % interval."""

    value: float
    low: float
    high: float
    reference: float
    method: str
    is_extrapolating: bool


class MonitorWindowSchema(_Schema):
    """One evaluation of a monitor."""

    id: str
    monitor_id: str
    project: str
    endpoint: str
    deployment: str
    model_digest: str
    state: WindowState
    num_requests: int
    num_images: int
    num_duplicates: int
    first_request_at: datetime | None
    last_request_at: datetime | None
    last_request_id: str | None
    drift: DriftResultSchema | None
    performance: PerformanceEstimateSchema | None
    created_at: datetime


class MonitorWindowList(_Schema):
    """Windows of a monitor, newest first."""

    items: list[MonitorWindowSchema]
    total: int


class AlertSchema(_Schema):
    """An alert."""

    id: str
    project: str
    monitor_id: str | None
    endpoint: str
    kind: AlertKind
    severity: Severity
    state: AlertState
    summary: str
    facts: dict[str, Any]
    window_id: str | None
    created_at: datetime
    last_seen_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None


class AlertList(_Schema):
    """Alerts of a project, newest first."""

    items: list[AlertSchema]
    total: int


class ReviewRequest(_Schema):
    """Images to send to the review queue."""

    budget: Annotated[int, Field(ge=1, le=10_000)] | None = None
    alert_id: str | None = None


class ReviewSelectionSchema(_Schema):
    """One production image sent to a person."""

    id: str
    batch_id: str
    monitor_id: str
    alert_id: str | None
    endpoint: str
    model_digest: str
    request_id: str
    image_id: str
    task_id: str | None
    predicted: str
    p_error: float
    least_confidence: float
    rank: int
    is_audit: bool
    selection_probability: float | None
    created_at: datetime
    true_label: str | None
    is_error: bool | None
    reviewed_at: datetime | None


class ReviewSelectionList(_Schema):
    """Review selections of a monitor, newest first."""

    items: list[ReviewSelectionSchema]
    total: int


class ReviewBatchSchema(_Schema):
    """What one trip to the review queue sent."""

    id: str
    monitor_id: str
    alert_id: str | None
    model_digest: str
    num_candidates: int
    num_selected: int
    num_audit: int
    created_by: str
    created_at: datetime
    selections: list[ReviewSelectionSchema]


class AuditEstimateSchema(_Schema):
    """True accuracy from audited labels, with a 95 % interval."""

    value: float
    low: float
    high: float
    method: str
    num_audited: int
    num_predictions: int
    mean_value: float
    mean_low: float
    mean_high: float


class ReviewOutcomesSchema(_Schema):
    """How well the review queue finds errors."""

    num_selected: int
    num_reviewed: int
    num_errors: int
    base_error_rate: float | None
    hit_rate: float | None
    lift: float | None
    rival_hit_rate: float | None
    audit: AuditEstimateSchema | None


class PerformancePointSchema(_Schema):
    """One point of the performance timeline."""

    window_id: str
    time: datetime
    model_digest: str
    num_requests: int
    estimate: PerformanceEstimateSchema | None
    audit: AuditEstimateSchema | None


class PerformanceTimeline(_Schema):
    """Estimated and audited accuracy over time, oldest first."""

    items: list[PerformancePointSchema]
    total: int


class LoggedPredictionSchema(_Schema):
    """One answered request."""

    request_id: str
    time: datetime
    endpoint: str
    deployment: str
    model_digest: str
    image_id: str
    label: str
    score: float
    probabilities: list[float]
    width: int
    height: int
    decode_ms: float
    inference_ms: float
    total_ms: float
    image_stored: bool
    metadata: dict[str, Any]
    objects: list[dict[str, Any]]
    true_label: str | None


class LoggedPredictionList(_Schema):
    """Requests in the prediction log, newest first."""

    items: list[LoggedPredictionSchema]
    total: int


class LogSummarySchema(_Schema):
    """Counts and latencies of a deployment."""

    endpoint: str
    deployment: str
    model_digest: str
    num_requests: int
    first_at: datetime
    last_at: datetime
    mean_score: float
    latency_p50_ms: float
    latency_p95_ms: float
    latency_p99_ms: float
    labels: dict[str, int]


class LogSummaryList(_Schema):
    """One summary for each deployment."""

    items: list[LogSummarySchema]
    total: int


class TruthSchema(_Schema):
    """Ground truth of one request."""

    request_id: str
    label: str


class TruthUpload(_Schema):
    """Ground truth that arrives after the predictions."""

    items: Annotated[list[TruthSchema], Field(min_length=1, max_length=10_000)]


class TruthReceipt(_Schema):
    """What became of uploaded ground truth."""

    num_recorded: int
    unknown_request_ids: list[str]


class EndpointCheckSchema(_Schema):
    """One look at an endpoint, and what was done about it."""

    id: str
    endpoint: str
    is_alive: bool
    latency_p95_ms: float | None
    num_requests: int
    num_errors: int
    num_dropped_records: int
    problem: str | None
    action: str
    created_at: datetime


class TrafficPointSchema(_Schema):
    """Requests and latency in one stretch of time."""

    time: datetime
    num_requests: int
    latency_p50_ms: float
    latency_p95_ms: float


class EndpointHealthSchema(_Schema):
    """The infrastructure view of one endpoint."""

    endpoint: str
    checks: list[EndpointCheckSchema]
    traffic: list[TrafficPointSchema]
    num_restarts_last_hour: int
