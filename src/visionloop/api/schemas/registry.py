"""What the registry routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from visionloop.api.schemas.common import Schema
from visionloop.registry.entities import LineageKind


class ModelRegister(Schema):
    """The finished run whose model to register."""

    run_id: str
    notes: str = Field(default="", max_length=4000)


class ModelDescribe(Schema):
    """What a model is for."""

    description: str = Field(max_length=4000)


class AliasSet(Schema):
    """The version that an alias points to."""

    version: int | str = Field(description="A number, another alias, or 'latest'")


class RegisteredModelOut(Schema):
    """A named line of versions."""

    project: str
    name: str
    description: str
    created_by: str
    created_at: datetime
    latest_version: int
    num_versions: int
    aliases: dict[str, int]


class RegisteredModelList(Schema):
    """The models of a project."""

    items: list[RegisteredModelOut]
    total: int


class DatasetReferenceOut(Schema):
    """The frozen data that a model learned from."""

    id: str
    name: str
    version: int
    digest: str


class ParityEvidenceOut(Schema):
    """How far the exported graph is from the checkpoint."""

    max_abs_difference: float
    tolerance: float
    num_images: int
    passed: bool


class ModelVersionOut(Schema):
    """One registered package."""

    id: str
    project: str
    model: str
    version: int
    reference: str
    digest: str
    task: str
    labels: list[str]
    run_id: str | None
    evaluation_id: str | None
    dataset: DatasetReferenceOut | None
    metrics: dict[str, float]
    parity: ParityEvidenceOut
    size_bytes: int
    num_files: int
    key_id: str
    notes: str
    aliases: list[str]
    created_by: str
    created_at: datetime


class ModelVersionList(Schema):
    """The versions of a model, newest first."""

    items: list[ModelVersionOut]
    total: int


class ModelVersionDetailOut(Schema):
    """A version with its card and manifest."""

    version: ModelVersionOut
    model_card: str = Field(description="Markdown")
    preprocessing: dict[str, Any]
    thresholds: dict[str, float]
    code_version: str
    files: dict[str, str] = Field(description="Path to sha256")


class PackageVerificationOut(Schema):
    """The result of reading every byte of a package again."""

    digest: str
    key_id: str | None
    intact: bool
    num_files: int
    size_bytes: int
    problems: list[str]


class ModelComparisonOut(Schema):
    """Versions side by side; values are in the order of the versions."""

    versions: list[ModelVersionOut]
    metrics: dict[str, list[float | None]]
    changed: dict[str, list[str]]


class LineageNodeOut(Schema):
    """One link of the chain from data to production."""

    kind: LineageKind
    id: str
    name: str
    created_by: str | None
    created_at: datetime | None
    facts: dict[str, str]


class LineageEdgeOut(Schema):
    """What came out of what; both ends are "kind/id"."""

    source: str
    target: str


class LineageOut(Schema):
    """The chain behind and after one model version."""

    nodes: list[LineageNodeOut]
    edges: list[LineageEdgeOut]


class PublicKeyOut(Schema):
    """The key that checks this installation's signatures."""

    key_id: str
    algorithm: str
    pem: str
