"""Images and their annotations over REST."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Header, Query, Response, UploadFile, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.data import (
    AnnotationSetList,
    AnnotationSetOut,
    AnnotationSetSave,
    ImageDetailOut,
    ImageExclude,
    ImageList,
    ImageOut,
    ImageSummaryOut,
    ImageUploadOut,
)
from visionloop.data import annotations as image_annotations
from visionloop.data import images, thumbnails, uploads
from visionloop.data.entities import (
    AnnotationDraft,
    AnnotationStatus,
    Image,
    ImageOrigin,
    ImageQuery,
    ImageRecord,
    ImageStatus,
)
from visionloop.data.errors import MetadataInvalid
from visionloop.data.statistics import STATISTIC_NAMES

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0)]

_WHERE = (
    "Filters that must all hold, such as 'label:bolt and luminance_mean < 40 and not tag:blurry'"
)
_SORT = "A field to sort by, with '-' before it in descending order"

# A hundred ids of 64 digits stay below the 8 KB that proxies allow an address.
MAX_IDS = 100

# An image id is the digest of its bytes, so what is served under it never changes; it stays
# private because the next person at a shared proxy may lack the right to read it.
_FOREVER = "private, max-age=31536000, immutable"


def image_query(
    *,
    label: str | None = None,
    annotation_status: AnnotationStatus | None = None,
    status: ImageStatus | None = None,
    origin: ImageOrigin | None = None,
    camera: str | None = None,
    group_key: str | None = None,
    text: str | None = None,
    where: Annotated[list[str] | None, Query(max_length=50, description=_WHERE)] = None,
    sort: Annotated[str, Query(max_length=60, description=_SORT)] = "created",
) -> ImageQuery:
    """Read from the address which images are asked for, and in which order."""
    return ImageQuery(
        label=label,
        annotation_status=annotation_status,
        status=status,
        origin=origin,
        camera=camera,
        group_key=group_key,
        text=text,
        where=tuple(where or ()),
        sort=sort,
    )


@router.get("/images", response_model=ImageList, operation_id="list_images", summary="List images")
def get_images(
    project: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    query: Annotated[ImageQuery, Depends(image_query)],
    limit: Limit = 60,
    offset: Offset = 0,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    exact: Annotated[bool, Query(description="Count exactly, however long it takes")] = False,
) -> ImageList:
    """Page through the images that fulfil every given condition.

    Follow ``next`` as ``cursor``: it stays fast on any page, unlike ``offset``.
    """
    page = images.page_images(
        application.database,
        actor,
        project,
        query,
        limit=limit,
        offset=offset,
        cursor=cursor,
        exact=exact,
    )
    return ImageList(
        items=[summary_out(record) for record in page.records],
        total=page.total,
        total_is_exact=page.total_is_exact,
        limit=limit,
        offset=offset,
        next=page.next,
    )


@router.post(
    "/images",
    response_model=ImageUploadOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="upload_image",
    summary="Upload one image",
)
def post_image(
    project: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    file: Annotated[UploadFile, File()],
    origin: Annotated[ImageOrigin, Form()] = "ingest",
    metadata: Annotated[str, Form(description="A JSON object")] = "{}",
) -> ImageUploadOut:
    """Store one image; the same bytes again change nothing."""
    added = uploads.add_image_bytes(
        application.database,
        application.blobs,
        actor,
        project,
        uploads.ImageUpload(
            data=file.file.read(uploads.MAX_UPLOAD_BYTES + 1),
            name=file.filename or "upload",
            origin=origin,
            metadata=_metadata(metadata),
        ),
    )
    return ImageUploadOut(image=_image_out(added.image), added=added.added)


@router.get(
    "/images/{image_id}",
    response_model=ImageDetailOut,
    operation_id="get_image",
    summary="Show an image",
)
def get_image(
    project: str, image_id: str, application: ApplicationDep, actor: ActorDep
) -> ImageDetailOut:
    """Return an image's facts and its annotations."""
    image = images.get_image(application.database, actor, project, image_id)
    found = image_annotations.get_annotations(application.database, actor, project, image_id)
    return ImageDetailOut(
        image=_image_out(image), annotations=AnnotationSetOut.model_validate(found)
    )


