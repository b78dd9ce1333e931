"""Element 10: look at endpoints, restart them within bounds, else propose a change."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from visionloop.admin.access import require
from visionloop.admin.entities import SYSTEM, Actor, ChangeProposal, Permission
from visionloop.admin.events import publish
from visionloop.admin.proposals import propose_change
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import VisionloopError
from visionloop.kernel.ids import new_id
from visionloop.monitoring import rules
from visionloop.monitoring.alerts import Cause, clear_alert, raise_alert
from visionloop.monitoring.entities import (
    AlertKind,
    EndpointCheck,
    EndpointHealth,
    MonitorSettings,
)
from visionloop.monitoring.predictions import read_traffic
from visionloop.monitoring.store import alerts as alert_store
from visionloop.monitoring.store import monitors as monitor_store
from visionloop.serving import store as serving_store
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.entities import Endpoint, EndpointState
from visionloop.serving.entities import EndpointHealth as Measured
from visionloop.serving.health import check_endpoint, restart_endpoint
from visionloop.storage.database import Database
from visionloop.storage.home import Home

RESTART_ENDPOINT: Final = "restart_endpoint"
_ALIVE = (EndpointState.HEALTHY, EndpointState.DEGRADED)
_KEEP_CHECKS = timedelta(days=7)
_MAX_DROPPED_SHARE = 0.01
_TRAFFIC_SPAN = timedelta(hours=6)
_TRAFFIC_BUCKET_S = 60
_log = logging.getLogger(__name__)


def run_endpoint_checks(database: Database, home: Home) -> list[EndpointCheck]:
    """Look at every endpoint that should run, and act on what is wrong.

    Returns:
        One check for each endpoint that has had time to start.
    """
    with database.begin() as tx:
        endpoints = serving_store.list_endpoints(tx)
        alert_store.delete_checks(tx, utc_now() - _KEEP_CHECKS)
    checks = []
    for endpoint in endpoints:
        if endpoint.desired_state != "running":
            continue
        measured = check_endpoint(home, endpoint)
        if measured.state != EndpointState.STARTING:
            checks.append(act_on_endpoint(database, home, endpoint, measured))
    return checks


def act_on_endpoint(
    database: Database, home: Home, endpoint: Endpoint, measured: Measured
) -> EndpointCheck:
    """Judge one measurement: alert, restart within the hourly budget, else propose.

    Args:
        database: where checks, alerts and proposals are kept.
        home: where the endpoint runs.
        endpoint: that was measured.
        measured: what `check_endpoint` said.
    """
    settings = _settings_of(database, endpoint)
    is_alive = measured.state in _ALIVE
    problem = rules.find_problem(
        is_alive=is_alive,
        latency_p95_ms=measured.latency_p95_ms,
        max_latency_p95_ms=settings.max_latency_p95_ms,
        num_requests=round(measured.requests_per_minute),
    )
    action = "none"
    if problem and _persists(database, endpoint, problem):
        action = _mend(database, home, endpoint, settings, problem)
    check = EndpointCheck(
        id=new_id("check"),
        project=endpoint.project,
        endpoint=endpoint.name,
        is_alive=is_alive,
        latency_p95_ms=measured.latency_p95_ms,
        num_requests=measured.num_requests,
        num_errors=sum(deployment.num_errors for deployment in measured.deployments),
        num_dropped_records=measured.dropped_records,
        problem=problem.value if problem else None,
        action=action,
        created_at=utc_now(),
    )
    dropped = measured.dropped_records > _MAX_DROPPED_SHARE * max(measured.num_requests, 1)
    with database.begin() as tx:
        alert_store.insert_check(tx, check)
        for kind in (AlertKind.ENDPOINT_DOWN, AlertKind.LATENCY):
            if kind == problem:
                raise_alert(tx, SYSTEM, _describe(check, settings, kind))
            else:
                clear_alert(tx, SYSTEM, endpoint.project, endpoint.name, kind)
        if dropped:
            raise_alert(tx, SYSTEM, _describe(check, settings, AlertKind.DROPPED_RECORDS))
    return check


def get_endpoint_health(
    database: Database, home: Home, actor: Actor, project: str, endpoint: str
) -> EndpointHealth:
    """Return recent checks, the traffic of six hours and restarts of the last hour.

    Raises:
        EndpointNotFound: the project has no such endpoint.
    """
    require(actor, Permission.READ, project)
    get_endpoint(database, actor, project, name=endpoint)
    now = utc_now()
    with database.read() as tx:
        checks = alert_store.list_checks(tx, project, endpoint)
        recent = alert_store.list_checks(
            tx, project, endpoint, since=now - timedelta(hours=1), limit=5000
        )
    traffic = read_traffic(home, endpoint, since=now - _TRAFFIC_SPAN, bucket_s=_TRAFFIC_BUCKET_S)
    return EndpointHealth(
        endpoint=endpoint,
        checks=tuple(checks),
        traffic=tuple(traffic),
        num_restarts_last_hour=sum(check.action == "restarted" for check in recent),
    )


def restart_applier(database: Database, home: Home) -> Callable[[Actor, ChangeProposal], None]:
    """Return what carries out approved proposals of kind ``restart_endpoint``."""

    def apply(actor: Actor, proposal: ChangeProposal) -> None:
        restart_endpoint(
            database,
            home,
            actor,
            project=proposal.project,
            name=str(proposal.change["endpoint"]),
            reason=f"change proposal {proposal.id}",
        )

    return apply


def _persists(database: Database, endpoint: Endpoint, problem: AlertKind) -> bool:
    """Tell whether the check before saw the same.

    The supervisor starts dead processes again by itself, and one slow minute is no reason to
    drop requests, so the first sight only raises the alert.
    """
    with database.read() as tx:
        before = alert_store.list_checks(tx, endpoint.project, endpoint.name, limit=1)
    return bool(before) and before[0].problem == problem.value


def _mend(
    database: Database,
    home: Home,
    endpoint: Endpoint,
    settings: MonitorSettings,
    problem: AlertKind,
) -> str:
    """Restart while the hourly budget lasts, then ask a person; say which it was."""
    now = utc_now()
    with database.read() as tx:
        recent = alert_store.list_checks(
            tx, endpoint.project, endpoint.name, since=now - timedelta(hours=1), limit=5000
        )
    restarts = [check.created_at for check in recent if check.action == "restarted"]
    if rules.may_restart(restarts, now, settings.max_restarts_per_hour):
        try:
            restart_endpoint(
                database,
                home,
                SYSTEM,
                project=endpoint.project,
                name=endpoint.name,
                reason=problem.value,
            )
        except (VisionloopError, OSError) as error:
            _log.warning("endpoint %s cannot be restarted: %s", endpoint.name, error)
            _publish_failure(database, endpoint, str(error))
        return "restarted"
    propose_change(
        database,
        SYSTEM,
        endpoint.project,
        kind=RESTART_ENDPOINT,
        summary=(
            f"Endpoint '{endpoint.name}' has the problem '{problem.value}' although it was "
            f"restarted {len(restarts)} times in the last hour. Restart it again once the cause "
            "is mended: see its log, and whether the machine has room."
        ),
        change={"endpoint": endpoint.name, "problem": problem.value},
    )
    return "proposed"


def _settings_of(database: Database, endpoint: Endpoint) -> MonitorSettings:
    with database.read() as tx:
        monitors = monitor_store.list_monitors(tx, endpoint.project, endpoint=endpoint.name)
    return next((m.settings for m in monitors if m.is_enabled), MonitorSettings())


def _describe(check: EndpointCheck, settings: MonitorSettings, kind: AlertKind) -> Cause:
    p95 = check.latency_p95_ms or 0.0
    sentences = {
        AlertKind.ENDPOINT_DOWN: f"Endpoint '{check.endpoint}' does not answer",
        AlertKind.LATENCY: (
            f"Endpoint '{check.endpoint}' is slow: 95 % of its answers take up to {p95:.0f} ms, "
            f"the objective is {settings.max_latency_p95_ms:.0f} ms"
        ),
        AlertKind.DROPPED_RECORDS: (
            f"Endpoint '{check.endpoint}' lost {check.num_dropped_records} of "
            f"{check.num_requests} log records"
        ),
    }
    actions = {
        "restarted": "; it was restarted",
        "proposed": "; a change proposal waits for the infra role",
    }
    return Cause(
        project=check.project,
        endpoint=check.endpoint,
        kind=kind,
        summary=f"{sentences[kind]}{actions.get(check.action, '')}.",
        facts={
            "latency_p95_ms": check.latency_p95_ms,
            "num_requests": check.num_requests,
            "num_dropped_records": check.num_dropped_records,
            "action": check.action,
        },
    )


def _publish_failure(database: Database, endpoint: Endpoint, reason: str) -> None:
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.endpoint.restart_failed",
            project=endpoint.project,
            subject=f"endpoint/{endpoint.name}",
            actor=SYSTEM,
            data={"reason": reason},
        )
