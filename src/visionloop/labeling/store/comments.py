"""SQL for comments on tasks."""

from __future__ import annotations

from dataclasses import asdict

from visionloop.labeling.entities import CommentKind, TaskComment
from visionloop.labeling.store.tables import label_task_comments
from visionloop.storage.database import Transaction


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
