"""Endpoints that a project file names (element 2 applies them)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from visionloop.admin.entities import Actor
from visionloop.admin.spec import ResourceSpec
from visionloop.serving import store
from visionloop.serving.endpoints import create_endpoint, update_endpoint
from visionloop.serving.entities import EndpointSpec
from visionloop.serving.errors import EndpointInvalid
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_KEYS = tuple(field.name for field in fields(EndpointSpec) if field.name != "name")


class EndpointApplier:
    """Creates and changes online endpoints."""

    kind = "endpoint"

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def current(self, project: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the values of every endpoint, by name."""
        with self._database.read() as tx:
            endpoints = store.list_endpoints(tx, project)
        keys = (*_KEYS, "desired_state")
        return {e.name: {key: getattr(e, key) for key in keys} for e in endpoints}

    def normalise(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values of a file as they are: :meth:`current` tells them alike."""
        return dict(values)

    def apply(self, actor: Actor, project: str, resource: ResourceSpec) -> None:
        """Create the endpoint, or change it to what the file says.

        Raises:
            EndpointInvalid: a field is unknown or cannot change.
        """
        values = dict(resource.values)
        for key, value in values.items():
            if key not in (*_KEYS, "desired_state"):
                raise EndpointInvalid(key, value, f"one of the fields {', '.join(_KEYS)}")
        present = self.current(project).get(resource.name)
        if present is None:
            own = {key: value for key, value in values.items() if key in _KEYS}
            spec = EndpointSpec(name=resource.name, **own)
            create_endpoint(self._database, self._home, actor, project=project, spec=spec)
            present = self.current(project)[resource.name]
        changes = {key: value for key, value in values.items() if present[key] != value}
        update_endpoint(
            self._database, self._home, actor, project=project, name=resource.name, changes=changes
        )
