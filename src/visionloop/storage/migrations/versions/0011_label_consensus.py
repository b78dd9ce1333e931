"""Consensus cases, gold images and scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_cases",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("queue", sa.String(63), nullable=False),
        sa.Column("image_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("agreement", sa.Float, nullable=False),
        sa.Column("annotators", Json, nullable=False),
        sa.Column("task_ids", Json, nullable=False),
        sa.Column("merged", Json, nullable=False),
        sa.Column("objects", Json, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("choice", sa.String(63)),
        sa.Column("resolved_by", sa.String(63)),
        sa.Column("resolved_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_cases")),
    )
    op.create_index(
        "ix_label_cases_state", "label_cases", ["project", "queue", "state", "created_at"]
    )
    op.create_table(
        "label_gold",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("image_id", sa.String(64), nullable=False),
        sa.Column("annotations", Json, nullable=False),
        sa.Column("attributes", Json, nullable=False),
        sa.Column("created_by", sa.String(63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", "image_id", name=op.f("pk_label_gold")),
    )
    op.create_table(
        "label_scores",
        sa.Column("task_id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("queue", sa.String(63), nullable=False),
        sa.Column("image_id", sa.String(64), nullable=False),
        sa.Column("annotator", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("is_right", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["label_tasks.id"], name=op.f("fk_label_scores_task_id")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_label_scores")),
    )
    op.create_index("ix_label_scores_queue", "label_scores", ["project", "queue", "annotator"])


def downgrade() -> None:
    for table in ("label_scores", "label_gold", "label_cases"):
        op.drop_table(table)
