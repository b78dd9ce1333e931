"""Freeze the labeled images of a project into an immutable, split dataset version."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.errors import BadName
from visionloop.admin.projects import get_project
from visionloop.admin.rules import is_good_name
from visionloop.data.candidates import Draft, FreezeRequest, collect, read_splits
from visionloop.data.entities import SPLITS, DatasetVersion, Split
from visionloop.data.errors import VersionNotFreezable
from visionloop.data.manifests import write_manifest
from visionloop.data.splits import (
    Assignment,
    Member,
    assign_splits,
    check_fractions,
    find_leaks,
    warn_large_groups,
    warn_unmeasured,
    without_test,
)
from visionloop.data.store import versions as store
from visionloop.data.store.indexing import set_splits
from visionloop.data.versions import find_version, record_version
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

__all__ = ["FreezeRequest", "freeze_version"]


def freeze_version(
    database: Database, blobs: BlobStore, actor: Actor, project: str, request: FreezeRequest
) -> DatasetVersion:
    """Freeze images and labels as they are now.

    Rows go through a file; ids, groups, classes and hashes of all images are held, which
    ``bench/freeze.py`` measures.
    When the newest version of this name already says the same, it is returned.

    Raises:
        BadName, FractionsInvalid, FilterInvalid, GroupRuleInvalid: the request is wrong.
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
        before = read_splits(blobs, parent)
        draft = collect(database, schema, request, before=before, spool=Path(folder) / "spool")
        _refuse_empty(draft)
        shares = without_test(fractions) if request.keep_test else fractions
        assignment = assign_splits(draft.members, shares, seed=request.seed)
        counts = _count_classes(draft.members, assignment.splits, schema.classes)
        warnings = _warn(draft, assignment, counts, fractions=fractions, classes=schema.classes)
        warnings += _check_classes(counts, schema.classes, request)
        rows = draft.rows(assignment.splits)
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
            group_by=tuple(request.group_by),
            created_by=actor.name,
            created_at=utc_now(),
        )
        recorded = record_version(database, blobs, actor, version, manifest=written.path)
    with database.begin() as tx:
        set_splits(tx, project, assignment.splits)
    return recorded


def _warn(
    draft: Draft,
    assignment: Assignment,
    counts: Mapping[str, Mapping[str, int]],
    *,
    fractions: Mapping[Split, float],
    classes: Sequence[str],
) -> list[str]:
    """Say what does not stop a freeze but a person should know."""
    return [
        *draft.warnings,
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


def _refuse_empty(draft: Draft) -> None:
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


def _left_out(draft: Draft) -> list[str]:
    missing = draft.num_seen - len(draft.members)
    if not missing:
        return []
    return [f"{missing} of {draft.num_seen} images have no usable labels and were left out."]
