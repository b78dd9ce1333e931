"""What a promotion is made of: the pipeline, its steps, its gate results and its approval."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class PipelineState(StrEnum):
    """Where a promotion stands."""

    RUNNING = "running"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self not in ACTIVE_STATES


ACTIVE_STATES = frozenset(
    {PipelineState.RUNNING, PipelineState.WAITING_FOR_APPROVAL, PipelineState.APPROVED}
)


class StepState(StrEnum):
    """Where one step of a promotion stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


class Trigger(StrEnum):
    """What started a promotion."""

    REGISTRATION = "registration"
    MANUAL = "manual"


class Decision(StrEnum):
    """What a person decided about a waiting promotion."""

    APPROVED = "approved"
    REJECTED = "rejected"


STAGING = "staging"
PRODUCTION = "prod"

VERIFY_PACKAGE = "verify_package"
DEPLOY_STAGING = "deploy_staging"
WAIT_FOR_APPROVAL = "wait_for_approval"
DEPLOY_PRODUCTION = "deploy_production"
START_CANARY = "start_canary"
JUDGE_CANARY = "judge_canary"
SHIFT_TRAFFIC = "shift_traffic"
GATE_PREFIX = "gate:"

DEFAULT_GATES = ("parity", "signature", "latency", "accuracy", "worst_slice")


@dataclass(frozen=True)
class Rollout:
    """How production traffic moves to the new version.

    Args:
        strategy: ``all_at_once`` or ``canary``.
        canary_percent: Share of requests for the new version while the canary runs.
        canary_s: How long the canary is watched before all traffic moves.
        max_error_rate: Share of failed requests above which the canary is rolled back.
    """

    strategy: str = "all_at_once"
    canary_percent: int = 10
    canary_s: float = 60.0
    max_error_rate: float = 0.01


@dataclass(frozen=True)
class Policy:
    """What a project demands before a version reaches production.

    Args:
        gates: Names of the gates, in the order in which they run.
        gate_settings: Thresholds by gate name; what is not given has a default.
        staging_endpoint: Endpoint for the tests; None takes the first one of the workspace.
        production_endpoint: Endpoint for live traffic; None takes the first one of the workspace.
        approval_timeout_days: How long the pipeline waits for a person.
        approval_valid_days: How long an approval may be acted on.
        rollout: How production traffic moves.
    """

    gates: tuple[str, ...] = DEFAULT_GATES
    gate_settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    staging_endpoint: str | None = None
    production_endpoint: str | None = None
    approval_timeout_days: float = 3.0
    approval_valid_days: float = 1.0
    rollout: Rollout = field(default_factory=Rollout)


@dataclass(frozen=True)
class Champion:
    """A version that serves production, as remembered for comparison and rollback."""

    model: str
    version: int
    digest: str
    deployment: str | None = None


@dataclass(frozen=True)
class Step:
    """One step of a promotion.

    Args:
        details: Facts that the step left behind, for example the address of the deployment.
        attempts: How often it was begun; more than one after a crash of the control plane.
    """

    name: str
    position: int
    state: StepState = StepState.PENDING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GateResult:
    """What a gate measured and decided.

    Args:
        gate: Name of the gate.
        passed: Whether the version may go on.
        measured: The figure that was compared; None when nothing could be measured.
        threshold: The figure it was compared with.
        unit: Unit of both, for example ``ms`` or ``accuracy``.
        comparison: ``<=`` or ``>=``: how measured must stand to the threshold.
        summary: One sentence for a person.
        details: Further figures, intervals among them.
        evidence: Where the proof is kept: file names of the package, addresses, digests.
    """

    gate: str
    passed: bool
    measured: float | None
    threshold: float | None
    unit: str
    comparison: str = "<="
    summary: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Approval:
    """A person's decision, bound to the digest that the person saw.

    Args:
        expires_at: After this time an approval may no longer be acted on.
    """

    id: str
    pipeline_id: str
    decision: Decision
    decided_by: str
    decided_by_id: str
    reason: str
    digest: str
    decided_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Pipeline:
    """The way of one model version through staging to production.

    Args:
        step: Name of the step that runs or waits; of the last one when final.
        requested_by: Name of the user who may not approve it.
        reasons: Why it failed, was rejected or was cancelled.
        previous: The champion that production served before, for rollback.
        approval_expires_at: Until when a decision is waited for.
    """

    id: str
    project: str
    model: str
    version: int
    digest: str
    state: PipelineState
    step: str
    trigger: Trigger
    requested_by: str
    requested_by_id: str
    policy: Policy
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    approval_expires_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    previous: Champion | None = None


@dataclass(frozen=True)
class PipelineReport:
    """A pipeline with all that happened in it, for the approver's eyes."""

    pipeline: Pipeline
    steps: tuple[Step, ...]
    gates: tuple[GateResult, ...]
    approval: Approval | None
    can_decide: bool
    why_not: str | None


@dataclass(frozen=True)
class Rollback:
    """A return of production to the champion before."""

    id: str
    project: str
    endpoint: str
    restored: Champion
    replaced: Champion
    reason: str
    requested_by: str
    created_at: datetime
