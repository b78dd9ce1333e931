"""The tables of monitoring, and what every store does with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

monitors = sa.Table(
    "monitors",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False),
    sa.Column("name", sa.String(63), nullable=False),
    sa.Column("endpoint", sa.String(63), nullable=False),
    sa.Column("deployment", sa.String(63)),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("settings", Json, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("project", "name"),
)

monitor_windows = sa.Table(
    "monitor_windows",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("monitor_id", sa.ForeignKey("monitors.id"), nullable=False),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("endpoint", sa.String(63), nullable=False),
    sa.Column("deployment", sa.String(63), nullable=False),
    sa.Column("model_digest", sa.String(64), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("num_requests", sa.Integer, nullable=False),
    sa.Column("num_images", sa.Integer, nullable=False),
    sa.Column("num_duplicates", sa.Integer, nullable=False),
    sa.Column("first_request_at", UtcDateTime),
    sa.Column("last_request_at", UtcDateTime),
    sa.Column("last_request_id", sa.String(80)),
    sa.Column("drift", Json),
    sa.Column("performance", Json),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("monitor_id", "model_digest", "last_request_id"),
    sa.Index("ix_monitor_windows_newest", "monitor_id", "created_at"),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("monitor_id", sa.ForeignKey("monitors.id")),
    sa.Column("endpoint", sa.String(63), nullable=False),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("window_id", sa.String(40)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("acknowledged_by", sa.String(63)),
    sa.Column("acknowledged_at", UtcDateTime),
    sa.Column("resolved_by", sa.String(63)),
    sa.Column("resolved_at", UtcDateTime),
)

review_batches = sa.Table(
    "review_batches",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False),
    sa.Column("monitor_id", sa.ForeignKey("monitors.id"), nullable=False),
    sa.Column("alert_id", sa.ForeignKey("alerts.id")),
    sa.Column("model_digest", sa.String(64), nullable=False),
    sa.Column("cause", sa.String(120), nullable=False),
    sa.Column("num_candidates", sa.Integer, nullable=False),
    sa.Column("num_selected", sa.Integer, nullable=False),
    sa.Column("num_audit", sa.Integer, nullable=False),
    sa.Column("mean_p_error", sa.Float, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("monitor_id", "cause"),
)

review_selections = sa.Table(
    "review_selections",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("review_batches.id"), nullable=False, index=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False),
    sa.Column("monitor_id", sa.ForeignKey("monitors.id"), nullable=False),
    sa.Column("alert_id", sa.ForeignKey("alerts.id")),
    sa.Column("endpoint", sa.String(63), nullable=False),
    sa.Column("model_digest", sa.String(64), nullable=False),
    sa.Column("request_id", sa.String(80), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("task_id", sa.String(40), index=True),
    sa.Column("predicted", sa.String(200), nullable=False),
    sa.Column("p_error", sa.Float, nullable=False),
    sa.Column("least_confidence", sa.Float, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("is_audit", sa.Boolean, nullable=False),
    sa.Column("selection_probability", sa.Float),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("monitor_id", "model_digest", "image_id"),
)

audit_outcomes = sa.Table(
    "audit_outcomes",
    metadata,
    sa.Column("selection_id", sa.ForeignKey("review_selections.id"), primary_key=True),
    sa.Column("true_label", sa.String(200), nullable=False),
    sa.Column("is_error", sa.Boolean, nullable=False),
    sa.Column("reviewed_at", UtcDateTime, nullable=False),
)

prediction_truths = sa.Table(
    "prediction_truths",
    metadata,
    sa.Column("endpoint", sa.String(63), primary_key=True),
    sa.Column("request_id", sa.String(80), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False),
    sa.Column("label", sa.String(200), nullable=False),
    sa.Column("recorded_by", sa.String(63), nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
)

endpoint_checks = sa.Table(
    "endpoint_checks",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("endpoint", sa.String(63), nullable=False),
    sa.Column("is_alive", sa.Boolean, nullable=False),
    sa.Column("latency_p95_ms", sa.Float),
    sa.Column("num_requests", sa.Integer, nullable=False),
    sa.Column("num_errors", sa.Integer, nullable=False),
    sa.Column("num_dropped_records", sa.Integer, nullable=False),
    sa.Column("problem", sa.String(30)),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_endpoint_checks_newest", "endpoint", "created_at"),
)


def insert_once(tx: Transaction, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique constraint says that it is there; tell whether it was new."""
    try:
        with tx.begin_nested():
            tx.execute(table.insert().values(**values))
    except sa.exc.IntegrityError:
        return False
    return True


def count_rows(tx: Transaction, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    """Count the rows for which a condition holds."""
    count: int = tx.execute(
        sa.select(sa.func.count()).select_from(table).where(condition)
    ).scalar_one()
    return count
