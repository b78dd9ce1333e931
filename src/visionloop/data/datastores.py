"""Places that images are read from: register, test, give new credentials, remove."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from visionloop.admin.access import require, require_admin
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.errors import BadName
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.data.connections.addresses import Address, DatastoreKind, parse_address
from visionloop.data.connections.checks import check_datastore
from visionloop.data.connections.credentials import (
    METHODS,
    AuthMethod,
    admin_options,
    check_credentials,
    check_options,
    default_method,
)
from visionloop.data.connections.errors import (
    AddressRefused,
    CredentialsInvalid,
    DatastoreInUse,
)
from visionloop.data.connections.opening import open_datastore, seal_credentials
from visionloop.data.connections.reading import OpenDatastore, StoredFile
from visionloop.data.entities import Datastore, DatastoreCheck
from visionloop.data.errors import DatastoreExists, DatastoreInvalid, DatastoreNotFound
from visionloop.data.store import datastores as store
from visionloop.data.store.watches import count_watches
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database, Transaction

__all__ = ["OpenDatastore", "StoredFile", "open_datastore"]


@dataclass(frozen=True)
class DatastoreRequest:
    """A datastore to register.

    Attributes:
        url: see ``connections.addresses.parse_address``.
        auth: how we prove who we are; by default the server's own environment.
        options: what else is needed to reach it, e.g. endpoint or region; everybody may see them.
        credentials: secrets of the method; may follow later.
        allow_private: let it point into our own network; administrators only.
    """

    name: str
    url: str
    auth: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_private: bool = False


def register(
    database: Database, actor: Actor, project: str, request: DatastoreRequest
) -> Datastore:
    """Register a place to read images from; the same again changes nothing.

    Raises:
        BadName: the name does not fit.
        DatastoreInvalid: unknown kind of address, a missing folder, or a secret inside it.
        OptionInvalid, CredentialsInvalid: they do not fit the kind of store.
        AddressRefused: it points into our own network.
        DatastoreExists: the name stands for something else.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if not is_good_name(request.name):
        raise BadName("datastore", request.name)
    address = _check_address(request.url)
    datastore = _settle(actor, project, request, address)
    secrets = {}
    if request.credentials:
        secrets = check_credentials(address, datastore.auth, request.credentials)
    with database.begin() as tx:
        known = {item.name: item for item in store.list_datastores(tx, project)}.get(request.name)
        if known is not None and not _is_same(known, datastore):
            raise DatastoreExists(project, request.name, known.url)
        if known is None:
            _insert(tx, actor, datastore)
        if secrets:
            datastore = _store_credentials(database, tx, actor, known or datastore, secrets)
    return datastore if known is None or secrets else known


def register_datastore(
    database: Database, actor: Actor, project: str, *, name: str, url: str
) -> Datastore:
    """Register a datastore that needs no credentials of its own; see :func:`register`."""
    return register(database, actor, project, DatastoreRequest(name, url))


def register_folder(database: Database, actor: Actor, project: str, folder: str) -> Datastore:
    """Return the datastore of a folder; registers it under the folder's name when needed.

    Raises:
        DatastoreInvalid: there is no such folder.
    """
    require(actor, Permission.MANAGE_DATA, project)
    address = _check_address(folder).url
    with database.read() as tx:
        known = store.list_datastores(tx, project)
    for datastore in known:
        if datastore.url == address:
            return datastore
    taken = {datastore.name for datastore in known}
    base = re.sub(r"[^a-z0-9]+", "-", Path(address).name.lower()).strip("-")[:50] or "folder"
    base = base if len(base) > 1 else f"{base}-folder"
    name = next(n for n in (base, *(f"{base}-{i}" for i in range(2, 10_000))) if n not in taken)
    return register_datastore(database, actor, project, name=name, url=address)


