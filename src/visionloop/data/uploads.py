"""Single images that arrive over the API or come back from production."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.entities import Image, ImageOrigin
from visionloop.data.errors import UploadTooLarge
from visionloop.data.measuring import Arrival, describe_image
from visionloop.data.rules import check_metadata
from visionloop.data.sources import blob_uri
from visionloop.data.store import images as store
from visionloop.kernel.digests import sha256_bytes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

MAX_UPLOAD_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class ImageUpload:
    """One file as it was sent."""

    data: bytes
    name: str
    origin: ImageOrigin = "ingest"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    group_key: str | None = None


@dataclass(frozen=True)
class AddedImage:
    """The image that now holds the bytes; ``added`` is False when it was there before."""

    image: Image
    added: bool


def add_image_bytes(
    database: Database, blobs: BlobStore, actor: Actor, project: str, upload: ImageUpload
) -> AddedImage:
    """Store one image, managed; the same bytes again change nothing.

    Raises:
        UploadTooLarge: more than ``MAX_UPLOAD_BYTES``.
        NotAnImage, ImageTooLarge: the bytes cannot be decoded.
        MetadataInvalid: nested custom columns.
        StorageFull: there is no room; nothing was stored.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if len(upload.data) > MAX_UPLOAD_BYTES:
        raise UploadTooLarge(upload.name, MAX_UPLOAD_BYTES)
    digest = sha256_bytes(upload.data)
    with database.read() as tx:
        known = store.find_image(tx, project, digest)
    if known is not None:
        return AddedImage(known, added=False)
    # Browsers send bare names, other clients may send paths; only the last part is a name.
    name = PurePosixPath(upload.name.replace("\\", "/").replace("\x00", "")).name or digest[:12]
    arrival = Arrival(
        project=project,
        uri=blob_uri(digest),
        datastore=None,
        name=name,
        origin=upload.origin,
        metadata=check_metadata(upload.metadata),
    )
    image = replace(
        describe_image(upload.data, arrival, image_id=digest), group_key=upload.group_key
    )
    blobs.put(upload.data)
    with database.begin() as tx:
        raced = store.find_image(tx, project, digest)
        if raced is not None:
            return AddedImage(raced, added=False)
        store.insert_images(tx, [image])
        publish(
            tx,
            type="visionloop.image.added",
            project=project,
            subject=f"image/{digest}",
            actor=actor,
            data={"name": name, "origin": upload.origin},
        )
    return AddedImage(image, added=True)
