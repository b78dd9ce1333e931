"""The only SQL of tracking that training itself does not need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata
from visionloop.training.entities import Experiment, Run, RunArtifact
from visionloop.training.store import experiments, runs, select_experiments, select_runs
from visionloop.training.tracking.entities import LoggedModel

logged_models = sa.Table(
    "logged_models",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("experiment_id", sa.ForeignKey("experiments.id"), nullable=False, index=True),
    sa.Column("run_id", sa.String(40), index=True),
    sa.Column("name", sa.String(250), nullable=False),
    sa.Column("model_type", sa.String(120), nullable=False),
    sa.Column("status", sa.String(30), nullable=False),
    sa.Column("parameters", Json, nullable=False),
    sa.Column("tags", Json, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("deleted_at", UtcDateTime),
)

logged_model_artifacts = sa.Table(
    "logged_model_artifacts",
    metadata,
    sa.Column("model_id", sa.ForeignKey("logged_models.id"), primary_key=True),
    sa.Column("path", sa.String(500), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
)


def all_experiments(tx: Transaction, project: str) -> list[Experiment]:
    """Return every experiment of a project, those put aside too, newest first."""
    return select_experiments(tx, experiments.c.project == project)


def runs_of(tx: Transaction, project: str, experiment_ids: Sequence[str]) -> list[Run]:
    """Return the runs of some experiments, those put aside too, newest first."""
    own = sa.and_(runs.c.project == project, runs.c.experiment_id.in_(experiment_ids))
    return select_runs(tx, own)


def insert_logged_model(tx: Transaction, model: LoggedModel) -> None:
    """Store a new logged model."""
    values = asdict(model)
    values |= {"parameters": dict(model.parameters), "tags": dict(model.tags)}
    tx.execute(sa.insert(logged_models).values(**values))


def find_logged_model(tx: Transaction, project: str, model_id: str) -> LoggedModel | None:
    """Return a logged model that is not deleted, if there is one."""
    own = sa.and_(
        logged_models.c.project == project,
        logged_models.c.id == model_id,
        logged_models.c.deleted_at.is_(None),
    )
    row = tx.execute(sa.select(logged_models).where(own)).one_or_none()
    return None if row is None else LoggedModel(**row._mapping)


def list_logged_models(
    tx: Transaction, project: str, experiment_ids: Sequence[str]
) -> list[LoggedModel]:
    """Return the logged models of some experiments, newest first."""
    own = sa.and_(
        logged_models.c.project == project,
        logged_models.c.experiment_id.in_(experiment_ids),
        logged_models.c.deleted_at.is_(None),
    )
    query = sa.select(logged_models).where(own)
    rows = tx.execute(query.order_by(logged_models.c.created_at.desc(), logged_models.c.id.desc()))
    return [LoggedModel(**row._mapping) for row in rows]


def update_logged_model(tx: Transaction, model_id: str, **values: Any) -> None:
    """Change columns of a logged model."""
    tx.execute(sa.update(logged_models).where(logged_models.c.id == model_id).values(**values))


def put_model_artifact(tx: Transaction, model_id: str, artifact: RunArtifact) -> None:
    """Store a file of a logged model; a repeated path replaces the file."""
    table = logged_model_artifacts
    own = sa.and_(table.c.model_id == model_id, table.c.path == artifact.path)
    tx.execute(sa.delete(table).where(own))
    tx.execute(sa.insert(table).values(model_id=model_id, **asdict(artifact)))


def list_model_artifacts(tx: Transaction, model_id: str) -> tuple[RunArtifact, ...]:
    """Return the files of a logged model, by path."""
    table = logged_model_artifacts
    query = sa.select(table).where(table.c.model_id == model_id).order_by(table.c.path)
    return tuple(RunArtifact(row.path, row.digest, row.size_bytes) for row in tx.execute(query))
