"""An index along which the history of one image or task is found."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_events_project_subject", "events", ["project", "subject", "id"])


def downgrade() -> None:
    op.drop_index("ix_events_project_subject", table_name="events")
