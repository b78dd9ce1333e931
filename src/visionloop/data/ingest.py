"""Bring a folder of images and annotations into a project.

Works in batches, each committed whole: a cancelled, crashed or full-disk ingest is continued by
running it again, and files that are already in are not read a second time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from errno import ENOSPC
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.admin.projects import add_categories, get_project
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data import groups
from visionloop.data.arrivals import Batch, Intake, fresh_files, store_batch
from visionloop.data.connections.opening import connect
from visionloop.data.connections.reading import OpenDatastore, StoredFile
from visionloop.data.crew import Crew
from visionloop.data.datastores import get_datastore, register_folder
from visionloop.data.describing import Terms
from visionloop.data.entities import Datastore, ImageOrigin, IngestReport, RefusedFile
from visionloop.data.errors import IngestInterrupted, IngestInvalid, UnknownClasses
from visionloop.data.formats.images import is_image_name, why_no_image
from visionloop.data.formats.labels import ImportedLabels
from visionloop.data.formats.reading import read_labels
from visionloop.data.grouping import parse_rule
from visionloop.data.refusals import Refusals
from visionloop.data.rules import check_metadata
from visionloop.data.store import images as store
from visionloop.kernel.digests import write_atomically
from visionloop.storage.blobs import BlobStore
from visionloop.storage.blobs import StorageFull as BlobStorageFull
from visionloop.storage.database import Database

_BATCH: Final = 64
_LARGE_BATCH: Final = 256
_MANY: Final = 1000
"""From so many files on, processes of their own pay for their start."""
_MOST_PROCESSES: Final = 64
_LISTED: Final = 1000
_HIDDEN: Final = (".", "Thumbs.db", "desktop.ini")

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class IngestRequest:
    """Which files to read, and how.

    Attributes:
        datastore, folder: one of them; a folder is registered as a datastore.
        path: only files below this path of the datastore.
        format: "auto", "images" or the name of an annotation format.
        managed: copy the files into the blob store instead of pointing at them.
        group_by: "none", "exif-session", "near-duplicate" or "path:REGEX".
        metadata: custom columns for every image of this ingest.
        add_classes: add unknown classes to the label schema instead of refusing.
        processes: how many read and measure beside each other; 0 takes as many as it has cores.
        ingest_id: under which refused files are kept; without one they stand in the report alone.
    """

    datastore: str | None = None
    folder: str | None = None
    path: str = ""
    format: str = "auto"
    managed: bool = False
    group_by: str = "none"
    origin: ImageOrigin = "ingest"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    add_classes: bool = False
    processes: int = 0
    ingest_id: str = ""


def start_ingest(
    database: Database, actor: Actor, project: str, *, inputs: Mapping[str, Any]
) -> Job:
    """Queue an ingest as a job, after checking everything that can be checked at once.

    ``inputs`` are the fields of ``IngestRequest``.

    Raises:
        IngestInvalid, GroupRuleInvalid, MetadataInvalid: the request is wrong.
        DatastoreNotFound, DatastoreInvalid: there is nothing to read from.
    """
    require(actor, Permission.MANAGE_DATA, project)
    request = check_request(inputs)
    datastore = _resolve(database, actor, project, request)
    settled = asdict(request) | {"datastore": datastore.name, "folder": None}
    return submit(
        database,
        actor,
        project=project,
        kind="ingest",
        entry_point="visionloop.data.ingest:ingest",
        inputs=settled,
        permission=Permission.MANAGE_DATA,
    )


def ingest(context: JobContext) -> dict[str, Any]:
    """Run an ingest as a job; the whole report lies in the job's folder as report.json."""

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    request = replace(check_request(context.inputs), ingest_id=context.job_id)
    report = ingest_folder(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        request,
        progress=tell,
    )
    return summarise(context, report)


def summarise(context: JobContext, report: IngestReport) -> dict[str, Any]:
    """Write the whole report into the job's folder and log, and return its beginning."""
    facts = asdict(report)
    write_atomically(context.output_dir / "report.json", json.dumps(facts, indent=1).encode())
    for line in (*report.warnings, *(f"{f.path}: {f.reason}" for f in report.refused[:_LISTED])):
        context.log(line)
    for name in ("refused", "duplicates", "warnings"):
        facts[f"num_{name}"] = len(facts[name])
        facts[name] = facts[name][:_LISTED]
    return facts


def ingest_folder(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    request: IngestRequest,
    *,
    progress: Progress | None = None,
) -> IngestReport:
    """Ingest a folder and report what happened to every file.

    Raises:
        IngestInvalid, GroupRuleInvalid, MetadataInvalid: the request is wrong.
        FormatAmbiguous: the folder does not say which format it holds.
        UnknownClasses: annotations use classes that the label schema lacks.
        DatastoreUnavailable: the datastore does not answer.
        IngestInterrupted: the disk is full; what was committed stays, running it again goes on.
    """
    require(actor, Permission.MANAGE_DATA, project)
    started = time.monotonic()
    datastore = _resolve(database, actor, project, request)
    rule = parse_rule(request.group_by)
    connection = connect(database, datastore)
    schema = get_project(database, project)
    opened = connection.open()
    files, unreadable = _list_files(opened, request.path)
    format, labels = read_labels(
        opened, files, format=request.format, task=schema.task.value, classes=schema.classes
    )
    schema, added = _settle_classes(database, actor, schema, labels, request)
    others = [*unreadable, *_no_images(files, labels)]
    refusals = Refusals(project, request.ingest_id)
    refusals.begin(database, others)
    intake = Intake(database, datastore.name, schema, labels, refusals)
    wanted = [file for file in files if is_image_name(file.path)]
    processes = _num_processes(request.processes, len(wanted))
    with Crew(connection, blobs, _terms(datastore, request), processes=processes) as crew:
        total = _take_in(intake, crew, wanted, progress)
    grouping = groups.assign_groups(database, project, rule, sorted(intake.image_ids))
    report = IngestReport(
        datastore=datastore.name,
        format=format,
        num_files=total.num_files,
        added=total.added,
        already_present=total.already_present,
        duplicates=tuple(total.duplicates),
        refused=tuple(sorted([*others, *total.refused], key=_by_path)),
        annotations=total.annotations,
        warnings=labels.findings.lines(),
        grouping=None if grouping is None else grouping.summary(),
        classes_added=added,
        seconds=round(time.monotonic() - started, 3),
    )
    _announce(database, actor, project, report)
    return report


