"""What every open datastore can do, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
UNKNOWN_SIZE: Final = -1


@dataclass(frozen=True)
class StoredFile:
    """A file as a listing shows it.

    Attributes:
        size_bytes: ``UNKNOWN_SIZE`` where the listing does not tell.
        modified: changes whenever the content does, as far as the store can tell.
    """

    path: str
    size_bytes: int
    modified: str


class OpenDatastore(Protocol):
    """Lists and reads files below one address, and nothing outside it; threads may share it."""

    name: str
    url: str

    def list_files(self, path: str = "", *, after: str | None = None) -> Iterator[StoredFile]:
        """Yield every file below ``path``, in no particular order.

        Args:
            path: a folder of the datastore.
            after: only files whose path sorts behind this one, byte by byte.

        Raises:
            DatastoreUnavailable: the store does not answer or the folder is missing.
        """
        ...

    def read(self, path: str) -> bytes:
        """Return the content of one file.

        Raises:
            FileNotFoundError: there is no such file, or it lies outside the datastore.
            PermissionError: it may not be read.
            FileRefused: it cannot be read, for a reason that stays.
            DatastoreUnavailable: the store does not answer.
        """
        ...

    def local_path(self, path: str) -> Path | None:
        """Return the file itself where the datastore is a folder, else None."""
        ...
