"""The only SQL of monitoring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from visionloop.monitoring.entities import (
    Alert,
    AlertKind,
    AlertState,
    DriftResult,
    EndpointCheck,
    FamilyResult,
    FeatureShift,
    Monitor,
    MonitorSettings,
    MonitorWindow,
    PerformanceEstimate,
    ReviewBatch,
    ReviewSelection,
    Severity,
    ShiftedImage,
    WindowState,
)
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


def insert_monitor(tx: Transaction, monitor: Monitor) -> None:
    """Insert a monitor."""
    tx.execute(monitors.insert().values(**asdict(monitor)))


def update_monitor(tx: Transaction, monitor: Monitor) -> None:
    """Replace what can change of a monitor."""
    values = asdict(monitor)
    tx.execute(monitors.update().where(monitors.c.id == monitor.id).values(**values))


def find_monitor(
    tx: Transaction,
    *,
    project: str | None = None,
    name: str | None = None,
    monitor_id: str | None = None,
) -> Monitor | None:
    """Return a monitor by id, or by project and name."""
    condition = (
        monitors.c.id == monitor_id
        if monitor_id is not None
        else (monitors.c.project == project) & (monitors.c.name == name)
    )
    row = tx.execute(monitors.select().where(condition)).mappings().first()
    return _monitor(row) if row else None


def list_monitors(
    tx: Transaction, project: str | None = None, *, endpoint: str | None = None
) -> list[Monitor]:
    """Return monitors by project and name."""
    query = monitors.select().order_by(monitors.c.project, monitors.c.name)
    if project is not None:
        query = query.where(monitors.c.project == project)
    if endpoint is not None:
        query = query.where(monitors.c.endpoint == endpoint)
    return [_monitor(row) for row in tx.execute(query).mappings()]


def insert_window(tx: Transaction, window: MonitorWindow) -> bool:
    """Insert a window, unless another process just evaluated the same one."""
    values = asdict(window) | {"state": window.state.value}
    return _insert_once(tx, monitor_windows, values)


def find_window(
    tx: Transaction,
    *,
    window_id: str | None = None,
    monitor_id: str | None = None,
    model_digest: str | None = None,
    last_request_id: str | None = None,
) -> MonitorWindow | None:
    """Return a window by id, or by what it was taken from."""
    columns = monitor_windows.c
    condition = (
        columns.id == window_id
        if window_id is not None
        else (columns.monitor_id == monitor_id)
        & (columns.model_digest == model_digest)
        & (columns.last_request_id == last_request_id)
    )
    row = tx.execute(monitor_windows.select().where(condition)).mappings().first()
    return _window(row) if row else None


def list_windows(
    tx: Transaction,
    monitor_id: str,
    *,
    model_digest: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[MonitorWindow], int]:
    """Return windows, newest first, and how many there are."""
    condition = monitor_windows.c.monitor_id == monitor_id
    if model_digest is not None:
        condition &= monitor_windows.c.model_digest == model_digest
    query = (
        monitor_windows.select()
        .where(condition)
        .order_by(monitor_windows.c.created_at.desc(), monitor_windows.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    items = [_window(row) for row in tx.execute(query).mappings()]
    return items, _count(tx, monitor_windows, condition)


def insert_alert(tx: Transaction, alert: Alert) -> None:
    """Insert an alert."""
    tx.execute(alerts.insert().values(**_plain(alert)))


def update_alert(tx: Transaction, alert: Alert, *, expected: Sequence[AlertState]) -> bool:
    """Replace an alert that is still in an expected state; tell whether it was."""
    condition = (alerts.c.id == alert.id) & alerts.c.state.in_([state.value for state in expected])
    return tx.execute(alerts.update().where(condition).values(**_plain(alert))).rowcount == 1


def find_alert(tx: Transaction, alert_id: str) -> Alert | None:
    """Return an alert by id."""
    row = tx.execute(alerts.select().where(alerts.c.id == alert_id)).mappings().first()
    return _alert(row) if row else None


def find_unresolved_alert(
    tx: Transaction, project: str, endpoint: str, kind: AlertKind, monitor_id: str | None
) -> Alert | None:
    """Return the alert of this kind that is not resolved yet."""
    condition = (
        (alerts.c.project == project)
        & (alerts.c.endpoint == endpoint)
        & (alerts.c.kind == kind.value)
        & (alerts.c.state != AlertState.RESOLVED.value)
    )
    if monitor_id is not None:
        condition &= alerts.c.monitor_id == monitor_id
    row = tx.execute(alerts.select().where(condition)).mappings().first()
    return _alert(row) if row else None


def list_alerts(
    tx: Transaction,
    project: str,
    *,
    state: AlertState | None = None,
    endpoint: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[Alert], int]:
    """Return alerts, newest first, and how many there are."""
    condition = alerts.c.project == project
    if state is not None:
        condition &= alerts.c.state == state.value
    if endpoint is not None:
        condition &= alerts.c.endpoint == endpoint
    query = (
        alerts.select().where(condition).order_by(alerts.c.created_at.desc(), alerts.c.id.desc())
    )
    rows = tx.execute(query.limit(limit).offset(offset)).mappings()
    return [_alert(row) for row in rows], _count(tx, alerts, condition)


def insert_batch(tx: Transaction, batch: ReviewBatch) -> bool:
    """Insert a batch, unless the same cause has one already."""
    values = {name: getattr(batch, name) for name in review_batches.columns.keys()}  # noqa: SIM118
    return _insert_once(tx, review_batches, values)


def find_batch(tx: Transaction, monitor_id: str, cause: str) -> ReviewBatch | None:
    """Return the batch of a cause, without its selections."""
    columns = review_batches.c
    query = review_batches.select().where(
        (columns.monitor_id == monitor_id) & (columns.cause == cause)
    )
    row = tx.execute(query).mappings().first()
    return ReviewBatch(**row) if row else None


def list_batches(
    tx: Transaction, monitor_id: str, *, model_digest: str | None = None
) -> list[ReviewBatch]:
    """Return batches without selections, oldest first."""
    query = review_batches.select().where(review_batches.c.monitor_id == monitor_id)
    if model_digest is not None:
        query = query.where(review_batches.c.model_digest == model_digest)
    rows = tx.execute(query.order_by(review_batches.c.created_at)).mappings()
    return [ReviewBatch(**row) for row in rows]


def insert_selections(tx: Transaction, selections: Iterable[ReviewSelection]) -> None:
    """Insert review selections without outcomes."""
    rows = [
        {name: getattr(selection, name) for name in review_selections.columns.keys()}  # noqa: SIM118
        for selection in selections
    ]
    if rows:
        tx.execute(review_selections.insert(), rows)


def insert_outcome(
    tx: Transaction, selection_id: str, *, true_label: str, is_error: bool, reviewed_at: datetime
) -> None:
    """Note what a person said about a selection; a later word replaces an earlier one."""
    tx.execute(audit_outcomes.delete().where(audit_outcomes.c.selection_id == selection_id))
    tx.execute(
        audit_outcomes.insert().values(
            selection_id=selection_id,
            true_label=true_label,
            is_error=is_error,
            reviewed_at=reviewed_at,
        )
    )


def list_selections(
    tx: Transaction,
    monitor_id: str,
    *,
    model_digest: str | None = None,
    batch_id: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[ReviewSelection], int]:
    """Return selections with outcomes, newest batch first, by rank; and how many there are."""
    condition = review_selections.c.monitor_id == monitor_id
    if model_digest is not None:
        condition &= review_selections.c.model_digest == model_digest
    if batch_id is not None:
        condition &= review_selections.c.batch_id == batch_id
    outcome = audit_outcomes.c
    query = (
        sa.select(review_selections, outcome.true_label, outcome.is_error, outcome.reviewed_at)
        .select_from(review_selections.outerjoin(audit_outcomes))
        .where(condition)
        .order_by(review_selections.c.batch_id.desc(), review_selections.c.rank)
        .limit(limit)
        .offset(offset)
    )
    items = [ReviewSelection(**row) for row in tx.execute(query).mappings()]
    return items, _count(tx, review_selections, condition)


def upsert_truths(
    tx: Transaction,
    project: str,
    endpoint: str,
    labels: Mapping[str, str],
    *,
    by: str,
    at: datetime,
) -> None:
    """Keep ground truth of requests; a later word replaces an earlier one."""
    for request_id, label in labels.items():
        tx.execute(
            prediction_truths.delete().where(
                (prediction_truths.c.endpoint == endpoint)
                & (prediction_truths.c.request_id == request_id)
            )
        )
        tx.execute(
            prediction_truths.insert().values(
                endpoint=endpoint,
                request_id=request_id,
                project=project,
                label=label,
                recorded_by=by,
                recorded_at=at,
            )
        )


def find_truths(
    tx: Transaction, endpoint: str, request_ids: Sequence[str] | None = None
) -> dict[str, str]:
    """Return known true labels by request id."""
    query = sa.select(prediction_truths.c.request_id, prediction_truths.c.label).where(
        prediction_truths.c.endpoint == endpoint
    )
    if request_ids is not None:
        query = query.where(prediction_truths.c.request_id.in_(request_ids))
    return {row.request_id: row.label for row in tx.execute(query)}


def insert_check(tx: Transaction, check: EndpointCheck) -> None:
    """Insert an endpoint check."""
    tx.execute(endpoint_checks.insert().values(**asdict(check)))


def delete_checks(tx: Transaction, before: datetime) -> None:
    """Delete endpoint checks that are too old to matter."""
    tx.execute(endpoint_checks.delete().where(endpoint_checks.c.created_at < before))


def list_checks(
    tx: Transaction, project: str, endpoint: str, *, since: datetime | None = None, limit: int = 100
) -> list[EndpointCheck]:
    """Return endpoint checks, newest first."""
    condition = (endpoint_checks.c.project == project) & (endpoint_checks.c.endpoint == endpoint)
    if since is not None:
        condition &= endpoint_checks.c.created_at >= since
    query = endpoint_checks.select().where(condition)
    rows = tx.execute(query.order_by(endpoint_checks.c.created_at.desc()).limit(limit)).mappings()
    return [EndpointCheck(**row) for row in rows]


def _insert_once(tx: Transaction, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique constraint says that it is there; tell whether it was new."""
    try:
        with tx.begin_nested():
            tx.execute(table.insert().values(**values))
    except sa.exc.IntegrityError:
        return False
    return True


