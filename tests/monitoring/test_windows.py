"""Monitors from the log to the alert, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import ActorFactory
from tests.monitoring.conftest import Watched
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.monitoring.alerts import (
    acknowledge_alert,
    list_alerts,
    resolve_alert,
)
from visionloop.monitoring.entities import (
    AlertKind,
    AlertState,
    MonitorWindow,
    Severity,
    WindowState,
)
from visionloop.monitoring.errors import AlertAlreadyResolved, MonitorNotFound
from visionloop.monitoring.windows import get_window, list_windows, run_monitor
from visionloop.storage.database import Database


def run(watched: Watched) -> MonitorWindow:
    return run_monitor(
        watched.database,
        watched.home,
        watched.blobs,
        watched.actor,
        project="parts",
        monitor="live",
    )


def test_empty_log_is_no_evidence(watched: Watched) -> None:
    assert run(watched).state == WindowState.INSUFFICIENT_DATA
    watched.stream.send(30)
    window = run(watched)
    assert window.state == WindowState.INSUFFICIENT_DATA
    assert window.num_images == 30
    assert window.drift is None


def test_alert_on_shift_and_none_before(
    watch: Callable[[Database], Watched], database: Database
) -> None:
    watched = watch(database)
    watched.stream.send(60)
    for _ in range(6):
        assert run(watched).state == WindowState.OK
        watched.stream.send(20)
    assert list_alerts(database, watched.actor, "parts") == ([], 0)

    for _ in range(200 // 25):
        watched.stream.send(25, shift=1.2, noise=1.8)
        run(watched)
        found, _ = list_alerts(database, watched.actor, "parts", state=AlertState.OPEN)
        if any(alert.kind == AlertKind.DRIFT for alert in found):
            break
    alert = next(alert for alert in found if alert.kind == AlertKind.DRIFT)
    assert alert.severity == Severity.TICKET
    assert alert.window_id is not None
    window = get_window(database, watched.actor, "parts", "live", alert.window_id)
    assert window.state == WindowState.DRIFTED
    assert window.drift is not None
    assert len(window.drift.images) == 12
    assert window.performance is not None
    assert window.performance.value < window.performance.reference
    types = {event.type for event in list_events(database, watched.actor, "parts")}
    assert {"visionloop.alert.opened", "visionloop.monitor_window.evaluated"} <= types


def test_same_window_is_evaluated_once(watched: Watched) -> None:
    watched.stream.send(60)
    first = run(watched)
    assert run(watched) == first
    _, total = list_windows(watched.database, watched.actor, "parts", "live")
    assert total == 1


def test_repeats_count_once(watched: Watched) -> None:
    watched.stream.send(40)
    spool = watched.stream.folder / "spool"
    lines = (spool / "00000000.jsonl").read_text()
    for copy in range(1, 5):
        (spool / f"{copy:08d}.jsonl").write_text(lines.replace('"req-', f'"copy{copy}-'))
    window = run(watched)
    assert window.num_requests == 200
    assert window.num_images == 40
    assert window.state == WindowState.INSUFFICIENT_DATA


def test_alert_resolves_itself_after_three_clean_windows(watched: Watched) -> None:
    for _ in range(4):
        watched.stream.send(30, shift=1.5)
        run(watched)
    assert list_alerts(watched.database, watched.actor, "parts")[1] >= 1
    watched.stream.send(100)
    for _ in range(3):
        run(watched)
        watched.stream.send(20)
    alerts, _ = list_alerts(watched.database, watched.actor, "parts")
    assert {alert.state for alert in alerts if alert.kind == AlertKind.DRIFT} == {
        AlertState.RESOLVED
    }


def test_alert_lifecycle(watched: Watched) -> None:
    for _ in range(4):
        watched.stream.send(30, shift=1.5)
        run(watched)
    database, actor = watched.database, watched.actor
    alert = list_alerts(database, actor, "parts")[0][0]
    known = acknowledge_alert(database, actor, "parts", alert.id)
    assert known.state == AlertState.ACKNOWLEDGED
    assert acknowledge_alert(database, actor, "parts", alert.id) == known
    assert resolve_alert(database, actor, "parts", alert.id).resolved_by == "system"
    with pytest.raises(AlertAlreadyResolved):
        acknowledge_alert(database, actor, "parts", alert.id)


def test_labelers_cannot_run_monitors(watched: Watched, make_actor: ActorFactory) -> None:
    labeler, scientist = make_actor("labeler"), make_actor("data_scientist")
    arguments = (watched.database, watched.home, watched.blobs)
    with pytest.raises(PermissionDenied):
        run_monitor(*arguments, labeler, project="parts", monitor="live")
    assert run_monitor(*arguments, scientist, project="parts", monitor="live").num_images == 0
    with pytest.raises(MonitorNotFound, match="'other'"):
        run_monitor(*arguments, scientist, project="parts", monitor="other")
