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
    sa.Column("kind", sa.String(20), nullable=False, server_default="label"),
    sa.Column("slot", sa.Integer, nullable=False, server_default="0"),
    sa.Column("batch_id", sa.String(40)),
    sa.Column("is_fixed", sa.Boolean, nullable=False, server_default=sa.false()),
    # What a lock on the task names: the image, or for blind tasks the task itself.
    sa.Column("lock_key", sa.String(64), nullable=False, server_default=""),
    sa.Index("ix_label_tasks_queue", "project", "queue", "state"),
    sa.Index("ix_label_tasks_image", "project", "image_id"),
    sa.Index("ix_label_tasks_lock", "project", "lock_key"),
    sa.Index("ix_label_tasks_batch", "project", "batch_id"),
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
    _partial_index(
        "ix_label_tasks_answered",
        *("project", "labeler", "queue", "image_id"),
        where="kind = 'consensus'",
    ),
    _partial_index("ix_label_tasks_returned", "project", where="state = 'rejected'"),
    _partial_index(
        "uq_label_tasks_unfinished",
        *("project", "image_id", "queue", "slot"),
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
    sa.Column("x", sa.Float),
    sa.Column("y", sa.Float),
    sa.Column("annotation_id", sa.String(40)),
    sa.Column("reply_to", sa.String(40)),
    sa.Column("resolved_by", sa.String(63)),
    sa.Column("resolved_at", UtcDateTime),
)

label_locks = sa.Table(
    "label_locks",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(63), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

label_answers = sa.Table(
    "label_answers",
    metadata,
    sa.Column("task_id", sa.ForeignKey("label_tasks.id"), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("annotations", Json, nullable=False),
    sa.Column("attributes", Json, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("updated_by", sa.String(63), nullable=False),
    sa.Index("ix_label_answers_image", "project", "image_id"),
)

label_conflicts = sa.Table(
    "label_conflicts",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("task_id", sa.ForeignKey("label_tasks.id"), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("author", sa.String(63), nullable=False),
    sa.Column("expected_revision", sa.Integer, nullable=False),
    sa.Column("current_revision", sa.Integer, nullable=False),
    sa.Column("annotations", Json, nullable=False),
    sa.Column("attributes", Json),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("resolution", sa.String(20)),
    sa.Column("resolved_by", sa.String(63)),
    sa.Column("resolved_at", UtcDateTime),
    sa.Index("ix_label_conflicts_project", "project", "created_at"),
)

label_batches = sa.Table(
    "label_batches",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("queue", sa.String(63), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("strategy", sa.String(20), nullable=False),
    sa.Column("num_tasks", sa.Integer, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_label_batches_queue", "project", "queue", "created_at"),
)

label_assist = sa.Table(
    "label_assist",
    metadata,
    sa.Column("task_id", sa.ForeignKey("label_tasks.id"), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("queue", sa.String(63), nullable=False),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("num_proposed", sa.Integer, nullable=False),
    sa.Column("num_unchanged", sa.Integer, nullable=False),
    sa.Column("num_edited", sa.Integer, nullable=False),
    sa.Column("num_rejected", sa.Integer, nullable=False),
    sa.Column("num_own", sa.Integer, nullable=False),
    sa.Index("ix_label_assist_queue", "project", "queue"),
)
