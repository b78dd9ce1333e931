"""Create, change and list monitors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.errors import BadName
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.monitoring.entities import Monitor, MonitorSettings
from visionloop.monitoring.errors import BadMonitorSettings, MonitorExists, MonitorNotFound
from visionloop.monitoring.rules import find_setting_problem
from visionloop.monitoring.store import monitors as monitor_store
from visionloop.serving.endpoints import get_endpoint
from visionloop.storage.database import Database


def create_monitor(
    database: Database,
    actor: Actor,
    project: str,
    *,
    name: str,
    endpoint: str,
    deployment: str | None = None,
    is_enabled: bool = True,
    settings: MonitorSettings | None = None,
) -> Monitor:
    """Watch the predictions of an endpoint.

    Raises:
        BadName: the name does not fit.
        EndpointNotFound: the project has no such endpoint.
        BadMonitorSettings: a setting is out of range.
        MonitorExists: the name is taken.
    """
    workspace = get_endpoint(database, actor, project, name=endpoint).workspace
    require(actor, Permission.OPERATE, project, workspace)
    if not is_good_name(name):
        raise BadName("monitor", name)
    now = utc_now()
    monitor = Monitor(
        id=new_id("monitor"),
        project=project,
        name=name,
        endpoint=endpoint,
        deployment=deployment,
        is_enabled=is_enabled,
        settings=_checked(settings or MonitorSettings()),
        created_by=actor.name,
        created_at=now,
        updated_at=now,
    )
    with database.begin() as tx:
        if monitor_store.find_monitor(tx, project=project, name=name) is not None:
            raise MonitorExists(project, name)
        monitor_store.insert_monitor(tx, monitor)
        publish(
            tx,
            type="visionloop.monitor.created",
            project=project,
            subject=f"monitor/{name}",
            actor=actor,
            data={"endpoint": endpoint, "deployment": deployment},
        )
    return monitor


def update_monitor(
    database: Database, actor: Actor, project: str, name: str, *, changes: Mapping[str, Any]
) -> Monitor:
    """Change a monitor.

    Args:
        database: where monitors are.
        actor: who asks.
        project: name of the project.
        name: name of the monitor.
        changes: any of ``deployment``, ``endpoint``, ``is_enabled`` and ``settings`` (a mapping
            of the settings to change; the others stay).

    Raises:
        MonitorNotFound: the project has none of this name.
        BadMonitorSettings: a setting is unknown or out of range.
    """
    before = get_monitor(database, actor, project, name)
    endpoint = changes.get("endpoint") or before.endpoint
    workspace = get_endpoint(database, actor, project, name=endpoint).workspace
    require(actor, Permission.OPERATE, project, workspace)
    after = replace(
        before,
        endpoint=endpoint,
        deployment=changes.get("deployment", before.deployment),
        is_enabled=changes.get("is_enabled", before.is_enabled),
        settings=merge_settings(before.settings, changes.get("settings") or {}),
        updated_at=utc_now(),
    )
    with database.begin() as tx:
        monitor_store.update_monitor(tx, after)
        publish(
            tx,
            type="visionloop.monitor.changed",
            project=project,
            subject=f"monitor/{name}",
            actor=actor,
            data={key: value for key, value in changes.items() if value is not None},
        )
    return after


def get_monitor(database: Database, actor: Actor, project: str, name: str) -> Monitor:
    """Return a monitor by name.

    Raises:
        MonitorNotFound: the project has none of this name.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        monitor = monitor_store.find_monitor(tx, project=project, name=name)
    if monitor is None:
        raise MonitorNotFound(project, name)
    return monitor


def list_monitors(database: Database, actor: Actor, project: str) -> list[Monitor]:
    """Return the monitors of a project by name."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return monitor_store.list_monitors(tx, project)


def merge_settings(settings: MonitorSettings, changes: Mapping[str, Any]) -> MonitorSettings:
    """Return settings with some of them changed.

    Raises:
        BadMonitorSettings: a setting is unknown or out of range.
    """
    known = {field.name for field in fields(MonitorSettings)}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise BadMonitorSettings(
            f"unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    return _checked(MonitorSettings(**(asdict(settings) | dict(changes))))


def _checked(settings: MonitorSettings) -> MonitorSettings:
    problem = find_setting_problem(settings)
    if problem:
        raise BadMonitorSettings(problem)
    return settings
