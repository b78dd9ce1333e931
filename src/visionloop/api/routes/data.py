"""Datastores, ingests and counts over REST."""

from __future__ import annotations

from fastapi import APIRouter, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.data import (
    DatastoreCheckOut,
    DatastoreCreate,
    DatastoreList,
    DatastoreOut,
    DataSummaryOut,
    IngestCreate,
    IngestJobOut,
)
from visionloop.data import datastores, images, ingest

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])


@router.get(
    "/datastores",
    response_model=DatastoreList,
    operation_id="list_datastores",
    summary="List datastores",
)
def get_datastores(project: str, application: ApplicationDep, actor: ActorDep) -> DatastoreList:
    """List the places that the project reads images from."""
    found = datastores.list_datastores(application.database, actor, project)
    items = [DatastoreOut.model_validate(item) for item in found]
    return DatastoreList(items=items, total=len(items))


@router.post(
    "/datastores",
    response_model=DatastoreOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_datastore",
    summary="Register a datastore",
)
def post_datastore(
    project: str, body: DatastoreCreate, application: ApplicationDep, actor: ActorDep
) -> DatastoreOut:
    """Register a folder or an object store; credentials come from the server's environment."""
    created = datastores.register_datastore(
        application.database, actor, project, name=body.name, url=body.url
    )
    return DatastoreOut.model_validate(created)


@router.post(
    "/datastores/{name}/test",
    response_model=DatastoreCheckOut,
    operation_id="test_datastore",
    summary="Test a datastore",
)
def post_datastore_test(
    project: str, name: str, application: ApplicationDep, actor: ActorDep
) -> DatastoreCheckOut:
    """List a few files of the datastore and say what was found."""
    check = datastores.test_datastore(application.database, actor, project, name)
    return DatastoreCheckOut.model_validate(check)


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
