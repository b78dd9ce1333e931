"""How the splits of a dataset version were grouped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("group_by", Json, nullable=False, server_default="[]")
    op.add_column("dataset_versions", column)


def downgrade() -> None:
    op.drop_column("dataset_versions", "group_by")
