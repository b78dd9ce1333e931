"""The two cameras: their light, and what lens, sensor and colour do to the light that arrives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Floats = NDArray[np.float32]
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """One station of the line.

    Attributes:
        model: what EXIF `Model` says.
        light: direction towards the main light, x right, y down, z to the camera.
        belt: linear RGB of the belt.
        cast: linear RGB gain of the white balance.
        blur: sigma in pixels on a 160 px photo.
        noise: standard deviation on the 0..255 scale at mid grey.
        shadow: how dark the cast shadow is, 0 none, 1 black.
    """

    name: str
    model: str
    light: Triple
    fill: float
    belt: Triple
    cast: Triple
    exposure: float
    contrast: float
    blur: float
    noise: float
    vignette: float
    falloff: float
    shadow: float
    zoom: float
    quality: int


LINE_A = Camera(
    name="line-A",
    model="Conveyor Cam A",
    light=(-0.46, -0.52, 0.72),
    fill=0.34,
    belt=(0.034, 0.047, 0.057),
    cast=(0.97, 1.0, 1.05),
    exposure=1.12,
    contrast=1.0,
    blur=0.35,
    noise=2.2,
    vignette=0.14,
    falloff=0.16,
    shadow=0.78,
    zoom=1.0,
    quality=92,
)
LINE_B = Camera(
    name="line-B",
    model="Conveyor Cam B",
    light=(0.62, -0.36, 0.70),
    fill=0.2,
    belt=(0.13, 0.1, 0.06),
    cast=(1.18, 0.98, 0.72),
    exposure=0.9,
    contrast=0.92,
    blur=0.8,
    noise=4.5,
    vignette=0.48,
    falloff=0.34,
    shadow=0.85,
    zoom=0.92,
    quality=78,
)
CAMERAS: dict[str, Camera] = {camera.name: camera for camera in (LINE_A, LINE_B)}


@lru_cache(maxsize=16)
def lens_map(camera: Camera, height: int, width: int) -> Floats:
    """Returns the (height, width, 1) gain of the lens and the lamp: vignette and falloff."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x = (x + 0.5) / width * 2 - 1
    y = (y + 0.5) / height * 2 - 1
    corner = (x * x + y * y) / 2
    lamp = 1.0 + camera.falloff * (x * camera.light[0] + y * camera.light[1])
    gain: Floats = ((1.0 - camera.vignette * corner) * lamp).astype(np.float32)
    return gain[..., None]


@lru_cache(maxsize=1)
def _tone_table() -> NDArray[np.uint8]:
    """SRGB curve for linear light in [0, 1) in 4096 steps."""
    linear = (np.arange(4096) + 0.5) / 4096
    curve = np.where(linear < 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (curve * 255 + 0.5).astype(np.uint8)


def develop(light: Floats, camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turns linear light into the photo that this camera would deliver.

    The light is (H, W, 3) float32 linear RGB, 1 is paper white; the photo (H, W, 3) uint8 sRGB.
    """
    height, width = light.shape[:2]
    gain = np.asarray(camera.cast, dtype=np.float32) * camera.exposure
    warmth = float(rng.normal(0.0, 0.07))
    gain = gain * np.float32(rng.normal(1.0, 0.10)) * (1 + warmth, 1, 1 - warmth)
    exposed = light * lens_map(camera, height, width) * gain.astype(np.float32)
    exposed = exposed / (1.0 + 0.18 * exposed)
    steps = np.clip(exposed * 4096.0, 0, 4095).astype(np.uint16)
    photo = Image.fromarray(_tone_table()[steps])
    sigma = camera.blur * float(rng.uniform(0.75, 1.3)) * max(1.0, (height / 160) ** 0.5)
    image = np.asarray(photo.filter(ImageFilter.GaussianBlur(sigma)), dtype=np.float32)
    if camera.contrast != 1.0:
        image = (image - 96.0) * camera.contrast + 96.0
    grain = rng.standard_normal((height, width, 3), dtype=np.float32)
    grain[..., 1:] = 0.55 * grain[..., 1:] + 0.45 * grain[..., :1]
    strength = camera.noise * (0.55 + 0.45 * np.sqrt(np.clip(image, 0, 255) / 128.0))
    developed: NDArray[np.uint8] = np.clip(image + grain * strength + 0.5, 0, 255).astype(np.uint8)
    return developed
