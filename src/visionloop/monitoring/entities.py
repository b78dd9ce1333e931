"""What monitoring keeps: monitors, windows, alerts, review selections and audits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class WindowState(StrEnum):
    """What one evaluation of a monitor found."""

    OK = "ok"
    DRIFTED = "drifted"
    INSUFFICIENT_DATA = "insufficient_data"


class AlertKind(StrEnum):
    """What an alert is about."""

    DRIFT = "drift"
    PERFORMANCE = "performance"
    ENDPOINT_DOWN = "endpoint_down"
    LATENCY = "latency"
    STALE_MONITOR = "stale_monitor"
    DROPPED_RECORDS = "dropped_records"


class Severity(StrEnum):
    """A page wants a person now; a ticket can wait for working hours."""

    PAGE = "page"
    TICKET = "ticket"


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class MonitorSettings:
    """How a monitor evaluates; the defaults come from measurements (docs: monitoring).

    Attributes:
        window_size: newest deduplicated images that one evaluation looks at.
        min_images: fewer images than this are no evidence, and no evaluation.
        alpha: probability of calling a clean window drifted.
        every_requests: evaluate again after so many new requests.
        max_accuracy_drop: estimated accuracy this far below the reference is an alert.
        review_budget: images that one trip to the review queue may cost.
        audit_share: share of the budget drawn uniformly at random, for unbiased estimates.
        review_on_alert: send images to review as soon as an alert opens.
        assignee: user that the review tasks are assigned to; None leaves them open to all.
        max_latency_p95_ms: objective of the endpoint; slower is an alert.
        max_restarts_per_hour: automatic restarts before a person is asked.
        retention_days: age at which log records and stored images are deleted.
    """

    window_size: int = 200
    min_images: int = 50
    alpha: float = 0.01
    every_requests: int = 25
    max_accuracy_drop: float = 0.1
    review_budget: int = 50
    audit_share: float = 0.15
    review_on_alert: bool = False
    assignee: str | None = None
    max_latency_p95_ms: float = 1000.0
    max_restarts_per_hour: int = 3
    retention_days: int = 90


@dataclass(frozen=True)
class Monitor:
    """Watches the predictions of one endpoint.

    Attributes:
        deployment: watch this deployment only; None follows the model that answers most.
    """

    id: str
    project: str
    name: str
    endpoint: str
    deployment: str | None
    is_enabled: bool
    settings: MonitorSettings
    created_by: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class FamilyResult:
    """One family of drift tests: how unusual its most shifted feature is.

    Attributes:
        name: "statistics", "predictions", "embedding" or "domain_classifier".
        statistic: largest scaled Kolmogorov-Smirnov distance, or the classifier's AUC.
        threshold: calibrated value that a clean window exceeds with probability alpha / 4.
    """

    name: str
    statistic: float
    threshold: float
    p_value: float


@dataclass(frozen=True)
class FeatureShift:
    """One feature of the window against the reference.

    Attributes:
        distance: Kolmogorov-Smirnov distance, 0 to 1.
        shift: difference of the means in standard deviations of the reference.
    """

    name: str
    distance: float
    shift: float
    reference_mean: float
    window_mean: float


@dataclass(frozen=True)
class ShiftedImage:
    """An image that looks least like the reference; score in [0, 1] is its domain probability."""

    request_id: str
    image_id: str
    label: str
    score: float


@dataclass(frozen=True)
class DriftResult:
    """Outcome of the drift tests on one window; `auc` is the effect size."""

    p_value: float
    alpha: float
    auc: float
    is_drifted: bool
    num_images: int
    num_reference: int
    families: tuple[FamilyResult, ...]
    features: tuple[FeatureShift, ...]
    images: tuple[ShiftedImage, ...]


@dataclass(frozen=True)
class PerformanceEstimate:
    """Accuracy estimated without labels, with a 90 % interval.

    Attributes:
        method: "cbpe" where nothing drifts, "regressor" where something does.
        reference: accuracy on the labeled reference.
        is_extrapolating: the window lies outside what the estimator has seen; ask for labels.
    """

    value: float
    low: float
    high: float
    reference: float
    method: str
    is_extrapolating: bool


@dataclass(frozen=True)
class MonitorWindow:
    """One evaluation of a monitor over the newest images.

    Attributes:
        num_requests: requests that this model had answered when the window was taken.
        num_images: images in the window after near-duplicates were removed.
        last_request_id: newest request in it; with the monitor, the window's identity.
    """

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
    drift: DriftResult | None
    performance: PerformanceEstimate | None
    created_at: datetime


@dataclass(frozen=True)
class Alert:
    """Something a person should know about; it stays open until resolved."""

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
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class ReviewSelection:
    """One production image sent to a person, and what the person said.

    Attributes:
        p_error: learned probability that the prediction is wrong.
        least_confidence: what the rival ranker says, 1 - highest probability.
        is_audit: drawn uniformly at random, whatever the ranking says.
        selection_probability: probability of an audit draw; None for ranked images.
        is_error: the reviewed label differs from the prediction; None until reviewed.
    """

    id: str
    batch_id: str
    project: str
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
    true_label: str | None = None
    is_error: bool | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True)
class ReviewBatch:
    """What one trip to the review queue sent.

    Attributes:
        cause: why it was sent; the same cause never sends twice.
        num_candidates: distinct images that the audit was drawn from.
        mean_p_error: mean estimated error over those, for estimates from the audit.
    """

    id: str
    project: str
    monitor_id: str
    alert_id: str | None
    model_digest: str
    cause: str
    num_candidates: int
    num_selected: int
    num_audit: int
    mean_p_error: float
    created_by: str
    created_at: datetime
    selections: tuple[ReviewSelection, ...] = ()


@dataclass(frozen=True)
class AuditEstimate:
    """True accuracy from audited labels, with a 95 % interval.

    Attributes:
        method: "difference" (audited labels combined with all predictions) or "mean".
        mean_value: accuracy from the audited labels alone, for comparison.
    """

    value: float
    low: float
    high: float
    method: str
    num_audited: int
    num_predictions: int
    mean_value: float
    mean_low: float
    mean_high: float


@dataclass(frozen=True)
class ReviewOutcomes:
    """How well the review queue finds errors, as far as reviewed.

    Attributes:
        base_error_rate: errors among uniformly drawn audit images.
        hit_rate: errors among ranked images.
        lift: hit_rate / base_error_rate.
        rival_hit_rate: errors among as many reviewed images that least confidence puts first.
    """

    num_selected: int
    num_reviewed: int
    num_errors: int
    base_error_rate: float | None
    hit_rate: float | None
    lift: float | None
    rival_hit_rate: float | None
    audit: AuditEstimate | None


@dataclass(frozen=True)
class PerformancePoint:
    """One point of the performance timeline: what was estimated, and what was audited."""

    window_id: str
    time: datetime
    model_digest: str
    num_requests: int
    estimate: PerformanceEstimate | None
    audit: AuditEstimate | None


@dataclass(frozen=True)
class EndpointCheck:
    """One look at an endpoint, and what was done about it.

    Attributes:
        action: "none", "restarted" or "proposed".
    """

    id: str
    project: str
    endpoint: str
    is_alive: bool
    latency_p95_ms: float | None
    num_requests: int
    num_errors: int
    num_dropped_records: int
    problem: str | None
    action: str
    created_at: datetime


@dataclass(frozen=True)
class TrafficPoint:
    """Requests and latency of an endpoint in one stretch of time."""

    time: datetime
    num_requests: int
    latency_p50_ms: float
    latency_p95_ms: float


@dataclass(frozen=True)
class EndpointHealth:
    """The infrastructure view of one endpoint."""

    endpoint: str
    checks: tuple[EndpointCheck, ...]
    traffic: tuple[TrafficPoint, ...]
    num_restarts_last_hour: int
