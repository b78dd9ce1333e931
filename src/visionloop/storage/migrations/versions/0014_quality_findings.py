"""Findings about images and labels, and what was done about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_findings",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("image_id", sa.String(length=64)),
        sa.Column("annotation_id", sa.String(length=40)),
        sa.Column("peer_id", sa.String(length=64)),
        sa.Column("category", sa.String(length=200)),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name=op.f("pk_quality_findings")),
    )
    op.create_index(
        "ix_quality_findings_order",
        "quality_findings",
        ["project", "status", "kind", "score", "id"],
    )
    op.create_index("ix_quality_findings_image", "quality_findings", ["project", "image_id"])
    op.create_table(
        "quality_actions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("skipped", Json, nullable=False),
        sa.Column("undone_at", UtcDateTime),
        sa.Column("undone_by", sa.String(length=63)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_actions")),
    )
    op.create_index("ix_quality_actions_project", "quality_actions", ["project", "created_at"])


def downgrade() -> None:
    op.drop_table("quality_actions")
    op.drop_table("quality_findings")
