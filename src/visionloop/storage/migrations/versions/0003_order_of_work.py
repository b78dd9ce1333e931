"""Indexes along which the next labeling task is found without sorting the queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PULLABLE = sa.text("state IN ('open', 'in_progress')")
_RETURNED = sa.text("state = 'rejected'")


def upgrade() -> None:
    op.drop_index("ix_label_tasks_next", table_name="label_tasks")
    op.add_column(
        "label_tasks", sa.Column("precedence", sa.Integer, nullable=False, server_default="0")
    )
    op.execute("UPDATE label_tasks SET precedence = -priority")
    op.create_index("ix_label_tasks_queue", "label_tasks", ["project", "queue", "state"])
    for name, columns in (
        ("ix_label_tasks_pull", ["project", "queue", "assignee"]),
        ("ix_label_tasks_pull_any", ["project", "assignee"]),
    ):
        op.create_index(
            name,
            "label_tasks",
            [*columns, "precedence", "created_at", "id"],
            sqlite_where=_PULLABLE,
            postgresql_where=_PULLABLE,
        )
    op.create_index(
        "ix_label_tasks_returned",
        "label_tasks",
        ["project"],
        sqlite_where=_RETURNED,
        postgresql_where=_RETURNED,
    )


def downgrade() -> None:
    for name in ("returned", "pull_any", "pull", "queue"):
        op.drop_index(f"ix_label_tasks_{name}", table_name="label_tasks")
    op.drop_column("label_tasks", "precedence")
    op.create_index(
        "ix_label_tasks_next",
        "label_tasks",
        ["project", "queue", "state", "priority", "created_at"],
    )
