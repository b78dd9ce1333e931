"""One batch of an ingest: read, measure, and commit images with their annotations together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from visionloop.admin.entities import Project
from visionloop.data.connections.reading import StoredFile
from visionloop.data.entities import (
    Annotation,
    AnnotationDraft,
    AnnotationSet,
    DuplicateFile,
    Image,
    RefusedFile,
)
from visionloop.data.formats.entities import LabeledImage
from visionloop.data.formats.labels import ImportedLabels
from visionloop.data.imported_labels import imported_set, usable_drafts
from visionloop.data.refusals import Refusals
from visionloop.data.sources import datastore_uri
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as store
from visionloop.storage.database import Database, Transaction


@dataclass
class Intake:
    """What all batches of one ingest share.

    Attributes:
        known: path to (size, modification mark, image id) of files ingested earlier.
        image_ids: every image that this ingest has seen.
    """

    database: Database
    datastore: str
    project: Project
    labels: ImportedLabels
    refusals: Refusals
    known: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    image_ids: set[str] = field(default_factory=set)


@dataclass
class Batch:
    """What happened to the files of one batch, or of all so far."""

    num_files: int = 0
    added: int = 0
    already_present: int = 0
    annotations: int = 0
    duplicates: list[DuplicateFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)

    def add(self, other: Batch) -> None:
        """Take in the counts of another batch."""
        self.num_files += other.num_files
        self.added += other.added
        self.already_present += other.already_present
        self.annotations += other.annotations
        self.duplicates.extend(other.duplicates)
        self.refused.extend(other.refused)


def store_batch(
    intake: Intake, files: Sequence[StoredFile], results: Sequence[Image | RefusedFile]
) -> Batch:
    """Commit a batch of image files; a bad file is only reported.

    Args:
        intake: the ingest.
        files: the batch.
        results: what the files of ``fresh_files(intake, files)`` are, in that order.
    """
    batch = Batch(num_files=len(files))
    unchanged = {file.path: intake.known[file.path][2] for file in files if is_known(intake, file)}
    fresh = fresh_files(intake, files)
    described: dict[str, Image] = {}
    for file, result in zip(fresh, results, strict=True):
        if isinstance(result, Image):
            described[file.path] = _with_split(intake, result)
        else:
            batch.refused.append(result)
    with intake.database.begin() as tx:
        seen = unchanged | {path: image.id for path, image in described.items()}
        rows = _insert_new(tx, intake, batch, described, seen)
        _forget_overwritten(tx, intake, described)
        first = {path: seen[path] for path in sorted(seen) if seen[path] in rows}
        batch.annotations = _import_annotations(tx, intake, first, rows)
        intake.refusals.keep(tx, batch.refused, files)
        store.replace_files(
            tx, [_file_row(intake, f, seen[f.path]) for f in fresh if f.path in described]
        )
    intake.image_ids.update(first.values())
    return batch


def fresh_files(intake: Intake, files: Sequence[StoredFile]) -> list[StoredFile]:
    """Return the files that must be read, because they are new or have changed."""
    return [file for file in files if not is_known(intake, file)]


def is_known(intake: Intake, file: StoredFile) -> bool:
    """Tell whether a file was ingested before and has not changed since."""
    return intake.known.get(file.path, ())[:2] == (file.size_bytes, file.modified)


def _with_split(intake: Intake, image: Image) -> Image:
    split = intake.labels.splits.get(image.name)
    if split is None:
        return image
    return replace(image, metadata={**image.metadata, "source_split": split})


def _insert_new(
    tx: Transaction,
    intake: Intake,
    batch: Batch,
    described: Mapping[str, Image],
    seen: Mapping[str, str],
) -> dict[str, Image]:
    """Insert what is new, note duplicates, and return the row of every image seen, by id."""
    rows = store.find_images(tx, intake.project.name, sorted(set(seen.values())))
    new: dict[str, Image] = {}
    for path in sorted(seen):
        image_id = seen[path]
        row = rows.get(image_id) or new.get(image_id)
        if row is None and path in described:
            new[image_id] = described[path]
        elif row is None:
            # The row was deleted while the file list still names it: read it next time.
            batch.refused.append(RefusedFile(path, "its image was removed; ingest again"))
        elif row.datastore == intake.datastore and row.name == path:
            batch.already_present += 1
            _bring_back(tx, row, path, described)
        elif _bring_back(tx, row, path, described):
            batch.already_present += 1
        else:
            batch.duplicates.append(DuplicateFile(path, image_id, row.name))
    store.insert_images(tx, list(new.values()))
    batch.added += len(new)
    return rows | new


def _bring_back(tx: Transaction, row: Image, path: str, described: Mapping[str, Image]) -> bool:
    """Point an image whose file was missing at the place where the same bytes are now."""
    if row.status != "missing" or path not in described:
        return False
    found = described[path]
    place = {"uri": found.uri, "datastore": found.datastore, "name": found.name}
    store.update_image(tx, row.project, row.id, status="active", **place)
    return True


def _forget_overwritten(tx: Transaction, intake: Intake, described: Mapping[str, Image]) -> None:
    """Mark images whose referenced file now holds other bytes."""
    for path, image in described.items():
        before = intake.known.get(path)
        if before is None or before[2] == image.id:
            continue
        intake.labels.findings.add("Overwritten since it was ingested; the old image is lost", path)
        old = store.find_image(tx, intake.project.name, before[2])
        if old is not None and old.uri == datastore_uri(intake.datastore, path):
            store.update_image(tx, intake.project.name, old.id, status="missing")


def _import_annotations(
    tx: Transaction, intake: Intake, paths: Mapping[str, str], rows: Mapping[str, Image]
) -> int:
    """Write the annotations of images that have none yet; never touch a person's work."""
    wanted = {path: image for path, image in paths.items() if path in intake.labels.drafts}
    current = annotation_store.find_annotation_sets(
        tx, intake.project.name, sorted(set(wanted.values()))
    )
    filled: dict[str, AnnotationSet] = {}
    for path, image_id in wanted.items():
        before = filled.get(image_id) or current[image_id]
        labeled = _labeled(intake, path)
        drafts = usable_drafts(labeled, rows[image_id], intake.project, intake.labels.findings)
        if before.revision > 0:
            _note_conflict(intake, path, before, drafts)
            continue
        author = f"import:{intake.datastore}"
        filled[image_id] = imported_set(
            before, drafts, author=author, attributes=labeled.attributes
        )
    annotation_store.fill_annotations(tx, list(filled.values()))
    return sum(len(item.annotations) for item in filled.values())


def _labeled(intake: Intake, path: str) -> LabeledImage:
    """Return what the annotation files say of an image."""
    labels = intake.labels
    width, height = labels.sizes.get(path, (None, None))
    return LabeledImage(
        name=path,
        annotations=tuple(labels.drafts[path]),
        width=width,
        height=height,
        attributes=labels.attributes.get(path, {}),
        relative=path in labels.relative,
    )


def _note_conflict(
    intake: Intake, path: str, before: AnnotationSet, drafts: Sequence[AnnotationDraft]
) -> None:
    def content(items: Sequence[Annotation] | Sequence[AnnotationDraft]) -> list[Any]:
        return sorted((item.category, item.kind, item.bbox or ()) for item in items)

    if content(before.annotations) != content(drafts):
        intake.labels.findings.add("Labels differ from those already there, which were kept", path)


def _file_row(intake: Intake, file: StoredFile, image_id: str) -> dict[str, Any]:
    return {
        "project": intake.project.name,
        "datastore": intake.datastore,
        "path": file.path,
        "size_bytes": file.size_bytes,
        "modified": file.modified,
        "image_id": image_id,
    }
