"""Endpoint checks: alerts, bounded restarts, then a proposal for the infra role."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.monitoring.conftest import Watched
from visionloop.admin.entities import SYSTEM, ProposalState
from visionloop.admin.events import list_events
from visionloop.admin.proposals import approve_proposal, list_proposals
from visionloop.kernel.clock import utc_now
from visionloop.monitoring.alerts import list_alerts
from visionloop.monitoring.entities import AlertKind, AlertState, EndpointCheck
from visionloop.monitoring.infrastructure import (
    RESTART_ENDPOINT,
    act_on_endpoint,
    get_endpoint_health,
    restart_applier,
    run_endpoint_checks,
)
from visionloop.monitoring.monitors import update_monitor
from visionloop.serving.endpoints import get_endpoint, update_endpoint
from visionloop.serving.entities import EndpointHealth, EndpointState
from visionloop.serving.processes import is_starting, running_process, stop_process


def measured(**values: object) -> EndpointHealth:
    health = EndpointHealth(
        endpoint="parts",
        state=EndpointState.HEALTHY,
        checked_at=utc_now(),
        num_requests=500,
        requests_per_minute=120.0,
        latency_p95_ms=20.0,
    )
    return replace(health, **values)


def act(watched: Watched, health: EndpointHealth) -> EndpointCheck:
    endpoint = get_endpoint(watched.database, SYSTEM, "parts", name="parts")
    return act_on_endpoint(watched.database, watched.home, endpoint, health)


@pytest.fixture(autouse=True)
def no_process_left(watched: Watched):
    yield
    stop_process(watched.home.endpoints_dir / "parts")


def open_kinds(watched: Watched) -> set[AlertKind]:
    found, _ = list_alerts(watched.database, SYSTEM, "parts", state=AlertState.OPEN)
    return {alert.kind for alert in found}


def test_healthy_endpoint_is_left_alone(watched: Watched) -> None:
    check = act(watched, measured())
    assert (check.is_alive, check.problem, check.action) == (True, None, "none")
    assert open_kinds(watched) == set()


def test_dead_endpoint_is_restarted_then_proposed(watched: Watched) -> None:
    update_monitor(
        watched.database, SYSTEM, "parts", "live",
        changes={"settings": {"max_restarts_per_hour": 1}},
    )  # fmt: skip
    down = measured(state=EndpointState.DOWN, latency_p95_ms=None)
    assert act(watched, down).action == "none"
    assert open_kinds(watched) == {AlertKind.ENDPOINT_DOWN}
    assert act(watched, down).action == "restarted"
    folder = watched.home.endpoints_dir / "parts"
    assert is_starting(folder) or running_process(folder) is not None
    assert open_kinds(watched) == {AlertKind.ENDPOINT_DOWN}
    assert act(watched, down).action == "proposed"
    assert act(watched, down).action == "proposed"
    proposals = list_proposals(watched.database, SYSTEM, "parts", ProposalState.OPEN)
    assert len(proposals) == 1
    assert proposals[0].change["endpoint"] == "parts"

    applied = approve_proposal(
        watched.database,
        SYSTEM,
        proposals[0].id,
        reason="memory was added",
        appliers={RESTART_ENDPOINT: restart_applier(watched.database, watched.home)},
    )
    assert applied.state == ProposalState.APPLIED
    act(watched, measured())
    assert open_kinds(watched) == set()
    types = [event.type for event in list_events(watched.database, SYSTEM, "parts")]
    assert types.count("visionloop.endpoint.restarted") == 2
    assert "visionloop.change_proposal.applied" in types


def test_slow_endpoint_is_restarted(watched: Watched) -> None:
    act(watched, measured(latency_p95_ms=5000.0))
    check = act(watched, measured(latency_p95_ms=5000.0))
    assert check.problem == AlertKind.LATENCY.value
    assert check.action == "restarted"
    assert open_kinds(watched) == {AlertKind.LATENCY}
    few = act(watched, measured(latency_p95_ms=5000.0, requests_per_minute=3.0))
    assert few.problem is None


def test_dropped_records_are_told(watched: Watched) -> None:
    act(watched, measured(dropped_records=4))
    assert open_kinds(watched) == set()
    act(watched, measured(dropped_records=6))
    assert open_kinds(watched) == {AlertKind.DROPPED_RECORDS}


def test_health_view_and_stopped_endpoints(watched: Watched) -> None:
    watched.stream.send(3)
    act(watched, measured())
    update_endpoint(
        watched.database, watched.home, SYSTEM, project="parts", name="parts",
        changes={"desired_state": "stopped"},
    )  # fmt: skip
    assert run_endpoint_checks(watched.database, watched.home) == []
    health = get_endpoint_health(watched.database, watched.home, SYSTEM, "parts", "parts")
    assert len(health.checks) == 1
    assert health.num_restarts_last_hour == 0
