"""Narrow tables that image queries read, tags, and scores of images."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _text() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "image_facts",
        sa.Column("seq", _number(), autoincrement=True, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("status", _text(), nullable=False),
        sa.Column("annotation_status", _text(), nullable=False),
        sa.Column("origin", _text(), nullable=False),
        sa.Column("datastore", _text(), nullable=False),
        sa.Column("camera", _text(), nullable=False),
        sa.Column("split", _text(), nullable=False),
        sa.Column("group", _text(), nullable=False),
        sa.Column("format", _text(), nullable=False),
        sa.Column("width", sa.Double(), nullable=False),
        sa.Column("height", sa.Double(), nullable=False),
        sa.Column("size_bytes", sa.Double(), nullable=False),
        sa.Column("num_annotations", sa.Double(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("captured", sa.Double(), nullable=False),
        sa.Column("annotated", sa.Double(), nullable=False),
        sa.Column("luminance_mean", sa.Double(), nullable=False),
        sa.Column("luminance_std", sa.Double(), nullable=False),
        sa.Column("red_mean", sa.Double(), nullable=False),
        sa.Column("blue_mean", sa.Double(), nullable=False),
        sa.Column("red_std", sa.Double(), nullable=False),
        sa.Column("green_std", sa.Double(), nullable=False),
        sa.Column("blue_std", sa.Double(), nullable=False),
        sa.Column("luminance_p01", sa.Double(), nullable=False),
        sa.Column("luminance_p99", sa.Double(), nullable=False),
        sa.Column("entropy", sa.Double(), nullable=False),
        sa.Column("laplacian_variance", sa.Double(), nullable=False),
        sa.Column("laplacian_mean_absolute", sa.Double(), nullable=False),
        sa.Column("aspect", sa.Double(), nullable=False),
        sa.Column("area", sa.Double(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("search", _text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_image_facts")),
        sa.UniqueConstraint("project", "id", name=op.f("uq_image_facts_project_id")),
    )
    with op.batch_alter_table("image_facts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_image_facts_annotated", ["project", "annotated", "seq"], unique=False
        )
        batch_op.create_index(
            "ix_image_facts_annotation_status",
            ["project", "annotation_status", "seq"],
            unique=False,
        )
        batch_op.create_index("ix_image_facts_area", ["project", "area", "seq"], unique=False)
        batch_op.create_index("ix_image_facts_aspect", ["project", "aspect", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_blue_mean", ["project", "blue_mean", "seq"], unique=False
        )
        batch_op.create_index(
            "ix_image_facts_blue_std", ["project", "blue_std", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_camera", ["project", "camera", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_captured", ["project", "captured", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_created", ["project", "created", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_datastore", ["project", "datastore", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_entropy", ["project", "entropy", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_green_std", ["project", "green_std", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_group", ["project", "group", "seq"], unique=False)
        batch_op.create_index("ix_image_facts_height", ["project", "height", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_laplacian_mean_absolute",
            ["project", "laplacian_mean_absolute", "seq"],
            unique=False,
        )
        batch_op.create_index(
            "ix_image_facts_laplacian_variance",
            ["project", "laplacian_variance", "seq"],
            unique=False,
        )
        batch_op.create_index(
            "ix_image_facts_luminance_mean", ["project", "luminance_mean", "seq"], unique=False
        )
        batch_op.create_index(
            "ix_image_facts_luminance_p01", ["project", "luminance_p01", "seq"], unique=False
        )
        batch_op.create_index(
            "ix_image_facts_luminance_p99", ["project", "luminance_p99", "seq"], unique=False
        )
        batch_op.create_index(
            "ix_image_facts_luminance_std", ["project", "luminance_std", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_name", ["project", "name", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_num_annotations", ["project", "num_annotations", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_origin", ["project", "origin", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_red_mean", ["project", "red_mean", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_red_std", ["project", "red_std", "seq"], unique=False)
        batch_op.create_index(
            "ix_image_facts_size_bytes", ["project", "size_bytes", "seq"], unique=False
        )
        batch_op.create_index("ix_image_facts_split", ["project", "split", "seq"], unique=False)
        batch_op.create_index("ix_image_facts_status", ["project", "status", "seq"], unique=False)
        batch_op.create_index("ix_image_facts_width", ["project", "width", "seq"], unique=False)

    op.create_table(
        "image_scores",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("image_id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("project", "name", "image_id", name=op.f("pk_image_scores")),
    )
    with op.batch_alter_table("image_scores", schema=None) as batch_op:
        batch_op.create_index("ix_image_scores_image", ["project", "image_id"], unique=False)

    op.create_table(
        "image_tags",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.Column("image_id", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.String(length=63), nullable=False),
        sa.Column("added_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", "tag", "image_id", name=op.f("pk_image_tags")),
    )
    with op.batch_alter_table("image_tags", schema=None) as batch_op:
        batch_op.create_index("ix_image_tags_image", ["project", "image_id"], unique=False)

    op.create_table(
        "image_terms",
        sa.Column("seq", _number(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column(
            "key",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("text", _text(), nullable=False),
        sa.Column("number", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "field", "key", name=op.f("pk_image_terms")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("image_terms", schema=None) as batch_op:
        batch_op.create_index(
            "ix_image_terms_number", ["project", "field", "key", "number", "seq"], unique=False
        )
        batch_op.create_index(
            "ix_image_terms_text", ["project", "field", "key", "text", "seq"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("image_terms", schema=None) as batch_op:
        batch_op.drop_index("ix_image_terms_text")
        batch_op.drop_index("ix_image_terms_number")

    op.drop_table("image_terms")
    with op.batch_alter_table("image_tags", schema=None) as batch_op:
        batch_op.drop_index("ix_image_tags_image")

    op.drop_table("image_tags")
    with op.batch_alter_table("image_scores", schema=None) as batch_op:
        batch_op.drop_index("ix_image_scores_image")

    op.drop_table("image_scores")
    with op.batch_alter_table("image_facts", schema=None) as batch_op:
        batch_op.drop_index("ix_image_facts_width")
        batch_op.drop_index("ix_image_facts_status")
        batch_op.drop_index("ix_image_facts_split")
        batch_op.drop_index("ix_image_facts_size_bytes")
        batch_op.drop_index("ix_image_facts_red_std")
        batch_op.drop_index("ix_image_facts_red_mean")
        batch_op.drop_index("ix_image_facts_origin")
        batch_op.drop_index("ix_image_facts_num_annotations")
        batch_op.drop_index("ix_image_facts_name")
        batch_op.drop_index("ix_image_facts_luminance_std")
        batch_op.drop_index("ix_image_facts_luminance_p99")
        batch_op.drop_index("ix_image_facts_luminance_p01")
        batch_op.drop_index("ix_image_facts_luminance_mean")
        batch_op.drop_index("ix_image_facts_laplacian_variance")
        batch_op.drop_index("ix_image_facts_laplacian_mean_absolute")
        batch_op.drop_index("ix_image_facts_height")
        batch_op.drop_index("ix_image_facts_group")
        batch_op.drop_index("ix_image_facts_green_std")
        batch_op.drop_index("ix_image_facts_entropy")
        batch_op.drop_index("ix_image_facts_datastore")
        batch_op.drop_index("ix_image_facts_created")
        batch_op.drop_index("ix_image_facts_captured")
        batch_op.drop_index("ix_image_facts_camera")
        batch_op.drop_index("ix_image_facts_blue_std")
        batch_op.drop_index("ix_image_facts_blue_mean")
        batch_op.drop_index("ix_image_facts_aspect")
        batch_op.drop_index("ix_image_facts_area")
        batch_op.drop_index("ix_image_facts_annotation_status")
        batch_op.drop_index("ix_image_facts_annotated")

    op.drop_table("image_facts")
