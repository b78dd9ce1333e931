"""The spool of the prediction log: JSON lines on disk, safe against a crash at any moment.

A serving process appends to one ``*.jsonl.open`` file and closes it by renaming it to ``*.jsonl``.
Readers take the closed files; what a killed process left open is closed by the next one, less a
last line that was only half written.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

SPOOL_FOLDER = "spool"
_OPEN_SUFFIX = ".open"


class SpoolWriter:
    """Appends records and closes files by size and age.

    Args:
        folder: The spool folder; made when missing. Only one writer may use it.
        rotate_bytes: Size from which a file is closed.
        rotate_age_s: Age from which a file is closed.
    """

    def __init__(self, folder: Path, *, rotate_bytes: int, rotate_age_s: float) -> None:
        self._folder = folder
        self._rotate_bytes = rotate_bytes
        self._rotate_age_s = rotate_age_s
        self._file: FileIO | None = None
        self._path = folder
        self._size_bytes = 0
        self._opened_at = 0.0
        self._sequence = 0
        folder.mkdir(parents=True, exist_ok=True)
        recover_spool(folder)

    def append(self, lines: Sequence[bytes]) -> None:
        """Append whole lines and hand them to the operating system at once.

        Raises:
            OSError: the disk is full; lines of this call may be missing.
        """
        data = b"".join(lines)
        file = self._file or self._open()
        position = self._size_bytes
        try:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            # A half-written line in the middle would cost the reader its neighbour too.
            os.ftruncate(file.fileno(), position)
            file.seek(position)
            raise
        self._size_bytes += len(data)

    def rotate_if_due(self) -> None:
        """Close the open file when it is large or old enough."""
        if self._file is None:
            return
        age_s = time.monotonic() - self._opened_at
        if self._size_bytes >= self._rotate_bytes or age_s >= self._rotate_age_s:
            self.rotate()

    def rotate(self) -> None:
        """Close the open file for readers."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        _publish(self._path)

    def _open(self) -> FileIO:
        self._sequence += 1
        name = f"{time.time_ns():020d}-{os.getpid()}-{self._sequence:06d}.jsonl{_OPEN_SUFFIX}"
        self._path = self._folder / name
        # Unbuffered: a short write on a full disk must not be tried again at close.
        self._file = self._path.open("xb", buffering=0)
        self._size_bytes = 0
        self._opened_at = time.monotonic()
        return self._file


def closed_spool_files(folder: Path) -> list[Path]:
    """Return the files that readers may take, oldest first."""
    return sorted(folder.glob("*.jsonl"))


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a spool file, open or closed; a half-written last line is left out."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


def recover_spool(folder: Path) -> int:
    """Close what a killed process left open; return how many files that were.

    Only the one writer of the folder may call it.
    """
    left = sorted(folder.glob(f"*.jsonl{_OPEN_SUFFIX}"))
    for path in left:
        with path.open("rb+") as file:
            data = file.read()
            whole = data.rfind(b"\n") + 1
            if whole < len(data):
                file.truncate(whole)
        _publish(path)
    return len(left)


def _publish(path: Path) -> None:
    if path.stat().st_size == 0:
        path.unlink()
    else:
        path.rename(path.with_name(path.name.removesuffix(_OPEN_SUFFIX)))
