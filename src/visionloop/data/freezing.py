"""Freeze the labeled images of a project into an immutable, split dataset version."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.errors import BadName
from visionloop.admin.projects import get_project
from visionloop.admin.rules import is_good_name
from visionloop.data.entities import SPLITS, DatasetVersion, ImageQuery, ManifestRow, Split
from visionloop.data.errors import VersionNotFreezable
from visionloop.data.grouping import LOOKALIKES
from visionloop.data.hashing import near_duplicate_groups
from visionloop.data.manifests import (
    manifest_file,
    read_rows,
    row_from_line,
    row_of,
    row_to_line,
    write_manifest,
)
from visionloop.data.splits import (
    Assignment,
    Member,
    assign_splits,
    check_fractions,
    find_leaks,
    warn_large_groups,
    warn_unmeasured,
)
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as image_store
from visionloop.data.store import versions as store
from visionloop.data.versions import find_version, record_version
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

DEFAULT_FRACTIONS: Final[Mapping[str, float]] = {"train": 0.7, "val": 0.15, "test": 0.15}


@dataclass(frozen=True)
class FreezeRequest:
    """Which images to freeze, and how to split them.

    Attributes:
        filters: conditions such as ``exif.Model=iPhone 7``; every one must hold.
        parent: version whose splits are kept; None means the newest of this name.
        accepted_only: leave out labels that no reviewer accepted.
        use_source_splits: take the splits that the imported set came with.
        allow_empty_classes: freeze although a class has no training image.
    """

    name: str
    notes: str = ""
    filters: tuple[str, ...] = ()
    fractions: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_FRACTIONS))
    seed: int = 0
    parent: str | None = None
    accepted_only: bool = False
    use_source_splits: bool = False
    allow_empty_classes: bool = False


@dataclass
class _Draft:
    """A version in the making: small facts in memory, rows in a spool file."""

    spool: Path
    members: list[Member]
    num_seen: int
    num_annotations: int


def freeze_version(
    database: Database, blobs: BlobStore, actor: Actor, project: str, request: FreezeRequest
) -> DatasetVersion:
    """Freeze images and labels as they are now.

    Memory stays bounded: rows go through a file, only ids, groups, classes and hashes are held.
    When the newest version of this name already says the same, it is returned.

    Raises:
        BadName, FractionsInvalid, FilterInvalid: the request is wrong.
        VersionNotFound: there is no such parent.
        VersionNotFreezable: no image, no label, or a class without a training image.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if not is_good_name(request.name):
        raise BadName("dataset version", request.name)
    fractions = check_fractions(request.fractions)
    schema = get_project(database, project)
    parent = _find_parent(database, project, request)
    with tempfile.TemporaryDirectory(prefix="visionloop-freeze-") as folder:
        draft = _collect(
            database,
            schema,
            request,
            before=_splits_of(blobs, parent),
            spool=Path(folder) / "spool",
        )
        _refuse_empty(draft)
        assignment = assign_splits(draft.members, fractions, seed=request.seed)
        counts = _count_classes(draft.members, assignment.splits, schema.classes)
        warnings = _warn(draft, assignment, counts, fractions=fractions, classes=schema.classes)
        warnings += _check_classes(counts, schema.classes, request)
        rows = _settled(draft, assignment.splits)
        written = write_manifest(rows, Path(folder), task=schema.task.value, classes=schema.classes)
        sizes = Counter(assignment.splits.values())
        version = DatasetVersion(
            id=new_id("dsv"),
            project=project,
            name=request.name,
            version=1,
            digest=written.digest,
            manifest=written.sha256,
            task=schema.task.value,
            classes=schema.classes,
            num_images=written.num_rows,
            num_annotations=draft.num_annotations,
            splits={split: sizes[split] for split in SPLITS},
            class_counts=counts,
            parent_id=None if parent is None else parent.id,
            filters=tuple(request.filters),
            fractions={str(split): share for split, share in fractions.items()},
            seed=request.seed,
            notes=request.notes,
            warnings=tuple(warnings),
            created_by=actor.name,
            created_at=utc_now(),
        )
        return record_version(database, blobs, actor, version, manifest=written.path)


def _warn(
    draft: _Draft,
    assignment: Assignment,
    counts: Mapping[str, Mapping[str, int]],
    *,
    fractions: Mapping[Split, float],
    classes: Sequence[str],
) -> list[str]:
    """Say what does not stop a freeze but a person should know."""
    return [
        *assignment.warnings,
        *find_leaks(draft.members, assignment.splits),
        *warn_large_groups(draft.members),
        *warn_unmeasured(counts, classes, fractions),
        *_left_out(draft),
    ]


