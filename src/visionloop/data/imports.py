"""Bring an archive of images and labels from a person's machine into a project."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data.datastores import register_folder
from visionloop.data.formats.errors import LabelImportInvalid
from visionloop.data.formats.reading import AUTO
from visionloop.data.grouping import parse_rule
from visionloop.data.ingest import IngestRequest, ingest_folder, summarise
from visionloop.data.label_files import plain_name, unpack_label_file
from visionloop.data.rules import check_metadata
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_FOLDER: Final = "imports"


@dataclass(frozen=True)
class ImportRequest:
    """An archive that was sent before, and how to read it.

    Attributes:
        file: digest of the zip file.
        name: its name; the datastore that it becomes is called after it.
        format, group_by, metadata, add_classes: as for an ingest.
    """

    file: str
    name: str
    format: str = AUTO
    group_by: str = "none"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    add_classes: bool = False


def start_import(
    database: Database, actor: Actor, project: str, *, inputs: Mapping[str, Any]
) -> Job:
    """Queue an import as a job; ``inputs`` are the fields of ``ImportRequest``.

    Raises:
        LabelImportInvalid, GroupRuleInvalid, MetadataInvalid: the request is wrong.
    """
    require(actor, Permission.MANAGE_DATA, project)
    request = _request(inputs)
    return submit(
        database,
        actor,
        project=project,
        kind="import",
        entry_point="visionloop.data.imports:run_import",
        inputs=asdict(request),
        permission=Permission.MANAGE_DATA,
    )


def run_import(context: JobContext) -> dict[str, Any]:
    """Unpack the archive once, register it as a datastore, and ingest it in place."""
    request = _request(context.inputs)
    context.progress(0.0, "Unpacking")
    folder = _unpacked(context, request)
    datastore = register_folder(context.database, context.actor, context.project, str(folder))

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    report = ingest_folder(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        IngestRequest(
            datastore=datastore.name,
            format=request.format,
            group_by=request.group_by,
            metadata=request.metadata,
            add_classes=request.add_classes,
        ),
        progress=tell,
    )
    return summarise(context, report)


def archive_folder(home: Home, digest: str, name: str) -> Path:
    """Return where an archive is unpacked; the same archive always goes to the same place."""
    return home.root / _FOLDER / digest[:16] / PurePosixPath(plain_name(name)).stem


def _unpacked(context: JobContext, request: ImportRequest) -> Path:
    folder = archive_folder(context.home, request.file, request.name)
    if folder.is_dir():
        return folder
    waiting = folder.with_name(f".{folder.name}-{context.job_id}-{context.attempt}")
    waiting.mkdir(parents=True)
    try:
        unpack_label_file(context.blobs, request.file, request.name, waiting)
        waiting.rename(folder)
    except BaseException:
        shutil.rmtree(waiting, ignore_errors=True)
        raise
    return folder


def _request(inputs: Mapping[str, Any]) -> ImportRequest:
    try:
        request = ImportRequest(**inputs)
    except TypeError as error:
        raise LabelImportInvalid(str(error)) from error
    if len(request.file) != 64 or not set(request.file) <= set("0123456789abcdef"):
        raise LabelImportInvalid(f"{request.file!r} is no digest of a file that was sent")
    parse_rule(request.group_by)
    check_metadata(request.metadata)
    return request
