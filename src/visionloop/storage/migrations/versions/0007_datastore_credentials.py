"""How datastores sign in, with their credentials sealed and apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KINDS = (
    ("s3://%", "s3"),
    ("gs://%", "gcs"),
    ("az://%", "azure"),
    ("abfs%://%", "azure"),
    ("https://%.core.windows.net/%", "azure"),
)


def upgrade() -> None:
    op.create_table(
        "datastore_credentials",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("datastore", sa.String(length=63), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("rotated_at", UtcDateTime(), nullable=False),
        sa.Column("rotated_by", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("project", "datastore", name=op.f("pk_datastore_credentials")),
    )
    with op.batch_alter_table("datastores", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=20), server_default="folder", nullable=False)
        )
        batch_op.add_column(
            sa.Column("auth", sa.String(length=40), server_default="none", nullable=False)
        )
        batch_op.add_column(sa.Column("options", Json, server_default="{}", nullable=False))
        batch_op.add_column(
            sa.Column("allow_private", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    # What was registered before signed in with the environment of the server.
    datastores = sa.table("datastores", *(sa.column(name) for name in ("url", "kind", "auth")))
    for pattern, kind in _KINDS:
        found = datastores.update().where(datastores.c.url.like(pattern))
        op.execute(found.values(kind=kind, auth="environment"))


def downgrade() -> None:
    with op.batch_alter_table("datastores", schema=None) as batch_op:
        for name in ("allow_private", "options", "auth", "kind"):
            batch_op.drop_column(name)
    op.drop_table("datastore_credentials")
