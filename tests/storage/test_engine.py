"""The durable engine on SQLite and PostgreSQL: once each, taken over, on schedule."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from dbos import DBOS

from visionloop.kernel.errors import Invalid
from visionloop.storage.database import Database
from visionloop.storage.engine import (
    Engine,
    EngineRunning,
    EngineStopped,
    UnknownSchedule,
    WorkflowState,
    state_url,
)
from visionloop.storage.executors import is_running, process_name
from visionloop.storage.intervals import BadInterval, to_cron


def wait_until(condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class Recorder:
    """A workflow with one counted step that then waits for a message."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.messages: list[Any] = []

    def step(self, name: str) -> str:
        self.steps.append(name)
        return name.upper()

    async def workflow(self, name: str) -> None:
        await DBOS.run_step_async({"name": "step"}, self.step, name)
        self.messages.append(await DBOS.recv_async("go", timeout_seconds=3600))


@pytest.fixture
def make_engine(database: Database) -> Iterator[Callable[..., Engine]]:
    made: list[Engine] = []

    def make(recorder: Recorder | None = None, **options: Any) -> Engine:
        engine = Engine(database, heartbeat_s=0.2, **options)
        if recorder is not None:
            engine.register_workflow("record", recorder.workflow)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.shutdown()


def test_a_workflow_starts_once_and_hears_a_message_once(make_engine: Any) -> None:
    recorder = Recorder()
    engine = make_engine(recorder)
    engine.launch()
    assert engine.find_state("run-1") is None
    for _ in range(3):
        engine.start("record", "run-1", "alpha")
    assert engine.find_state("run-1") is WorkflowState.ACTIVE
    wait_until(lambda: recorder.steps == ["alpha"])
    for _ in range(2):
        engine.send("run-1", "go", {"n": 1}, key="once")
    wait_until(lambda: recorder.messages == [{"n": 1}])
    wait_until(lambda: engine.find_state("run-1") is WorkflowState.DONE)
    assert recorder.steps == ["alpha"]


def test_a_message_sent_before_the_workflow_waits_is_not_lost(make_engine: Any) -> None:
    recorder = Recorder()
    engine = make_engine(recorder)
    engine.launch()
    engine.start("record", "run-1", "alpha")
    engine.send("run-1", "go", "early", key="k")
    wait_until(lambda: recorder.messages == ["early"])


def test_a_waiting_workflow_goes_on_in_the_next_engine(make_engine: Any) -> None:
    recorder = Recorder()
    first = make_engine(recorder)
    first.launch()
    first.start("record", "run-1", "alpha")
    wait_until(lambda: recorder.steps == ["alpha"])
    time.sleep(0.5)
    first.shutdown()

    second = make_engine(recorder)
    second.launch()
    second.send("run-1", "go", "later", key="k")
    wait_until(lambda: recorder.messages == ["later"])
    assert recorder.steps == ["alpha"], "a finished step never runs again"


def test_shutdown_does_not_wait_for_people(make_engine: Any) -> None:
    recorder = Recorder()
    engine = make_engine(recorder)
    engine.launch()
    engine.start("record", "run-1", "alpha")
    wait_until(lambda: recorder.steps == ["alpha"])
    began = time.monotonic()
    engine.shutdown()
    assert time.monotonic() - began < 5
    wait_until(lambda: not any("dbos" in thread.name for thread in threading.enumerate()))


def test_a_schedule_fires_with_time_and_context_and_can_be_replaced(make_engine: Any) -> None:
    calls: list[tuple[datetime, Any]] = []
    engine = make_engine()
    engine.register_scheduled("watch", lambda when, context: calls.append((when, context)))
    engine.launch()
    engine.schedule("monitor-a", 1, "watch", context={"monitor": "a"})
    wait_until(lambda: len(calls) >= 2)
    when, context = calls[0]
    assert when.tzinfo is not None
    assert context == {"monitor": "a"}
    engine.schedule("monitor-a", "0 3 * * *", "watch", context={"monitor": "a"})
    assert engine.schedules() == {"monitor-a": "0 0 3 * * *"}
    engine.unschedule("monitor-a")
    assert engine.schedules() == {}


def test_a_failing_run_does_not_stop_a_schedule(make_engine: Any) -> None:
    calls: list[datetime] = []

    def fail(when: datetime, context: Any) -> None:
        calls.append(when)
        raise RuntimeError("the disk is full")

    engine = make_engine()
    engine.register_scheduled("watch", fail)
    engine.launch()
    engine.schedule("monitor-a", 1, "watch")
    wait_until(lambda: len(calls) >= 2)


def test_sweeps_run_at_launch_and_again_though_one_fails(make_engine: Any) -> None:
    calls: list[int] = []

    def broken() -> None:
        raise RuntimeError("not this one")

    engine = make_engine()
    engine.on_sweep(broken)
    engine.on_sweep(lambda: calls.append(1))
    engine.launch()
    wait_until(lambda: len(calls) >= 3)


def test_misuse_is_refused_with_a_reason(make_engine: Any) -> None:
    engine = make_engine()
    with pytest.raises(EngineStopped):
        engine.start("record", "run-1")
    engine.launch()
    with pytest.raises(EngineRunning):
        make_engine().launch()
    with pytest.raises(EngineRunning):
        engine.register_scheduled("late", lambda when, context: None)
    with pytest.raises(UnknownSchedule, match="registered are none"):
        engine.schedule("monitor-a", 5, "nobody")


@pytest.mark.parametrize(
    ("every", "cron"),
    [
        (5, "*/5 * * * * *"),
        (30.0, "*/30 * * * * *"),
        (60, "0 */1 * * * *"),
        (900, "0 */15 * * * *"),
        (3600, "0 0 */1 * * *"),
        (86400, "0 0 0 * * *"),
        ("0 3 * * 1", "0 0 3 * * 1"),
        ("15 0 3 * * 1", "15 0 3 * * 1"),
    ],
)
def test_intervals_become_cron(every: Any, cron: str) -> None:
    assert to_cron(every) == cron


@pytest.mark.parametrize("every", [0, 0.5, 7, 90, 5400, 100000, "hourly", ""])
def test_uneven_intervals_are_refused(every: Any) -> None:
    with pytest.raises(BadInterval):
        to_cron(every)


def test_the_state_lives_beside_sqlite_and_inside_postgresql() -> None:
    assert state_url("sqlite:////srv/home/visionloop.db") == "sqlite:////srv/home/workflows.db"
    assert state_url("postgresql+psycopg://u:p@h:5/n") == "postgresql://u:p@h:5/n"
    with pytest.raises(Invalid):
        state_url("sqlite://")


def test_a_reused_process_id_is_another_process() -> None:
    import os

    assert is_running(process_name(os.getpid()))
    assert not is_running(f"{os.getpid()}:1")
