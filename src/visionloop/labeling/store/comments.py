"""SQL for comments on tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from visionloop.labeling.entities import CommentKind, TaskComment
from visionloop.labeling.store.tables import label_task_comments
from visionloop.storage.database import Transaction


def insert_comment(tx: Transaction, comment: TaskComment) -> None:
    """Insert a comment."""
    tx.execute(label_task_comments.insert().values(**asdict(comment)))


def find_comment(tx: Transaction, task_id: str, comment_id: str) -> TaskComment | None:
    """Return a comment of a task."""
    query = label_task_comments.select().where(
        label_task_comments.c.task_id == task_id, label_task_comments.c.id == comment_id
    )
    row = tx.execute(query).mappings().first()
    return None if row is None else _comment(row)


def resolve_comment(
    tx: Transaction, comment_id: str, *, by: str | None, at: datetime | None
) -> None:
    """Note who closed a thread; None opens it again."""
    tx.execute(
        label_task_comments.update()
        .where(label_task_comments.c.id == comment_id)
        .values(resolved_by=by, resolved_at=at)
    )


def list_comments(tx: Transaction, task_id: str) -> tuple[TaskComment, ...]:
    """Return the comments of a task in the order they were written."""
    query = (
        label_task_comments.select()
        .where(label_task_comments.c.task_id == task_id)
        .order_by(label_task_comments.c.created_at, label_task_comments.c.id)
    )
    return tuple(_comment(row) for row in tx.execute(query).mappings())


def _comment(row: Mapping[Any, Any]) -> TaskComment:
    return TaskComment(**{**row, "kind": CommentKind(row["kind"])})
