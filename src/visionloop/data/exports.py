"""Write a dataset version, or what is labeled now, in another annotation format."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job, JobState
from visionloop.compute.jobs import get_job, submit
from visionloop.data.archives import pack
from visionloop.data.export_sets import Choice, live_labels, split_choice, version_labels
from visionloop.data.formats.catalog import get_format
from visionloop.data.formats.entities import LabeledImage, LabelSet
from visionloop.data.formats.errors import ExportInvalid, ExportNotReady, LossNotAccepted
from visionloop.data.formats.losses import Loss, Survey, losses, take_survey
from visionloop.data.formats.ports import AnnotationFormat
from visionloop.data.formats.target import ExportTarget
from visionloop.data.query.parsing import parse_filters
from visionloop.data.sources import ImageSource
from visionloop.data.versions import get_version
from visionloop.kernel.errors import VisionloopError
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

KIND: Final = "export"
_LISTED: Final = 100
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class ExportRequest:
    """What to export, and how.

    Attributes:
        format: name of an annotation format.
        version: NAME, NAME:NUMBER or id of a version; None for what is labeled now.
        filters: conditions as for lists of images.
        splits: of these splits only.
        with_images: write the image files, too.
        accept_loss: write although the format cannot hold everything.
        as_folder: leave a folder on the server instead of a zip file.
        image_root: address of the folder that the images will lie in, for formats that name
            images by an address.
    """

    format: str
    version: str | None = None
    filters: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    with_images: bool = True
    accept_loss: bool = False
    as_folder: bool = False
    image_root: str = ""


@dataclass(frozen=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        losses: what the format could not hold, in sentences.
        missing: images that could not be read; their labels were written.
    """

    format: str
    version: str | None
    num_images: int
    num_annotations: int
    num_files: int
    losses: tuple[str, ...]
    warnings: tuple[str, ...]
    missing: tuple[str, ...]
    seconds: float


def start_export(
    database: Database, actor: Actor, project: str, *, inputs: Mapping[str, Any]
) -> Job:
    """Queue an export as a job, after checking everything that can be checked at once.

    ``inputs`` are the fields of ``ExportRequest``.

    Raises:
        FormatUnknown, ExportInvalid, FilterInvalid: the request is wrong.
        VersionNotFound: there is no such version.
    """
    require(actor, Permission.READ, project)
    request = _request(inputs)
    if request.version is not None:
        found = get_version(database, actor, project, request.version)
        request = replace(request, version=found.reference)
    return submit(
        database,
        actor,
        project=project,
        kind=KIND,
        entry_point="visionloop.data.exports:export",
        inputs=asdict(request),
        permission=Permission.READ,
    )


def export(context: JobContext) -> dict[str, Any]:
    """Run an export as a job; the zip file or folder lies in the job's folder."""

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    request = _request(context.inputs)
    folder = context.output_dir / "files"
    folder.mkdir()
    report = export_folder(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        request,
        folder=folder,
        progress=tell,
    )
    for line in (*report.losses, *report.warnings):
        context.log(line)
    facts = asdict(report) | {"missing": report.missing[:_LISTED]}
    facts["num_missing"] = len(report.missing)
    if request.as_folder:
        return facts | {"folder": str(folder), "file": None}
    tell(0.95, "Packing")
    name = f"{context.project}-{(request.version or 'live').replace(':', '-')}-{report.format}.zip"
    archive = context.output_dir / name
    pack(folder, archive)
    shutil.rmtree(folder)
    return facts | {"folder": None, "file": name, "size_bytes": archive.stat().st_size}


