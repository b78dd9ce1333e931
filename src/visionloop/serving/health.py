"""Measure an endpoint, wait for it, restart it."""

from __future__ import annotations

import json
import time
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.serving import processes
from visionloop.serving.access import call_endpoint
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.entities import (
    DeploymentHealth,
    Endpoint,
    EndpointHealth,
    EndpointState,
)
from visionloop.serving.errors import EndpointNotReady, EndpointUnavailable
from visionloop.serving.files import endpoint_folder, write_endpoint_file
from visionloop.storage.database import Database
from visionloop.storage.home import Home

SUPERVISION_FILE = "supervision.json"
_DEGRADED_ERROR_RATE = 0.05
_POLL_S = 0.1
_TAIL_BYTES = 256 * 1024


def check_endpoint(home: Home, endpoint: Endpoint, *, timeout_s: float = 2.0) -> EndpointHealth:
    """Ask an endpoint's process how it is; a dead one is an answer, not an error.

    Args:
        home: Where its process left its record.
        endpoint: Whom to ask.
        timeout_s: A process that takes longer counts as down.
    """
    folder = endpoint_folder(home, endpoint.name)
    supervision = read_supervision(home, endpoint.name)
    facts: dict[str, Any] = {
        "endpoint": endpoint.name,
        "checked_at": utc_now(),
        "restarts": int(supervision.get("restarts", 0)),
        "last_error": supervision.get("last_error"),
    }
    record = processes.running_process(folder)
    if record is None:
        if endpoint.desired_state == "stopped":
            return EndpointHealth(state=EndpointState.STOPPED, **facts)
        fresh = processes.is_starting(folder) or not (folder / processes.RECORD_FILE).exists()
        state = EndpointState.STARTING if fresh else EndpointState.DOWN
        return EndpointHealth(state=state, **facts)
    facts |= {"pid": record.pid, "rss_bytes": processes.read_rss_bytes(record.pid)}
    try:
        status = read_status(home, endpoint, timeout_s=timeout_s)
    except EndpointUnavailable as error:
        facts["last_error"] = error.message
        return EndpointHealth(state=EndpointState.DOWN, **facts)
    return _combine(endpoint, facts, status)


def read_status(home: Home, endpoint: Endpoint, *, timeout_s: float = 2.0) -> dict[str, Any]:
    """Return what the process says about itself at ``/status``.

    Raises:
        EndpointUnavailable: it does not answer, or another process holds its port.
    """
    answer = call_endpoint(home, endpoint, "GET", "/status", timeout_s=timeout_s)
    status = answer.json()
    if answer.status != 200 or not isinstance(status, dict):
        raise EndpointUnavailable(endpoint.name, f"/status answered {answer.status}")
    record = processes.running_process(endpoint_folder(home, endpoint.name))
    if record is None or status.get("pid") != record.pid:
        raise EndpointUnavailable(endpoint.name, f"another process answers on port {endpoint.port}")
    return status


def wait_ready(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    endpoint: str,
    digest: str | None = None,
    timeout_s: float = 60.0,
) -> EndpointHealth:
    """Wait until the endpoint answers with a model.

    Args:
        database: Where the endpoint is described.
        home: Where its process runs.
        actor: Who asks.
        project: Name of the project.
        endpoint: Name of the endpoint.
        digest: Package that must be loaded; None waits for everything that is deployed.
        timeout_s: How long to wait at most.

    Raises:
        EndpointNotReady: it took longer; the reason says what the process reports.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        target = get_endpoint(database, actor, project, name=endpoint)
        health = check_endpoint(home, target)
        loaded = {deployment.model_digest for deployment in health.deployments}
        wanted = {digest} if digest else {d.model_digest for d in target.deployments}
        if wanted and wanted <= loaded:
            return health
        if time.monotonic() >= deadline:
            reason = health.last_error or f"its state is '{health.state}'"
            if not wanted:
                reason = "no model is deployed"
            raise EndpointNotReady(endpoint, timeout_s, reason)
        time.sleep(_POLL_S)


def restart_endpoint(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    name: str,
    reason: str = "requested",
) -> None:
    """Stop an endpoint's process, draining its requests, and start a new one."""
    target = get_endpoint(database, actor, project, name=name)
    require(actor, Permission.OPERATE, project, target.workspace)
    folder = endpoint_folder(home, name)
    write_endpoint_file(database, home, name)
    processes.stop_process(folder)
    if target.desired_state == "running":
        processes.start_process(folder)
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.endpoint.restarted",
            project=project,
            subject=f"endpoint/{name}",
            actor=actor,
            data={"reason": reason, "workspace": target.workspace},
        )


def read_log(home: Home, endpoint: Endpoint, *, num_lines: int = 100) -> list[str]:
    """Return the last lines that the endpoint's process wrote."""
    path = endpoint_folder(home, endpoint.name) / processes.LOG_FILE
    if not path.is_file():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().decode(errors="replace").splitlines()[-num_lines:]


def read_supervision(home: Home, name: str) -> dict[str, Any]:
    """Return what the supervisor noted about an endpoint."""
    try:
        noted = json.loads((endpoint_folder(home, name) / SUPERVISION_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _combine(endpoint: Endpoint, facts: dict[str, Any], status: dict[str, Any]) -> EndpointHealth:
    recent = status["recent"]
    loaded = tuple(DeploymentHealth(**deployment) for deployment in status["deployments"])
    reported = status.get("last_error")
    if not loaded:
        state = EndpointState.STARTING if endpoint.deployments else EndpointState.HEALTHY
    elif reported or recent["error_rate"] > _DEGRADED_ERROR_RATE:
        state = EndpointState.DEGRADED
    else:
        state = EndpointState.HEALTHY
    return EndpointHealth(
        **{**facts, "last_error": reported},
        state=state,
        uptime_s=status["uptime_s"],
        num_requests=status["num_requests"],
        requests_per_minute=recent["requests_per_minute"],
        latency_p50_ms=recent["latency_p50_ms"],
        latency_p95_ms=recent["latency_p95_ms"],
        error_rate=recent["error_rate"],
        in_flight=status["in_flight"],
        queue_depth=status["queue_depth"],
        dropped_records=status["dropped_records"],
        deployments=loaded,
    )
