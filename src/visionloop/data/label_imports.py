"""Bring the labels of a foreign file onto images that are already there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.admin.projects import add_categories, get_project
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data.datastores import get_datastore, open_datastore
from visionloop.data.entities import AnnotationDraft, AnnotationSet, Image
from visionloop.data.errors import UnknownClasses
from visionloop.data.formats.entities import LabeledImage, LabelSet
from visionloop.data.formats.errors import LabelImportInvalid
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.ports import LabelSource
from visionloop.data.formats.reading import AUTO, choose_format, read_hints
from visionloop.data.formats.sources import DatastoreSource
from visionloop.data.imported_labels import imported_set, usable_drafts
from visionloop.data.label_files import open_label_file, plain_name
from visionloop.data.matching import MATCHES, MatchBy, Matcher
from visionloop.data.store import annotations as store
from visionloop.kernel.digests import write_atomically
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction

BATCH: Final = 500
_LISTED: Final = 1000
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class LabelImportRequest:
    """Where the labels are, and what to do with them.

    Attributes:
        file: digest of a file that was sent before; or
        datastore: a registered datastore.
        path: of a folder or file in the datastore; the name of the file that was sent.
        format: "auto" or the name of an annotation format.
        match: how images are recognised: "auto", "digest", "uri" or "name".
        replace: replace labels that are there already; else those images are left alone.
        add_classes: add unknown classes to the label schema instead of refusing.
    """

    file: str | None = None
    datastore: str | None = None
    path: str = ""
    format: str = AUTO
    match: MatchBy = "auto"
    replace: bool = False
    add_classes: bool = False


@dataclass
class LabelImportReport:
    """What an import did with every image of the file.

    Attributes:
        unmatched: name to why no image of the project was found.
        kept: images that had labels already, which were left alone.
    """

    format: str
    source: str
    num_seen: int = 0
    num_labeled: int = 0
    annotations: int = 0
    replaced: int = 0
    kept: list[str] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    classes_added: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


def start_label_import(
    database: Database, actor: Actor, project: str, *, inputs: Mapping[str, Any]
) -> Job:
    """Queue an import of labels as a job; ``inputs`` are the fields of ``LabelImportRequest``.

    Raises:
        LabelImportInvalid: the request is wrong.
        DatastoreNotFound: there is no such datastore.
    """
    require(actor, Permission.MANAGE_DATA, project)
    request = _request(inputs)
    if request.datastore is not None:
        get_datastore(database, actor, project, request.datastore)
    return submit(
        database,
        actor,
        project=project,
        kind="label_import",
        entry_point="visionloop.data.label_imports:run_label_import",
        inputs=asdict(request),
        permission=Permission.MANAGE_DATA,
    )


def run_label_import(context: JobContext) -> dict[str, Any]:
    """Run an import as a job; the whole report lies in the job's folder as report.json."""

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    report = import_labels(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        _request(context.inputs),
        progress=tell,
    )
    facts = asdict(report)
    write_atomically(context.output_dir / "report.json", json.dumps(facts, indent=1).encode())
    for line in report.warnings:
        context.log(line)
    for name in ("kept", "unmatched"):
        facts[f"num_{name}"] = len(facts[name])
        facts[name] = facts[name][:_LISTED]
    return facts


def import_labels(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    request: LabelImportRequest,
    *,
    progress: Progress | None = None,
) -> LabelImportReport:
    """Import labels and report what happened to every image of the file.

    Works in batches, each committed whole; running it again goes on where it stopped, because
    images that have labels are left alone.

    Raises:
        LabelImportInvalid: the request is wrong, or the source holds no labels.
        FormatAmbiguous, FormatUnknown: the format is not clear.
        UnknownClasses: labels use classes that the label schema lacks.
    """
    require(actor, Permission.MANAGE_DATA, project)
    started = time.monotonic()
    _checked(request)
    schema = get_project(database, project)
    with _open_source(database, blobs, actor, project, request) as source:
        format = choose_format(
            source, format=request.format, task=schema.task.value, classes=schema.classes
        )
        if format is None:
            raise LabelImportInvalid(f"{source.url} holds labels in no format that is known")
        labels = format.read(source, read_hints(request.format, schema.classes))
        report = LabelImportReport(format.name, _shown_source(request))
        schema, report.classes_added = _settle_classes(database, actor, schema, labels, request)
        author = f"import:{report.source}"
        intake = _Intake(database, actor, schema, request, report, author)
        _take_in(intake, labels, progress or _silent)
    labels.findings.extend(intake.findings)
    report.warnings = labels.findings.lines()
    report.seconds = round(time.monotonic() - started, 3)
    _announce(database, actor, project, report)
    return report


