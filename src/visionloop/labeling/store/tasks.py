"""SQL for labeling tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from visionloop.labeling.entities import LabelTask, Suggestion, TaskKind, TaskQuery, TaskState
from visionloop.labeling.store.drafts import read_drafts, write_drafts
from visionloop.labeling.store.tables import label_tasks
from visionloop.storage.database import Transaction

UNFINISHED = ("open", "in_progress", "submitted", "rejected")
WORK_ORDER = (label_tasks.c.precedence, label_tasks.c.created_at, label_tasks.c.id)
CHUNK = 500


def insert_tasks(tx: Transaction, tasks: Sequence[LabelTask]) -> None:
    """Insert tasks, leaving out images that already have an unfinished one in the queue."""
    rows = [_values(task) for task in tasks]
    if not rows:
        return
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    tx.execute(insert(label_tasks).on_conflict_do_nothing(), rows)


def find_unfinished(
    tx: Transaction, project: str, queue: str, image_ids: Sequence[str]
) -> list[LabelTask]:
    """Return the unfinished tasks of these images in a queue."""
    found: list[LabelTask] = []
    for start in range(0, len(image_ids), CHUNK):
        query = label_tasks.select().where(
            label_tasks.c.project == project,
            label_tasks.c.queue == queue,
            label_tasks.c.kind != "gold",
            label_tasks.c.state.in_(UNFINISHED),
            label_tasks.c.image_id.in_(image_ids[start : start + CHUNK]),
        )
        found += [task_of(row) for row in tx.execute(query).mappings()]
    return found


def list_unfinished(tx: Transaction, project: str) -> list[LabelTask]:
    """Return every task of a project that somebody still has to work on."""
    query = label_tasks.select().where(
        label_tasks.c.project == project, label_tasks.c.state.in_(UNFINISHED)
    )
    return [task_of(row) for row in tx.execute(query).mappings()]


def list_unsuggested(tx: Transaction, project: str, queue: str, *, limit: int) -> list[LabelTask]:
    """Return the next open tasks of a queue that no model has proposed labels for."""
    query = (
        label_tasks.select()
        .where(
            label_tasks.c.project == project,
            label_tasks.c.queue == queue,
            label_tasks.c.state == TaskState.OPEN.value,
            label_tasks.c.kind == TaskKind.LABEL.value,
            label_tasks.c.suggestion.is_(None),
        )
        .order_by(*WORK_ORDER)
        .limit(limit)
    )
    return [task_of(row) for row in tx.execute(query).mappings()]


def list_of_image(
    tx: Transaction, project: str, queue: str, image_id: str, kind: TaskKind
) -> list[LabelTask]:
    """Return the tasks of one kind that an image has in a queue, by slot."""
    query = (
        label_tasks.select()
        .where(
            label_tasks.c.project == project,
            label_tasks.c.queue == queue,
            label_tasks.c.image_id == image_id,
            label_tasks.c.kind == kind.value,
        )
        .order_by(label_tasks.c.slot, label_tasks.c.created_at)
    )
    return [task_of(row) for row in tx.execute(query).mappings()]


def list_seen_images(tx: Transaction, project: str, queue: str) -> set[str]:
    """Return the images that ever had a task in a queue."""
    query = sa.select(label_tasks.c.image_id).where(
        label_tasks.c.project == project,
        label_tasks.c.queue == queue,
        label_tasks.c.kind != "gold",
    )
    return set(tx.execute(query).scalars())


def assign_batch(tx: Transaction, project: str, batch_id: str, assignee: str | None) -> int:
    """Give the unstarted tasks of a batch to one person, or everybody; return how many."""
    changed = tx.execute(
        label_tasks.update()
        .where(
            label_tasks.c.project == project,
            label_tasks.c.batch_id == batch_id,
            label_tasks.c.state == "open",
        )
        .values(assignee=assignee)
    )
    return changed.rowcount


def find_task(
    tx: Transaction, project: str, task_id: str, *, for_update: bool = False
) -> LabelTask | None:
    """Return a task; with ``for_update`` nobody else changes it before the transaction ends."""
    query = label_tasks.select().where(
        label_tasks.c.project == project, label_tasks.c.id == task_id
    )
    row = tx.execute(query.with_for_update() if for_update else query).mappings().first()
    return task_of(row) if row else None


def update_task(tx: Transaction, task: LabelTask) -> None:
    """Write every column of a task."""
    tx.execute(label_tasks.update().where(label_tasks.c.id == task.id).values(**_values(task)))


def list_tasks(
    tx: Transaction,
    project: str,
    query: TaskQuery,
    *,
    limit: int,
    offset: int,
    with_gold: bool = False,
) -> tuple[list[LabelTask], int]:
    """Return a page of tasks in the order of work, and how many there are in all."""
    conditions = [label_tasks.c.project == project]
    if not with_gold:
        conditions.append(label_tasks.c.kind != "gold")
    for name, value in asdict(query).items():
        if value is not None:
            conditions.append(label_tasks.c[name] == value)
    total = tx.execute(sa.select(sa.func.count()).select_from(label_tasks).where(*conditions))
    rows = tx.execute(
        label_tasks.select().where(*conditions).order_by(*WORK_ORDER).limit(limit).offset(offset)
    )
    return [task_of(row) for row in rows.mappings()], total.scalar_one()


def _values(task: LabelTask) -> dict[str, Any]:
    values = {name: getattr(task, name) for name in LabelTask.__dataclass_fields__}
    values["precedence"] = -task.priority
    values["state"] = task.state.value
    values["kind"] = task.kind.value
    values["lock_key"] = task.lock_key
    values["reason"] = dict(task.reason)
    if task.suggestion is not None:
        values["suggestion"] = {
            "model": task.suggestion.model,
            "digest": task.suggestion.digest,
            "created_at": task.suggestion.created_at.isoformat(),
            "annotations": write_drafts(task.suggestion.annotations),
        }
    return values


def task_of(row: Mapping[Any, Any]) -> LabelTask:
    """Return the task that a row of ``label_tasks`` holds."""
    values = {name: row[name] for name in LabelTask.__dataclass_fields__}
    values["state"] = TaskState(values["state"])
    values["kind"] = TaskKind(values["kind"])
    if values["suggestion"] is not None:
        values["suggestion"] = _suggestion(values["suggestion"])
    return LabelTask(**values)


def _suggestion(values: Mapping[str, Any]) -> Suggestion:
    return Suggestion(
        model=values["model"],
        digest=values["digest"],
        annotations=read_drafts(values["annotations"]),
        created_at=datetime.fromisoformat(values["created_at"]),
    )
