"""Small upright pictures for grids and queues."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image as PillowImage

from visionloop.admin.entities import Actor
from visionloop.data.images import get_image, read_image_content
from visionloop.data.imaging import decode_reduced
from visionloop.data.store import images as store
from visionloop.storage.blobs import BlobNotFound, BlobStore
from visionloop.storage.database import Database

SIZES: Final = (128, 256, 512, 1024, 2048)
_QUALITY: Final = 82


def thumbnail(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    image_id: str,
    *,
    size: int = 256,
) -> bytes:
    """Return an image as a small JPEG; made once, then kept as a blob.

    ``size`` is the longest side in pixels, rounded up to one of ``SIZES``; small images stay
    small.

    Raises:
        ImageNotFound: the project has no such image.
        ImageUnreadable: its source is gone or does not answer.
    """
    get_image(database, actor, project, image_id)
    side = rounded_size(size)
    with database.read() as tx:
        kept = store.find_thumbnail(tx, image_id, side)
    if kept is not None:
        try:
            return blobs.get(kept)
        except BlobNotFound:  # a cache may be cleared at any time
            pass
    content = read_image_content(database, blobs, actor, project, image_id)
    data = render_thumbnail(content.data, side)
    digest = blobs.put(data)
    with database.begin() as tx:
        store.replace_thumbnail(tx, image_id, side, digest)
    return data


def rounded_size(size: int) -> int:
    """Return the smallest kept size that is large enough."""
    return next((side for side in SIZES if side >= size), SIZES[-1])


def render_thumbnail(data: bytes, side: int) -> bytes:
    """Shrink an image file to at most ``side`` pixels and encode it as JPEG.

    Raises:
        NotAnImage: the bytes cannot be decoded.
    """
    picture = PillowImage.fromarray(decode_reduced(data, side))
    picture.thumbnail((side, side), PillowImage.Resampling.BICUBIC, reducing_gap=2.0)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue()
