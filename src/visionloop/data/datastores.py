"""Places that images are read from: local folders and object stores."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.errors import BadName
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.data.entities import Datastore, DatastoreCheck
from visionloop.data.errors import (
    DatastoreExists,
    DatastoreInvalid,
    DatastoreNotFound,
    DatastoreUnavailable,
)
from visionloop.data.store import images as store
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database

_SCHEMES: Final = ("s3", "gs", "az", "abfs", "abfss", "https")
_SAMPLE: Final = 5


@dataclass(frozen=True)
class StoredFile:
    """A file as a listing shows it.

    Attributes:
        modified: changes whenever the content does, as far as the store can tell.
    """

    path: str
    size_bytes: int
    modified: str


class OpenDatastore:
    """Lists and reads files below one address, and nothing outside it.

    Args:
        name: the datastore's name, for error messages.
        url: absolute folder or object store address.

    Raises:
        DatastoreUnavailable: the folder is missing or the address cannot be opened.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self._root = None if "://" in url else Path(url).resolve()
        self._store: Any
        try:
            self._store = from_url(url) if self._root is None else LocalStore(self._root)
        except (BaseError, ValueError, OSError) as error:
            raise DatastoreUnavailable(name, url, _reason(error)) from error

    def list_files(self, path: str = "") -> Iterator[StoredFile]:
        """Yield every file below ``path``, in no particular order.

        Raises:
            DatastoreUnavailable: the store does not answer or the folder is missing.
        """
        if self._root is not None:
            yield from self._list_folder(path)
            return
        try:
            for batch in obstore.list(self._store, prefix=path.strip("/") or None):
                for item in batch:
                    mark = item["e_tag"] or item["last_modified"].isoformat()
                    yield StoredFile(item["path"], item["size"], mark[:40])
        except (BaseError, OSError) as error:
            raise DatastoreUnavailable(self.name, self.url, _reason(error)) from error

    def read(self, path: str) -> bytes:
        """Return the content of one file.

        Raises:
            FileNotFoundError: there is no such file, or it lies outside the datastore.
            DatastoreUnavailable: the store does not answer.
        """
        self._refuse_outside(path)
        try:
            if self._root is not None:  # the object store refuses some names that files may have
                return (self._root / path).read_bytes()
            return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError:
            raise
        except obstore.exceptions.NotFoundError as error:
            raise FileNotFoundError(path) from error
        except (BaseError, OSError) as error:
            raise DatastoreUnavailable(self.name, self.url, _reason(error)) from error

    def local_path(self, path: str) -> Path | None:
        """Return the file itself where the datastore is a folder, else None."""
        self._refuse_outside(path)
        return None if self._root is None else self._root / path

    def _list_folder(self, path: str) -> Iterator[StoredFile]:
        assert self._root is not None
        start = (self._root / path).resolve()
        if not start.is_dir() or not start.is_relative_to(self._root):
            raise DatastoreUnavailable(self.name, self.url, f"there is no folder {path or start}")
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for file in sorted(files):
                full = Path(folder, file)
                # A link could point at any file of the server, so only what lies inside counts.
                if full.is_symlink() and not full.resolve().is_relative_to(self._root):
                    continue
                try:
                    facts = full.stat()
                except OSError:
                    continue
                relative = full.relative_to(self._root).as_posix()
                yield StoredFile(relative, facts.st_size, str(facts.st_mtime_ns))

    def _refuse_outside(self, path: str) -> None:
        if self._root is not None and not (self._root / path).resolve().is_relative_to(self._root):
            raise FileNotFoundError(path)


def open_datastore(datastore: Datastore) -> OpenDatastore:
    """Open a registered datastore; credentials come from the process environment.

    Raises:
        DatastoreUnavailable: the address cannot be opened.
    """
    return OpenDatastore(datastore.name, datastore.url)


def register_datastore(
    database: Database, actor: Actor, project: str, *, name: str, url: str
) -> Datastore:
    """Register a folder or an object store; the same name and address again change nothing.

    Raises:
        BadName: the name does not fit.
        DatastoreInvalid: unknown kind of address, a missing folder, or a secret inside it.
        DatastoreExists: the name stands for another address.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if not is_good_name(name):
        raise BadName("datastore", name)
    address = _check_url(url)
    with database.begin() as tx:
        known = {item.name: item for item in store.list_datastores(tx, project)}
        if name in known:
            if known[name].url == address:
                return known[name]
            raise DatastoreExists(project, name, known[name].url)
        datastore = Datastore(project, name, address, actor.name, utc_now())
        store.insert_datastore(tx, datastore)
        publish(
            tx,
            type="visionloop.datastore.registered",
            project=project,
            subject=f"datastore/{name}",
            actor=actor,
            data={"url": address},
        )
    return datastore


def register_folder(database: Database, actor: Actor, project: str, folder: str) -> Datastore:
    """Return the datastore of a folder; registers it under the folder's name when needed.

    Raises:
        DatastoreInvalid: there is no such folder.
    """
    require(actor, Permission.MANAGE_DATA, project)
    address = _check_url(folder)
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
    """Return the datastores of a project by name."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_datastores(tx, project)


def get_datastore(database: Database, actor: Actor, project: str, name: str) -> Datastore:
    """Return one datastore.

    Raises:
        DatastoreNotFound: the project has none of this name.
    """
    found = {item.name: item for item in list_datastores(database, actor, project)}
    if name not in found:
        raise DatastoreNotFound(project, name, sorted(found))
    return found[name]


def test_datastore(database: Database, actor: Actor, project: str, name: str) -> DatastoreCheck:
    """Read a listing and one file of a datastore, and say what was found."""
    require(actor, Permission.MANAGE_DATA, project)
    datastore = get_datastore(database, actor, project, name)
    try:
        opened = open_datastore(datastore)
        seen = list(islice(opened.list_files(), 100))
        if seen:
            opened.read(min(seen, key=lambda file: file.size_bytes).path)
    except (DatastoreUnavailable, FileNotFoundError) as error:
        return DatastoreCheck(name, False, str(error), 0, ())
    message = f"{len(seen)} files seen" if len(seen) < 100 else "100 or more files seen"
    sample = tuple(file.path for file in seen[:_SAMPLE])
    return DatastoreCheck(name, True, message if seen else "Empty", len(seen), sample)


def _check_url(url: str) -> str:
    if "://" not in url or url.startswith("file://"):
        folder = Path(url.removeprefix("file://")).expanduser()
        if not folder.is_dir():
            raise DatastoreInvalid(url, "there is no such folder on the server")
        return str(folder.resolve())
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise DatastoreInvalid(url, str(error)) from error
    if parts.scheme not in _SCHEMES:
        raise DatastoreInvalid(url, f"{parts.scheme!r} is no known kind of store")
    # Readers see datastore addresses, so an address must never carry a key or a SAS token.
    if parts.password or parts.query or (parts.username and not parts.scheme.startswith("abfs")):
        shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
        raise DatastoreInvalid(shown, "it contains credentials; set them in the environment")
    return url.rstrip("/")


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
