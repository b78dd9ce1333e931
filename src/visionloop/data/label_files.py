"""Files that come with an import: kept under their digest, opened as a folder of labels."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.archives import is_archive, unpack
from visionloop.data.errors import UploadTooLarge
from visionloop.data.formats.errors import LabelImportInvalid
from visionloop.data.formats.sources import FolderSource
from visionloop.storage.blobs import BlobNotFound, BlobStore

MAX_FILE_BYTES: Final = 64 << 30
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class LabelFile:
    """A file that was sent for an import.

    Attributes:
        digest: names it from now on.
    """

    digest: str
    name: str
    size_bytes: int


def keep_label_file(
    blobs: BlobStore, actor: Actor, project: str, *, content: IO[bytes], name: str
) -> LabelFile:
    """Store a zip file or an annotation file until an import names it.

    Raises:
        UploadTooLarge: more than ``MAX_FILE_BYTES``.
        StorageFull: there is no room; nothing was stored.
    """
    require(actor, Permission.MANAGE_DATA, project)
    plain = plain_name(name)
    with tempfile.NamedTemporaryFile(prefix="visionloop-upload-") as spool:
        shutil.copyfileobj(content, spool, _CHUNK_BYTES)
        spool.flush()
        size = spool.tell()
        if size > MAX_FILE_BYTES:
            raise UploadTooLarge(plain, MAX_FILE_BYTES)
        digest = blobs.put_file(Path(spool.name))
    return LabelFile(digest, plain, size)


@contextmanager
def open_label_file(blobs: BlobStore, digest: str, name: str) -> Iterator[FolderSource]:
    """Give a kept file as a source: an archive unpacked, anything else as it is.

    Raises:
        LabelImportInvalid: nothing is kept under the digest.
        ArchiveRefused: the archive is broken or dangerous.
    """
    with tempfile.TemporaryDirectory(prefix="visionloop-labels-") as folder:
        place = Path(folder)
        unpack_label_file(blobs, digest, name, place)
        yield FolderSource(place)


def unpack_label_file(blobs: BlobStore, digest: str, name: str, folder: Path) -> None:
    """Put a kept file into an empty folder: an archive unpacked, anything else as it is.

    Raises:
        LabelImportInvalid: nothing is kept under the digest.
        ArchiveRefused: the archive is broken or dangerous.
    """
    with _kept(blobs, digest, folder) as file:
        if is_archive(file):
            unpack(file, folder)
        else:
            shutil.copyfile(file, folder / plain_name(name))


def plain_name(name: str) -> str:
    """Return the last part of a file name that a client sent."""
    return PurePosixPath(name.replace("\\", "/").replace("\x00", "")).name or "labels"


@contextmanager
def _kept(blobs: BlobStore, digest: str, beside: Path) -> Iterator[Path]:
    try:
        local = blobs.local_path(digest)
        if local is not None:
            yield local
            return
        with tempfile.NamedTemporaryFile(dir=beside.parent, prefix="visionloop-kept-") as file:
            file.write(blobs.get(digest))
            file.flush()
            yield Path(file.name)
    except BlobNotFound as error:
        raise LabelImportInvalid(
            f"no file is kept under {digest!r}; send it first and use the digest in the answer"
        ) from error
