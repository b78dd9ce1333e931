"""Which files are images, told by their names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

IMAGE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm"}
)
_FOREIGN_SUFFIXES: Final = frozenset(
    {".heic", ".heif", ".avif", ".jp2", ".svg", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw"}
)


def is_image_name(path: str) -> bool:
    """Tell by its ending whether a file should be an image."""
    return PurePosixPath(path).suffix.lower() in IMAGE_SUFFIXES


def why_no_image(path: str) -> str:
    """Say why a file is skipped by its name alone."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _FOREIGN_SUFFIXES:
        return f"images of type {suffix} cannot be read; convert them to JPEG or PNG"
    return "the file ending is not that of an image"
