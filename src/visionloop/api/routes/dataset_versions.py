"""Dataset versions over REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.data import AnnotationOut
from visionloop.api.schemas.versions import (
    ImageChangeOut,
    ImageChangePage,
    LabelChangeOut,
    ManifestPage,
    ManifestRowOut,
    ValueChangeOut,
    VerifyReportOut,
    VersionCreate,
    VersionDiffOut,
    VersionList,
    VersionOut,
)
from visionloop.data import comparison, freezing, tags, verification, versions
from visionloop.data.entities import DatasetVersion, Split
from visionloop.data.manifests import label_text
from visionloop.data.row_changes import ChangeKind, ImageChange

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0)]


@router.get(
    "/dataset-versions",
    response_model=VersionList,
    operation_id="list_dataset_versions",
    summary="List dataset versions",
)
def get_versions(
    project: str, application: ApplicationDep, actor: ActorDep, name: str | None = None
) -> VersionList:
    """List frozen versions, newest first."""
    found = versions.list_versions(application.database, actor, project, name=name)
    marked = tags.tags_by_version(application.database, actor, project)
    items = [render_version(item, marked) for item in found]
    return VersionList(items=items, total=len(items))


@router.post(
    "/dataset-versions",
    response_model=VersionOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="freeze_dataset_version",
    summary="Freeze a dataset version",
)
def post_version(
    project: str, body: VersionCreate, application: ApplicationDep, actor: ActorDep
) -> VersionOut:
    """Freeze the labeled images into an immutable, split version."""
    request = freezing.FreezeRequest(
        **body.model_dump(exclude={"filters", "group_by"}),
        filters=tuple(body.filters),
        group_by=tuple(body.group_by),
    )
    frozen = freezing.freeze_version(
        application.database, application.blobs, actor, project, request
    )
    return render_version(frozen, tags.tags_by_version(application.database, actor, project))


@router.get(
    "/dataset-versions/{version}",
    response_model=VersionOut,
    operation_id="get_dataset_version",
    summary="Show a dataset version",
)
def get_version(
    project: str, version: str, application: ApplicationDep, actor: ActorDep
) -> VersionOut:
    """Return one version by id, NAME:NUMBER, NAME@TAG, or NAME for the newest."""
    found = versions.get_version(application.database, actor, project, version)
    return render_version(found, tags.tags_by_version(application.database, actor, project))


@router.get(
    "/dataset-versions/{version}/images",
    response_model=ManifestPage,
    operation_id="list_dataset_version_images",
    summary="List the images of a dataset version",
)
def get_version_images(
    project: str,
    version: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    split: Split | None = None,
    limit: Limit = 60,
    offset: Offset = 0,
) -> ManifestPage:
    """Page through the rows of the manifest, with labels as they were frozen."""
    rows, total = versions.list_rows(
        application.database,
        application.blobs,
        actor,
        project,
        version,
        page=versions.Page(split=split, limit=limit, offset=offset),
    )
    items = [ManifestRowOut.model_validate(row) for row in rows]
    return ManifestPage(items=items, total=total, limit=limit, offset=offset)


@router.get(
    "/dataset-versions/{version}/diff",
    response_model=VersionDiffOut,
    operation_id="diff_dataset_versions",
    summary="Compare two dataset versions",
)
def get_version_diff(
    project: str,
    version: str,
    against: Annotated[str, Query(description="The earlier version")],
    application: ApplicationDep,
    actor: ActorDep,
) -> VersionDiffOut:
    """Tell what changed from ``against`` to ``version``."""
    found = comparison.diff_versions(
        application.database, application.blobs, actor, project, base=against, other=version
    )
    return VersionDiffOut.model_validate(found)


@router.get(
    "/dataset-versions/{version}/changes",
    response_model=ImageChangePage,
    operation_id="list_dataset_version_changes",
    summary="List the images that two dataset versions hold differently",
)
def get_version_changes(
    project: str,
    version: str,
    against: Annotated[str, Query(description="The earlier version")],
    *,
    application: ApplicationDep,
    actor: ActorDep,
    kind: ChangeKind | None = None,
    limit: Limit = 60,
    offset: Offset = 0,
) -> ImageChangePage:
    """Page through every changed image with its labels, split and facts before and after."""
    found, total = comparison.list_changes(
        application.database,
        application.blobs,
        actor,
        project,
        base=against,
        other=version,
        kind=kind,
        limit=limit,
        offset=offset,
    )
    items = [render_change(change) for change in found]
    return ImageChangePage(items=items, total=total, limit=limit, offset=offset)


@router.post(
    "/dataset-versions/{version}/verify",
    response_model=VerifyReportOut,
    operation_id="verify_dataset_version",
    summary="Verify a dataset version",
)
def post_version_verify(
    project: str, version: str, application: ApplicationDep, actor: ActorDep
) -> VerifyReportOut:
    """Read every image at its source again and compare the digests."""
    report = verification.verify_version(
        application.database, application.blobs, actor, project, version
    )
    return VerifyReportOut.model_validate(report)


@router.delete(
    "/dataset-versions/{version}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    operation_id="delete_dataset_version",
    summary="Delete a dataset version",
)
def delete_version(
    project: str, version: str, application: ApplicationDep, actor: ActorDep
) -> Response:
    """Delete a version that nothing uses; its images stay."""
    versions.delete_version(application.database, actor, project, version)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def render_version(version: DatasetVersion, marked: Mapping[str, Sequence[str]]) -> VersionOut:
    """Show a version with its tags."""
    shown = VersionOut.model_validate(version)
    return shown.model_copy(update={"tags": list(marked.get(version.id, ()))})


def render_change(change: ImageChange) -> ImageChangeOut:
    """Show what changed about one image."""
    before, after = change.before, change.after
    shown = after or before
    return ImageChangeOut(
        image_id=change.image_id,
        name=change.name,
        width=shown.width if shown else 0,
        height=shown.height if shown else 0,
        kinds=list(change.kinds),
        split_before=None if before is None else before.split,
        split_after=None if after is None else after.split,
        label_before=None if before is None else label_text(before),
        label_after=None if after is None else label_text(after),
        labels_added=[AnnotationOut.model_validate(item) for item in change.labels_added],
        labels_removed=[AnnotationOut.model_validate(item) for item in change.labels_removed],
        labels_changed=[
            LabelChangeOut(
                before=AnnotationOut.model_validate(was), after=AnnotationOut.model_validate(now)
            )
            for was, now in change.labels_changed
        ],
        fields={
            name: ValueChangeOut(before=was, after=now)
            for name, (was, now) in change.fields.items()
        },
    )
