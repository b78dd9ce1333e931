"""Exact difference of two dataset versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import DatasetVersion
from visionloop.data.manifests import label_text, manifest_file
from visionloop.data.row_changes import (
    ChangeKind,
    ImageChange,
    RowChange,
    RowPair,
    VersionDiff,
    classify,
    describe_change,
    find_different_rows,
)
from visionloop.data.versions import get_version
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

Item = TypeVar("Item")

_LISTED: Final = 100


def diff_versions(
    database: Database, blobs: BlobStore, actor: Actor, project: str, *, base: str, other: str
) -> VersionDiff:
    """Tell which images came, went, were relabeled, changed their split or other facts.

    The engine compares the manifests on disk and hands over only the rows that differ, so size
    does not matter.

    Raises:
        VersionNotFound: one of them does not exist.
    """
    require(actor, Permission.READ, project)
    first = get_version(database, actor, project, base)
    second = get_version(database, actor, project, other)
    with manifest_file(blobs, first.manifest) as old, manifest_file(blobs, second.manifest) as new:
        return _summarise(first, second, _differences(old, new))


def list_changes(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    base: str,
    other: str,
    kind: ChangeKind | None = None,
    limit: int = 60,
    offset: int = 0,
) -> tuple[list[ImageChange], int]:
    """Return a page of the images that two versions hold differently, and how many there are.

    Each comes with what it was before and after: split, every label, every other fact.

    Raises:
        VersionNotFound: one of them does not exist.
    """
    require(actor, Permission.READ, project)
    first = get_version(database, actor, project, base)
    second = get_version(database, actor, project, other)
    page: list[ImageChange] = []
    total = 0
    with manifest_file(blobs, first.manifest) as old, manifest_file(blobs, second.manifest) as new:
        for pair, kinds in _differences(old, new):
            if kind is not None and kind not in kinds:
                continue
            if offset <= total < offset + limit:
                page.append(describe_change(pair, kinds))
            total += 1
    return page, total


def _differences(old: Path, new: Path) -> Iterator[tuple[RowPair, tuple[ChangeKind, ...]]]:
    """Yield the rows whose content differs; a file that lies elsewhere is the same image."""
    for pair in find_different_rows(old, new):
        kinds = classify(pair)
        if kinds:
            yield pair, kinds


def _summarise(
    first: DatasetVersion,
    second: DatasetVersion,
    differences: Iterator[tuple[RowPair, tuple[ChangeKind, ...]]],
) -> VersionDiff:
    counts: dict[ChangeKind, int] = dict.fromkeys(
        ("added", "removed", "relabeled", "moved", "edited"), 0
    )
    ids: dict[ChangeKind, list[str]] = {"added": [], "removed": []}
    changes: dict[ChangeKind, list[RowChange]] = {"relabeled": [], "moved": [], "edited": []}
    num_kept_but_changed = 0
    for pair, kinds in differences:
        num_kept_but_changed += pair.before is not None and pair.after is not None
        for kind in kinds:
            counts[kind] += 1
            if kind in ids:
                _note(ids[kind], pair.image_id)
            else:
                _note(changes[kind], _row_change(pair, kind))
    return VersionDiff(
        base=first.reference,
        other=second.reference,
        num_unchanged=first.num_images - counts["removed"] - num_kept_but_changed,
        added=tuple(ids["added"]),
        removed=tuple(ids["removed"]),
        relabeled=tuple(changes["relabeled"]),
        moved=tuple(changes["moved"]),
        edited=tuple(changes["edited"]),
        classes_added=_missing(second.classes, first.classes),
        classes_removed=_missing(first.classes, second.classes),
        splits_before=first.splits,
        splits_after=second.splits,
        class_counts_before=first.class_counts,
        class_counts_after=second.class_counts,
        **{f"num_{kind}": count for kind, count in counts.items()},
    )


def _row_change(pair: RowPair, kind: ChangeKind) -> RowChange:
    before, after = pair.before, pair.after
    assert before is not None
    assert after is not None
    if kind == "moved":
        return RowChange(pair.image_id, pair.name, before.split, after.split)
    if kind == "relabeled":
        return RowChange(pair.image_id, pair.name, label_text(before), label_text(after))
    fields = describe_change(pair, ("edited",)).fields
    was, now = (
        "; ".join(f"{name}={pair[side]}" for name, pair in fields.items()) for side in (0, 1)
    )
    return RowChange(pair.image_id, pair.name, was, now)


def _missing(names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in known)


def _note(listed: list[Item], item: Item) -> None:
    if len(listed) < _LISTED:
        listed.append(item)
