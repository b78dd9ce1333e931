"""Rows of alerts and endpoint checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from visionloop.monitoring.entities import Alert, AlertKind, AlertState, EndpointCheck, Severity
from visionloop.monitoring.store.tables import alerts, count_rows, endpoint_checks
from visionloop.storage.database import Transaction


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
    return [_alert(row) for row in rows], count_rows(tx, alerts, condition)


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


def _plain(alert: Alert) -> dict[str, Any]:
    return asdict(alert) | {
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "state": alert.state.value,
    }


def _alert(row: Mapping[Any, Any]) -> Alert:
    typed = {
        "kind": AlertKind(row["kind"]),
        "severity": Severity(row["severity"]),
        "state": AlertState(row["state"]),
    }
    return Alert(**(dict(row) | typed))
