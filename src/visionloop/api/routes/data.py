"""Ingests and counts over REST."""

from __future__ import annotations

from fastapi import APIRouter, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.data import DataSummaryOut, IngestCreate, IngestJobOut
from visionloop.data import images, ingest

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])


@router.post(
    "/ingests",
    response_model=IngestJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_ingest",
    summary="Ingest a folder",
)
def post_ingest(
    project: str, body: IngestCreate, application: ApplicationDep, actor: ActorDep
) -> IngestJobOut:
    """Start the job that reads images and their annotations; its outputs are the report."""
    job = ingest.start_ingest(application.database, actor, project, inputs=body.model_dump())
    return IngestJobOut(job_id=job.id, state=job.state.value)


@router.get(
    "/data/summary",
    response_model=DataSummaryOut,
    operation_id="get_data_summary",
    summary="Count images and labels",
)
def get_data_summary(project: str, application: ApplicationDep, actor: ActorDep) -> DataSummaryOut:
    """Return counts by class, camera, origin and state."""
    return DataSummaryOut.model_validate(images.data_summary(application.database, actor, project))
