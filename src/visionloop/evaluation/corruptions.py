"""Named, seeded damage to photos: what light, lens, sensor and storage do to them.

Families and two severities after Hendrycks and Dietterich (2019), "Benchmarking neural network
robustness to common corruptions and perturbations"; strengths scale with the picture, so that
small and large photos suffer alike.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFilter

from visionloop.kernel.digests import sha256_bytes

Pixels = NDArray[np.uint8]
Random = np.random.Generator

NO_CORRUPTION: Final = "none"
SEVERITIES: Final = (1, 2)


def corrupt(image: Pixels, name: str, severity: int, *, key: str) -> Pixels:
    """Damage one photo; the same key gives the same damage.

    Args:
        image: (H, W, 3) uint8 RGB.
        name: one of `CORRUPTIONS`.
        severity: 1 or 2.
        key: seeds the noise, for example the image id.
    """
    seed = int(sha256_bytes(f"{key}/{name}/{severity}".encode())[:16], 16)
    return CORRUPTIONS[name](image, severity, np.random.default_rng(seed))


def _blur(image: Pixels, severity: int, _random: Random) -> Pixels:
    radius = (0.01, 0.025)[severity - 1] * min(image.shape[:2])
    picture = PillowImage.fromarray(image).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(picture, dtype=np.uint8)


def _add_noise(image: Pixels, severity: int, random: Random) -> Pixels:
    noise = random.standard_normal(image.shape, dtype=np.float32) * (12.0, 30.0)[severity - 1]
    return _to_pixels(image + noise)


def _darken(image: Pixels, severity: int, _random: Random) -> Pixels:
    return _to_pixels(image * np.float32((0.6, 0.3)[severity - 1]))


def _brighten(image: Pixels, severity: int, _random: Random) -> Pixels:
    return _to_pixels(image * np.float32((1.4, 1.9)[severity - 1]) + np.float32(10.0))


def _flatten_contrast(image: Pixels, severity: int, _random: Random) -> Pixels:
    mean = image.mean(dtype=np.float64)
    return _to_pixels((image - np.float32(mean)) * np.float32((0.6, 0.3)[severity - 1]) + mean)


def _compress(image: Pixels, severity: int, _random: Random) -> Pixels:
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, "JPEG", quality=(25, 8)[severity - 1])
    return np.asarray(PillowImage.open(buffer).convert("RGB"), dtype=np.uint8)


def _cast_colour(image: Pixels, severity: int, random: Random) -> Pixels:
    strength = (0.15, 0.35)[severity - 1] * random.choice((-1.0, 1.0))
    gains = np.array([1 + strength, 1.0, 1 - strength], dtype=np.float32)
    return _to_pixels(image * gains)


def _to_pixels(values: NDArray[np.floating[Any]]) -> Pixels:
    pixels: Pixels = np.clip(values + 0.5, 0, 255).astype(np.uint8)
    return pixels


CORRUPTIONS: Final[dict[str, Callable[[Pixels, int, Random], Pixels]]] = {
    "blur": _blur,
    "noise": _add_noise,
    "dark": _darken,
    "bright": _brighten,
    "contrast": _flatten_contrast,
    "jpeg": _compress,
    "color": _cast_colour,
}
