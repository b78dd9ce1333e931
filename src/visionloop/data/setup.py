"""Datastores that a project file names (element 2 applies them)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.spec import ResourceSpec
from visionloop.data.datastores import list_datastores, register_datastore
from visionloop.data.errors import DatastoreInvalid
from visionloop.storage.database import Database


class DatastoreApplier:
    """Registers datastores; a registered address never changes, images point at it."""

    kind = "datastore"

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, project: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the address of every datastore, by name."""
        found = list_datastores(self._database, SYSTEM, project)
        return {datastore.name: {"url": datastore.url} for datastore in found}

    def normalise(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return values with folders as absolute paths, as they are registered."""
        url = str(values.get("url", ""))
        return {**values, "url": url if "://" in url else str(Path(url).expanduser().resolve())}

    def apply(self, actor: Actor, project: str, resource: ResourceSpec) -> None:
        """Register the datastore.

        Raises:
            DatastoreInvalid: The file names no address, or one that cannot be used.
            DatastoreExists: The name stands for another address.
        """
        unknown = sorted(set(resource.values) - {"url"})
        if unknown or "url" not in resource.values:
            address = str(resource.values.get("url", ""))
            raise DatastoreInvalid(address, "the project file must give a 'url' and nothing else")
        url = str(resource.values["url"])
        register_datastore(self._database, actor, project, name=resource.name, url=url)
