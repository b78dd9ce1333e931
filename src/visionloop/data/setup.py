"""Datastores that a project file names (element 2 applies them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.spec import ResourceSpec
from visionloop.data.connections.addresses import Address, parse_address
from visionloop.data.connections.credentials import default_method
from visionloop.data.datastores import DatastoreRequest, list_datastores, register
from visionloop.data.entities import Datastore
from visionloop.data.errors import DatastoreInvalid
from visionloop.storage.database import Database

_KNOWN: Final = frozenset({"auth", "options", "allow_private"})


class DatastoreApplier:
    """Registers datastores; a registered address never changes, images point at it."""

    kind = "datastore"

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, project: str) -> Mapping[str, Mapping[str, Any]]:
        """Return what the project file may say about every datastore, by name."""
        found = list_datastores(self._database, SYSTEM, project)
        return {datastore.name: _values(datastore) for datastore in found}

    def normalise(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return values as they are registered: folders as absolute paths, defaults left out."""
        try:
            address = parse_address(str(values.get("url", "")))
        except DatastoreInvalid:  # told when it is applied
            return values
        options = _options(values)
        return _without_defaults({**values, "url": address.url, "options": options}, address)

    def apply(self, actor: Actor, project: str, resource: ResourceSpec) -> None:
        """Register the datastore; its credentials never stand in a file, they are rotated in.

        Raises:
            DatastoreInvalid: The file names no address, or one that cannot be used.
            DatastoreExists: The name stands for another address.
        """
        values = dict(resource.values)
        url = str(values.pop("url", ""))
        unknown = sorted(values.keys() - _KNOWN)
        if unknown or not url:
            told = f"the project file gives {', '.join(unknown) or 'no url'}"
            raise DatastoreInvalid(url, f"{told}; it takes 'url', {', '.join(sorted(_KNOWN))}")
        request = DatastoreRequest(
            name=resource.name,
            url=url,
            auth=str(values.get("auth") or ""),
            options=_options(values),
            allow_private=bool(values.get("allow_private")),
        )
        register(self._database, actor, project, request)


def _values(datastore: Datastore) -> dict[str, Any]:
    values = {
        "url": datastore.url,
        "auth": datastore.auth,
        "options": dict(datastore.options),
        "allow_private": datastore.allow_private,
    }
    return _without_defaults(values, parse_address(datastore.url))


def _without_defaults(values: Mapping[str, Any], address: Address) -> dict[str, Any]:
    usual = {"auth": default_method(address.kind), "options": {}, "allow_private": False}
    return {key: value for key, value in values.items() if usual.get(key) != value}


def _options(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the options as text, which is how YAML's true is stored."""
    given = dict(values.get("options") or {})
    return {
        str(key): str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in given.items()
    }