def _find_parent(database: Database, project: str, request: FreezeRequest) -> DatasetVersion | None:
    with database.read() as tx:
        if request.parent is not None:
            return find_version(tx, project, request.parent)
        return store.find_version(tx, project, name=request.name)


def _collect(
    database: Database,
    schema: Project,
    request: FreezeRequest,
    *,
    before: Mapping[str, Split],
    spool: Path,
) -> _Draft:
    """Copy every usable image and its labels into the spool file, in order of image id."""
    usable = ("accepted",) if request.accepted_only else ("accepted", "labeled")
    draft = _Draft(spool, [], 0, 0)
    query = ImageQuery(status="active", where=tuple(request.filters))
    with database.read() as tx, spool.open("wb") as file:
        for records in image_store.stream_records(tx, schema.name, query):
            draft.num_seen += len(records)
            wanted = [record for record in records if record.annotation_status in usable]
            ids = [record.image.id for record in wanted]
            sets = annotation_store.find_annotation_sets(tx, schema.name, ids)
            for record in wanted:
                row = row_of(record, sets[record.image.id])
                file.write(row_to_line(row) + b"\n")
                fixed = before.get(row.image_id)
                if fixed is None and request.use_source_splits:
                    fixed = row.metadata.get("source_split")
                draft.members.append(_member(row, fixed))
                draft.num_annotations += len(row.annotations)
    draft.members = _settle_groups(draft.members)
    return draft


def _splits_of(blobs: BlobStore, parent: DatasetVersion | None) -> dict[str, Split]:
    if parent is None:
        return {}
    with manifest_file(blobs, parent.manifest) as path:
        return {row.image_id: row.split for row in read_rows(path)}


def _member(row: ManifestRow, fixed: Split | None) -> Member:
    labels = tuple(sorted({annotation.category for annotation in row.annotations}))
    return Member(row.image_id, row.group_key, labels, row.dhash, fixed)


def _settle_groups(members: Sequence[Member]) -> list[Member]:
    """Give images without a group key that of their near-duplicates, else one of their own."""
    single = [member for member in members if not member.group_key]
    numbers = near_duplicate_groups([member.dhash for member in single]).tolist()
    first: dict[int, str] = {}
    keys = {}
    for member, number in zip(single, numbers, strict=True):
        first.setdefault(number, member.image_id)
        keys[member.image_id] = f"{LOOKALIKES}{first[number]}"
    return [replace(m, group_key=keys.get(m.image_id, m.group_key)) for m in members]


def _settled(draft: _Draft, splits: Mapping[str, Split]) -> Iterator[ManifestRow]:
    groups = {member.image_id: member.group_key for member in draft.members}
    with draft.spool.open("rb") as file:
        for line in file:
            row = row_from_line(line)
            yield replace(row, split=splits[row.image_id], group_key=groups[row.image_id])


def _refuse_empty(draft: _Draft) -> None:
    if draft.num_seen == 0:
        raise VersionNotFreezable(
            "no active image fulfils the filters",
            "Ingest images or loosen the filters.",
            num_images=0,
        )
    if not draft.members:
        raise VersionNotFreezable(
            f"none of the {draft.num_seen} images has usable labels",
            "Label them first, or accept the labels in review.",
            num_images=draft.num_seen,
        )


def _count_classes(
    members: Sequence[Member], splits: Mapping[str, Split], classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    counts = {split: dict.fromkeys(classes, 0) for split in SPLITS}
    for member in members:
        for label in member.labels:
            counts[splits[member.image_id]][label] = (
                counts[splits[member.image_id]].get(label, 0) + 1
            )
    return {str(split): found for split, found in counts.items()}


def _check_classes(
    counts: Mapping[str, Mapping[str, int]], classes: Sequence[str], request: FreezeRequest
) -> list[str]:
    """Refuse, or with leave only mention, classes that a model could not learn."""
    empty = [name for name in classes if counts["train"].get(name, 0) == 0]
    if not empty:
        return []
    elsewhere = [name for name in empty if any(counts[split].get(name, 0) for split in SPLITS)]
    named = ", ".join(map(repr, empty))
    if not request.allow_empty_classes:
        hint = f" ({', '.join(map(repr, elsewhere))} only in val or test)" if elsewhere else ""
        raise VersionNotFreezable(
            f"no training image shows {named}{hint}",
            "Label images of these classes, loosen the filters or the groups, or set "
            "allow_empty_classes.",
            classes=empty,
        )
    return [f"No training image shows {named}."]


def _left_out(draft: _Draft) -> list[str]:
    missing = draft.num_seen - len(draft.members)
    if not missing:
        return []
    return [f"{missing} of {draft.num_seen} images have no usable labels and were left out."]