def export_folder(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    request: ExportRequest,
    *,
    folder: Path,
    progress: Progress | None = None,
) -> ExportReport:
    """Write an export into an empty folder.

    Raises:
        LossNotAccepted: the format cannot hold everything, and nobody agreed to that.
        FormatUnknown, ExportInvalid, FilterInvalid, VersionNotFound: the request is wrong.
    """
    started = time.monotonic()
    format = _writable(request.format)
    tell = progress or _silent
    with _open_labels(database, blobs, actor, project, request) as labels:
        tell(0.0, "Counting what is to be written")
        survey = take_survey(labels)
        lost = losses(format.title, format.holds, labels, survey)
        if lost and not request.accept_loss:
            raise LossNotAccepted(format.title, [loss.sentence for loss in lost])
        reader = _image_reader(ImageSource(database, blobs, project))
        target = ExportTarget(
            folder, reader if request.with_images else None, image_root=request.image_root
        )
        _write(format, labels, target, survey, tell)
    report = ExportReport(
        format=format.name,
        version=request.version,
        num_images=survey.num_images,
        num_annotations=survey.num_annotations,
        num_files=target.num_images,
        losses=tuple(loss.sentence for loss in lost),
        warnings=labels.findings.lines(),
        missing=tuple(target.missing),
        seconds=round(time.monotonic() - started, 3),
    )
    facts = asdict(report) | {"title": format.title, "project": project}
    target.place("visionloop-export.json").write_text(json.dumps(facts, indent=1))
    _announce(database, actor, project, report)
    return report


def preview_losses(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    inputs: Mapping[str, Any],
) -> tuple[Loss, ...]:
    """Say what an export would lose, without writing anything.

    Raises:
        FormatUnknown, ExportInvalid, FilterInvalid, VersionNotFound: the request is wrong.
    """
    request = _request(inputs)
    format = _writable(request.format)
    with _open_labels(database, blobs, actor, project, request) as labels:
        return losses(format.title, format.holds, labels)


def find_export(database: Database, home: Home, actor: Actor, *, project: str, job_id: str) -> Path:
    """Return the zip file of an export.

    Raises:
        JobNotFound: there is no such job.
        ExportNotReady: it is no export of this project, has not ended well, or left a folder.
    """
    job = get_job(database, actor, job_id)
    require(actor, Permission.READ, project)
    file = job.outputs.get("file") if job.kind == KIND and job.project == project else None
    if job.state is not JobState.SUCCEEDED or not file:
        state = job.state.value if job.kind == KIND else f"a job of kind {job.kind}"
        raise ExportNotReady(job_id, state)
    path = home.jobs_dir / job.id / f"attempt-{job.attempt}" / str(file)
    if not path.is_file():
        raise ExportNotReady(job_id, "cleaned up")
    return path


def _request(inputs: Mapping[str, Any]) -> ExportRequest:
    try:
        request = ExportRequest(**inputs)
        splits = split_choice(request.splits)
    except (TypeError, ValueError) as error:
        raise ExportInvalid(str(error)) from error
    _writable(request.format)
    parse_filters(request.filters)
    return replace(request, filters=tuple(request.filters), splits=splits)


def _writable(name: str) -> AnnotationFormat:
    format = get_format(name)
    if format.write is None:
        raise ExportInvalid(f"{format.title} is only read, not written")
    return format


def _open_labels(
    database: Database, blobs: BlobStore, actor: Actor, project: str, request: ExportRequest
) -> AbstractContextManager[LabelSet]:
    require(actor, Permission.READ, project)
    choice = Choice(request.filters, split_choice(request.splits))
    if request.version is None:
        return live_labels(database, get_project(database, project), choice)
    return version_labels(blobs, get_version(database, actor, project, request.version), choice)


def _silent(*_: object) -> None:
    """Tell nobody."""


def _write(
    format: AnnotationFormat,
    labels: LabelSet,
    target: ExportTarget,
    survey: Survey,
    tell: Progress,
) -> None:
    def stream() -> Iterator[LabeledImage]:
        for number, image in enumerate(labels):
            share = 0.1 + 0.85 * number / max(1, survey.num_images)
            tell(share, f"{number} of {survey.num_images} images")
            yield image

    assert format.write is not None
    format.write(replace(labels, stream=stream), target, survey)


def _image_reader(source: ImageSource) -> Callable[[LabeledImage], bytes | None]:
    def read(image: LabeledImage) -> bytes | None:
        try:
            return source.read(image.uri or "")
        except (FileNotFoundError, PermissionError, VisionloopError):
            return None  # the report names it

    return read


def _announce(database: Database, actor: Actor, project: str, report: ExportReport) -> None:
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.dataset.exported",
            project=project,
            subject=f"dataset/{report.version or 'live'}",
            actor=actor,
            data={
                "format": report.format,
                "num_images": report.num_images,
                "num_annotations": report.num_annotations,
                "num_losses": len(report.losses),
            },
        )
