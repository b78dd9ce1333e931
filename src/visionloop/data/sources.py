"""Read an image's bytes wherever they were registered."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from visionloop.data.connections.errors import AddressRefused, FileRefused
from visionloop.data.connections.opening import open_datastore
from visionloop.data.connections.reading import OpenDatastore
from visionloop.data.errors import DatastoreNotFound, DatastoreUnavailable
from visionloop.data.store import datastores as store
from visionloop.kernel.errors import VisionloopError
from visionloop.storage.blobs import BlobNotFound, BlobStore
from visionloop.storage.database import Database
from visionloop.storage.secrets import SecretUnreadable

UNREADABLE: Final = (
    FileNotFoundError,
    PermissionError,
    DatastoreNotFound,
    DatastoreUnavailable,
    FileRefused,
    AddressRefused,
    SecretUnreadable,
)
"""Everything that :meth:`ImageSource.read` raises, for callers that go on with the next image."""

_BLOB: Final = "blob://"
_DATASTORE: Final = "datastore://"


def blob_uri(digest: str) -> str:
    """Name bytes that the blob store holds."""
    return _BLOB + digest


def datastore_uri(datastore: str, path: str) -> str:
    """Name a file that is referenced in place."""
    return f"{_DATASTORE}{datastore}/{path}"


class ImageSource:
    """Reads many images of one project; datastores are opened once.

    Threads may share it.
    """

    def __init__(self, database: Database, blobs: BlobStore, project: str) -> None:
        self._database = database
        self._blobs = blobs
        self._project = project
        with database.read() as tx:
            self._known = {item.name: item for item in store.list_datastores(tx, project)}
        self._opened: dict[str, OpenDatastore] = {}

    def read(self, uri: str) -> bytes:
        """Return the bytes behind an image URI.

        Raises:
            FileNotFoundError: the file is gone.
            PermissionError: it may not be read.
            DatastoreNotFound, DatastoreUnavailable: its datastore cannot be opened.
        """
        if uri.startswith(_BLOB):
            try:
                return self._blobs.get(uri.removeprefix(_BLOB))
            except BlobNotFound as error:
                raise FileNotFoundError(uri) from error
        opened, path = self._locate(uri)
        return opened.read(path)

    def local_path(self, uri: str) -> Path | None:
        """Return the file itself where it lies on this machine, else None."""
        if uri.startswith(_BLOB):
            return self._blobs.local_path(uri.removeprefix(_BLOB))
        opened, path = self._locate(uri)
        return opened.local_path(path)

    def _locate(self, uri: str) -> tuple[OpenDatastore, str]:
        name, _, path = uri.removeprefix(_DATASTORE).partition("/")
        if not uri.startswith(_DATASTORE) or name not in self._known:
            raise DatastoreNotFound(self._project, name, sorted(self._known))
        if name not in self._opened:
            self._opened[name] = open_datastore(self._database, self._known[name])
        return self._opened[name], path


def why_unreadable(error: Exception) -> str:
    """Say in a few words why a source could not be read."""
    if isinstance(error, FileNotFoundError):
        return "the file is gone"
    if isinstance(error, PermissionError):
        return "the file may not be read"
    if isinstance(error, VisionloopError):
        return str(error.details.get("reason", error.message))
    return str(error)
