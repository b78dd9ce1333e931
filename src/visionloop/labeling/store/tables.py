"""Tables of labeling."""

from __future__ import annotations

import sqlalchemy as sa

from visionloop.storage.database import Json, UtcDateTime, metadata

UNFINISHED_STATES = "state IN ('open', 'in_progress', 'submitted', 'rejected')"
LABELABLE = "state IN ('open', 'in_progress', 'rejected')"
PULLABLE = "state IN ('open', 'in_progress')"
"""Written out, because a database uses a partial index only for its very condition."""


def _partial_index(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(
        name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


label_tasks = sa.Table(
    "label_tasks",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("queue", sa.String(63), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    # Minus the priority: one ascending index then holds the order of work.
    sa.Column("precedence", sa.Integer, nullable=False, server_default="0"),
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
    sa.Index("ix_label_tasks_queue", "project", "queue", "state"),
    sa.Index("ix_label_tasks_image", "project", "image_id"),
    # The order of work, of one queue and of all: whoever takes the next task walks along it.
    _partial_index(
        "ix_label_tasks_pull",
        *("project", "queue", "assignee", "precedence", "created_at", "id"),
        where=PULLABLE,
    ),
    _partial_index(
        "ix_label_tasks_pull_any",
        *("project", "assignee", "precedence", "created_at", "id"),
        where=PULLABLE,
    ),
    _partial_index("ix_label_tasks_returned", "project", where="state = 'rejected'"),
    _partial_index(
        "uq_label_tasks_unfinished",
        *("project", "image_id", "queue"),
        where=UNFINISHED_STATES,
        unique=True,
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
