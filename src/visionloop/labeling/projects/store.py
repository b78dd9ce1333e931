"""The only SQL of labeling projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from visionloop.labeling.projects.entities import LabelingProject
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

_LISTS = ("where", "classes", "members")

labeling_projects = sa.Table(
    "labeling_projects",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("instructions", sa.Text, nullable=False),
    sa.Column("where", Json, nullable=False),
    sa.Column("annotation_status", sa.String(20)),
    sa.Column("classes", Json, nullable=False),
    sa.Column("members", Json, nullable=False),
    sa.Column("num_annotators", sa.Integer, nullable=False),
    sa.Column("min_agreement", sa.Float, nullable=False),
    sa.Column("gold_share", sa.Float, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)


def upsert_labeling_project(tx: Transaction, wanted: LabelingProject) -> None:
    """Insert a labeling project, or replace its settings."""
    values = asdict(wanted) | {name: list(getattr(wanted, name)) for name in _LISTS}
    changed = tx.execute(
        labeling_projects.update()
        .where(
            labeling_projects.c.project == wanted.project,
            labeling_projects.c.name == wanted.name,
        )
        .values(**values)
    )
    if not changed.rowcount:
        tx.execute(labeling_projects.insert().values(**values))


def find_labeling_project(tx: Transaction, project: str, name: str) -> LabelingProject | None:
    """Return a labeling project; None for a plain queue."""
    query = labeling_projects.select().where(
        labeling_projects.c.project == project, labeling_projects.c.name == name
    )
    row = tx.execute(query).mappings().first()
    return None if row is None else _labeling_project(row)


def list_labeling_projects(tx: Transaction, project: str) -> list[LabelingProject]:
    """Return the labeling projects of a project by name."""
    query = (
        labeling_projects.select()
        .where(labeling_projects.c.project == project)
        .order_by(labeling_projects.c.name)
    )
    return [_labeling_project(row) for row in tx.execute(query).mappings()]


def _labeling_project(row: Mapping[Any, Any]) -> LabelingProject:
    return LabelingProject(**{**row, **{name: tuple(row[name]) for name in _LISTS}})
