"""What an online endpoint is made of, and what it answers about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EndpointState(StrEnum):
    """What a person wants to know first about an endpoint."""

    STOPPED = "stopped"
    STARTING = "starting"
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class Deployment:
    """One model package behind an endpoint.

    Attributes:
        model_name: name inside the package.
        model_version: version in the registry; None for a package that was never registered.
        model_digest: digest of the package; the identity of what answers.
        weight: share of live requests, in percent; the weights of an endpoint add up to 100.
        mirror: share of live requests, in percent, that it also scores without answering.
    """

    name: str
    endpoint: str
    model_name: str
    model_version: str | None
    model_digest: str
    weight: int
    mirror: int
    created_by: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Endpoint:
    """An address that answers with predictions, in its own process.

    Attributes:
        name: unique in the installation, because it names a folder and a process.
        desired_state: "running" or "stopped"; the supervisor brings the process there.
        log_sample_rate: share of images, 0 to 1, that the prediction log keeps as files.
        max_body_bytes: larger request bodies are refused with 413.
        max_pixels: images that announce more pixels are refused before decoding.
        max_in_flight: images in work or waiting; more are refused with 503.
    """

    id: str
    project: str
    workspace: str
    name: str
    host: str
    port: int
    desired_state: str
    log_sample_rate: float
    max_body_bytes: int
    max_pixels: int
    max_in_flight: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    deployments: tuple[Deployment, ...] = ()

    @property
    def url(self) -> str:
        """Where clients post images."""
        return f"http://{self.host}:{self.port}"


@dataclass(frozen=True)
class EndpointSpec:
    """What a person asks for when creating an endpoint; defaults suit one machine."""

    name: str
    workspace: str = "dev"
    host: str = "127.0.0.1"
    port: int | None = None
    log_sample_rate: float = 1.0
    max_body_bytes: int = 10 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_in_flight: int = 64


@dataclass(frozen=True)
class DeploymentSpec:
    """What a person asks for when deploying a model.

    Attributes:
        weight: percent of live requests; None keeps the present weight, or gives 100 to the
            first deployment of an endpoint and 0 to a later one.
        mirror: percent of live requests scored in the shadow; None keeps the present value.
    """

    name: str
    model_digest: str
    model_version: str | None = None
    weight: int | None = None
    mirror: int | None = None


@dataclass(frozen=True)
class EndpointKey:
    """A key that clients present; only its SHA-256 is kept."""

    id: str
    endpoint: str
    name: str
    prefix: str
    sha256: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class IssuedKey:
    """A new key together with its secret, which is shown this once."""

    key: EndpointKey
    secret: str


@dataclass(frozen=True)
class DeploymentHealth:
    """What one deployment reports about itself since its process started.

    Attributes:
        agreement: share of mirrored requests on which it gave the live deployment's label;
            None before the first.
    """

    name: str
    model_name: str
    model_version: str | None
    model_digest: str
    weight: int
    mirror: int
    num_requests: int
    num_errors: int
    num_mirrored: int
    agreement: float | None


@dataclass(frozen=True)
class EndpointHealth:
    """A measured view of an endpoint; latencies and rates cover the last 60 seconds.

    Attributes:
        latency_p50_ms, latency_p95_ms: from the last byte of a request to its answer; None
            without recent requests.
        error_rate: share of recent requests that ended in 5xx.
        queue_depth: images that wait for a worker.
        dropped_records: prediction log records lost since the process started.
        last_error: why the process or its endpoint file is not in order.
    """

    endpoint: str
    state: EndpointState
    checked_at: datetime
    pid: int | None = None
    uptime_s: float | None = None
    restarts: int = 0
    num_requests: int = 0
    requests_per_minute: float = 0.0
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    error_rate: float = 0.0
    in_flight: int = 0
    queue_depth: int = 0
    dropped_records: int = 0
    rss_bytes: int | None = None
    last_error: str | None = None
    deployments: tuple[DeploymentHealth, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class ModelReference:
    """Which model answered."""

    name: str
    version: str | None
    digest: str


@dataclass(frozen=True)
class Score:
    """The answer of an endpoint about one image."""

    request_id: str
    label: str
    score: float
    probabilities: dict[str, float]
    deployment: str
    model: ModelReference
    timings: dict[str, float]
    objects: list[dict[str, Any]] | None = None
    regions: dict[str, Any] | None = None
    labels: list[str] | None = None


@dataclass(frozen=True)
class LoadTestReport:
    """What a bounded load test measured, as its client saw it; None where nothing answered."""

    num_requests: int
    num_errors: int
    error_rate: float
    duration_s: float
    requests_per_s: float
    latency_p50_ms: float | None
    latency_p90_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    latency_max_ms: float | None
    status_counts: dict[str, int]
    deployment_counts: dict[str, int]