def _count(tx: Transaction, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    count: int = tx.execute(
        sa.select(sa.func.count()).select_from(table).where(condition)
    ).scalar_one()
    return count


def _plain(alert: Alert) -> dict[str, Any]:
    return asdict(alert) | {
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "state": alert.state.value,
    }


def _monitor(row: Mapping[Any, Any]) -> Monitor:
    return Monitor(**(dict(row) | {"settings": MonitorSettings(**row["settings"])}))


def _alert(row: Mapping[Any, Any]) -> Alert:
    typed = {
        "kind": AlertKind(row["kind"]),
        "severity": Severity(row["severity"]),
        "state": AlertState(row["state"]),
    }
    return Alert(**(dict(row) | typed))


def _window(row: Mapping[Any, Any]) -> MonitorWindow:
    drift, performance = row["drift"], row["performance"]
    typed = {
        "state": WindowState(row["state"]),
        "drift": _drift(drift) if drift else None,
        "performance": PerformanceEstimate(**performance) if performance else None,
    }
    return MonitorWindow(**(dict(row) | typed))


def _drift(values: Mapping[str, Any]) -> DriftResult:
    nested = {
        "families": tuple(FamilyResult(**item) for item in values["families"]),
        "features": tuple(FeatureShift(**item) for item in values["features"]),
        "images": tuple(ShiftedImage(**item) for item in values["images"]),
    }
    return DriftResult(**(dict(values) | nested))
