"""Datastores that a project file names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visionloop.admin.entities import Actor
from visionloop.admin.spec import ResourceSpec
from visionloop.data.datastores import register_datastore
from visionloop.data.errors import DatastoreInvalid
from visionloop.data.store import images as store
from visionloop.storage.database import Database


class DatastoreApplier:
    """Registers datastores for ``visionloop apply``; fulfils ``admin.ports.ResourceApplier``."""

    kind = "datastore"

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, project: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the address of every registered datastore, by name."""
        with self._database.read() as tx:
            return {item.name: {"url": item.url} for item in store.list_datastores(tx, project)}

    def apply(self, actor: Actor, project: str, resource: ResourceSpec) -> None:
        """Register the datastore; its address cannot change, because images refer to it.

        Raises:
            DatastoreInvalid: no address, or one that cannot be used.
            DatastoreExists: the name stands for another address.
        """
        url = resource.values.get("url")
        if not isinstance(url, str) or not url:
            raise DatastoreInvalid(str(url), f"datastore {resource.name!r} needs a 'url'")
        register_datastore(self._database, actor, project, name=resource.name, url=url)
