"""What monitoring does on schedule."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.monitoring.conftest import Watched
from visionloop.admin.entities import SYSTEM
from visionloop.monitoring import workflows
from visionloop.monitoring.alerts import list_alerts
from visionloop.monitoring.entities import AlertKind
from visionloop.monitoring.monitors import update_monitor
from visionloop.monitoring.workflows import run_due_monitors, run_retention


def run(watched: Watched) -> int:
    return len(run_due_monitors(watched.database, watched.home, watched.blobs))


def test_monitors_run_when_enough_requests_came(watched: Watched) -> None:
    assert run(watched) == 0
    watched.stream.send(60)
    assert run(watched) == 1
    watched.stream.send(19)
    assert run(watched) == 0
    watched.stream.send(1)
    assert run(watched) == 1


def test_disabled_monitors_rest(watched: Watched) -> None:
    update_monitor(watched.database, SYSTEM, "parts", "live", changes={"is_enabled": False})
    watched.stream.send(60)
    assert run(watched) == 0


def test_monitor_without_baseline_is_stale_and_says_so(watched: Watched) -> None:
    watched.stream.send(60)
    baselines = list(watched.home.packages_dir.glob("*/baseline.parquet"))
    calibrations = list((watched.home.root / "calibrations").iterdir())
    for path in baselines + calibrations:
        path.unlink()
    assert run(watched) == 0
    alerts, _ = list_alerts(watched.database, SYSTEM, "parts")
    assert [alert.kind for alert in alerts] == [AlertKind.STALE_MONITOR]
    assert "no baseline.parquet" in alerts[0].summary


def test_retention_follows_the_monitor(watched: Watched) -> None:
    update_monitor(
        watched.database, SYSTEM, "parts", "live", changes={"settings": {"retention_days": 1}}
    )
    watched.stream.send(5)
    run(watched)
    assert run_retention(watched.database, watched.home) == 5


class RecordingScheduler:
    """Keeps what it is told, like the durable engine."""

    def __init__(self) -> None:
        self.functions: dict[str, object] = {}
        self.schedules: dict[str, str] = {}

    def register_scheduled(self, name, function) -> None:
        self.functions[name] = function

    def schedule(self, name, every, function, *, context=None) -> None:
        self.schedules[name] = function


def test_every_schedule_names_a_registered_function(watched: Watched) -> None:
    engine = RecordingScheduler()
    workflows.register(engine, watched.database, watched.home, watched.blobs)
    workflows.schedule(engine)
    assert set(engine.schedules.values()) == set(engine.functions)
    watched.stream.send(60)
    engine.functions["monitoring.run_monitors"](datetime.now(UTC), None)
    assert not run(watched)
