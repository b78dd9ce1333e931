"""From a registered datastore to one that can be read, with its credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from visionloop.data.connections.addresses import Address, parse_address
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


@dataclass(frozen=True)
class Connection:
    """All it takes to open a datastore, also in another process.

    Attributes:
        config: how to reach and sign in to an object store; holds secrets, so keep it in memory.
    """

    name: str
    address: Address
    config: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_private: bool = False

    def open(self) -> OpenDatastore:
        """Open it.

        Raises:
            DatastoreUnavailable: the address cannot be opened.
            AddressRefused: it points into our own network, which nobody allowed.
        """
        if self.address.kind == "folder":
            return FolderDatastore(self.name, self.address.url)
        if self.address.kind == "https":
            return ListDatastore(self.name, self.address.url, allow_private=self.allow_private)
        return ObjectDatastore(
            self.name, self.address, self.config, allow_private=self.allow_private
        )


def connect(database: Database, datastore: Datastore) -> Connection:
    """Return a registered datastore with the credentials that are stored for it, to be opened.

    Raises:
        DatastoreUnavailable: credentials are missing.
        SecretUnreadable: the credentials were sealed with another key.
    """
    address = parse_address(datastore.url)
    config: dict[str, str] = {}
    if address.kind not in ("folder", "https"):
        secrets = _read_credentials(database, datastore)
        if find_method(address, datastore.auth).secrets and not secrets:
            raise unavailable(datastore.name, datastore.url, _NO_CREDENTIALS)
        config = object_config(address, datastore.auth, datastore.options, secrets)
    return Connection(datastore.name, address, config, datastore.allow_private)


def open_datastore(database: Database, datastore: Datastore) -> OpenDatastore:
    """Open a registered datastore; see :func:`connect` and :meth:`Connection.open`."""
    return connect(database, datastore).open()


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
