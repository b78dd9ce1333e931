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
from visionloop.data.errors import AnnotationInvalid
from visionloop.data.formats.labels import ImportedLabels
from visionloop.data.formats.shapes import scaled
from visionloop.data.refusals import Refusals
from visionloop.data.rules import check_annotations, fit_box
from visionloop.data.sources import datastore_uri
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as store
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
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
        drafts = _usable(intake, path, rows[image_id])
        if before.revision > 0:
            _note_conflict(intake, path, before, drafts)
            continue
        facts = intake.labels.attributes.get(path, {})
        filled[image_id] = _imported_set(intake, before, drafts, facts)
    annotation_store.fill_annotations(tx, list(filled.values()))
    return sum(len(item.annotations) for item in filled.values())


def _usable(intake: Intake, path: str, image: Image) -> list[AnnotationDraft]:
    """Drop what the project cannot mean, with a warning for each kind of flaw."""
    stated = intake.labels.sizes.get(path)
    if stated is not None and stated != (image.width, image.height):
        turned = stated == (image.height, image.width)
        intake.labels.findings.add(
            "Annotated before EXIF rotation was applied; check the boxes"
            if turned
            else "Annotation file states another image size",
            path,
        )
    usable = []
    relative = path in intake.labels.relative
    for given in intake.labels.drafts[path]:
        draft = scaled(given, image.width, image.height) if relative else given
        if draft.bbox is not None and draft.kind == "box":
            _, problem = fit_box(draft.bbox, image.width, image.height)
            if problem is not None:
                intake.labels.findings.add(_general(problem), path)
        try:
            checked = check_annotations(
                [draft],
                task=intake.project.task.value,
                classes=intake.project.classes,
                width=image.width,
                height=image.height,
            )
        except AnnotationInvalid as error:
            if draft.kind != "box":
                intake.labels.findings.add(f"Shapes left out: {_short(error)}", path)
            continue
        usable.extend(checked)
    return usable


def _general(problem: str) -> str:
    """Turn what is wrong with one box into a kind of flaw."""
    if "over the border" in problem:
        return "Boxes reach over the border and were cut"
    if "outside" in problem:
        return "Boxes outside the image were left out"
    if "wrong order" in problem:
        return "Boxes with corners in the wrong order were left out"
    return "Boxes of less than one pixel were left out"


def _short(error: AnnotationInvalid) -> str:
    reason = error.message.partition(": ")[2].rstrip(".")
    return "shape without area or outside the image" if reason.startswith("bbox") else reason


def _note_conflict(
    intake: Intake, path: str, before: AnnotationSet, drafts: Sequence[AnnotationDraft]
) -> None:
    def content(items: Sequence[Annotation] | Sequence[AnnotationDraft]) -> list[Any]:
        return sorted((item.category, item.kind, item.bbox or ()) for item in items)

    if content(before.annotations) != content(drafts):
        intake.labels.findings.add("Labels differ from those already there, which were kept", path)


def _imported_set(
    intake: Intake,
    before: AnnotationSet,
    drafts: Sequence[AnnotationDraft],
    attributes: Mapping[str, Any],
) -> AnnotationSet:
    author = f"import:{intake.datastore}"
    annotations = tuple(
        Annotation(
            id=new_id("ann"),
            image_id=before.image_id,
            category=draft.category,
            kind=draft.kind,
            bbox=draft.bbox,
            segmentation=draft.segmentation,
            attributes=dict(draft.attributes),
            score=draft.score,
            # A model's work stays known as such; people of other systems are not people of ours.
            source="model" if draft.source == "model" else "import",
            author=draft.author or author if draft.source == "model" else author,
            keypoints=draft.keypoints,
            external_id=draft.external_id,
        )
        for draft in drafts
    )
    return replace(
        before,
        revision=1,
        status="accepted",
        annotations=annotations,
        updated_at=utc_now(),
        updated_by=author,
        attributes={**before.attributes, **attributes},
    )


def _file_row(intake: Intake, file: StoredFile, image_id: str) -> dict[str, Any]:
    return {
        "project": intake.project.name,
        "datastore": intake.datastore,
        "path": file.path,
        "size_bytes": file.size_bytes,
        "modified": file.modified,
        "image_id": image_id,
    }
