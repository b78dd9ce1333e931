"""Tags, lineage and verification of dataset versions over REST."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.routes.dataset_versions import render_version
from visionloop.api.schemas.versions import (
    VerificationList,
    VerificationOut,
    VersionJobOut,
    VersionLineageOut,
    VersionTagList,
    VersionTagOut,
    VersionUseOut,
)
from visionloop.compute.entities import Job, JobState
from visionloop.data import lineage, tags, verification

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])


@router.post(
    "/dataset-versions/{version}/verifications",
    response_model=VersionJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_dataset_version_verification",
    summary="Verify a dataset version as a job",
)
def post_verification(
    project: str, version: str, application: ApplicationDep, actor: ActorDep
) -> VersionJobOut:
    """Queue a job that reads every image again and names the files that changed."""
    job = verification.start_verification(application.database, actor, project, version)
    return VersionJobOut(job_id=job.id, state=job.state.value)


@router.get(
    "/dataset-versions/{version}/verifications",
    response_model=VerificationList,
    operation_id="list_dataset_version_verifications",
    summary="List the verifications of a dataset version",
)
def get_verifications(
    project: str, version: str, application: ApplicationDep, actor: ActorDep
) -> VerificationList:
    """Return the latest verifications of a version, newest first."""
    found = verification.list_verifications(application.database, actor, project, version)
    return VerificationList(items=[_render(job) for job in found], total=len(found))


@router.get(
    "/dataset-versions/{version}/lineage",
    response_model=VersionLineageOut,
    operation_id="get_dataset_version_lineage",
    summary="Show where a dataset version comes from and what was made of it",
)
def get_lineage(
    project: str, version: str, application: ApplicationDep, actor: ActorDep
) -> VersionLineageOut:
    """Return parents, children, and the runs and models that depend on the version."""
    found = lineage.get_lineage(application.database, actor, project, version)
    marked = tags.tags_by_version(application.database, actor, project)
    return VersionLineageOut(
        version=render_version(found.version, marked),
        parents=[render_version(item, marked) for item in found.parents],
        children=[render_version(item, marked) for item in found.children],
        uses=[VersionUseOut.model_validate(use) for use in found.uses],
    )


@router.get(
    "/dataset-tags",
    response_model=VersionTagList,
    operation_id="list_dataset_tags",
    summary="List the tags of dataset versions",
)
def get_tags(
    project: str, application: ApplicationDep, actor: ActorDep, name: str | None = None
) -> VersionTagList:
    """Return all tags, or those of one dataset."""
    found = tags.list_tags(application.database, actor, project, name=name)
    items = [VersionTagOut.model_validate(item) for item in found]
    return VersionTagList(items=items, total=len(items))


@router.put(
    "/dataset-versions/{version}/tags/{tag}",
    response_model=VersionTagOut,
    operation_id="set_dataset_tag",
    summary="Tag a dataset version",
)
def put_tag(
    project: str, version: str, tag: str, application: ApplicationDep, actor: ActorDep
) -> VersionTagOut:
    """Set a tag, or move it here from another version of the same dataset."""
    made = tags.set_tag(application.database, actor, project, version, tag=tag)
    return VersionTagOut.model_validate(made)


@router.delete(
    "/dataset-tags/{name}/{tag}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    operation_id="delete_dataset_tag",
    summary="Delete a tag of a dataset",
)
def delete_tag(
    project: str, name: str, tag: str, application: ApplicationDep, actor: ActorDep
) -> Response:
    """Take a tag away; the version stays."""
    tags.remove_tag(application.database, actor, project, name=name, tag=tag)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _render(job: Job) -> VerificationOut:
    return VerificationOut(
        job_id=job.id,
        state=job.state.value,
        created_by=job.created_by,
        created_at=job.created_at,
        ended_at=job.ended_at,
        report=dict(job.outputs) if job.state is JobState.SUCCEEDED else None,
    )
