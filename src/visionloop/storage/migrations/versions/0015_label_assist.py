"""What became of labels that models proposed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_assist",
        sa.Column("task_id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("queue", sa.String(63), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("num_proposed", sa.Integer, nullable=False),
        sa.Column("num_unchanged", sa.Integer, nullable=False),
        sa.Column("num_edited", sa.Integer, nullable=False),
        sa.Column("num_rejected", sa.Integer, nullable=False),
        sa.Column("num_own", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["label_tasks.id"], name=op.f("fk_label_assist_task_id")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_label_assist")),
    )
    op.create_index("ix_label_assist_queue", "label_assist", ["project", "queue"])


def downgrade() -> None:
    op.drop_table("label_assist")
