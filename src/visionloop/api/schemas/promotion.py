"""Wire shapes of promotions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from visionloop.api.schemas.common import Schema

PromotionState = Literal[
    "running",
    "waiting_for_approval",
    "approved",
    "rejected",
    "failed",
    "succeeded",
    "cancelled",
]


class PromotionCreate(BaseModel):
    """Which version shall go to production."""

    model: str
    version: int = Field(ge=1)


class PromotionDecision(BaseModel):
    """An approval or a rejection."""

    digest: str = Field(description="Digest of the package that was looked at.")
    reason: str = Field(default="", max_length=2000)


class PromotionCancel(BaseModel):
    """Why a promotion is called off."""

    reason: str = Field(default="", max_length=2000)


class RollbackCreate(BaseModel):
    """A return to the champion before."""

    endpoint: str | None = Field(default=None, description="None: the production endpoint.")
    reason: str = Field(default="", max_length=2000)


class ChampionOut(Schema):
    """A version that serves or served production."""

    model: str
    version: int
    digest: str
    deployment: str | None


class PromotionOut(Schema):
    """One promotion in a list."""

    id: str
    project: str
    model: str
    version: int
    digest: str
    state: PromotionState
    step: str = Field(description="The step that runs or waits; the last one when over.")
    trigger: Literal["registration", "manual"]
    requested_by: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    approval_expires_at: datetime | None
    reasons: list[str] = Field(description="Why it failed, was rejected or was cancelled.")
    previous: ChampionOut | None = Field(description="The champion before, for rollback.")


class PromotionList(Schema):
    """A page of promotions, newest first."""

    items: list[PromotionOut]
    total: int


class PromotionStepOut(Schema):
    """One step; gates are named ``gate:NAME``."""

    name: str
    position: int
    state: Literal["pending", "running", "succeeded", "failed", "skipped"]
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    details: dict[str, Any]


class GateResultOut(Schema):
    """What a gate measured and decided."""

    gate: str
    passed: bool
    measured: float | None
    threshold: float | None
    unit: str
    comparison: Literal["<=", ">="] = Field(description="How measured must stand to the threshold.")
    summary: str
    details: dict[str, Any]
    evidence: dict[str, Any]
    decided_at: datetime | None


class ApprovalOut(Schema):
    """A person's decision."""

    id: str
    decision: Literal["approved", "rejected"]
    decided_by: str
    reason: str
    digest: str
    decided_at: datetime
    expires_at: datetime


class PromotionDetail(PromotionOut):
    """A promotion with its steps, gates and decision."""

    steps: list[PromotionStepOut]
    gates: list[GateResultOut]
    approval: ApprovalOut | None
    can_decide: bool = Field(description="Whether the caller may approve it now.")
    why_not: str | None = Field(description="Why the caller may not approve it.")


class RollbackOut(Schema):
    """A return of production to an earlier champion."""

    id: str
    project: str
    endpoint: str
    restored: ChampionOut
    replaced: ChampionOut
    reason: str
    requested_by: str
    created_at: datetime


class RollbackList(Schema):
    """A page of rollbacks, newest first."""

    items: list[RollbackOut]
    total: int
