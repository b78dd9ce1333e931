"""A package as one zip file, streamed without a temporary copy."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from visionloop.registry.packages import iterate_archive

_CHUNK_BYTES = 1 << 20
# The smallest date that a zip file knows; equal packages give equal archives.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


class _Outlet(io.RawIOBase):
    """Collects what the zip writer writes until it is taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def stream_archive(folder: Path) -> Iterator[bytes]:
    """Yield a zip file of a package piece by piece; models hardly shrink, so it is stored."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for name, path in iterate_archive(folder):
            entry = zipfile.ZipInfo(name, date_time=_NO_DATE)
            entry.external_attr = 0o644 << 16
            entry.file_size = path.stat().st_size
            with archive.open(entry, "w") as target, path.open("rb") as source:
                while chunk := source.read(_CHUNK_BYTES):
                    target.write(chunk)
                    yield outlet.take()
    yield outlet.take()
