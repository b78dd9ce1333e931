"""The human decision: bound to a digest, never the requester's own, and only for a while."""

from __future__ import annotations

from datetime import timedelta

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.promotion import rules, store
from visionloop.promotion.entities import (
    PRODUCTION,
    Approval,
    Decision,
    Pipeline,
    PipelineReport,
    PipelineState,
)
from visionloop.promotion.errors import DigestMismatch, OwnApproval, PromotionNotWaiting
from visionloop.promotion.pipelines import (
    find_pipeline,
    finish,
    get_report,
    notify_workflow,
    tell,
)
from visionloop.storage.database import Database, Transaction
from visionloop.storage.engine import Engine


def approve_promotion(
    database: Database,
    engine: Engine,
    actor: Actor,
    *,
    project: str,
    pipeline_id: str,
    digest: str,
    reason: str = "",
) -> PipelineReport:
    """Let the package go to production.

    Args:
        database: Where the promotion is.
        engine: Goes on with it.
        actor: Who approves; needs the right in the production workspace.
        project: Name of the project.
        pipeline_id: Which promotion.
        digest: The package that was looked at.
        reason: For the record.

    Raises:
        OwnApproval: The actor requested it.
        DigestMismatch: The promotion carries another package.
        PromotionNotWaiting: It does not wait, or somebody decided before.
    """
    require(actor, Permission.APPROVE_PROMOTION, project, PRODUCTION)
    with database.begin() as tx:
        pipeline = find_pipeline(tx, project, pipeline_id, lock=True)
        _check(pipeline, actor, digest, is_approval=True)
        approval = _record(tx, pipeline, actor, Decision.APPROVED, reason)
        now = utc_now()
        store.update_pipeline(tx, pipeline_id, now, state=PipelineState.APPROVED.value)
        tell(tx, actor, pipeline, "approved", reason=reason, approval=approval.id)
    notify_workflow(engine, pipeline_id, PipelineState.APPROVED)
    return get_report(database, actor, project, pipeline_id)


def reject_promotion(
    database: Database,
    engine: Engine,
    actor: Actor,
    *,
    project: str,
    pipeline_id: str,
    digest: str,
    reason: str = "",
) -> PipelineReport:
    """Refuse the package; the requester may reject it too, approving is what takes another.

    Raises:
        DigestMismatch: The promotion carries another package.
        PromotionNotWaiting: It does not wait, or somebody decided before.
    """
    require(actor, Permission.APPROVE_PROMOTION, project, PRODUCTION)
    with database.begin() as tx:
        pipeline = find_pipeline(tx, project, pipeline_id, lock=True)
        _check(pipeline, actor, digest, is_approval=False)
        _record(tx, pipeline, actor, Decision.REJECTED, reason)
        told = f"rejected by {actor.name}" + (f": {reason}" if reason else "")
        finish(tx, actor, pipeline, PipelineState.REJECTED, [told])
    notify_workflow(engine, pipeline_id, PipelineState.REJECTED)
    return get_report(database, actor, project, pipeline_id)


def _check(pipeline: Pipeline, actor: Actor, digest: str, *, is_approval: bool) -> None:
    refused = rules.refuse_decision(pipeline, actor.user_id, is_approval=is_approval)
    if refused == "promotion_not_waiting":
        raise PromotionNotWaiting(pipeline.id, pipeline.state.value)
    if refused == "own_approval":
        raise OwnApproval(pipeline.id, actor.name)
    if digest != pipeline.digest:
        raise DigestMismatch(pipeline.id, pipeline.digest, digest)


def _record(
    tx: Transaction, pipeline: Pipeline, actor: Actor, decision: Decision, reason: str
) -> Approval:
    now = utc_now()
    approval = Approval(
        id=new_id("approval"),
        pipeline_id=pipeline.id,
        decision=decision,
        decided_by=actor.name,
        decided_by_id=actor.user_id,
        reason=reason,
        digest=pipeline.digest,
        decided_at=now,
        expires_at=now + timedelta(days=pipeline.policy.approval_valid_days),
    )
    store.insert_approval(tx, approval)
    return approval