def _terms(datastore: Datastore, request: IngestRequest) -> Terms:
    return Terms(
        project=datastore.project,
        datastore=datastore.name,
        managed=request.managed,
        origin=request.origin,
        metadata=check_metadata(request.metadata),
    )


def _list_files(opened: OpenDatastore, path: str) -> tuple[list[StoredFile], list[RefusedFile]]:
    """Return the files in order, and those whose names no database or JSON could hold."""
    files, refused = [], []
    for file in opened.list_files(path):
        shown = file.path.encode(errors="backslashreplace").decode()
        if shown != file.path:
            refused.append(RefusedFile(shown, "its name is not valid UTF-8; rename the file"))
        elif not is_hidden(file.path):
            files.append(file)
    return sorted(files, key=lambda file: file.path), refused


def _take_in(
    intake: Intake, crew: Crew, wanted: list[StoredFile], progress: Progress | None
) -> Batch:
    """Store all images batch by batch, each as soon as the crew has described it."""
    total = Batch()
    with intake.database.read() as tx:
        intake.known = store.list_files(tx, intake.project.name, intake.datastore)
    size = _BATCH if len(wanted) < _MANY else _LARGE_BATCH
    batches = [wanted[start : start + size] for start in range(0, len(wanted), size)]
    try:
        described = crew.describe(fresh_files(intake, batch) for batch in batches)
        for batch, results in zip(batches, described, strict=True):
            if progress is not None:
                progress(total.num_files / len(wanted), _so_far(total, len(wanted)))
            total.add(store_batch(intake, batch, results))
    except Exception as error:
        if not _is_disk_full(error):
            raise
        reason = str(error).splitlines()[0]
        raise IngestInterrupted(total.num_files, len(wanted), reason) from error
    if progress is not None:
        progress(1.0, _so_far(total, len(wanted)))
    return total


def _so_far(total: Batch, num_files: int) -> str:
    refused = f", {len(total.refused)} refused" if total.refused else ""
    return f"{total.num_files} of {num_files} files{refused}"


def _num_processes(asked: int, num_files: int) -> int:
    """Return how many processes are worth their start."""
    if asked:
        return asked
    return len(os.sched_getaffinity(0)) if num_files >= _MANY else 1


def _settle_classes(
    database: Database,
    actor: Actor,
    schema: Project,
    labels: ImportedLabels,
    request: IngestRequest,
) -> tuple[Project, tuple[str, ...]]:
    unknown = sorted(set(labels.classes()) - set(schema.classes))
    if not unknown:
        return schema, ()
    if not request.add_classes:
        raise UnknownClasses(unknown, schema.classes)
    return add_categories(database, actor, schema, unknown), tuple(unknown)


def _resolve(database: Database, actor: Actor, project: str, request: IngestRequest) -> Datastore:
    if request.folder:
        return register_folder(database, actor, project, request.folder)
    return get_datastore(database, actor, project, request.datastore or "")


def check_request(inputs: Mapping[str, Any]) -> IngestRequest:
    """Return the request that the inputs of a job make.

    Raises:
        IngestInvalid, GroupRuleInvalid, MetadataInvalid: they make none.
    """
    try:
        request = IngestRequest(**inputs)
    except TypeError as error:
        raise IngestInvalid(str(error)) from error
    if bool(request.folder) == bool(request.datastore):
        raise IngestInvalid("name either a datastore or a folder")
    if request.origin not in ("ingest", "production"):
        raise IngestInvalid(f"origin {request.origin!r} is neither ingest nor production")
    if not 0 <= request.processes <= _MOST_PROCESSES:
        raise IngestInvalid(f"processes must be 0 to {_MOST_PROCESSES}, not {request.processes}")
    parse_rule(request.group_by)
    check_metadata(request.metadata)
    return request


def _no_images(files: list[StoredFile], labels: ImportedLabels) -> list[RefusedFile]:
    """Name the files that are neither images nor annotations."""
    return [
        RefusedFile(file.path, why_no_image(file.path))
        for file in files
        if not is_image_name(file.path) and file.path not in labels.used
    ]


def is_hidden(path: str) -> bool:
    """Tell whether a file is no part of the data, by its name."""
    return path.rpartition("/")[2].startswith(_HIDDEN)


def _is_disk_full(error: Exception) -> bool:
    if isinstance(error, BlobStorageFull):
        return True
    return (isinstance(error, OSError) and error.errno == ENOSPC) or store.is_disk_full(error)


def _by_path(refused: RefusedFile) -> str:
    return refused.path


def _announce(database: Database, actor: Actor, project: str, report: IngestReport) -> None:
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.images.ingested",
            project=project,
            subject=f"datastore/{report.datastore}",
            actor=actor,
            data={
                "added": report.added,
                "already_present": report.already_present,
                "duplicates": len(report.duplicates),
                "refused": len(report.refused),
                "annotations": report.annotations,
            },
        )
