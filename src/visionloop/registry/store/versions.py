"""Registered models, their signed versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from visionloop.registry.entities import (
    DatasetReference,
    ModelVersion,
    ParityEvidence,
    RegisteredModel,
)
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

registered_models = sa.Table(
    "registered_models",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("tags", Json, nullable=False, server_default="{}"),
)

model_versions = sa.Table(
    "model_versions",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("model", sa.String(63), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, index=True),
    sa.Column("task", sa.String(40), nullable=False),
    sa.Column("labels", Json, nullable=False),
    sa.Column("run_id", sa.String(40), index=True),
    sa.Column("evaluation_id", sa.String(40)),
    sa.Column("dataset", Json),
    sa.Column("metrics", Json, nullable=False),
    sa.Column("parity", Json, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("num_files", sa.Integer, nullable=False),
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("project", "model", "version"),
    sa.UniqueConstraint("project", "digest"),
)

# Versions that outside code registered: files it logged, not a package that was checked and signed.
external_model_versions = sa.Table(
    "external_model_versions",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("model", sa.String(63), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("run_id", sa.String(40)),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

# What people write about a version; the version itself never changes.
model_version_marks = sa.Table(
    "model_version_marks",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("model", sa.String(63), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("description", sa.Text),
    sa.Column("tags", Json, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
)

model_aliases = sa.Table(
    "model_aliases",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("model", sa.String(63), primary_key=True),
    sa.Column("alias", sa.String(63), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("set_by", sa.String(63), nullable=False),
    sa.Column("set_at", UtcDateTime, nullable=False),
)


def ensure_model(
    tx: Transaction, project: str, name: str, *, created_by: str, created_at: datetime
) -> None:
    """Insert a model unless it is there, and hold it, so that numbers are given one by one."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    tx.execute(
        insert(registered_models)
        .values(
            project=project,
            name=name,
            description="",
            tags={},
            created_by=created_by,
            created_at=created_at,
        )
        .on_conflict_do_nothing()
    )
    tx.execute(
        sa.select(registered_models.c.name)
        .where(registered_models.c.project == project, registered_models.c.name == name)
        .with_for_update()
    )


def update_description(tx: Transaction, project: str, name: str, description: str) -> None:
    """Change what a model says it is for."""
    own = (registered_models.c.project == project) & (registered_models.c.name == name)
    tx.execute(registered_models.update().where(own).values(description=description))


def find_model(tx: Transaction, project: str, name: str) -> RegisteredModel | None:
    """Return a model by name."""
    found = _models(tx, project, registered_models.c.name == name)
    return found[0] if found else None


def list_models(tx: Transaction, project: str) -> list[RegisteredModel]:
    """Return the models of a project by name."""
    return _models(tx, project, sa.true())


def next_version(tx: Transaction, project: str, model: str) -> int:
    """Return the number of the next version, signed or not."""
    highest = 0
    for table in (model_versions, external_model_versions):
        own = sa.and_(table.c.project == project, table.c.model == model)
        query = sa.select(sa.func.max(table.c.version)).where(own)
        highest = max(highest, tx.execute(query).scalar() or 0)
    return highest + 1


def insert_version(tx: Transaction, version: ModelVersion) -> None:
    """Insert a version; its aliases are no columns."""
    values = asdict(version)
    values.pop("aliases")
    values["labels"] = list(version.labels)
    values["metrics"] = dict(version.metrics)
    tx.execute(model_versions.insert().values(**values))


def find_version(tx: Transaction, project: str, model: str, version: int) -> ModelVersion | None:
    """Return a version by number."""
    condition = (model_versions.c.model == model) & (model_versions.c.version == version)
    found = _versions(tx, project, condition)
    return found[0] if found else None


def find_by_digest(tx: Transaction, project: str, digest: str) -> ModelVersion | None:
    """Return the version of a package."""
    found = _versions(tx, project, model_versions.c.digest == digest)
    return found[0] if found else None


