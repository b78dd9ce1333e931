"""Folders of annotation files: on this machine, or in a datastore."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

from visionloop.data.errors import IngestInvalid

_MAX_LABEL_BYTES: Final = 4 << 30


class _Reads(Protocol):
    @property
    def url(self) -> str:
        """Address."""

    def read(self, path: str) -> bytes:
        """Return a file."""

    def local_path(self, path: str) -> Path | None:
        """Return a file where it lies."""


class FolderSource:
    """A folder, or a single annotation file, on this machine.

    Raises:
        IngestInvalid: there is neither.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise IngestInvalid(f"there is no file or folder {path}")
        self.url = str(path)
        self._only = None if path.is_dir() else path.name
        self._root = path if path.is_dir() else path.parent
        self._last: tuple[str, bytes] = ("", b"")

    @cached_property
    def paths(self) -> Sequence[str]:
        """Relative paths of all files that are not hidden, in order."""
        if self._only is not None:
            return [self._only]
        found = []
        for folder, folders, files in os.walk(self._root):
            folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
            base = Path(folder).relative_to(self._root)
            found += [(base / name).as_posix() for name in files if not name.startswith(".")]
        return sorted(found)

    def read(self, path: str) -> bytes:
        """Return the content of a file; the last one is kept at hand."""
        if self._last[0] != path:
            self._last = (path, (self._root / path).read_bytes())
        return self._last[1]

    def local_path(self, path: str) -> Path | None:
        """Return the file itself."""
        return self._root / path


class DatastoreSource:
    """Files of a datastore that were listed before.

    Args:
        opened: reads them.
        sizes: relative path to size in bytes of every file.
    """

    def __init__(self, opened: _Reads, sizes: dict[str, int]) -> None:
        self._opened = opened
        self.url = opened.url
        self.paths: Sequence[str] = sorted(sizes)
        self._sizes = sizes
        self._last: tuple[str, bytes] = ("", b"")

    def read(self, path: str) -> bytes:
        """Return the content of a file; the last one is kept at hand.

        Raises:
            IngestInvalid: the file is too large to be an annotation file.
        """
        if self._sizes.get(path, 0) > _MAX_LABEL_BYTES:
            raise IngestInvalid(f"{path} is larger than {_MAX_LABEL_BYTES >> 30} GiB")
        if self._last[0] != path:
            self._last = (path, self._opened.read(path))
        return self._last[1]

    def local_path(self, path: str) -> Path | None:
        """Return the file itself where the datastore is a folder."""
        return self._opened.local_path(path)
