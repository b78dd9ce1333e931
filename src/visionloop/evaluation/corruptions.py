"""Named, seeded damage to photos: what light, lens, sensor and storage do to them.

Families and severities after Hendrycks and Dietterich (2019), "Benchmarking neural network
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
SEVERITIES: Final = (1, 2, 3)


def corrupt(image: Pixels, name: str, severity: int, *, key: str) -> Pixels:
    """Damage one photo; the same key gives the same damage.

    Args:
        image: (H, W, 3) uint8 RGB.
        name: one of `CORRUPTIONS`.
        severity: 1, 2 or 3.
        key: seeds the noise, for example the image id.
    """
    seed = int(sha256_bytes(f"{key}/{name}/{severity}".encode())[:16], 16)
    return CORRUPTIONS[name](image, severity, np.random.default_rng(seed))


def _blur(image: Pixels, severity: int, _random: Random) -> Pixels:
    radius = (0.01, 0.025, 0.05)[severity - 1] * min(image.shape[:2])
    picture = PillowImage.fromarray(image).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(picture, dtype=np.uint8)


def _add_noise(image: Pixels, severity: int, random: Random) -> Pixels:
    noise = random.standard_normal(image.shape, dtype=np.float32) * (12.0, 30.0, 60.0)[severity - 1]
    return _to_pixels(image + noise)


def _darken(image: Pixels, severity: int, _random: Random) -> Pixels:
    return _to_pixels(image * np.float32((0.6, 0.3, 0.15)[severity - 1]))


def _brighten(image: Pixels, severity: int, _random: Random) -> Pixels:
    return _to_pixels(image * np.float32((1.4, 1.9, 2.6)[severity - 1]) + np.float32(10.0))


def _flatten_contrast(image: Pixels, severity: int, _random: Random) -> Pixels:
    mean = image.mean(dtype=np.float64)
    return _to_pixels(
        (image - np.float32(mean)) * np.float32((0.6, 0.3, 0.15)[severity - 1]) + mean
    )


def _compress(image: Pixels, severity: int, _random: Random) -> Pixels:
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, "JPEG", quality=(25, 8, 3)[severity - 1])
    return np.asarray(PillowImage.open(buffer).convert("RGB"), dtype=np.uint8)


def _cast_colour(image: Pixels, severity: int, random: Random) -> Pixels:
    strength = (0.15, 0.35, 0.6)[severity - 1] * random.choice((-1.0, 1.0))
    gains = np.array([1 + strength, 1.0, 1 - strength], dtype=np.float32)
    return _to_pixels(image * gains)


def _shake(image: Pixels, severity: int, random: Random) -> Pixels:
    reach = max(severity, round((0.01, 0.025, 0.05)[severity - 1] * min(image.shape[:2])))
    angle = random.uniform(0, np.pi)
    steps = np.arange(-reach, reach + 1)
    total = np.zeros(image.shape, dtype=np.float32)
    for step in steps:
        shift = (round(step * np.sin(angle)), round(step * np.cos(angle)))
        total += _move(image, *shift)
    return _to_pixels(total / np.float32(len(steps)))


def _pixelate(image: Pixels, severity: int, _random: Random) -> Pixels:
    height, width = image.shape[:2]
    scale = (0.5, 0.25, 0.12)[severity - 1]
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = PillowImage.fromarray(image).resize(small, PillowImage.Resampling.BOX)
    picture = picture.resize((width, height), PillowImage.Resampling.NEAREST)
    return np.asarray(picture, dtype=np.uint8)


def _add_fog(image: Pixels, severity: int, random: Random) -> Pixels:
    height, width = image.shape[:2]
    clouds = random.integers(0, 256, (4, 4), dtype=np.uint8)
    field = PillowImage.fromarray(clouds).resize((width, height), PillowImage.Resampling.BICUBIC)
    density = (0.35, 0.55, 0.75)[severity - 1] * (
        0.5 + np.asarray(field, dtype=np.float32)[..., None] / 510
    )
    return _to_pixels(image * (1 - density) + np.float32(235.0) * density)


def _lose_pixels(image: Pixels, severity: int, random: Random) -> Pixels:
    share = (0.01, 0.04, 0.1)[severity - 1]
    chance = random.random(image.shape[:2])
    damaged = image.copy()
    damaged[chance < share / 2] = 0
    damaged[chance > 1 - share / 2] = 255
    return damaged


def _starve_of_light(image: Pixels, severity: int, random: Random) -> Pixels:
    photons = (60.0, 20.0, 7.0)[severity - 1]
    return _to_pixels(random.poisson(image / 255.0 * photons) / photons * 255.0)


def _move(image: Pixels, rows: int, columns: int) -> Pixels:
    """Shift a picture; its border goes on where it leaves the frame."""
    height, width = image.shape[:2]
    row = np.clip(np.arange(height) - rows, 0, height - 1)
    column = np.clip(np.arange(width) - columns, 0, width - 1)
    moved: Pixels = image[row][:, column]
    return moved


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
    "motion": _shake,
    "pixelate": _pixelate,
    "fog": _add_fog,
    "dead_pixels": _lose_pixels,
    "photon_noise": _starve_of_light,
}

BASELINE_CORRUPTIONS: Final = ("blur", "noise", "dark", "bright", "contrast", "jpeg", "color")
"""What monitoring learns from; the others test whether it holds for damage it never saw."""

BASELINE_SEVERITIES: Final = (1, 2)
