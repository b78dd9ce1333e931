"""Drills over REST: keeping and reading their evidence."""

from __future__ import annotations

from fastapi import APIRouter

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.drill import DrillIn, DrillKept, DrillList, DrillOut
from visionloop.promotion.drill import records

router = APIRouter(prefix="/api/v1/projects/{project}/drills", tags=["promotion"])


@router.get("", operation_id="list_drills", summary="List drills")
def list_drills(project: str, application: ApplicationDep, actor: ActorDep) -> DrillList:
    """Return finished drills with their figures, newest first."""
    events = records.list_drills(application.database, actor, project)
    items = [DrillOut(time=event.time, actor=event.actor, **event.data) for event in events]
    return DrillList(items=items, total=len(items))


@router.post("", operation_id="record_drill", summary="Keep a drill as evidence", status_code=201)
def record_drill(
    project: str, body: DrillIn, application: ApplicationDep, actor: ActorDep
) -> DrillKept:
    """Keep the report of a finished drill."""
    digest = records.record_drill(
        application.database, application.blobs, actor, project, body.model_dump(mode="json")
    )
    return DrillKept(report=digest)
