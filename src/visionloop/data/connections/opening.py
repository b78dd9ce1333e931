"""From a registered datastore to one that can be read, with its credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from visionloop.data.connections.addresses import parse_address
from visionloop.data.connections.credentials import find_method
from visionloop.data.connections.folders import FolderDatastore
from visionloop.data.connections.lists import ListDatastore
from visionloop.data.connections.objects import ObjectDatastore, object_config
from visionloop.data.connections.problems import Problem, unavailable
from visionloop.data.connections.reading import OpenDatastore
from visionloop.data.entities import Datastore
from visionloop.data.store import datastores as store
from visionloop.kernel.digests import canonical_json
from visionloop.storage.database import Database
from visionloop.storage.secrets import Keyring

_NO_CREDENTIALS: Final = Problem(
    "no_credentials",
    "no credentials are stored for it yet",
    "Store them with 'visionloop datastores rotate'.",
)


def open_datastore(database: Database, datastore: Datastore) -> OpenDatastore:
    """Open a registered datastore with the credentials that are stored for it.

    Raises:
        DatastoreUnavailable: the address cannot be opened, or credentials are missing.
        AddressRefused: it points into our own network, which nobody allowed.
        SecretUnreadable: the credentials were sealed with another key.
    """
    address = parse_address(datastore.url)
    if address.kind == "folder":
        return FolderDatastore(datastore.name, address.url)
    if address.kind == "https":
        return ListDatastore(datastore.name, address.url, allow_private=datastore.allow_private)
    secrets = _read_credentials(database, datastore)
    if find_method(address, datastore.auth).secrets and not secrets:
        raise unavailable(datastore.name, datastore.url, _NO_CREDENTIALS)
    config = object_config(address, datastore.auth, datastore.options, secrets)
    return ObjectDatastore(datastore.name, address, config, allow_private=datastore.allow_private)


def seal_credentials(keyring: Keyring, datastore: Datastore, secrets: Mapping[str, str]) -> str:
    """Return the sealed form of credentials, which opens for this very datastore only."""
    return keyring.seal(canonical_json(dict(secrets)), context=_context(datastore))


def _read_credentials(database: Database, datastore: Datastore) -> dict[str, str]:
    if not datastore.has_credentials:
        return {}
    with database.read() as tx:
        sealed = store.find_credentials(tx, datastore.project, datastore.name)
    if sealed is None:
        return {}
    opened = database.keyring.open(sealed, context=_context(datastore))
    found: dict[str, str] = json.loads(opened)
    return found


def _context(datastore: Datastore) -> str:
    """Everything that decides where credentials are sent: a changed row must not open them."""
    facts = {
        "project": datastore.project,
        "name": datastore.name,
        "url": datastore.url,
        "auth": datastore.auth,
        "options": dict(datastore.options),
        "allow_private": datastore.allow_private,
    }
    return f"datastore {canonical_json(facts).decode()}"
