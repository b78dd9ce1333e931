"""Annotation formats, imports and exports over REST."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, File, UploadFile, status
from fastapi.responses import FileResponse

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.formats import (
    ExportCreate,
    FormatJobOut,
    FormatList,
    FormatOut,
    ImportCreate,
    LabelFileOut,
    LabelImportCreate,
    LossList,
    LossOut,
)
from visionloop.compute.entities import Job
from visionloop.data import exports, imports, label_files, label_imports
from visionloop.data.formats.catalog import all_formats

router = APIRouter(prefix="/api/v1", tags=["data"])


@router.get(
    "/formats",
    response_model=FormatList,
    operation_id="list_formats",
    summary="List annotation formats",
)
def get_formats(actor: ActorDep) -> FormatList:  # noqa: ARG001  for people who are signed in
    """List the annotation formats of this installation with what each can hold."""
    items = [
        FormatOut(
            name=format.name,
            title=format.title,
            writable=format.write is not None,
            holds={
                name: sorted(value) if isinstance(value, frozenset) else value
                for name, value in asdict(format.holds).items()
            },
        )
        for format in all_formats().values()
    ]
    return FormatList(items=items, total=len(items))


@router.post(
    "/projects/{project}/label-files",
    response_model=LabelFileOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="upload_label_file",
    summary="Send a file for an import",
)
def post_label_file(
    project: str, application: ApplicationDep, actor: ActorDep, file: Annotated[UploadFile, File()]
) -> LabelFileOut:
    """Keep a zip or annotation file; imports name it by the digest in the answer."""
    kept = label_files.keep_label_file(
        application.blobs, actor, project, content=file.file, name=file.filename or "labels"
    )
    return LabelFileOut.model_validate(kept)


@router.post(
    "/projects/{project}/imports",
    response_model=FormatJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_import",
    summary="Import an archive of images and labels",
)
def post_import(
    project: str, body: ImportCreate, application: ApplicationDep, actor: ActorDep
) -> FormatJobOut:
    """Unpack a sent archive on the server, register it as a datastore and ingest it."""
    job = imports.start_import(application.database, actor, project, inputs=body.model_dump())
    return _job_out(job)


@router.post(
    "/projects/{project}/label-imports",
    response_model=FormatJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_label_import",
    summary="Import labels onto existing images",
)
def post_label_import(
    project: str, body: LabelImportCreate, application: ApplicationDep, actor: ActorDep
) -> FormatJobOut:
    """Match the images of a file by digest, URI or name, and give them its labels."""
    job = label_imports.start_label_import(
        application.database, actor, project, inputs=body.model_dump()
    )
    return _job_out(job)


@router.post(
    "/projects/{project}/exports",
    response_model=FormatJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_export",
    summary="Export images and labels",
)
def post_export(
    project: str, body: ExportCreate, application: ApplicationDep, actor: ActorDep
) -> FormatJobOut:
    """Write a dataset version, or the present labels, in another format."""
    job = exports.start_export(application.database, actor, project, inputs=body.model_dump())
    return _job_out(job)


@router.post(
    "/projects/{project}/exports/losses",
    response_model=LossList,
    operation_id="preview_export_losses",
    summary="Say what an export would lose",
)
def post_export_losses(
    project: str, body: ExportCreate, application: ApplicationDep, actor: ActorDep
) -> LossList:
    """Count what the format cannot hold, before anything is written."""
    found = exports.preview_losses(
        application.database, application.blobs, actor, project, inputs=body.model_dump()
    )
    return LossList(items=[LossOut.model_validate(loss) for loss in found], total=len(found))


@router.get(
    "/projects/{project}/exports/{job_id}/content",
    response_class=FileResponse,
    operation_id="download_export",
    summary="Download an export",
    responses={200: {"content": {"application/zip": {}}, "description": "The zip file"}},
)
def get_export_content(
    project: str, job_id: str, application: ApplicationDep, actor: ActorDep
) -> FileResponse:
    """Return the zip file of an export that has succeeded."""
    path = exports.find_export(
        application.database, application.home, actor, project=project, job_id=job_id
    )
    return FileResponse(path, media_type="application/zip", filename=path.name)


def _job_out(job: Job) -> FormatJobOut:
    return FormatJobOut(job_id=job.id, state=job.state.value)
