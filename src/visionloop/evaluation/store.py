"""The only SQL of evaluation."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from visionloop.evaluation.entities import Evaluation
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

evaluations = sa.Table(
    "evaluations",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("run_id", sa.String(40), index=True),
    sa.Column("dataset_version_id", sa.String(40)),
    sa.Column("split", sa.String(63), nullable=False),
    sa.Column("num_images", sa.Integer, nullable=False),
    sa.Column("metrics", Json, nullable=False),
    sa.Column("report_digest", sa.String(64), nullable=False),
    sa.Column("images_digest", sa.String(64), nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)


def insert_evaluation(tx: Transaction, evaluation: Evaluation) -> None:
    """Store a new evaluation."""
    tx.execute(sa.insert(evaluations).values(**_values(evaluation)))


def find_evaluation(tx: Transaction, project: str, evaluation_id: str) -> Evaluation | None:
    """Return an evaluation of the project, if there is one."""
    query = sa.select(evaluations).where(
        evaluations.c.project == project, evaluations.c.id == evaluation_id
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else Evaluation(**row._mapping)


def list_evaluations(
    tx: Transaction, project: str, *, run_id: str | None, limit: int, offset: int
) -> tuple[list[Evaluation], int]:
    """Return a page of evaluations, newest first, and the number of all."""
    conditions = [evaluations.c.project == project]
    if run_id is not None:
        conditions.append(evaluations.c.run_id == run_id)
    query = (
        sa.select(evaluations)
        .where(*conditions)
        .order_by(evaluations.c.created_at.desc(), evaluations.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    total = tx.execute(
        sa.select(sa.func.count()).select_from(evaluations).where(*conditions)
    ).scalar_one()
    return [Evaluation(**row._mapping) for row in tx.execute(query)], total


def _values(evaluation: Evaluation) -> dict[str, Any]:
    values = {column.name: getattr(evaluation, column.name) for column in evaluations.columns}
    values["metrics"] = dict(evaluation.metrics)
    return values
