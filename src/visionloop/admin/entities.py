"""Who acts, on what, with which rights; and the records that everything leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """A persona of the team; granted per workspace."""

    DATA_ENGINEER = "data_engineer"
    LABELER = "labeler"
    REVIEWER = "reviewer"
    DATA_SCIENTIST = "data_scientist"
    ML_ENGINEER = "ml_engineer"
    APPROVER = "approver"
    INFRA = "infra"
    VIEWER = "viewer"
    ADMIN = "admin"
    SERVICE = "service"


class Permission(StrEnum):
    """One right that a use case asks for."""

    READ = "read"
    MANAGE_DATA = "manage_data"
    LABEL = "label"
    REVIEW = "review"
    TRAIN = "train"
    REGISTER_MODEL = "register_model"
    REQUEST_PROMOTION = "request_promotion"
    APPROVE_PROMOTION = "approve_promotion"
    DEPLOY = "deploy"
    OPERATE = "operate"
    ADMINISTER = "administer"
    BYPASS_GATES = "bypass_gates"


class TaskType(StrEnum):
    """What a project's models predict."""

    CLASSIFICATION = "classification"
    MULTILABEL_CLASSIFICATION = "multilabel_classification"
    DETECTION = "detection"
    INSTANCE_SEGMENTATION = "instance_segmentation"
    SEMANTIC_SEGMENTATION = "semantic_segmentation"


Grant = tuple[str, str, Role]
"""(project, workspace, role)."""


@dataclass(frozen=True)
class Actor:
    """The person, token or system part on whose behalf a use case runs."""

    user_id: str
    name: str
    is_admin: bool = False
    grants: frozenset[Grant] = frozenset()


SYSTEM = Actor(user_id="system", name="system", is_admin=True)
"""Pipelines, schedules and supervisors act under this name."""


@dataclass(frozen=True)
class User:
    """A person or service account that can sign in."""

    id: str
    name: str
    email: str | None
    is_admin: bool
    is_active: bool
    created_at: datetime
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class Token:
    """An API token; its secret is shown once and stored only as a hash."""

    id: str
    user_id: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class Category:
    """One class of the label schema."""

    name: str
    color: str
    hotkey: str | None = None


@dataclass(frozen=True)
class Project:
    """What a team works on: one task, one label schema, three workspaces."""

    name: str
    task: TaskType
    description: str
    categories: tuple[Category, ...]
    workspaces: tuple[str, ...]
    settings: Mapping[str, Any]
    created_at: datetime

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the categories in the order of the schema, which is the label index."""
        return tuple(category.name for category in self.categories)


@dataclass(frozen=True)
class Event:
    """A state change, as CloudEvents 1.0 tells it; ``id`` orders and replays."""

    id: int
    type: str
    project: str
    subject: str
    time: datetime
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


class ProposalState(StrEnum):
    """Where a change proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLIED = "applied"
    FAILED = "failed"


@dataclass(frozen=True)
class ChangeProposal:
    """A change to infrastructure that monitoring asks for and the infra role decides on."""

    id: str
    project: str
    kind: str
    summary: str
    change: Mapping[str, Any]
    state: ProposalState
    created_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