def list_versions(tx: Transaction, project: str, model: str | None) -> list[ModelVersion]:
    """Return versions, newest first; of all models with None."""
    return _versions(tx, project, sa.true() if model is None else model_versions.c.model == model)


def list_by_run(tx: Transaction, project: str, run_id: str) -> list[ModelVersion]:
    """Return the versions that came out of a run."""
    return _versions(tx, project, model_versions.c.run_id == run_id)


def set_alias(tx: Transaction, key: tuple[str, str, str], version: int, **seal: Any) -> None:
    """Point an alias (project, model, alias) to a version."""
    project, model, alias = key
    own = _alias_is(project, model, alias)
    changed = tx.execute(model_aliases.update().where(own).values(version=version, **seal))
    if changed.rowcount == 0:
        tx.execute(
            model_aliases.insert().values(
                project=project, model=model, alias=alias, version=version, **seal
            )
        )


def delete_alias(tx: Transaction, project: str, model: str, alias: str) -> bool:
    """Delete an alias; tell whether it was there."""
    gone = tx.execute(model_aliases.delete().where(_alias_is(project, model, alias)))
    return gone.rowcount > 0


def find_alias(tx: Transaction, project: str, model: str, alias: str) -> int | None:
    """Return the version number under an alias."""
    query = sa.select(model_aliases.c.version).where(_alias_is(project, model, alias))
    return tx.execute(query).scalar()


def _alias_is(project: str, model: str, alias: str) -> sa.ColumnElement[bool]:
    return (
        (model_aliases.c.project == project)
        & (model_aliases.c.model == model)
        & (model_aliases.c.alias == alias)
    )


def _models(
    tx: Transaction, project: str, condition: sa.ColumnElement[bool]
) -> list[RegisteredModel]:
    own = sa.and_(
        model_versions.c.project == registered_models.c.project,
        model_versions.c.model == registered_models.c.name,
    )
    query = (
        sa.select(
            registered_models,
            sa.func.coalesce(sa.func.max(model_versions.c.version), 0).label("latest_version"),
            sa.func.count(model_versions.c.id).label("num_versions"),
        )
        .select_from(registered_models.outerjoin(model_versions, own))
        .where(registered_models.c.project == project, condition)
        .group_by(*registered_models.c)
        .order_by(registered_models.c.name)
    )
    aliases = list_aliases(tx, project)
    return [
        RegisteredModel(**row, aliases=dict(aliases.get(row["name"], [])))
        for row in tx.execute(query).mappings()
    ]


def _versions(
    tx: Transaction, project: str, condition: sa.ColumnElement[bool]
) -> list[ModelVersion]:
    query = (
        model_versions.select()
        .where(model_versions.c.project == project, condition)
        .order_by(model_versions.c.created_at.desc(), model_versions.c.version.desc())
    )
    aliases = list_aliases(tx, project)
    return [_version(row, aliases) for row in tx.execute(query).mappings()]


def list_aliases(tx: Transaction, project: str) -> dict[str, list[tuple[str, int]]]:
    """Return the aliases of every model: name and version."""
    query = (
        sa.select(model_aliases.c.model, model_aliases.c.alias, model_aliases.c.version)
        .where(model_aliases.c.project == project)
        .order_by(model_aliases.c.alias)
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for model, alias, version in tx.execute(query):
        found.setdefault(model, []).append((alias, version))
    return found


def _version(row: Mapping[Any, Any], aliases: Mapping[str, list[tuple[str, int]]]) -> ModelVersion:
    values = dict(row)
    values["labels"] = tuple(values["labels"])
    values["dataset"] = values["dataset"] and DatasetReference(**values["dataset"])
    values["parity"] = ParityEvidence(**values["parity"])
    own = aliases.get(values["model"], [])
    return ModelVersion(
        **values, aliases=tuple(alias for alias, number in own if number == values["version"])
    )