@router.get(
    "/images/{image_id}/content",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The file as it was ingested"}},
    operation_id="get_image_content",
    summary="Read an image file",
)
def get_image_content(
    project: str,
    image_id: str,
    application: ApplicationDep,
    actor: ActorDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the original bytes."""
    image = images.get_image(application.database, actor, project, image_id)
    if _is_known(image_id, if_none_match):
        return _unchanged(image_id)
    content = images.read_image_content(
        application.database, application.blobs, actor, project, image_id
    )
    return _file(content.data, f"image/{image.format}", image_id)


@router.get(
    "/images/{image_id}/thumbnail",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "A small upright JPEG"}},
    operation_id="get_image_thumbnail",
    summary="Read a thumbnail",
)
def get_image_thumbnail(
    project: str,
    image_id: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    size: Annotated[int, Query(ge=32, le=2048)] = 256,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return a small upright JPEG; sizes are rounded up to 128, 256, 512, 1024 or 2048."""
    tag = f"{image_id}-{thumbnails.rounded_size(size)}"
    if _is_known(tag, if_none_match):
        images.get_image(application.database, actor, project, image_id)
        return _unchanged(tag)
    data = thumbnails.thumbnail(
        application.database, application.blobs, actor, project, image_id, size=size
    )
    return _file(data, "image/jpeg", tag)


@router.get(
    "/images/{image_id}/annotations",
    response_model=AnnotationSetOut,
    operation_id="get_annotations",
    summary="Read the annotations of an image",
)
def get_annotations(
    project: str, image_id: str, application: ApplicationDep, actor: ActorDep
) -> AnnotationSetOut:
    """Return the annotations with the revision that the next save must name."""
    found = image_annotations.get_annotations(application.database, actor, project, image_id)
    return AnnotationSetOut.model_validate(found)


@router.get(
    "/annotations",
    response_model=AnnotationSetList,
    operation_id="list_annotations",
    summary="Read the annotations of many images",
)
def get_many_annotations(
    project: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    image_id: Annotated[list[str], Query(min_length=1, max_length=MAX_IDS)],
) -> AnnotationSetList:
    """Return the annotations of up to 100 images; images that are not there are left out."""
    found = image_annotations.list_annotations(application.database, actor, project, image_id)
    return AnnotationSetList(items=[AnnotationSetOut.model_validate(item) for item in found])


@router.put(
    "/images/{image_id}/annotations",
    response_model=AnnotationSetOut,
    operation_id="save_annotations",
    summary="Save the annotations of an image",
)
def put_annotations(
    project: str,
    image_id: str,
    body: AnnotationSetSave,
    application: ApplicationDep,
    actor: ActorDep,
) -> AnnotationSetOut:
    """Replace the annotations; refused when someone else saved in between."""
    saved = image_annotations.save_annotations(
        application.database,
        actor,
        project,
        image_id,
        [AnnotationDraft(**item.model_dump()) for item in body.annotations],
        expected_revision=body.expected_revision,
        attributes=body.attributes,
    )
    return AnnotationSetOut.model_validate(saved)


@router.post(
    "/images/{image_id}/exclude",
    response_model=ImageOut,
    operation_id="exclude_image",
    summary="Take an image out of future versions",
)
def post_exclude(
    project: str, image_id: str, body: ImageExclude, application: ApplicationDep, actor: ActorDep
) -> ImageOut:
    """Keep the image, but freeze no new version with it."""
    changed = images.exclude_image(
        application.database, actor, project, image_id, reason=body.reason
    )
    return _image_out(changed)


@router.post(
    "/images/{image_id}/restore",
    response_model=ImageOut,
    operation_id="restore_image",
    summary="Bring an excluded image back",
)
def post_restore(
    project: str, image_id: str, application: ApplicationDep, actor: ActorDep
) -> ImageOut:
    """Let future versions use the image again."""
    return _image_out(images.restore_image(application.database, actor, project, image_id))


def _image_out(image: Image) -> ImageOut:
    values = {name: getattr(image, name) for name in ImageOut.model_fields if name != "statistics"}
    measured = image.statistics
    named = None if measured is None else dict(zip(STATISTIC_NAMES, measured, strict=True))
    return ImageOut(**values, statistics=named)


def summary_out(record: ImageRecord) -> ImageSummaryOut:
    """Render an image as lists show it."""
    image = record.image
    own = ("annotation_status", "revision", "labels", "num_annotations", "tags", "split")
    values = {
        name: getattr(image, name) for name in ImageSummaryOut.model_fields if name not in own
    }
    return ImageSummaryOut(
        **values,
        annotation_status=record.annotation_status,
        revision=record.revision,
        labels=list(record.labels),
        num_annotations=record.num_annotations,
        tags=list(record.tags),
        split=record.split,
    )


def _metadata(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise MetadataInvalid(text, str(error)) from error
    if not isinstance(values, dict):
        raise MetadataInvalid(text, "it is no JSON object")
    return values


def _is_known(tag: str, if_none_match: str | None) -> bool:
    return if_none_match is not None and f'"{tag}"' in if_none_match


def _unchanged(tag: str) -> Response:
    headers = {"Cache-Control": _FOREVER, "ETag": f'"{tag}"'}
    return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)


def _file(data: bytes, media_type: str, tag: str) -> Response:
    headers = {
        "Cache-Control": _FOREVER,
        "ETag": f'"{tag}"',
        "X-Content-Type-Options": "nosniff",
        # An image is data, whatever it contains: no script in it may run in our origin.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content=data, media_type=media_type, headers=headers)