def _silent(*_: object) -> None:
    """Tell nobody."""


@dataclass
class _Intake:
    """What all batches of one import share."""

    database: Database
    actor: Actor
    project: Project
    request: LabelImportRequest
    report: LabelImportReport
    author: str
    findings: Findings = field(default_factory=Findings)
    touched: set[str] = field(default_factory=set)


def _take_in(intake: _Intake, labels: LabelSet, tell: Progress) -> None:
    stream = iter(labels)
    matcher: Matcher | None = None
    while batch := list(islice(stream, BATCH)):
        with intake.database.read() as tx:
            if matcher is None:
                matcher = Matcher(tx, intake.project.name, intake.request.match)
            matcher.tx = tx
            pairs = matcher.match(batch)
        known: list[tuple[LabeledImage, Image]] = []
        for labeled, image in pairs:
            intake.report.num_seen += 1
            if isinstance(image, str):
                intake.report.unmatched.append((labeled.name, image))
            else:
                known.append((labeled, image))
        with intake.database.begin() as tx:
            _store(tx, intake, known)
        seen = intake.report.num_seen
        tell(1 - 1 / (1 + seen / (20 * BATCH)), f"{seen} images of the file")


def _store(tx: Transaction, intake: _Intake, known: Sequence[tuple[LabeledImage, Image]]) -> None:
    """Write the labels of a batch; those of images that have none in a few statements."""
    report = intake.report
    ids = [image.id for _, image in known]
    current = store.find_annotation_sets(tx, intake.project.name, ids)
    fresh: dict[str, AnnotationSet] = {}
    for labeled, image in known:
        before = fresh.get(image.id) or current[image.id]
        if image.id in intake.touched:
            intake.findings.add("Described more than once; the first was taken", image.name)
            continue
        if before.revision > 0 and not intake.request.replace:
            report.kept.append(image.name)
            continue
        drafts = usable_drafts(labeled, image, intake.project, intake.findings)
        saved = imported_set(before, drafts, author=intake.author, attributes=labeled.attributes)
        intake.touched.add(image.id)
        report.num_labeled += 1
        report.annotations += len(saved.annotations)
        if before.revision == 0:
            fresh[image.id] = saved
        elif store.replace_annotations(tx, saved, expected_revision=before.revision):
            report.replaced += 1
    store.fill_annotations(tx, list(fresh.values()))


@contextmanager
def _open_source(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    request: LabelImportRequest,
) -> Iterator[LabelSource]:
    if request.file is not None:
        with open_label_file(blobs, request.file, request.path) as source:
            yield source
        return
    opened = open_datastore(
        database, get_datastore(database, actor, project, request.datastore or "")
    )
    files = {file.path: file.size_bytes for file in opened.list_files(request.path)}
    yield DatastoreSource(opened, files)


def _settle_classes(
    database: Database,
    actor: Actor,
    schema: Project,
    labels: LabelSet,
    request: LabelImportRequest,
) -> tuple[Project, tuple[str, ...]]:
    listed = {category.name for category in labels.categories}
    if listed and listed <= set(schema.classes):
        return schema, ()
    used = dict.fromkeys(
        label.category
        for image in labels
        for label in image.annotations
        if isinstance(label, AnnotationDraft)
    )
    unknown = sorted(set(used) - set(schema.classes))
    if not unknown:
        return schema, ()
    if not request.add_classes:
        raise UnknownClasses(unknown, schema.classes)
    return add_categories(database, actor, schema, unknown), tuple(unknown)


def _request(inputs: Mapping[str, Any]) -> LabelImportRequest:
    try:
        request = LabelImportRequest(**inputs)
    except TypeError as error:
        raise LabelImportInvalid(str(error)) from error
    return _checked(request)


def _checked(request: LabelImportRequest) -> LabelImportRequest:
    if bool(request.file) == bool(request.datastore):
        raise LabelImportInvalid("name either a file that was sent before or a datastore")
    if request.match not in MATCHES:
        raise LabelImportInvalid(
            f"images are matched by {', '.join(MATCHES)}, not by {request.match!r}"
        )
    return request


def _shown_source(request: LabelImportRequest) -> str:
    return request.datastore or plain_name(request.path)


def _announce(database: Database, actor: Actor, project: str, report: LabelImportReport) -> None:
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.labels.imported",
            project=project,
            subject=f"labels/{report.source}",
            actor=actor,
            data={
                "format": report.format,
                "num_labeled": report.num_labeled,
                "annotations": report.annotations,
                "unmatched": len(report.unmatched),
                "kept": len(report.kept),
            },
        )
