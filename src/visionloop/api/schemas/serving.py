"""Requests and answers of the serving routes."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from visionloop.serving.entities import EndpointState

_NAME = r"^[a-z][a-z0-9-]{1,62}$"


class _FromAttributes(BaseModel):
    model_config = ConfigDict(from_attributes=True, protected_namespaces=())


class DeploymentOut(_FromAttributes):
    """One model package behind an endpoint."""

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


class EndpointOut(_FromAttributes):
    """An online endpoint and its deployments."""

    id: str
    project: str
    workspace: str
    name: str
    url: str
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
    deployments: list[DeploymentOut]


class EndpointList(BaseModel):
    """Endpoints of a project."""

    items: list[EndpointOut]
    total: int


class EndpointCreate(BaseModel):
    """A new endpoint; the port is chosen when it is left out."""

    name: str = Field(pattern=_NAME)
    workspace: str = "dev"
    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=1024, le=65535)
    log_sample_rate: float = Field(default=1.0, ge=0.0, le=1.0)
    max_body_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, le=1024**3)
    max_pixels: int = Field(default=50_000_000, ge=1024, le=1_000_000_000)
    max_in_flight: int = Field(default=64, ge=1, le=10_000)


class EndpointUpdate(BaseModel):
    """What can change on a living endpoint."""

    desired_state: str | None = Field(default=None, pattern="^(running|stopped)$")
    log_sample_rate: float | None = Field(default=None, ge=0.0, le=1.0)
    max_body_bytes: int | None = Field(default=None, ge=1024, le=1024**3)
    max_pixels: int | None = Field(default=None, ge=1024, le=1_000_000_000)
    max_in_flight: int | None = Field(default=None, ge=1, le=10_000)


class DeploymentPut(BaseModel):
    """A model to deploy, named by its package digest."""

    model_config = ConfigDict(protected_namespaces=())

    model_digest: str = Field(pattern="^[0-9a-f]{64}$")
    model_version: str | None = None
    weight: int | None = Field(default=None, ge=0, le=100)
    mirror: int | None = Field(default=None, ge=0, le=100)


class TrafficPut(BaseModel):
    """The whole split in percent, and optionally the mirrored shares."""

    weights: dict[str, int]
    mirrors: dict[str, int] | None = None


class KeyCreate(BaseModel):
    """A new key for clients of an endpoint."""

    name: str = Field(min_length=1, max_length=100)


class KeyOut(_FromAttributes):
    """A key without its secret."""

    id: str
    endpoint: str
    name: str
    prefix: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None


class KeyList(BaseModel):
    """Keys of an endpoint."""

    items: list[KeyOut]
    total: int


class KeyIssued(BaseModel):
    """A new key and its secret, shown this once."""

    key: KeyOut
    secret: str


class DeploymentHealthOut(_FromAttributes):
    """What one deployment reports about itself."""

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


class EndpointHealthOut(_FromAttributes):
    """A measured view of an endpoint; latencies and rates cover the last 60 seconds."""

    endpoint: str
    state: EndpointState
    checked_at: datetime
    pid: int | None
    uptime_s: float | None
    restarts: int
    num_requests: int
    requests_per_minute: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    error_rate: float
    in_flight: int
    queue_depth: int
    dropped_records: int
    rss_bytes: int | None
    last_error: str | None
    deployments: list[DeploymentHealthOut]


class ModelReferenceOut(_FromAttributes):
    """Which model answered."""

    name: str
    version: str | None
    digest: str


class ScoredObjectOut(BaseModel):
    """One object that a model found."""

    label: str
    score: float
    box: list[float]


class LabelMapOut(BaseModel):
    """A PNG, base64, whose pixel values are 0 for the background and i + 1 for class i."""

    width: int
    height: int
    png: str


class ScoredRegionsOut(BaseModel):
    """The label map of an image, and the share of its pixels that each class covers."""

    shares: dict[str, float]
    mask: LabelMapOut


class ScoreOut(_FromAttributes):
    """The answer of an endpoint about one image."""

    request_id: str
    label: str
    score: float
    probabilities: dict[str, float]
    deployment: str
    model: ModelReferenceOut
    timings: dict[str, float]
    objects: list[ScoredObjectOut] | None = Field(
        default=None, description="What a detector found; boxes are xyxy pixels of the photo."
    )
    regions: ScoredRegionsOut | None = Field(default=None, description="What a segmenter saw.")
    labels: list[str] | None = Field(
        default=None, description="Classes that a multi-label classifier found."
    )


class LogTail(BaseModel):
    """The last lines that the endpoint's process wrote."""

    lines: list[str]
