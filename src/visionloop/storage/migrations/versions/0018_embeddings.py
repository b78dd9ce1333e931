"""Embeddings: spaces, the parts that hold their vectors, and maps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "embedding_spaces",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("model", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("num_images", sa.Integer, nullable=False),
        sa.Column("index", sa.String(64)),
        sa.Column("index_images", sa.Integer, nullable=False),
        sa.Column("created_by", sa.String(63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_embedding_spaces")),
    )
    op.create_table(
        "embedding_parts",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("space", sa.String(63), nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("vectors", sa.String(64), nullable=False),
        sa.Column("image_ids", sa.String(64), nullable=False),
        sa.Column("num_images", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("project", "space", "position", name=op.f("pk_embedding_parts")),
    )
    op.create_table(
        "embedding_maps",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("space", sa.String(63), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("points", sa.String(64), nullable=False),
        sa.Column("image_ids", sa.String(64), nullable=False),
        sa.Column("num_images", sa.Integer, nullable=False),
        sa.Column("num_space_images", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", "space", name=op.f("pk_embedding_maps")),
    )


def downgrade() -> None:
    for table in ("embedding_maps", "embedding_parts", "embedding_spaces"):
        op.drop_table(table)
