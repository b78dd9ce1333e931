"""Movable tags on dataset versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dataset_version_tags",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("tag", sa.String(length=63), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("set_by", sa.String(length=63), nullable=False),
        sa.Column("set_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_dataset_version_tags_version_id_dataset_versions"),
        ),
        sa.PrimaryKeyConstraint("project", "name", "tag", name=op.f("pk_dataset_version_tags")),
    )
    op.create_index(
        op.f("ix_dataset_version_tags_version_id"), "dataset_version_tags", ["version_id"]
    )


def downgrade() -> None:
    op.drop_table("dataset_version_tags")
