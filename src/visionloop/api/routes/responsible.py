"""Responsible AI reports over REST."""

from __future__ import annotations

from fastapi import APIRouter, status
from fastapi.responses import HTMLResponse

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.responsible import (
    ResponsibleContentOut,
    ResponsibleJobOut,
    ResponsibleReportOut,
)
from visionloop.evaluation.responsible import reports
from visionloop.training.responsible import start_responsible_report

router = APIRouter(
    prefix="/api/v1/projects/{project}/evaluations/{evaluation_id}/responsible",
    tags=["evaluation"],
)

# The card is made of escaped text and pictures of ours; it may still run nothing.
_CARD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


@router.post(
    "",
    response_model=ResponsibleJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_responsible_report",
    summary="Make a Responsible AI report",
)
def post_report(
    project: str, evaluation_id: str, application: ApplicationDep, actor: ActorDep
) -> ResponsibleJobOut:
    """Look for where, for whom and under what the model of an evaluation fails, as a job."""
    job_id = start_responsible_report(
        application.database, application.blobs, actor, project, evaluation_id=evaluation_id
    )
    return ResponsibleJobOut(job_id=job_id, evaluation_id=evaluation_id)


@router.get(
    "",
    response_model=ResponsibleReportOut,
    operation_id="get_responsible_report",
    summary="Show the Responsible AI report of an evaluation",
)
def get_report(
    project: str, evaluation_id: str, application: ApplicationDep, actor: ActorDep
) -> ResponsibleReportOut:
    """Return the newest report: cohorts, error tree, slices, robustness, explanations, bias."""
    stored, content = reports.read_report(
        application.database, application.blobs, actor, project, evaluation_id
    )
    return ResponsibleReportOut(
        id=stored.id,
        evaluation_id=stored.evaluation_id,
        created_by=stored.created_by,
        created_at=stored.created_at,
        content=ResponsibleContentOut.model_validate(content),
    )


@router.get(
    "/card",
    response_class=HTMLResponse,
    operation_id="get_responsible_card",
    summary="Show the model card of an evaluation",
)
def get_card(
    project: str, evaluation_id: str, application: ApplicationDep, actor: ActorDep
) -> HTMLResponse:
    """Return the newest report as one self-contained page."""
    card = reports.read_card(application.database, application.blobs, actor, project, evaluation_id)
    return HTMLResponse(card, headers=_CARD_HEADERS)
