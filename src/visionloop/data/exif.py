"""Capture metadata, as it stands in the file."""

from __future__ import annotations

from typing import Any, Final

from PIL import Image as PillowImage
from PIL.ExifTags import IFD, Base

# Where and by whom a picture was taken is personal data that training never needs: GPS and
# owner tags are left out on purpose.
_ROOT_TAGS: Final = (Base.Make, Base.Model, Base.Orientation, Base.DateTime, Base.Software)
_PHOTO_TAGS: Final = (
    Base.DateTimeOriginal,
    Base.SubsecTimeOriginal,
    Base.OffsetTimeOriginal,
    Base.ExposureTime,
    Base.FNumber,
    Base.ISOSpeedRatings,
    Base.FocalLength,
    Base.Flash,
    Base.LensModel,
    Base.BodySerialNumber,
)
_MAX_TEXT: Final = 200


def read_exif(image: PillowImage.Image) -> dict[str, Any]:
    """Read the capture facts that curation, slices and grouping use.

    Args:
        image: an opened, not necessarily loaded, picture.

    Returns:
        Tag name to text or number, only for tags that are there and readable.
    """
    try:
        root = image.getexif()
        photo = root.get_ifd(IFD.Exif)
    except Exception:  # a broken EXIF block says nothing about the pixels
        return {}
    found: dict[str, Any] = {}
    for tags, block in ((_ROOT_TAGS, root), (_PHOTO_TAGS, photo)):
        for tag in tags:
            value = _plain_value(block[tag]) if tag in block else None
            if value is not None:
                found[tag.name] = value
    return found


def _plain_value(value: Any) -> str | int | float | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str):
        # NUL cannot be stored in PostgreSQL, and cameras pad with it.
        text = value.replace("\x00", "").strip()
        return text.encode("utf-8", errors="replace").decode("utf-8")[:_MAX_TEXT] or None
    if isinstance(value, tuple):
        value = value[0] if value else None
    if isinstance(value, int):
        return value
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return round(number, 6) if abs(number) < 1e12 else None
