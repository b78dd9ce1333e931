"""Responsible AI reports of evaluations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "responsible_reports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("evaluation_id", sa.String(length=40), nullable=False),
        sa.Column("report_digest", sa.String(length=64), nullable=False),
        sa.Column("card_digest", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_responsible_reports_evaluation_id")
        ),
        sa.ForeignKeyConstraint(
            ["project"], ["projects.name"], name=op.f("fk_responsible_reports_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsible_reports")),
    )
    with op.batch_alter_table("responsible_reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_responsible_reports_evaluation_id"), ["evaluation_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("responsible_reports")
