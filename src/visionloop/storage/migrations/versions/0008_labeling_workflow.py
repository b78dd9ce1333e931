"""Labeling projects, batches, blind answers, refused saves, pinned comments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("state IN ('open', 'in_progress', 'submitted', 'rejected')")

_CONSENSUS = sa.text("kind = 'consensus'")


def upgrade() -> None:
    for column in (
        sa.Column("kind", sa.String(20), nullable=False, server_default="label"),
        sa.Column("slot", sa.Integer, nullable=False, server_default="0"),
        sa.Column("batch_id", sa.String(40)),
        sa.Column("is_fixed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("lock_key", sa.String(64), nullable=False, server_default=""),
    ):
        op.add_column("label_tasks", column)
    op.execute("UPDATE label_tasks SET lock_key = image_id")
    op.create_index("ix_label_tasks_lock", "label_tasks", ["project", "lock_key"])
    op.create_index("ix_label_tasks_batch", "label_tasks", ["project", "batch_id"])
    op.create_index(
        "ix_label_tasks_answered",
        "label_tasks",
        ["project", "labeler", "queue", "image_id"],
        sqlite_where=_CONSENSUS,
        postgresql_where=_CONSENSUS,
    )
    _replace_unique(["project", "image_id", "queue", "slot"])
    for pin in (
        sa.Column("x", sa.Float),
        sa.Column("y", sa.Float),
        sa.Column("annotation_id", sa.String(40)),
        sa.Column("reply_to", sa.String(40)),
        sa.Column("resolved_by", sa.String(63)),
        sa.Column("resolved_at", UtcDateTime),
    ):
        op.add_column("label_task_comments", pin)
    _recreate_locks("subject")
    _create_tables()


def _replace_unique(columns: list[str]) -> None:
    op.drop_index("uq_label_tasks_unfinished", table_name="label_tasks")
    op.create_index(
        "uq_label_tasks_unfinished",
        "label_tasks",
        columns,
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )


def _recreate_locks(subject: str) -> None:
    """Locks live for minutes; losing them costs nobody a label."""
    op.drop_table("label_locks")
    op.create_table(
        "label_locks",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column(subject, sa.String(64), nullable=False),
        sa.Column("holder", sa.String(63), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", subject, name=op.f("pk_label_locks")),
    )


def _create_tables() -> None:
    op.create_table(
        "label_answers",
        sa.Column("task_id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("image_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("annotations", Json, nullable=False),
        sa.Column("attributes", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.String(63), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["label_tasks.id"], name=op.f("fk_label_answers_task_id")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_label_answers")),
    )
    op.create_index("ix_label_answers_image", "label_answers", ["project", "image_id"])
    op.create_table(
        "label_conflicts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("task_id", sa.String(40), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["task_id"], ["label_tasks.id"], name=op.f("fk_label_conflicts_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_conflicts")),
    )
    op.create_index("ix_label_conflicts_project", "label_conflicts", ["project", "created_at"])
    op.create_table(
        "label_batches",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("queue", sa.String(63), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("strategy", sa.String(20), nullable=False),
        sa.Column("num_tasks", sa.Integer, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("created_by", sa.String(63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_batches")),
    )
    op.create_index("ix_label_batches_queue", "label_batches", ["project", "queue", "created_at"])
    op.create_table(
        "labeling_projects",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
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
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_labeling_projects")),
    )


def downgrade() -> None:
    for table in ("labeling_projects", "label_batches", "label_conflicts", "label_answers"):
        op.drop_table(table)
    _recreate_locks("image_id")
    for name in ("x", "y", "annotation_id", "reply_to", "resolved_by", "resolved_at"):
        op.drop_column("label_task_comments", name)
    _replace_unique(["project", "image_id", "queue"])
    op.drop_index("ix_label_tasks_answered", table_name="label_tasks")
    op.drop_index("ix_label_tasks_batch", table_name="label_tasks")
    op.drop_index("ix_label_tasks_lock", table_name="label_tasks")
    for name in ("kind", "slot", "batch_id", "is_fixed", "lock_key"):
        op.drop_column("label_tasks", name)
