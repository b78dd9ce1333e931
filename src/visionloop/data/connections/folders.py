"""Folders of the server as datastores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from visionloop.data.connections.problems import Problem, unavailable
from visionloop.data.connections.reading import StoredFile
from visionloop.data.errors import DatastoreUnavailable

_NO_FOLDER: Final = Problem(
    "no_such_container",
    "there is no such folder on the server",
    "Check the path, and whether the disk or share is mounted on the server.",
)


class FolderDatastore:
    """Lists and reads files below one folder.

    Args:
        name: the datastore's name, for error messages.
        url: absolute path of the folder.

    Raises:
        DatastoreUnavailable: there is no such folder.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self._root = Path(url).resolve()
        if not self._root.is_dir():
            raise unavailable(name, url, _NO_FOLDER)

    def list_files(self, path: str = "", *, after: str | None = None) -> Iterator[StoredFile]:
        """Yield every file below ``path``; see ``OpenDatastore``."""
        start = (self._root / path).resolve()
        if not start.is_dir() or not start.is_relative_to(self._root):
            raise DatastoreUnavailable(self.name, self.url, f"there is no folder {path or start}")
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for file in sorted(files):
                found = self._describe(Path(folder, file))
                if found is not None and (after is None or found.path > after):
                    yield found

    def read(self, path: str) -> bytes:
        """Return the content of one file; see ``OpenDatastore``."""
        full = self.local_path(path)
        try:
            return full.read_bytes()
        except (FileNotFoundError, PermissionError):
            raise
        except (IsADirectoryError, NotADirectoryError) as error:
            raise FileNotFoundError(path) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise DatastoreUnavailable(self.name, self.url, reason) from error

    def local_path(self, path: str) -> Path:
        """Return the file itself; see ``OpenDatastore``."""
        full = self._root / path
        if not full.resolve().is_relative_to(self._root):
            raise FileNotFoundError(path)
        return full

    def _describe(self, full: Path) -> StoredFile | None:
        # A link could point at any file of the server, so only what lies inside counts.
        if full.is_symlink() and not full.resolve().is_relative_to(self._root):
            return None
        try:
            facts = full.stat()
        except OSError:
            return None
        relative = full.relative_to(self._root).as_posix()
        return StoredFile(relative, facts.st_size, str(facts.st_mtime_ns))
