"""Ingests and counts over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status
from fastapi.responses import StreamingResponse

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.data import (
    DataSummaryOut,
    IngestCreate,
    IngestJobOut,
    IngestList,
    IngestOut,
    RefusedFileList,
    RefusedFileOut,
)
from visionloop.compute.entities import Job
from visionloop.data import images, ingest, refusals

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
    "/ingests",
    response_model=IngestList,
    operation_id="list_ingests",
    summary="List ingests",
)
def get_ingests(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> IngestList:
    """List ingests, newest first."""
    found = refusals.list_ingests(application.database, actor, project, limit=limit)
    return IngestList(items=[_ingest_out(job) for job in found], total=len(found))


@router.get(
    "/ingests/{ingest_id}",
    response_model=IngestOut,
    operation_id="get_ingest",
    summary="Show an ingest",
)
def get_ingest(
    project: str, ingest_id: str, application: ApplicationDep, actor: ActorDep
) -> IngestOut:
    """Return how far an ingest is and, at its end, its report."""
    return _ingest_out(refusals.get_ingest(application.database, actor, project, ingest_id))


@router.get(
    "/ingests/{ingest_id}/refused",
    response_model=RefusedFileList,
    operation_id="list_refused_files",
    summary="List the files that an ingest refused",
)
def get_refused(
    project: str,
    ingest_id: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> RefusedFileList:
    """List refused files with reasons, by path, also while the ingest runs."""
    found, total = refusals.list_refused(
        application.database, actor, project, ingest_id, limit=limit, offset=offset
    )
    items = [RefusedFileOut.model_validate(item) for item in found]
    return RefusedFileList(items=items, total=total, limit=limit, offset=offset)


@router.get(
    "/ingests/{ingest_id}/refused.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "path and reason"}},
    operation_id="download_refused_files",
    summary="Download the files that an ingest refused",
)
def get_refused_csv(
    project: str, ingest_id: str, application: ApplicationDep, actor: ActorDep
) -> StreamingResponse:
    """Return all refused files as CSV."""
    pieces = refusals.refused_as_csv(application.database, actor, project, ingest_id)
    headers = {"Content-Disposition": f'attachment; filename="refused-{ingest_id}.csv"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/data/summary",
    response_model=DataSummaryOut,
    operation_id="get_data_summary",
    summary="Count images and labels",
)
def get_data_summary(project: str, application: ApplicationDep, actor: ActorDep) -> DataSummaryOut:
    """Return counts by class, camera, origin and state."""
    return DataSummaryOut.model_validate(images.data_summary(application.database, actor, project))


def _ingest_out(job: Job) -> IngestOut:
    names = IngestOut.model_fields.keys() & vars(job).keys()
    return IngestOut(
        **{name: getattr(job, name) for name in names - {"state"}},
        state=job.state.value,
        datastore=str(job.inputs.get("datastore") or ""),
        path=str(job.inputs.get("path") or ""),
        report=dict(job.outputs),
    )
