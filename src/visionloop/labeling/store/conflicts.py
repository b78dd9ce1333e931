"""SQL for refused saves that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from visionloop.labeling.records import LabelConflict
from visionloop.labeling.store.drafts import read_drafts, write_drafts
from visionloop.labeling.store.tables import label_conflicts
from visionloop.storage.database import Transaction


def insert_conflict(tx: Transaction, conflict: LabelConflict) -> None:
    """Insert a refused save."""
    values = {item.name: getattr(conflict, item.name) for item in fields(conflict)}
    values["annotations"] = write_drafts(conflict.annotations)
    if conflict.attributes is not None:
        values["attributes"] = dict(conflict.attributes)
    tx.execute(label_conflicts.insert().values(**values))


def find_conflict(tx: Transaction, project: str, conflict_id: str) -> LabelConflict | None:
    """Return a refused save."""
    query = label_conflicts.select().where(
        label_conflicts.c.project == project, label_conflicts.c.id == conflict_id
    )
    row = tx.execute(query.with_for_update()).mappings().first()
    return None if row is None else _conflict(row)


def list_conflicts(
    tx: Transaction, project: str, *, task_id: str | None, open_only: bool, limit: int
) -> list[LabelConflict]:
    """Return refused saves, newest first."""
    query = label_conflicts.select().where(label_conflicts.c.project == project)
    if task_id is not None:
        query = query.where(label_conflicts.c.task_id == task_id)
    if open_only:
        query = query.where(label_conflicts.c.resolution.is_(None))
    query = query.order_by(label_conflicts.c.created_at.desc()).limit(limit)
    return [_conflict(row) for row in tx.execute(query).mappings()]


def resolve_conflict(
    tx: Transaction, conflict_id: str, *, resolution: str, by: str, at: datetime
) -> None:
    """Note what became of a refused save."""
    tx.execute(
        label_conflicts.update()
        .where(label_conflicts.c.id == conflict_id)
        .values(resolution=resolution, resolved_by=by, resolved_at=at)
    )


def _conflict(row: Mapping[Any, Any]) -> LabelConflict:
    return LabelConflict(**{**row, "annotations": read_drafts(row["annotations"])})
