"""From a file of a datastore to the image that will be stored, or to why it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from visionloop.data.connections.errors import FileRefused
from visionloop.data.connections.reading import MAX_FILE_BYTES, OpenDatastore, StoredFile
from visionloop.data.entities import Image, ImageOrigin, RefusedFile
from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.measuring import Arrival, describe_image
from visionloop.data.sources import blob_uri, datastore_uri
from visionloop.kernel.digests import sha256_bytes
from visionloop.storage.blobs import BlobStore


@dataclass(frozen=True)
class Terms:
    """What is the same for every file of an ingest.

    Attributes:
        managed: copy the files into the blob store instead of pointing at them.
        metadata: custom columns.
    """

    project: str
    datastore: str
    managed: bool
    origin: ImageOrigin
    metadata: Mapping[str, Any]


def describe_file(
    opened: OpenDatastore, blobs: BlobStore, terms: Terms, file: StoredFile
) -> Image | RefusedFile:
    """Read, hash, decode and measure one file; a managed one is copied as well.

    Raises:
        DatastoreUnavailable: the store does not answer.
        StorageFull: there is no room for the copy.
    """
    if file.size_bytes == 0:
        return RefusedFile(file.path, "the file is empty")
    if file.size_bytes > MAX_FILE_BYTES:
        return RefusedFile(file.path, f"the file is larger than {MAX_FILE_BYTES >> 20} MiB")
    try:
        data = opened.read(file.path)
        digest = sha256_bytes(data)
        name = terms.datastore
        arrival = Arrival(
            project=terms.project,
            uri=blob_uri(digest) if terms.managed else datastore_uri(name, file.path),
            datastore=name,
            name=file.path,
            origin=terms.origin,
            metadata=terms.metadata,
        )
        image = describe_image(data, arrival, image_id=digest)
    except (NotAnImage, ImageTooLarge, FileRefused) as error:
        return RefusedFile(file.path, str(error.details.get("reason", error.message)))
    except FileNotFoundError:
        return RefusedFile(file.path, "the file vanished while it was read")
    except PermissionError:
        return RefusedFile(file.path, "the file may not be read")
    if terms.managed:
        blobs.put(data)
    return image
