"""Frozen dataset versions: list them, read them, delete those that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.entities import DatasetVersion, ManifestRow, Split
from visionloop.data.errors import VersionInUse, VersionNotFound
from visionloop.data.manifests import count_rows, manifest_file, read_rows
from visionloop.data.store import versions as store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction


@dataclass(frozen=True)
class Page:
    """Which rows of a manifest to show."""

    split: Split | None = None
    limit: int = 60
    offset: int = 0


def list_versions(
    database: Database, actor: Actor, project: str, *, name: str | None = None
) -> list[DatasetVersion]:
    """Return the dataset versions of a project, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_versions(tx, project, name)


def get_version(database: Database, actor: Actor, project: str, version: str) -> DatasetVersion:
    """Return one version by id, by NAME:NUMBER, by NAME@TAG, or the newest of NAME.

    Raises:
        VersionNotFound: there is no such version.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return find_version(tx, project, version)


def find_version(tx: Transaction, project: str, version: str) -> DatasetVersion:
    """Do what ``get_version`` does, inside the caller's transaction and authorisation."""
    name, _, number = version.rpartition(":")
    found = store.find_version(tx, project, version_id=version)
    if found is None and "@" in version:
        tagged, _, tag = version.partition("@")
        ids = {item.tag: item.version_id for item in store.list_tags(tx, project, name=tagged)}
        found = store.find_version(tx, project, version_id=ids[tag]) if tag in ids else None
        if found is None:
            raise VersionNotFound(project, version)
    if found is None and name and number.isdigit() and int(number) > 0:
        found = store.find_version(tx, project, name=name, number=int(number))
    elif found is None:
        found = store.find_version(tx, project, name=version)
    if found is None:
        raise VersionNotFound(project, version)
    return found


def read_manifest(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    version: str,
    *,
    split: Split | None = None,
) -> Iterator[ManifestRow]:
    """Yield the images of a version with their labels, in order of image id.

    Raises:
        VersionNotFound: there is no such version.
        BlobNotFound: its manifest is gone.
    """
    found = get_version(database, actor, project, version)
    return _stream(blobs, found, split)


def list_rows(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    version: str,
    *,
    page: Page,
) -> tuple[list[ManifestRow], int]:
    """Return a page of the images of a version, and how many there are."""
    found = get_version(database, actor, project, version)
    with manifest_file(blobs, found.manifest) as path:
        rows = read_rows(path, split=page.split, limit=page.limit, offset=page.offset)
        return list(rows), count_rows(path, split=page.split)


def record_version(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    version: DatasetVersion,
    *,
    manifest: Path,
) -> DatasetVersion:
    """Number a frozen version and keep its manifest, whose sha256 is ``version.manifest``.

    When the newest version of this name already says the same, it is returned.
    """
    with database.begin() as tx:
        store.lock_name(tx, version.project, version.name)
        newest = store.find_version(tx, version.project, name=version.name)
        if newest is not None and newest.digest == version.digest:
            return newest
        # Under the lock, so that retention never deletes the bytes that this row points at.
        store.lock_manifest(tx, version.manifest)
        blobs.put_file(manifest)
        numbered = replace(version, version=1 if newest is None else newest.version + 1)
        store.insert_version(tx, numbered)
        publish(
            tx,
            type="visionloop.dataset_version.frozen",
            project=version.project,
            subject=f"dataset_version/{version.id}",
            actor=actor,
            data={
                "reference": numbered.reference,
                "digest": version.digest,
                "num_images": version.num_images,
                "splits": dict(version.splits),
            },
        )
    return numbered


def delete_version(database: Database, actor: Actor, project: str, version: str) -> None:
    """Delete a version that nothing uses; images and live labels stay.

    Raises:
        VersionNotFound: there is no such version.
        VersionInUse: a run, a model or another version depends on it.
    """
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        found = find_version(tx, project, version)
        erase_version(tx, actor, found)


def erase_version(tx: Transaction, actor: Actor, version: DatasetVersion) -> None:
    """Do what ``delete_version`` does, inside the caller's transaction and authorisation."""
    uses = list_reasons_to_keep(tx, version)
    if uses:
        raise VersionInUse(version.reference, uses)
    store.delete_version(tx, version.id)
    publish(
        tx,
        type="visionloop.dataset_version.deleted",
        project=version.project,
        subject=f"dataset_version/{version.id}",
        actor=actor,
        data={"reference": version.reference, "digest": version.digest},
    )


def list_reasons_to_keep(tx: Transaction, version: DatasetVersion) -> list[str]:
    """Name what depends on a version: runs, models, tags, and versions that kept its splits."""
    uses = [f"{kind.replace('_', ' ')} {user}" for kind, user in store.list_uses(tx, version.id)]
    tags = store.list_tags(tx, version.project, version_id=version.id)
    children = store.list_children(tx, version.id)
    uses += [f"tag {item.tag}" for item in tags]
    return uses + [f"dataset version {child.reference}" for child in children]


def mark_version_used(tx: Transaction, version_id: str, *, user_kind: str, user_id: str) -> None:
    """Protect a version from deletion, e.g. ``user_kind="run"``; again is the same as once."""
    store.insert_use(tx, version_id, user_kind, user_id)


def release_version(tx: Transaction, version_id: str, *, user_kind: str, user_id: str) -> None:
    """Take back what ``mark_version_used`` said."""
    store.delete_use(tx, version_id, user_kind, user_id)


def list_version_uses(
    database: Database, actor: Actor, project: str, version: str
) -> list[tuple[str, str]]:
    """Return (kind, id) of everything that depends on a version."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_uses(tx, find_version(tx, project, version).id)


def _stream(
    blobs: BlobStore, version: DatasetVersion, split: Split | None
) -> Iterator[ManifestRow]:
    with manifest_file(blobs, version.manifest) as path:
        yield from read_rows(path, split=split)
