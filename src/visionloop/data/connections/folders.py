"""Folders of the server as datastores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from errno import ELOOP
from pathlib import Path
from stat import S_ISREG
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
        self._inside: set[str] = {""}

    def list_files(self, path: str = "", *, after: str | None = None) -> Iterator[StoredFile]:
        """Yield every file below ``path``; see ``OpenDatastore``."""
        start = (self._root / path).resolve()
        if not start.is_dir() or not start.is_relative_to(self._root):
            raise DatastoreUnavailable(self.name, self.url, f"there is no folder {path or start}")
        prefix = start.relative_to(self._root).as_posix()
        for file in self._walk("" if prefix == "." else prefix):
            if after is None or file.path > after:
                yield file

    def read(self, path: str) -> bytes:
        """Return the content of one file; see ``OpenDatastore``."""
        try:
            return self._read(path)
        except (FileNotFoundError, PermissionError):
            raise
        except (IsADirectoryError, NotADirectoryError) as error:
            raise FileNotFoundError(path) from error
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
            reason = getattr(error, "strerror", None) or str(error)
            raise DatastoreUnavailable(self.name, self.url, reason) from error

    def local_path(self, path: str) -> Path:
        """Return the file itself; see ``OpenDatastore``."""
        full = self._root / path
        if not full.resolve().is_relative_to(self._root):
            raise FileNotFoundError(path)
        return full

    def _read(self, path: str) -> bytes:
        folder, _, _ = path.rpartition("/")
        if folder in self._inside and ".." not in path:
            try:
                # A file in a folder that was checked, and no link itself, lies inside.
                return _read_no_link(f"{self._root}/{path}")
            except OSError as error:
                if error.errno != ELOOP:
                    raise
        full = self.local_path(path)
        if full.parent.resolve() == full.parent:
            self._inside.add(folder)
        return full.read_bytes()

    def _walk(self, prefix: str) -> Iterator[StoredFile]:
        folders = []
        try:
            entries = sorted(os.scandir(self._root / prefix), key=_by_name)
        except OSError:  # it vanished, or may not be looked into
            return
        for entry in entries:
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                # A link could point at any file of the server, so only what lies inside counts.
                elif not entry.is_symlink() or self._leads_inside(entry.path):
                    facts = entry.stat()
                    if S_ISREG(facts.st_mode):
                        yield StoredFile(path, facts.st_size, str(facts.st_mtime_ns))
            except OSError:
                continue
        for folder in folders:
            if not folder.rpartition("/")[2].startswith("."):
                yield from self._walk(folder)

    def _leads_inside(self, path: str) -> bool:
        return Path(path).resolve().is_relative_to(self._root)


def _by_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _read_no_link(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:  # noqa: PTH123  it is no path
        return file.read()
