"""Keypoints beside any geometry, ids of foreign files, attributes of an image."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("annotation_sets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attributes", Json, server_default="{}", nullable=False))
    with op.batch_alter_table("annotations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("keypoints", Json, nullable=True))
        batch_op.add_column(sa.Column("external_id", sa.String(length=200), nullable=True))
    op.execute(
        "UPDATE annotations SET keypoints = segmentation, segmentation = NULL "
        "WHERE kind = 'keypoints'"
    )


def downgrade() -> None:
    op.execute("UPDATE annotations SET segmentation = keypoints WHERE kind = 'keypoints'")
    with op.batch_alter_table("annotations", schema=None) as batch_op:
        batch_op.drop_column("external_id")
        batch_op.drop_column("keypoints")
    with op.batch_alter_table("annotation_sets", schema=None) as batch_op:
        batch_op.drop_column("attributes")
