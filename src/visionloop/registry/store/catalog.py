"""All versions that have a name, signed or not, and what people wrote about them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from visionloop.registry.entities import ExternalVersion, VersionMark
from visionloop.registry.store.versions import (
    external_model_versions,
    model_aliases,
    model_version_marks,
    registered_models,
)
from visionloop.storage.database import Transaction

Key = tuple[str, str, int]
"""(project, model, version)."""


def insert_external(tx: Transaction, version: ExternalVersion) -> None:
    """Insert a version that outside code registered."""
    tx.execute(external_model_versions.insert().values(**asdict(version)))


def find_external(
    tx: Transaction, project: str, model: str, version: int
) -> ExternalVersion | None:
    """Return a version that outside code registered, if there is one."""
    own = _is(external_model_versions, (project, model, version))
    row = tx.execute(external_model_versions.select().where(own)).one_or_none()
    return None if row is None else ExternalVersion(**row._mapping)


def list_external(tx: Transaction, project: str) -> list[ExternalVersion]:
    """Return the versions that outside code registered in a project, newest first."""
    table = external_model_versions
    query = table.select().where(table.c.project == project)
    rows = tx.execute(query.order_by(table.c.created_at.desc(), table.c.version.desc()))
    return [ExternalVersion(**row._mapping) for row in rows]


def delete_external(tx: Transaction, key: Key) -> None:
    """Delete a version that outside code registered, with its aliases and what people wrote."""
    for table in (external_model_versions, model_version_marks, model_aliases):
        tx.execute(table.delete().where(_is(table, key)))


def delete_model(tx: Transaction, project: str, model: str) -> None:
    """Delete a model and everything that outside code registered under it."""
    for table in (external_model_versions, model_version_marks, model_aliases):
        tx.execute(table.delete().where(table.c.project == project, table.c.model == model))
    own = (registered_models.c.project == project) & (registered_models.c.name == model)
    tx.execute(registered_models.delete().where(own))


def update_tags(tx: Transaction, project: str, model: str, tags: dict[str, str]) -> None:
    """Replace the tags of a model."""
    own = (registered_models.c.project == project) & (registered_models.c.name == model)
    tx.execute(registered_models.update().where(own).values(tags=tags))


def list_marks(tx: Transaction, project: str) -> dict[tuple[str, int], VersionMark]:
    """Return what people wrote: (model, version) -> mark."""
    query = model_version_marks.select().where(model_version_marks.c.project == project)
    return {
        (row.model, row.version): VersionMark(row.description, row.tags, row.changed_at)
        for row in tx.execute(query)
    }


def put_mark(
    tx: Transaction, key: Key, *, description: str | None, tags: dict[str, str], now: datetime
) -> None:
    """Keep what people wrote about a version."""
    own = _is(model_version_marks, key)
    values: dict[str, Any] = {"description": description, "tags": tags, "changed_at": now}
    changed = tx.execute(model_version_marks.update().where(own).values(**values))
    if changed.rowcount == 0:
        project, model, version = key
        named = {"project": project, "model": model, "version": version}
        tx.execute(model_version_marks.insert().values(**named, **values))


def _is(table: sa.Table, key: Key) -> sa.ColumnElement[bool]:
    project, model, version = key
    return (table.c.project == project) & (table.c.model == model) & (table.c.version == version)
