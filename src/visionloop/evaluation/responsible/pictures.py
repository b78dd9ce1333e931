"""Small pictures that stand inside a self-contained page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.imaging import decode_image
from visionloop.evaluation.entities import Example

SIDE = 112


def draw_thumbnails(examples: Mapping[str, Example], image_ids: Iterable[str]) -> dict[str, str]:
    """Return data addresses of small pictures by image id; unreadable files are left out."""
    found = {}
    for image_id in dict.fromkeys(image_ids):
        try:
            pixels = decode_image(examples[image_id].read())
        except (KeyError, NotAnImage, ImageTooLarge, OSError):
            continue
        found[image_id] = _address(PillowImage.fromarray(pixels))
    return found


def draw_overlay(picture: str, saliency: NDArray[np.float32]) -> str:
    """Return a data address of a thumbnail with a saliency map over it, red where it is high."""
    content = base64.b64decode(picture.partition(",")[2])
    base = PillowImage.open(io.BytesIO(content)).convert("RGB")
    heat = PillowImage.fromarray(saliency).resize(base.size, PillowImage.Resampling.BICUBIC)
    level = np.clip(np.asarray(heat, dtype=np.float32), 0.0, 1.0)[..., None]
    ground = np.asarray(base.convert("L"), dtype=np.float32)[..., None] * np.ones(3, np.float32)
    colour = np.array([230.0, 40.0, 30.0], dtype=np.float32)
    mixed = ground * (1 - 0.65 * level) + colour * (0.65 * level)
    return _address(PillowImage.fromarray(mixed.astype(np.uint8)))


def _address(picture: PillowImage.Image) -> str:
    small = picture.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
