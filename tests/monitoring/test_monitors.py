"""Monitors as resources: created, changed, applied from a project file, served over REST."""

from __future__ import annotations

import pytest

from tests.conftest import ActorFactory
from tests.monitoring.conftest import Watched
from visionloop.admin.entities import SYSTEM
from visionloop.admin.errors import BadName, PermissionDenied
from visionloop.admin.spec import ResourceSpec
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.monitoring.errors import BadMonitorSettings, MonitorExists
from visionloop.monitoring.monitors import create_monitor, get_monitor, update_monitor
from visionloop.monitoring.setup import MonitorApplier
from visionloop.serving.endpoints import create_endpoint
from visionloop.serving.entities import EndpointSpec
from visionloop.serving.errors import EndpointNotFound


def test_create_refuses_what_cannot_work(watched: Watched, make_actor: ActorFactory) -> None:
    database = watched.database
    with pytest.raises(MonitorExists):
        create_monitor(database, SYSTEM, "parts", name="live", endpoint="parts")
    with pytest.raises(EndpointNotFound):
        create_monitor(database, SYSTEM, "parts", name="other", endpoint="elsewhere")
    with pytest.raises(BadName):
        create_monitor(database, SYSTEM, "parts", name="No Good", endpoint="parts")
    with pytest.raises(PermissionDenied):
        create_monitor(database, make_actor("labeler"), "parts", name="other", endpoint="parts")


def test_settings_change_one_by_one(watched: Watched) -> None:
    changes = {"settings": {"alpha": 0.05}, "is_enabled": False}
    after = update_monitor(watched.database, SYSTEM, "parts", "live", changes=changes)
    assert after.settings.alpha == 0.05
    assert after.settings.window_size == watched.monitor.settings.window_size
    assert get_monitor(watched.database, SYSTEM, "parts", "live") == after
    with pytest.raises(BadMonitorSettings, match="alpha"):
        update_monitor(
            watched.database, SYSTEM, "parts", "live", changes={"settings": {"alpha": 2}}
        )
    with pytest.raises(BadMonitorSettings, match="colour"):
        update_monitor(
            watched.database, SYSTEM, "parts", "live", changes={"settings": {"colour": 1}}
        )


def test_project_file_creates_and_changes(watched: Watched) -> None:
    applier = MonitorApplier(watched.database)
    spec = ResourceSpec("monitor", "second", {"endpoint": "parts", "window_size": 300})
    applier.apply(SYSTEM, "parts", spec)
    assert applier.current("parts")["second"]["window_size"] == 300
    applier.apply(SYSTEM, "parts", ResourceSpec("monitor", "second", {"alpha": 0.02}))
    current = applier.current("parts")["second"]
    assert (current["window_size"], current["alpha"]) == (300, 0.02)
    with pytest.raises(BadMonitorSettings, match="must name an endpoint"):
        applier.apply(SYSTEM, "parts", ResourceSpec("monitor", "third", {}))


def test_monitoring_over_rest(application: Application, api_client: Client) -> None:
    create_endpoint(
        application.database, application.home, SYSTEM, project="parts",
        spec=EndpointSpec(name="parts"),
    )  # fmt: skip
    base = "/projects/parts"
    made = api_client.post(
        f"{base}/monitors", json={"name": "live", "endpoint": "parts", "settings": {"alpha": 0.02}}
    )
    assert made["settings"]["window_size"] == 200
    patched = api_client.patch(f"{base}/monitors/live", json={"settings": {"min_images": 40}})
    assert (patched["settings"]["alpha"], patched["settings"]["min_images"]) == (0.02, 40)
    assert api_client.get(f"{base}/monitors")["total"] == 1
    assert api_client.post(f"{base}/monitors/live/run")["state"] == "insufficient_data"
    for path in (
        "monitors/live/windows", "monitors/live/performance", "monitors/live/review-selections",
        "alerts", "prediction-log/parts", "prediction-log/parts/summary",
    ):  # fmt: skip
        assert api_client.get(f"{base}/{path}") == {"items": [], "total": 0}
    outcomes = api_client.get(f"{base}/monitors/live/review-outcomes")
    assert outcomes["num_selected"] == 0
    assert api_client.get(f"{base}/infrastructure/parts")["checks"] == []
