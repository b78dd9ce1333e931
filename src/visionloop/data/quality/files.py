"""Read every image again at its source and find files that are gone, changed or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from visionloop.data.entities import Image
from visionloop.data.errors import (
    DatastoreNotFound,
    DatastoreUnavailable,
    ImageTooLarge,
    NotAnImage,
)
from visionloop.data.imaging import decode_image
from visionloop.data.quality.entities import FindingKind, Observation
from visionloop.data.query.trees import ACTIVE
from visionloop.data.sources import ImageSource, why_unreadable
from visionloop.data.store import images as image_store
from visionloop.kernel.digests import sha256_bytes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

FILE_KINDS: Final[tuple[FindingKind, ...]] = ("unreadable", "changed")
_WORKERS: Final = 2


def check_files(database: Database, blobs: BlobStore, project: str) -> Iterator[Observation]:
    """Yield the active images whose file cannot be read, cannot be decoded, or is another one."""
    source = ImageSource(database, blobs, project)
    with database.read() as tx, ThreadPoolExecutor(_WORKERS) as pool:
        for records in image_store.stream_records(tx, project, ACTIVE):
            images = [record.image for record in records]
            for seen in pool.map(lambda image: _check(source, image), images):
                if seen is not None:
                    yield seen


def _check(source: ImageSource, image: Image) -> Observation | None:
    try:
        data = source.read(image.uri)
    except (OSError, DatastoreNotFound, DatastoreUnavailable) as error:
        return Observation("unreadable", why_unreadable(error), image_id=image.id, score=1.0)
    digest = sha256_bytes(data)
    if digest == image.id:
        return None
    text = f"the file is not the one that was ingested; its sha256 is now {digest}"
    try:
        decode_image(data)
    except (NotAnImage, ImageTooLarge) as error:
        text = f"the file is damaged: {error.message}"
        return Observation("unreadable", text, image_id=image.id, score=1.0)
    return Observation("changed", text, image_id=image.id, score=1.0)
