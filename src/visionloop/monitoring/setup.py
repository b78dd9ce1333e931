"""Monitors that a project file names (element 2 applies them)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from visionloop.admin.entities import Actor
from visionloop.admin.spec import ResourceSpec
from visionloop.monitoring.entities import MonitorSettings
from visionloop.monitoring.errors import BadMonitorSettings
from visionloop.monitoring.monitors import create_monitor, merge_settings, update_monitor
from visionloop.monitoring.store import monitors as monitor_store
from visionloop.storage.database import Database

_OWN_KEYS = ("endpoint", "deployment", "is_enabled")


class MonitorApplier:
    """Creates and changes monitors; their settings stand beside ``endpoint`` in the file."""

    kind = "monitor"

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, project: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the values of every monitor, by name."""
        with self._database.read() as tx:
            monitors = monitor_store.list_monitors(tx, project)
        return {
            monitor.name: {
                **{key: getattr(monitor, key) for key in _OWN_KEYS},
                **asdict(monitor.settings),
            }
            for monitor in monitors
        }

    def normalise(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return values as :meth:`current` tells them."""
        return values

    def apply(self, actor: Actor, project: str, resource: ResourceSpec) -> None:
        """Create the monitor, or change it to what the file says."""
        own = {key: value for key, value in resource.values.items() if key in _OWN_KEYS}
        settings = {key: value for key, value in resource.values.items() if key not in _OWN_KEYS}
        if resource.name in self.current(project):
            changes = own | {"settings": settings}
            update_monitor(self._database, actor, project, resource.name, changes=changes)
            return
        if "endpoint" not in own:
            raise BadMonitorSettings(f"monitor '{resource.name}' must name an endpoint")
        create_monitor(
            self._database,
            actor,
            project,
            name=resource.name,
            settings=merge_settings(MonitorSettings(), settings),
            **own,
        )