def list_datastores(database: Database, actor: Actor, project: str) -> list[Datastore]:
    """Return the datastores of a project by name, never their credentials."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_datastores(tx, project)


def get_datastore(database: Database, actor: Actor, project: str, name: str) -> Datastore:
    """Return one datastore, without its credentials.

    Raises:
        DatastoreNotFound: the project has none of this name.
    """
    found = {item.name: item for item in list_datastores(database, actor, project)}
    if name not in found:
        raise DatastoreNotFound(project, name, sorted(found))
    return found[name]


def list_methods(actor: Actor, project: str) -> Mapping[DatastoreKind, Mapping[str, AuthMethod]]:
    """Return every way to sign in, by kind of store."""
    require(actor, Permission.READ, project)
    return METHODS


def test_datastore(database: Database, actor: Actor, project: str, name: str) -> DatastoreCheck:
    """Read a listing and one file of a datastore, and say what was found or what is wrong."""
    require(actor, Permission.MANAGE_DATA, project)
    return check_datastore(database, get_datastore(database, actor, project, name))


def rotate_credentials(
    database: Database, actor: Actor, project: str, name: str, credentials: Mapping[str, str]
) -> Datastore:
    """Replace the credentials of a datastore; readers see when and by whom, never what.

    Raises:
        DatastoreNotFound: the project has none of this name.
        CredentialsInvalid: they do not fit its method.
    """
    require(actor, Permission.MANAGE_DATA, project)
    datastore = get_datastore(database, actor, project, name)
    secrets = check_credentials(parse_address(datastore.url), datastore.auth, credentials)
    if not secrets:
        raise CredentialsInvalid(datastore.auth, problem="this way of signing in takes none")
    with database.begin() as tx:
        return _store_credentials(database, tx, actor, datastore, secrets)


def remove_datastore(database: Database, actor: Actor, project: str, name: str) -> None:
    """Forget a datastore and its credentials; its files stay where they are.

    Raises:
        DatastoreNotFound: the project has none of this name.
        DatastoreInUse: images are read from it in place.
    """
    require(actor, Permission.MANAGE_DATA, project)
    datastore = get_datastore(database, actor, project, name)
    with database.begin() as tx:
        used = store.count_references(tx, project, name)
        watched = count_watches(tx, project, name)
        if used or watched:
            raise DatastoreInUse(name, used, watched)
        store.delete_datastore(tx, project, name)
        _tell(tx, actor, datastore, "removed")


def _check_address(url: str) -> Address:
    address = parse_address(url)
    if address.kind == "folder" and not Path(address.url).is_dir():
        raise DatastoreInvalid(url, "there is no such folder on the server")
    return address


def _settle(actor: Actor, project: str, request: DatastoreRequest, address: Address) -> Datastore:
    """Return the datastore that a request asks for, once everything about it is allowed."""
    auth = request.auth or default_method(address.kind)
    options = check_options(address, auth, request.options)
    if request.allow_private or admin_options(options):
        require_admin(actor)
    if not request.allow_private and (
        address.is_plain_http or options.get("endpoint", "").startswith("http://")
    ):
        raise AddressRefused(request.url, "plain HTTP can be read and changed on the way")
    return Datastore(
        project=project,
        name=request.name,
        url=address.url,
        created_by=actor.name,
        created_at=utc_now(),
        kind=address.kind,
        auth=auth,
        options=options,
        allow_private=request.allow_private,
    )


def _is_same(known: Datastore, wanted: Datastore) -> bool:
    names = ("url", "auth", "options", "allow_private")
    return all(getattr(known, name) == getattr(wanted, name) for name in names)


def _insert(tx: Transaction, actor: Actor, datastore: Datastore) -> None:
    store.insert_datastore(tx, datastore)
    _tell(tx, actor, datastore, "registered")


def _store_credentials(
    database: Database,
    tx: Transaction,
    actor: Actor,
    datastore: Datastore,
    secrets: Mapping[str, str],
) -> Datastore:
    sealed = seal_credentials(database.keyring, datastore, secrets)
    now = utc_now()
    store.replace_credentials(
        tx, datastore.project, datastore.name, sealed=sealed, at=now, by=actor.name
    )
    _tell(tx, actor, datastore, "credentials_rotated")
    return replace(datastore, rotated_at=now, rotated_by=actor.name)


def _tell(tx: Transaction, actor: Actor, datastore: Datastore, verb: str) -> None:
    publish(
        tx,
        type=f"visionloop.datastore.{verb}",
        project=datastore.project,
        subject=f"datastore/{datastore.name}",
        actor=actor,
        data={"url": datastore.url, "kind": datastore.kind, "auth": datastore.auth},
    )
