"""Tags, deletion and repeated steps of runs; logged models; versions registered from outside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from visionloop.storage.database import Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _extend_experiments_and_runs()
    _keep_repeated_steps()
    _create_logged_models()
    _create_catalog()


def downgrade() -> None:
    for table in (
        "model_version_marks",
        "external_model_versions",
        "logged_model_artifacts",
        "logged_models",
    ):
        op.drop_table(table)
    op.create_table(
        "run_metrics",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("key", sa.String(250), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("time", UtcDateTime, nullable=False),
    )
    op.execute(
        "INSERT INTO run_metrics (run_id, key, step, value, time) "
        "SELECT run_id, key, step, value, time FROM run_metric_points WHERE id IN "
        "(SELECT max(id) FROM run_metric_points WHERE value IS NOT NULL GROUP BY run_id, key, step)"
    )
    op.drop_table("run_metric_points")
    for table, columns in (
        ("registered_models", ("tags",)),
        ("runs", ("deleted_at", "inputs")),
        ("experiments", ("deleted_at", "tags")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)


def _extend_experiments_and_runs() -> None:
    with op.batch_alter_table("experiments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", Json, server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("deleted_at", UtcDateTime, nullable=True))
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("inputs", Json, server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("deleted_at", UtcDateTime, nullable=True))
    with op.batch_alter_table("registered_models", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", Json, server_default="{}", nullable=False))


def _keep_repeated_steps() -> None:
    op.create_table(
        "run_metric_points",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(),
            nullable=False,
        ),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("time", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_metric_points_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_metric_points")),
    )
    with op.batch_alter_table("run_metric_points", schema=None) as batch_op:
        batch_op.create_index(
            "ix_run_metric_points_order", ["run_id", "key", "step", "time"], unique=False
        )
    op.execute(
        "INSERT INTO run_metric_points (run_id, key, step, value, time) "
        "SELECT run_id, key, step, value, time FROM run_metrics ORDER BY run_id, key, step"
    )
    op.drop_table("run_metrics")


def _create_logged_models() -> None:
    op.create_table(
        "logged_models",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("experiment_id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("model_type", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("parameters", Json, nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("created_by", sa.String(length=63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_logged_models_experiment_id")
        ),
        sa.ForeignKeyConstraint(
            ["project"], ["projects.name"], name=op.f("fk_logged_models_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logged_models")),
    )
    with op.batch_alter_table("logged_models", schema=None) as batch_op:
        for column in ("experiment_id", "project", "run_id"):
            batch_op.create_index(batch_op.f(f"ix_logged_models_{column}"), [column], unique=False)
    op.create_table(
        "logged_model_artifacts",
        sa.Column("model_id", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["logged_models.id"], name=op.f("fk_logged_model_artifacts_model_id")
        ),
        sa.PrimaryKeyConstraint("model_id", "path", name=op.f("pk_logged_model_artifacts")),
    )


def _create_catalog() -> None:
    op.create_table(
        "external_model_versions",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("model", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=True),
        sa.Column("created_by", sa.String(length=63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint(
            "project", "model", "version", name=op.f("pk_external_model_versions")
        ),
    )
    op.create_table(
        "model_version_marks",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("model", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("tags", Json, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project", "model", "version", name=op.f("pk_model_version_marks")),
    )
