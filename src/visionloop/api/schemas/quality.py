"""What the quality routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from visionloop.data.quality.entities import ActionName, FindingKind, FindingStatus, Severity


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ScanCreate(_Schema):
    """How thoroughly to look."""

    with_files: bool = Field(
        default=False, description="Read every image again: slow, finds damaged and lost files"
    )


class LabelCheckCreate(_Schema):
    """Which labels to hold against which model."""

    run_id: str = Field(description="A finished run")
    dataset_version: str | None = Field(
        default=None, description="The one that the run learned from, unless another is named"
    )


class QualityJobOut(_Schema):
    """A job that writes findings; its outputs count them by kind."""

    job_id: str
    state: str


class FindingOut(_Schema):
    """Something odd about an image, a label or a class."""

    id: str
    kind: FindingKind
    severity: Severity
    status: FindingStatus
    message: str
    image_id: str | None
    annotation_id: str | None
    peer_id: str | None = Field(description="The other image of a pair")
    category: str | None
    score: float
    facts: dict[str, Any]
    is_fixable: bool = Field(description="Whether the action fix can mend it")
    job_id: str
    created_at: datetime
    updated_at: datetime
    updated_by: str


class FindingChoice(_Schema):
    """Which findings, and which page of them."""

    kind: FindingKind | None = None
    severity: Severity | None = None
    status: FindingStatus | Literal["any"] = "open"
    image_id: str | None = None
    category: str | None = None
    limit: int = Field(default=60, ge=1, le=500)
    offset: int = Field(default=0, ge=0)


class FindingPage(_Schema):
    """A page of findings, the worst of each kind first."""

    items: list[FindingOut]
    total: int
    limit: int
    offset: int


class FindingCountOut(_Schema):
    """How many findings of a kind stand at a status."""

    kind: FindingKind
    severity: Severity
    status: FindingStatus
    count: int


class FindingCounts(_Schema):
    """Findings by kind and status."""

    items: list[FindingCountOut]


class ActionCreate(_Schema):
    """What to do about which findings."""

    name: ActionName
    finding_ids: list[str] = Field(min_length=1, max_length=10_000)
    queue: str = Field(default="quality", description="Where the action label sends images")
    assignee: str | None = Field(default=None, description="Who labels them")


class SkippedOut(_Schema):
    """A finding that was left alone."""

    finding_id: str
    reason: str


class ActionOut(_Schema):
    """What was done, and what was left alone."""

    id: str
    name: ActionName
    actor: str
    created_at: datetime
    num_findings: int
    skipped: list[SkippedOut]
    undone_at: datetime | None
    undone_by: str | None


class ActionList(_Schema):
    """What was done about findings, newest first."""

    items: list[ActionOut]
    total: int
