"""Tags, lineage, verification, restoration and retention of dataset versions over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.routes.dataset_versions import Limit, Offset, render_change, render_version
from visionloop.api.schemas.versions import (
    LeakageOut,
    LeakPairOut,
    RestorePreviewOut,
    RetentionCreate,
    RetentionDecisionOut,
    RetentionOut,
    VerificationList,
    VerificationOut,
    VersionJobOut,
    VersionLineageOut,
    VersionTagList,
    VersionTagOut,
    VersionUseOut,
)
from visionloop.compute.entities import Job, JobState
from visionloop.data import leakage, lineage, restoring, retention, tags, verification
from visionloop.data.leakage import LeakKind

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


@router.get(
    "/dataset-versions/{version}/restoration",
    response_model=RestorePreviewOut,
    operation_id="preview_dataset_version_restoration",
    summary="Show what restoring a dataset version would change",
)
def get_restoration(
    project: str,
    version: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    limit: Limit = 60,
    offset: Offset = 0,
) -> RestorePreviewOut:
    """Page through the images whose live labels differ from the version's."""
    found = restoring.preview_restoration(
        application.database,
        application.blobs,
        actor,
        project,
        version,
        limit=limit,
        offset=offset,
    )
    return RestorePreviewOut(
        version=found.version,
        num_images=found.num_images,
        num_changed=found.num_changed,
        num_missing=found.num_missing,
        items=[render_change(change) for change in found.changes],
        limit=limit,
        offset=offset,
    )


@router.post(
    "/dataset-versions/{version}/restorations",
    response_model=VersionJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_dataset_version_restoration",
    summary="Set live labels back to a dataset version",
)
def post_restoration(
    project: str, version: str, application: ApplicationDep, actor: ActorDep
) -> VersionJobOut:
    """Queue a job; its outputs name the version that undoes it."""
    job = restoring.start_restoration(application.database, actor, project, version)
    return VersionJobOut(job_id=job.id, state=job.state.value)


@router.get(
    "/dataset-versions/{version}/leakage",
    response_model=LeakageOut,
    operation_id="report_dataset_version_leakage",
    summary="Name the images that lie on two sides of a split",
)
def get_leakage(
    project: str,
    version: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    against: Annotated[
        str | None, Query(description="Hold the training images of this version against it")
    ] = None,
    kind: LeakKind | None = None,
    limit: Limit = 60,
    offset: Offset = 0,
) -> LeakageOut:
    """Count and list pairs that share bytes, a group key or looks across splits."""
    found = leakage.report_leakage(
        application.database,
        application.blobs,
        actor,
        project,
        version,
        against=against,
        kind=kind,
        limit=limit,
        offset=offset,
    )
    return LeakageOut(
        version=found.version,
        against=found.against,
        num_pairs=found.num_pairs,
        num_images=found.num_images,
        items=[LeakPairOut.model_validate(pair) for pair in found.pairs],
        limit=limit,
        offset=offset,
    )


@router.post(
    "/dataset-retention",
    response_model=RetentionOut,
    operation_id="prune_dataset_versions",
    summary="Delete the dataset versions that a policy lets go",
)
def post_retention(
    project: str, body: RetentionCreate, application: ApplicationDep, actor: ActorDep
) -> RetentionOut:
    """Tell what a policy deletes, and with ``dry_run`` false delete it.

    What a run, a model, a tag or a kept version depends on stays whatever the policy says.
    """
    marked = tags.tags_by_version(application.database, actor, project)
    report = retention.prune_versions(
        application.database,
        application.blobs,
        actor,
        project,
        retention.RetentionPolicy(body.keep_newest, body.older_than_days, body.name),
        dry_run=body.dry_run,
    )
    return RetentionOut(
        deleted=[render_version(version, marked) for version in report.deleted],
        kept=[
            RetentionDecisionOut(
                version=render_version(item.version, marked), reasons=list(item.reasons)
            )
            for item in report.kept
        ],
        freed_bytes=report.freed_bytes,
        applied=report.applied,
    )


def _render(job: Job) -> VerificationOut:
    return VerificationOut(
        job_id=job.id,
        state=job.state.value,
        created_by=job.created_by,
        created_at=job.created_at,
        ended_at=job.ended_at,
        report=dict(job.outputs) if job.state is JobState.SUCCEEDED else None,
    )
