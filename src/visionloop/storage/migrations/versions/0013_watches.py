"""Watched places, and the files that ingests refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ingest_refusals",
        sa.Column("ingest_id", sa.String(length=40), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("ingest_id", "path", name=op.f("pk_ingest_refusals")),
    )
    op.create_table(
        "watches",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("datastore", sa.String(length=63), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.Column("ascending", sa.Boolean(), nullable=False),
        sa.Column("ingest", Json, nullable=False),
        sa.Column("queue", sa.String(length=63), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=63), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("swept_at", UtcDateTime(), nullable=True),
        sa.Column("job_id", sa.String(length=40), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("found", Json, nullable=False),
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_watches")),
    )


def downgrade() -> None:
    op.drop_table("watches")
    op.drop_table("ingest_refusals")
