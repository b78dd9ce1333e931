"""Filters, orders and columns that people save under names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("filter", sa.Text, nullable=False),
        sa.Column("sort", sa.String(60), nullable=False),
        sa.Column("columns", Json, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.String(63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_saved_views")),
    )


def downgrade() -> None:
    op.drop_table("saved_views")
