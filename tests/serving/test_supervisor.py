"""Processes of endpoints: started, adopted, restarted, stopped, never mistaken."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.serving.models import build_package, make_image
from visionloop.admin.entities import SYSTEM, Actor, Project
from visionloop.admin.events import list_events
from visionloop.serving import processes, store
from visionloop.serving.deployments import deploy_model
from visionloop.serving.endpoints import create_endpoint, delete_endpoint, update_endpoint
from visionloop.serving.entities import DeploymentSpec, Endpoint, EndpointSpec, EndpointState
from visionloop.serving.errors import (
    EndpointNotReady,
    EndpointUnavailable,
    LoadTestInvalid,
    ScoringRefused,
)
from visionloop.serving.files import endpoint_folder
from visionloop.serving.health import check_endpoint, read_log, restart_endpoint, wait_ready
from visionloop.serving.loadtest import LoadTestSpec, run_load_test
from visionloop.serving.prediction import PackagePredictor
from visionloop.serving.scoring import score_image
from visionloop.serving.supervisor import EndpointSupervisor
from visionloop.storage.database import Database
from visionloop.storage.home import Home

NAME = "parts-prod"


@pytest.fixture
def endpoint(sqlite_database: Database, home: Home, sqlite_project: Project) -> Iterator[Endpoint]:
    """An endpoint with the deployment ``blue``; its process is not started yet."""
    scope = {"project": sqlite_project.name}
    spec = EndpointSpec(name=NAME, workspace="prod")
    created = create_endpoint(sqlite_database, home, SYSTEM, **scope, spec=spec)
    digest = build_package(home.packages_dir)
    deploy_model(
        sqlite_database, home, SYSTEM, **scope, endpoint=NAME, spec=DeploymentSpec("blue", digest)
    )
    with sqlite_database.read() as tx:
        yield store.find_endpoint(tx, NAME) or created
    processes.stop_process(endpoint_folder(home, NAME))


@pytest.fixture
def supervise(sqlite_database: Database, home: Home) -> Iterator[Callable[[], EndpointSupervisor]]:
    """Start supervisors; all are stopped at the end."""
    running: list[EndpointSupervisor] = []

    def start() -> EndpointSupervisor:
        supervisor = EndpointSupervisor(sqlite_database, home, interval_s=0.05)
        supervisor.start()
        running.append(supervisor)
        return supervisor

    yield start
    for supervisor in running:
        supervisor.stop_endpoints()


def ready(database: Database, home: Home) -> int:
    """Wait until the endpoint serves; return its pid."""
    health = wait_ready(database, home, SYSTEM, project="parts", endpoint=NAME, timeout_s=30)
    assert health.pid is not None
    return health.pid


def wait_until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def test_an_endpoint_starts_answers_and_outlives_its_supervisor(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    first = supervise()
    pid = ready(sqlite_database, home)
    health = check_endpoint(home, endpoint)
    assert health.state is EndpointState.HEALTHY
    assert health.rss_bytes is not None
    assert health.deployments[0].model_digest == endpoint.deployments[0].model_digest
    first.stop()
    assert score_image(home, endpoint, make_image("blue")).label == "blue"
    supervise()
    time.sleep(0.5)
    assert ready(sqlite_database, home) == pid
    kinds = [event.type for event in list_events(sqlite_database, SYSTEM, "parts")]
    assert kinds.count("visionloop.endpoint.started") == 1


def test_an_endpoint_outlives_a_killed_control_plane(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "import visionloop.bootstrap\n"
        "from visionloop.serving.supervisor import EndpointSupervisor\n"
        "from visionloop.storage.database import Database\n"
        "from visionloop.storage.home import Home\n"
        "EndpointSupervisor(Database(sys.argv[1]), Home(Path(sys.argv[2]))).start()\n"
        "time.sleep(600)\n"
    )
    arguments = [sys.executable, "-c", script, sqlite_database.url, str(home.root)]
    control_plane = subprocess.Popen(arguments)
    pid = ready(sqlite_database, home)
    control_plane.send_signal(signal.SIGKILL)
    control_plane.wait()
    assert score_image(home, endpoint, make_image("green")).label == "green"
    supervise()
    time.sleep(0.5)
    assert ready(sqlite_database, home) == pid


def test_a_killed_process_is_restarted(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    supervise()
    pid = ready(sqlite_database, home)
    os.killpg(pid, signal.SIGKILL)
    wait_until(lambda: check_endpoint(home, endpoint).state is EndpointState.DOWN)
    assert ready(sqlite_database, home) != pid
    wait_until(lambda: check_endpoint(home, endpoint).restarts == 1)
    kinds = [event.type for event in list_events(sqlite_database, SYSTEM, "parts")]
    assert kinds.count("visionloop.endpoint.died") == 1


def test_a_hanging_process_is_replaced(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from visionloop.serving import supervisor as module

    for name in ("_PROBE_EVERY_S", "_PROBE_TIMEOUT_S", "_START_GRACE_S"):
        monkeypatch.setattr(module, name, 0.3)
    supervise()
    pid = ready(sqlite_database, home)
    time.sleep(0.7)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: processes.read_start_time(pid) is None)
    assert ready(sqlite_database, home) != pid


def test_stop_restart_and_delete(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    supervise()
    scope = {"project": "parts", "name": NAME}
    pid = ready(sqlite_database, home)
    restart_endpoint(sqlite_database, home, SYSTEM, **scope, reason="slow")
    second = ready(sqlite_database, home)
    assert second != pid
    stopped = update_endpoint(
        sqlite_database, home, SYSTEM, **scope, changes={"desired_state": "stopped"}
    )
    wait_until(lambda: processes.read_start_time(second) is None)
    wait_until(lambda: check_endpoint(home, stopped).state is EndpointState.STOPPED)
    with pytest.raises(EndpointUnavailable):
        score_image(home, stopped, make_image())
    with pytest.raises(EndpointNotReady):
        wait_ready(sqlite_database, home, SYSTEM, project="parts", endpoint=NAME, timeout_s=0.2)
    update_endpoint(sqlite_database, home, SYSTEM, **scope, changes={"desired_state": "running"})
    third = ready(sqlite_database, home)
    assert any("serves" in line for line in read_log(home, endpoint))
    delete_endpoint(sqlite_database, home, SYSTEM, **scope)
    assert processes.read_start_time(third) is None
    assert not endpoint_folder(home, NAME).exists()


def test_a_process_without_an_endpoint_is_stopped(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    supervise()
    pid = ready(sqlite_database, home)
    with sqlite_database.begin() as tx:
        store.delete_endpoint(tx, NAME)
    wait_until(lambda: processes.read_start_time(pid) is None)
    wait_until(lambda: not endpoint_folder(home, endpoint.name).exists())


def test_a_taken_port_is_left_before_the_first_start(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    with socket.create_server(("127.0.0.1", endpoint.port)):
        supervise()
        ready(sqlite_database, home)
        with sqlite_database.read() as tx:
            moved = store.find_endpoint(tx, NAME)
        assert moved is not None
        assert moved.port != endpoint.port
        assert score_image(home, moved, make_image("red")).label == "red"


def test_a_taken_port_is_reported_later(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    (endpoint_folder(home, NAME) / processes.RECORD_FILE).write_text(
        json.dumps({"pid": 2**22 + 1, "start_time": "1", "port": endpoint.port})
    )
    with socket.create_server(("127.0.0.1", endpoint.port)):
        supervise()
        wait_until(lambda: "in use" in str(check_endpoint(home, endpoint).last_error))
    ready(sqlite_database, home)


def test_a_recycled_pid_is_never_mistaken(home: Home, endpoint: Endpoint) -> None:
    folder = endpoint_folder(home, NAME)
    own = processes.ProcessRecord(os.getpid(), "0", endpoint.port)
    (folder / processes.RECORD_FILE).write_text(json.dumps(own.__dict__))
    assert processes.running_process(folder) is None
    assert processes.stop_process(folder) is False
    assert check_endpoint(home, endpoint).state is EndpointState.DOWN


def test_another_program_on_the_port_is_not_the_endpoint(home: Home, endpoint: Endpoint) -> None:
    folder = endpoint_folder(home, NAME)
    start_time = processes.read_start_time(os.getpid())
    record = processes.ProcessRecord(os.getpid(), str(start_time), endpoint.port)
    (folder / processes.RECORD_FILE).write_text(json.dumps(record.__dict__))
    with socket.create_server(("127.0.0.1", endpoint.port)):
        health = check_endpoint(home, endpoint, timeout_s=0.3)
    assert health.state is EndpointState.DOWN
    (folder / processes.RECORD_FILE).unlink()


def test_scoring_load_and_suggestions(
    sqlite_database: Database,
    home: Home,
    endpoint: Endpoint,
    supervise: Callable[[], EndpointSupervisor],
) -> None:
    supervise()
    ready(sqlite_database, home)
    score = score_image(home, endpoint, make_image("green"))
    assert (score.label, score.deployment, score.model.name) == ("green", "blue", "colors")
    with pytest.raises(ScoringRefused, match="422"):
        score_image(home, endpoint, b"no image")
    with pytest.raises(ScoringRefused, match="413"):
        score_image(home, replace(endpoint, max_body_bytes=10), make_image())
    spec = LoadTestSpec(num_requests=60, concurrency=3, duration_s=20)
    report = run_load_test(home, endpoint, [make_image("red"), make_image("blue")], spec=spec)
    assert (report.num_requests, report.num_errors) == (60, 0)
    assert report.deployment_counts == {"blue": 60}
    assert report.latency_p50_ms is not None
    assert 0 < report.latency_p50_ms <= (report.latency_p95_ms or 0) <= (report.latency_max_ms or 0)
    broken = run_load_test(home, endpoint, [b"no image"], spec=replace(spec, num_requests=5))
    assert (broken.error_rate, broken.status_counts) == (1.0, {"422": 5})
    health = check_endpoint(home, endpoint)
    assert health.num_requests == 67
    assert health.latency_p95_ms is not None
    assert health.error_rate == 0.0
    for bad in (replace(spec, concurrency=0), replace(spec, duration_s=1e9)):
        with pytest.raises(LoadTestInvalid):
            run_load_test(home, endpoint, [make_image()], spec=bad)
    with pytest.raises(LoadTestInvalid, match="not this machine"):
        run_load_test(home, replace(endpoint, host="192.0.2.1"), [make_image()], spec=spec)
    suggestion = PackagePredictor(sqlite_database, home).predict("parts", make_image("blue"))
    assert suggestion is not None
    assert suggestion.model == "colors:unregistered"
    assert suggestion.annotations[0].category == "blue"
    assert suggestion.annotations[0].score > (suggestion.annotations[1].score or 0)
    assert PackagePredictor(sqlite_database, home).predict("empty", make_image()) is None


def test_the_actor_of_a_restart_must_operate(
    sqlite_database: Database, home: Home, endpoint: Endpoint, admin_actor: Actor
) -> None:
    from visionloop.kernel.errors import Forbidden

    nobody = replace(admin_actor, is_admin=False)
    with pytest.raises(Forbidden):
        restart_endpoint(sqlite_database, home, nobody, project="parts", name=endpoint.name)
