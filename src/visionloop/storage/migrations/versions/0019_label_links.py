"""Which image is which in another labeling tool."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_links",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("exchange", sa.String(200), nullable=False),
        sa.Column("image_id", sa.String(64), nullable=False),
        sa.Column("remote_id", sa.String(100), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("stamp", sa.String(200), nullable=False),
        sa.Column("synced_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", "exchange", "image_id", name=op.f("pk_label_links")),
    )


def downgrade() -> None:
    op.drop_table("label_links")
