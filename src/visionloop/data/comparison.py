"""Exact difference of two dataset versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import ManifestRow, RowChange, VersionDiff
from visionloop.data.manifests import label_text, manifest_file, read_rows
from visionloop.data.versions import get_version
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

Item = TypeVar("Item")

_LISTED: Final = 100


def diff_versions(
    database: Database, blobs: BlobStore, actor: Actor, project: str, *, base: str, other: str
) -> VersionDiff:
    """Tell which images came, went, were relabeled or changed their split.

    Both manifests are read side by side in order of image id, so size does not matter.

    Raises:
        VersionNotFound: one of them does not exist.
    """
    require(actor, Permission.READ, project)
    first = get_version(database, actor, project, base)
    second = get_version(database, actor, project, other)
    with manifest_file(blobs, first.manifest) as old, manifest_file(blobs, second.manifest) as new:
        return _compare(first.reference, second.reference, read_rows(old), read_rows(new))


def _compare(
    base: str, other: str, old: Iterator[ManifestRow], new: Iterator[ManifestRow]
) -> VersionDiff:
    added: list[str] = []
    removed: list[str] = []
    relabeled: list[RowChange] = []
    moved: list[RowChange] = []
    counts = dict.fromkeys(("added", "removed", "relabeled", "moved", "unchanged"), 0)
    for before, after in _paired(old, new):
        if before is None or after is None:
            kind, row = ("added", after) if before is None else ("removed", before)
            assert row is not None
            _note(counts, kind, added if before is None else removed, row.image_id)
            continue
        if before.split != after.split:
            change = RowChange(after.image_id, after.name, before.split, after.split)
            _note(counts, "moved", moved, change)
        texts = label_text(before), label_text(after)
        if texts[0] != texts[1]:
            _note(counts, "relabeled", relabeled, RowChange(after.image_id, after.name, *texts))
        elif before.split == after.split:
            counts["unchanged"] += 1
    return VersionDiff(
        base=base,
        other=other,
        added=tuple(added),
        removed=tuple(removed),
        relabeled=tuple(relabeled),
        moved=tuple(moved),
        **{f"num_{name}": count for name, count in counts.items()},
    )


def _note(counts: dict[str, int], kind: str, listed: list[Item], item: Item) -> None:
    counts[kind] += 1
    if len(listed) < _LISTED:
        listed.append(item)


def _paired(
    old: Iterator[ManifestRow], new: Iterator[ManifestRow]
) -> Iterator[tuple[ManifestRow | None, ManifestRow | None]]:
    """Walk two row streams, both ordered by image id, side by side."""
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left.image_id < right.image_id):
            yield left, None
            left = next(old, None)
        elif left is None or right.image_id < left.image_id:
            yield None, right
            right = next(new, None)
        else:
            yield left, right
            left, right = next(old, None), next(new, None)
