"""From file bytes to the facts that an image row holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from visionloop.data.entities import Image, ImageOrigin
from visionloop.data.hashing import dhash
from visionloop.data.imaging import read_picture
from visionloop.data.statistics import measure_image
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes


@dataclass(frozen=True)
class Arrival:
    """Where a file came from and how it will be found again."""

    project: str
    uri: str
    datastore: str | None
    name: str
    origin: ImageOrigin
    metadata: Mapping[str, Any]


def describe_image(data: bytes, arrival: Arrival, *, image_id: str | None = None) -> Image:
    """Decode an image completely and measure it.

    Args:
        data: the file.
        arrival: where it came from.
        image_id: its sha256, when known already.

    Raises:
        NotAnImage: no image, damaged or truncated.
        ImageTooLarge: more pixels than may be decoded.
    """
    header, pixels = read_picture(data)
    return Image(
        id=image_id or sha256_bytes(data),
        project=arrival.project,
        uri=arrival.uri,
        datastore=arrival.datastore,
        name=arrival.name,
        width=int(pixels.shape[1]),
        height=int(pixels.shape[0]),
        mode=header.mode,
        format=header.format,
        size_bytes=len(data),
        exif=header.exif,
        statistics=tuple(round(float(value), 6) for value in measure_image(pixels)),
        dhash=dhash(pixels),
        group_key=None,
        origin=arrival.origin,
        metadata=dict(arrival.metadata),
        status="active",
        created_at=utc_now(),
    )
