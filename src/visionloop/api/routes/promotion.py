"""Promotions: start, look at, decide on, call off, take back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas import promotion as schemas
from visionloop.api.schemas.promotion import (
    PromotionCancel,
    PromotionCreate,
    PromotionDecision,
    PromotionDetail,
    PromotionList,
    PromotionOut,
    RollbackCreate,
    RollbackList,
    RollbackOut,
)
from visionloop.promotion import approvals, pipelines, rollout
from visionloop.promotion.entities import PipelineReport, PipelineState

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["promotion"])

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0)]


@router.get(
    "/promotions",
    response_model=PromotionList,
    operation_id="list_promotions",
    summary="List promotions",
)
def list_promotions(
    project: str,
    app: ApplicationDep,
    actor: ActorDep,
    *,
    state: PipelineState | None = None,
    model: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> PromotionList:
    """Return the promotions of a project, newest first."""
    found, total = pipelines.list_pipelines(
        app.database, actor, project, state=state, model=model, limit=limit, offset=offset
    )
    return PromotionList(items=[PromotionOut.model_validate(p) for p in found], total=total)


@router.post(
    "/promotions",
    response_model=PromotionDetail,
    status_code=status.HTTP_201_CREATED,
    operation_id="start_promotion",
    summary="Start a promotion",
)
def start_promotion(
    project: str, body: PromotionCreate, app: ApplicationDep, actor: ActorDep
) -> PromotionDetail:
    """Take a registered version towards production; registration does so by itself."""
    started = pipelines.start_promotion(
        app.database, app.engine, actor, project=project, model=body.model, version=body.version
    )
    return _detail(pipelines.get_report(app.database, actor, project, started.id))


@router.get(
    "/promotions/{promotion_id}",
    response_model=PromotionDetail,
    operation_id="get_promotion",
    summary="Show a promotion",
)
def get_promotion(
    project: str, promotion_id: str, app: ApplicationDep, actor: ActorDep
) -> PromotionDetail:
    """Return a promotion with its steps, gate results and decision."""
    return _detail(pipelines.get_report(app.database, actor, project, promotion_id))


@router.post(
    "/promotions/{promotion_id}/approve",
    response_model=PromotionDetail,
    operation_id="approve_promotion",
    summary="Approve a promotion",
)
def approve_promotion(
    project: str,
    promotion_id: str,
    body: PromotionDecision,
    app: ApplicationDep,
    actor: ActorDep,
) -> PromotionDetail:
    """Let the package go to production; never one's own request."""
    report = approvals.approve_promotion(
        app.database,
        app.engine,
        actor,
        project=project,
        pipeline_id=promotion_id,
        digest=body.digest,
        reason=body.reason,
    )
    return _detail(report)


@router.post(
    "/promotions/{promotion_id}/reject",
    response_model=PromotionDetail,
    operation_id="reject_promotion",
    summary="Reject a promotion",
)
def reject_promotion(
    project: str,
    promotion_id: str,
    body: PromotionDecision,
    app: ApplicationDep,
    actor: ActorDep,
) -> PromotionDetail:
    """Refuse the package."""
    report = approvals.reject_promotion(
        app.database,
        app.engine,
        actor,
        project=project,
        pipeline_id=promotion_id,
        digest=body.digest,
        reason=body.reason,
    )
    return _detail(report)


@router.post(
    "/promotions/{promotion_id}/cancel",
    response_model=PromotionDetail,
    operation_id="cancel_promotion",
    summary="Cancel a promotion",
)
def cancel_promotion(
    project: str,
    promotion_id: str,
    body: PromotionCancel,
    app: ApplicationDep,
    actor: ActorDep,
) -> PromotionDetail:
    """Call a promotion off before production begins to change."""
    report = pipelines.cancel_promotion(
        app.database,
        app.engine,
        actor,
        project=project,
        pipeline_id=promotion_id,
        reason=body.reason,
    )
    return _detail(report)


@router.get(
    "/rollbacks",
    response_model=RollbackList,
    operation_id="list_rollbacks",
    summary="List rollbacks",
)
def list_rollbacks(
    project: str, app: ApplicationDep, actor: ActorDep, *, limit: Limit = 50, offset: Offset = 0
) -> RollbackList:
    """Return the rollbacks of a project, newest first."""
    found, total = rollout.list_rollbacks(app.database, actor, project, limit=limit, offset=offset)
    return RollbackList(items=[RollbackOut.model_validate(r) for r in found], total=total)


@router.post(
    "/rollbacks",
    response_model=RollbackOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="rollback_production",
    summary="Roll production back",
)
def rollback_production(
    project: str, body: RollbackCreate, app: ApplicationDep, actor: ActorDep
) -> RollbackOut:
    """Return production to the champion before."""
    done = rollout.rollback_production(
        app.database,
        app.home,
        actor,
        project=project,
        endpoint=body.endpoint,
        reason=body.reason,
    )
    return RollbackOut.model_validate(done)


def _detail(report: PipelineReport) -> PromotionDetail:
    return PromotionDetail(
        **PromotionOut.model_validate(report.pipeline).model_dump(),
        steps=[schemas.PromotionStepOut.model_validate(step) for step in report.steps],
        gates=[schemas.GateResultOut.model_validate(gate) for gate in report.gates],
        approval=schemas.ApprovalOut.model_validate(report.approval) if report.approval else None,
        can_decide=report.can_decide,
        why_not=report.why_not,
    )
