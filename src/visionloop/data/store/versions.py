"""SQL for dataset versions and what depends on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from visionloop.data.entities import DatasetVersion, VersionTag
from visionloop.data.store.tables import (
    dataset_version_tags,
    dataset_version_uses,
    dataset_versions,
)
from visionloop.storage.database import Transaction


def insert_version(tx: Transaction, version: DatasetVersion) -> None:
    """Insert a dataset version."""
    tx.execute(dataset_versions.insert().values(**asdict(version)))


def find_version(
    tx: Transaction, project: str, *, version_id: str = "", name: str = "", number: int = 0
) -> DatasetVersion | None:
    """Return a version by id, by name and number, or the newest of a name (number 0)."""
    table = dataset_versions
    query = table.select().where(table.c.project == project)
    query = (
        query.where(table.c.id == version_id) if version_id else query.where(table.c.name == name)
    )
    if number:
        query = query.where(table.c.version == number)
    row = tx.execute(query.order_by(table.c.version.desc()).limit(1)).mappings().first()
    return _version(row) if row else None


def list_versions(tx: Transaction, project: str, name: str | None = None) -> list[DatasetVersion]:
    """Return the versions of a project, newest first."""
    table = dataset_versions
    query = table.select().where(table.c.project == project)
    if name is not None:
        query = query.where(table.c.name == name)
    rows = tx.execute(query.order_by(table.c.created_at.desc(), table.c.id.desc())).mappings()
    return [_version(row) for row in rows]


def list_children(tx: Transaction, version_id: str) -> list[DatasetVersion]:
    """Return the versions that kept the splits of this one."""
    query = dataset_versions.select().where(dataset_versions.c.parent_id == version_id)
    return [_version(row) for row in tx.execute(query).mappings()]


def lock_name(tx: Transaction, project: str, name: str) -> None:
    """Let only one transaction at a time number the versions of a name."""
    _lock(tx, f"dataset_versions/{project}/{name}")


def lock_manifest(tx: Transaction, manifest: str) -> None:
    """Let only one transaction at a time keep or delete the bytes of a manifest."""
    _lock(tx, f"manifests/{manifest}")


def count_manifest_uses(tx: Transaction, manifest: str) -> int:
    """Count the versions of all projects whose rows lie in this manifest."""
    own = dataset_versions.c.manifest == manifest
    found: int = tx.execute(
        sa.select(sa.func.count()).select_from(dataset_versions).where(own)
    ).scalar_one()
    return found


def delete_version(tx: Transaction, version_id: str) -> None:
    """Delete a version that nothing uses."""
    tx.execute(dataset_versions.delete().where(dataset_versions.c.id == version_id))


def insert_use(tx: Transaction, version_id: str, user_kind: str, user_id: str) -> None:
    """Remember that something depends on a version; again is the same as once."""
    use = {"version_id": version_id, "user_kind": user_kind, "user_id": user_id}
    if (user_kind, user_id) not in list_uses(tx, version_id):
        tx.execute(dataset_version_uses.insert().values(**use))


def delete_use(tx: Transaction, version_id: str, user_kind: str, user_id: str) -> None:
    """Forget that something depends on a version."""
    table = dataset_version_uses
    own = (table.c.user_kind == user_kind) & (table.c.user_id == user_id)
    tx.execute(table.delete().where(own, table.c.version_id == version_id))


def list_uses(tx: Transaction, version_id: str) -> list[tuple[str, str]]:
    """Return (kind, id) of everything that depends on a version."""
    table = dataset_version_uses
    query = sa.select(table.c.user_kind, table.c.user_id).where(table.c.version_id == version_id)
    return [(kind, user) for kind, user in tx.execute(query.order_by(*table.c))]


def upsert_tag(tx: Transaction, tag: VersionTag) -> None:
    """Set a tag, or move it."""
    delete_tag(tx, tag.project, tag.name, tag.tag)
    tx.execute(dataset_version_tags.insert().values(**asdict(tag)))


def delete_tag(tx: Transaction, project: str, name: str, tag: str) -> bool:
    """Delete a tag; tell whether it was there."""
    table = dataset_version_tags
    own = (table.c.project == project) & (table.c.name == name) & (table.c.tag == tag)
    return tx.execute(table.delete().where(own)).rowcount > 0


def list_tags(
    tx: Transaction, project: str, *, name: str | None = None, version_id: str | None = None
) -> list[VersionTag]:
    """Return tags by dataset and tag, all of a project, of a name or of a version."""
    table = dataset_version_tags
    query = table.select().where(table.c.project == project)
    if name is not None:
        query = query.where(table.c.name == name)
    if version_id is not None:
        query = query.where(table.c.version_id == version_id)
    rows = tx.execute(query.order_by(table.c.name, table.c.tag)).mappings()
    return [VersionTag(**row) for row in rows]


def _lock(tx: Transaction, name: str) -> None:
    # SQLite has one writer anyway.
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))


def _version(row: Mapping[Any, Any]) -> DatasetVersion:
    values = {name: row[name] for name in DatasetVersion.__dataclass_fields__}
    for name in ("classes", "filters", "warnings", "group_by"):
        values[name] = tuple(values[name])
    return DatasetVersion(**values)
