"""Alerts: opened by monitors and checks, acknowledged by people, resolved by either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import publish
from visionloop.admin.rules import is_allowed
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.monitoring.entities import Alert, AlertKind, AlertState
from visionloop.monitoring.errors import AlertAlreadyResolved, AlertNotFound
from visionloop.monitoring.rules import SEVERITY
from visionloop.monitoring.store import alerts as alert_store
from visionloop.storage.database import Database, Transaction

_UNRESOLVED = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


@dataclass(frozen=True)
class Cause:
    """What an alert is about, as its discoverer tells it."""

    project: str
    endpoint: str
    kind: AlertKind
    summary: str
    facts: Mapping[str, Any]
    monitor_id: str | None = None
    window_id: str | None = None


def raise_alert(tx: Transaction, actor: Actor, cause: Cause) -> tuple[Alert, bool]:
    """Open an alert, or freshen the one that is open for the same cause.

    Returns:
        The alert, and whether it is new.
    """
    now = utc_now()
    known = alert_store.find_unresolved_alert(
        tx, cause.project, cause.endpoint, cause.kind, cause.monitor_id
    )
    if known is not None:
        seen = replace(
            known, summary=cause.summary, facts=dict(cause.facts), last_seen_at=now,
            window_id=cause.window_id or known.window_id,
        )  # fmt: skip
        alert_store.update_alert(tx, seen, expected=_UNRESOLVED)
        return seen, False
    alert = Alert(
        id=new_id("alert"),
        project=cause.project,
        monitor_id=cause.monitor_id,
        endpoint=cause.endpoint,
        kind=cause.kind,
        severity=SEVERITY[cause.kind],
        state=AlertState.OPEN,
        summary=cause.summary,
        facts=dict(cause.facts),
        window_id=cause.window_id,
        created_at=now,
        last_seen_at=now,
    )
    alert_store.insert_alert(tx, alert)
    _publish(tx, actor, alert, "opened")
    return alert, True


def clear_alert(
    tx: Transaction, actor: Actor, project: str, endpoint: str, kind: AlertKind,
    *, monitor_id: str | None = None,
) -> Alert | None:  # fmt: skip
    """Resolve the alert of a cause that is gone; None when there is none."""
    known = alert_store.find_unresolved_alert(tx, project, endpoint, kind, monitor_id)
    return _resolve(tx, actor, known) if known is not None else None


def acknowledge_alert(database: Database, actor: Actor, project: str, alert_id: str) -> Alert:
    """Say that a person is on it; doing so twice changes nothing.

    Raises:
        AlertNotFound: the project has no such alert.
        AlertAlreadyResolved: too late.
    """
    require_watcher(actor, project)
    with database.begin() as tx:
        alert = _find(tx, project, alert_id)
        if alert.state == AlertState.RESOLVED:
            raise AlertAlreadyResolved(alert_id)
        if alert.state == AlertState.ACKNOWLEDGED:
            return alert
        known = replace(
            alert,
            state=AlertState.ACKNOWLEDGED,
            acknowledged_by=actor.name,
            acknowledged_at=utc_now(),
        )
        alert_store.update_alert(tx, known, expected=[AlertState.OPEN])
        _publish(tx, actor, known, "acknowledged")
    return known


def resolve_alert(database: Database, actor: Actor, project: str, alert_id: str) -> Alert:
    """Close an alert.

    Raises:
        AlertNotFound: the project has no such alert.
        AlertAlreadyResolved: it is closed already.
    """
    require_watcher(actor, project)
    with database.begin() as tx:
        alert = _find(tx, project, alert_id)
        if alert.state == AlertState.RESOLVED:
            raise AlertAlreadyResolved(alert_id)
        return _resolve(tx, actor, alert)


def get_alert(database: Database, actor: Actor, project: str, alert_id: str) -> Alert:
    """Return an alert.

    Raises:
        AlertNotFound: the project has no such alert.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return _find(tx, project, alert_id)


def list_alerts(
    database: Database,
    actor: Actor,
    project: str,
    *,
    state: AlertState | None = None,
    endpoint: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[Alert], int]:
    """Return alerts of a project, newest first, and how many there are."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return alert_store.list_alerts(
            tx, project, state=state, endpoint=endpoint, limit=limit, offset=offset
        )


def require_watcher(actor: Actor, project: str) -> None:
    """Refuse those who neither operate endpoints nor train models: alerts are not theirs.

    Raises:
        PermissionDenied: no role of the actor may operate, deploy or train in the project.
    """
    workspaces = {workspace for of, workspace, _ in actor.grants if of == project}
    wanted = (Permission.OPERATE, Permission.TRAIN, Permission.DEPLOY)
    if not actor.is_admin and not any(
        is_allowed(actor, permission, project, workspace)
        for permission in wanted
        for workspace in workspaces
    ):
        raise PermissionDenied(actor.name, Permission.OPERATE, project, "prod")


def _find(tx: Transaction, project: str, alert_id: str) -> Alert:
    alert = alert_store.find_alert(tx, alert_id)
    if alert is None or alert.project != project:
        raise AlertNotFound(alert_id)
    return alert


def _resolve(tx: Transaction, actor: Actor, alert: Alert) -> Alert:
    closed = replace(
        alert, state=AlertState.RESOLVED, resolved_by=actor.name, resolved_at=utc_now()
    )
    alert_store.update_alert(tx, closed, expected=_UNRESOLVED)
    _publish(tx, actor, closed, "resolved")
    return closed


def _publish(tx: Transaction, actor: Actor, alert: Alert, verb: str) -> None:
    publish(
        tx,
        type=f"visionloop.alert.{verb}",
        project=alert.project,
        subject=f"alert/{alert.id}",
        actor=actor,
        data={
            "kind": alert.kind.value,
            "severity": alert.severity.value,
            "endpoint": alert.endpoint,
            "summary": alert.summary,
        },
    )
