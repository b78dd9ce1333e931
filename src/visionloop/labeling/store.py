"""The only SQL of labeling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.entities import (
    CommentKind,
    LabelTask,
    Lock,
    QueueSummary,
    Suggestion,
    TaskComment,
    TaskFigure,
    TaskQuery,
    TaskState,
)
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

_UNFINISHED = ("open", "in_progress", "submitted", "rejected")
_LABELABLE = ("open", "in_progress", "rejected")
_CHUNK = 500

label_tasks = sa.Table(
    "label_tasks",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("queue", sa.String(63), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("assignee", sa.String(63)),
    sa.Column("labeler", sa.String(63)),
    sa.Column("reviewer", sa.String(63)),
    sa.Column("reason", Json, nullable=False),
    sa.Column("revision", sa.Integer),
    sa.Column("num_rejections", sa.Integer, nullable=False),
    sa.Column("active_s", sa.Float, nullable=False),
    sa.Column("worked_at", UtcDateTime),
    sa.Column("started_at", UtcDateTime),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("suggestion", Json),
    sa.Index("ix_label_tasks_next", "project", "queue", "state", "priority", "created_at"),
    sa.Index("ix_label_tasks_image", "project", "image_id"),
    sa.Index(
        "uq_label_tasks_unfinished",
        "project",
        "image_id",
        "queue",
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'in_progress', 'submitted', 'rejected')"),
        postgresql_where=sa.text("state IN ('open', 'in_progress', 'submitted', 'rejected')"),
    ),
)

label_task_comments = sa.Table(
    "label_task_comments",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("task_id", sa.ForeignKey("label_tasks.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("author", sa.String(63), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

label_locks = sa.Table(
    "label_locks",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("image_id", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(63), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)


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
    for start in range(0, len(image_ids), _CHUNK):
        query = label_tasks.select().where(
            label_tasks.c.project == project,
            label_tasks.c.queue == queue,
            label_tasks.c.state.in_(_UNFINISHED),
            label_tasks.c.image_id.in_(image_ids[start : start + _CHUNK]),
        )
        found += [_task(row) for row in tx.execute(query).mappings()]
    return found


def find_task(
    tx: Transaction, project: str, task_id: str, *, for_update: bool = False
) -> LabelTask | None:
    """Return a task; with ``for_update`` nobody else changes it before the transaction ends."""
    query = label_tasks.select().where(
        label_tasks.c.project == project, label_tasks.c.id == task_id
    )
    row = tx.execute(query.with_for_update() if for_update else query).mappings().first()
    return _task(row) if row else None


def update_task(tx: Transaction, task: LabelTask) -> None:
    """Write every column of a task."""
    tx.execute(label_tasks.update().where(label_tasks.c.id == task.id).values(**_values(task)))


def list_tasks(
    tx: Transaction, project: str, query: TaskQuery, *, limit: int, offset: int
) -> tuple[list[LabelTask], int]:
    """Return a page of tasks in the order of work, and how many there are in all."""
    conditions = [label_tasks.c.project == project]
    for name, value in asdict(query).items():
        if value is not None:
            conditions.append(label_tasks.c[name] == value)
    total = tx.execute(sa.select(sa.func.count()).select_from(label_tasks).where(*conditions))
    rows = tx.execute(
        label_tasks.select().where(*conditions).order_by(*_WORK_ORDER).limit(limit).offset(offset)
    )
    return [_task(row) for row in rows.mappings()], total.scalar_one()


def list_candidates(
    tx: Transaction, project: str, worker: str, *, queue: str | None, now: datetime, limit: int
) -> list[LabelTask]:
    """Return tasks that this person could label now: first what they hold, then what came back."""
    # One query a rank: sorting by rank would sort the whole queue for each next image.
    ranks = (
        label_tasks.c.image_id.in_(_locked_images(project, label_locks.c.holder == worker, now)),
        label_tasks.c.state == "rejected",
        label_tasks.c.state.in_(("open", "in_progress")),
    )
    found: dict[str, LabelTask] = {}
    for rank in ranks:
        query = (
            label_tasks.select()
            .where(*_free_for(project, worker, queue, now), rank)
            .order_by(*_WORK_ORDER)
            .limit(limit)
        )
        for row in tx.execute(query).mappings():
            found.setdefault(row["id"], _task(row))
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def count_candidates(
    tx: Transaction, project: str, worker: str, *, queue: str | None, now: datetime
) -> int:
    """Count the tasks that this person could label now."""
    conditions = _free_for(project, worker, queue, now)
    query = sa.select(sa.func.count()).select_from(label_tasks).where(*conditions)
    return int(tx.execute(query).scalar_one())


def list_reviewable(
    tx: Transaction,
    project: str,
    reviewer: str,
    *,
    queue: str | None,
    now: datetime,
    own_work: bool,
) -> list[LabelTask]:
    """Return up to 500 submitted tasks that this person could review now, oldest first."""
    conditions = [
        label_tasks.c.project == project,
        label_tasks.c.state == "submitted",
        label_tasks.c.image_id.not_in(
            _locked_images(project, label_locks.c.holder != reviewer, now)
        ),
    ]
    if queue is not None:
        conditions.append(label_tasks.c.queue == queue)
    if not own_work:
        conditions.append(label_tasks.c.labeler != reviewer)
    own = _locked_images(project, label_locks.c.holder == reviewer, now)
    held = sa.case((label_tasks.c.image_id.in_(own), 0), else_=1)
    query = (
        label_tasks.select()
        .where(*conditions)
        .order_by(held, label_tasks.c.priority.desc(), label_tasks.c.submitted_at)
        .limit(_CHUNK)
    )
    return [_task(row) for row in tx.execute(query).mappings()]


def find_lock(tx: Transaction, project: str, image_id: str) -> Lock | None:
    """Return who holds an image, expired or not."""
    query = sa.select(label_locks.c.holder, label_locks.c.expires_at).where(
        label_locks.c.project == project, label_locks.c.image_id == image_id
    )
    row = tx.execute(query).first()
    return None if row is None else Lock(holder=row.holder, expires_at=row.expires_at)


def acquire_lock(
    tx: Transaction, project: str, image_id: str, *, lock: Lock, now: datetime
) -> bool:
    """Take or prolong the lock of an image; tell whether it is held now."""
    values = {"holder": lock.holder, "expires_at": lock.expires_at}
    free = (label_locks.c.holder == lock.holder) | (label_locks.c.expires_at <= now)
    changed = tx.execute(
        label_locks.update()
        .where(label_locks.c.project == project, label_locks.c.image_id == image_id, free)
        .values(**values)
    )
    if changed.rowcount:
        return True
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = tx.execute(
        insert(label_locks)
        .values(project=project, image_id=image_id, **values)
        .on_conflict_do_nothing()
        .returning(label_locks.c.holder)
    )
    return added.first() is not None


def release_lock(tx: Transaction, project: str, image_id: str, holder: str) -> None:
    """Give an image back."""
    tx.execute(
        label_locks.delete().where(
            label_locks.c.project == project,
            label_locks.c.image_id == image_id,
            label_locks.c.holder == holder,
        )
    )


def insert_comment(tx: Transaction, comment: TaskComment) -> None:
    """Insert a comment."""
    tx.execute(label_task_comments.insert().values(**asdict(comment)))


def list_comments(tx: Transaction, task_id: str) -> tuple[TaskComment, ...]:
    """Return the comments of a task in the order they were written."""
    query = (
        label_task_comments.select()
        .where(label_task_comments.c.task_id == task_id)
        .order_by(label_task_comments.c.created_at, label_task_comments.c.id)
    )
    return tuple(
        TaskComment(**{**row, "kind": CommentKind(row["kind"])})
        for row in tx.execute(query).mappings()
    )


def summarise_queues(tx: Transaction, project: str) -> list[QueueSummary]:
    """Count the tasks of every queue by state."""
    unfinished = sa.case((label_tasks.c.state.in_(_UNFINISHED), label_tasks.c.created_at))
    query = (
        sa.select(
            label_tasks.c.queue,
            label_tasks.c.state,
            sa.func.count().label("num_tasks"),
            sa.func.min(unfinished, type_=UtcDateTime()).label("oldest"),
        )
        .where(label_tasks.c.project == project)
        .group_by(label_tasks.c.queue, label_tasks.c.state)
    )
    counts: dict[str, dict[str, int]] = {}
    oldest: dict[str, datetime] = {}
    for row in tx.execute(query):
        counts.setdefault(row.queue, {})[row.state] = row.num_tasks
        if row.oldest is not None:
            oldest[row.queue] = min(row.oldest, oldest.get(row.queue, row.oldest))
    return [
        QueueSummary(
            name=name,
            total=sum(states.values()),
            oldest_open_at=oldest.get(name),
            **{state.value: states.get(state.value, 0) for state in TaskState},
        )
        for name, states in sorted(counts.items())
    ]


def list_figures(tx: Transaction, project: str, queue: str | None) -> list[TaskFigure]:
    """Return the columns of all tasks that figures are made from."""
    names = tuple(TaskFigure.__dataclass_fields__)
    query = sa.select(*(label_tasks.c[name] for name in names)).where(
        label_tasks.c.project == project
    )
    if queue is not None:
        query = query.where(label_tasks.c.queue == queue)
    return [
        TaskFigure(**{**row, "state": TaskState(row["state"])})
        for row in tx.execute(query).mappings()
    ]


_WORK_ORDER = (label_tasks.c.priority.desc(), label_tasks.c.created_at, label_tasks.c.id)


def _free_for(
    project: str, worker: str, queue: str | None, now: datetime
) -> list[sa.ColumnElement[bool]]:
    conditions = [
        label_tasks.c.project == project,
        label_tasks.c.state.in_(_LABELABLE),
        label_tasks.c.assignee.is_(None) | (label_tasks.c.assignee == worker),
        label_tasks.c.image_id.not_in(_locked_images(project, label_locks.c.holder != worker, now)),
    ]
    if queue is not None:
        conditions.append(label_tasks.c.queue == queue)
    return conditions


def _locked_images(
    project: str, condition: sa.ColumnElement[bool], now: datetime
) -> sa.Select[tuple[str]]:
    return sa.select(label_locks.c.image_id).where(
        label_locks.c.project == project, label_locks.c.expires_at > now, condition
    )


def _values(task: LabelTask) -> dict[str, Any]:
    values = {name: getattr(task, name) for name in LabelTask.__dataclass_fields__}
    values["state"] = task.state.value
    values["reason"] = dict(task.reason)
    if task.suggestion is not None:
        values["suggestion"] = {
            "model": task.suggestion.model,
            "digest": task.suggestion.digest,
            "created_at": task.suggestion.created_at.isoformat(),
            "annotations": [_draft_values(draft) for draft in task.suggestion.annotations],
        }
    return values


def _draft_values(draft: AnnotationDraft) -> dict[str, Any]:
    return asdict(draft) | {"attributes": dict(draft.attributes)}


def _task(row: Mapping[Any, Any]) -> LabelTask:
    values = dict(row)
    values["state"] = TaskState(values["state"])
    if values["suggestion"] is not None:
        values["suggestion"] = _suggestion(values["suggestion"])
    return LabelTask(**values)


def _suggestion(values: Mapping[str, Any]) -> Suggestion:
    drafts = []
    for item in values["annotations"]:
        bbox = item["bbox"]
        drafts.append(AnnotationDraft(**{**item, "bbox": None if bbox is None else tuple(bbox)}))
    return Suggestion(
        model=values["model"],
        digest=values["digest"],
        annotations=tuple(drafts),
        created_at=datetime.fromisoformat(values["created_at"]),
    )
