"""Content-addressed blobs: what is stored under a digest can never change."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import obstore
from obstore.store import LocalStore, from_url

from visionloop.kernel.digests import sha256_bytes, sha256_file
from visionloop.kernel.errors import NotFound, Unavailable


class BlobNotFound(NotFound):
    """No blob is stored under this digest."""

    code = "blob_not_found"

    def __init__(self, digest: str) -> None:
        super().__init__(f"No stored file has the digest {digest}.", digest=digest)


class StorageFull(Unavailable):
    """The disk or the quota is full; nothing was half-written."""

    code = "storage_full"

    def __init__(self, size_bytes: int, reason: str) -> None:
        super().__init__(
            f"Could not store {size_bytes} bytes: {reason}. Free some space and try again; "
            "what was stored before is safe.",
            size_bytes=size_bytes,
        )


class BlobStore:
    """Stores bytes under their SHA-256 in a local folder or an object store.

    Args:
        url: A folder, or a URL that obstore knows: ``s3://``, ``az://``, ``gs://``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._root = None if "://" in url else Path(url)
        self._store: Any
        if self._root is None:
            self._store = from_url(url)
        else:
            self._store = LocalStore(self._root, mkdir=True, automatic_cleanup=False)

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its digest; storing it again changes nothing.

        Raises:
            StorageFull: There is no room; a retry is safe.
        """
        digest = sha256_bytes(data)
        try:
            if not self.has(digest):
                obstore.put(self._store, _key(digest), data)
        except (OSError, obstore.exceptions.BaseError) as error:
            raise StorageFull(len(data), str(error).splitlines()[0]) from error
        return digest

    def put_file(self, path: Path) -> str:
        """Store the content of a file, read in chunks, and return its digest.

        Raises:
            StorageFull: There is no room; a retry is safe.
        """
        digest = sha256_file(path)
        try:
            if not self.has(digest):
                obstore.put(self._store, _key(digest), path)
        except (OSError, obstore.exceptions.BaseError) as error:
            raise StorageFull(path.stat().st_size, str(error).splitlines()[0]) from error
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes stored under ``digest``.

        Raises:
            BlobNotFound: Nothing is stored there.
        """
        try:
            return bytes(obstore.get(self._store, _key(digest)).bytes())
        except (FileNotFoundError, obstore.exceptions.NotFoundError):
            raise BlobNotFound(digest) from None

    def has(self, digest: str) -> bool:
        """Tell whether a blob is stored under ``digest``."""
        try:
            obstore.head(self._store, _key(digest))
        except (FileNotFoundError, obstore.exceptions.NotFoundError):
            return False
        return True

    def size_bytes(self, digest: str) -> int:
        """Return how large a blob is.

        Raises:
            BlobNotFound: Nothing is stored there.
        """
        try:
            return int(obstore.head(self._store, _key(digest))["size"])
        except (FileNotFoundError, obstore.exceptions.NotFoundError):
            raise BlobNotFound(digest) from None

    def delete(self, digest: str) -> None:
        """Delete a blob that nothing refers to; one that is gone already is no error."""
        with suppress(FileNotFoundError, obstore.exceptions.NotFoundError):
            obstore.delete(self._store, _key(digest))

    def local_path(self, digest: str) -> Path | None:
        """Return the file of a blob where the store is a folder, else None."""
        if self._root is None:
            return None
        path = self._root / _key(digest)
        return path if path.is_file() else None


def _key(digest: str) -> str:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise BlobNotFound(digest)
    return f"sha256/{digest[:2]}/{digest[2:]}"
