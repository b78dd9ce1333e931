"""The conveyor belt below the parts: woven rubber with wear along the direction of travel."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from visionloop.data.rendered.parts import seed_of

Floats = NDArray[np.float32]
TILE_SIZE = 1024


def _smooth_noise(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Returns value noise of (TILE_SIZE, TILE_SIZE) in [-1, 1] with height x width cells."""
    cells = (rng.random((height, width)) * 255).astype(np.uint8)
    image = Image.fromarray(cells).resize((TILE_SIZE, TILE_SIZE), Image.Resampling.BICUBIC)
    noise: Floats = np.asarray(image, dtype=np.float32) / 127.5 - 1.0
    return noise


@lru_cache(maxsize=8)
def belt_tile(style: str, weave_px: int) -> Floats:
    """Returns a (1024, 1024) tile of relative brightness around 1.

    Args:
        style: any word; it seeds the wear, so two lines have two belts.
        weave_px: period of the fabric in pixels.
    """
    rng = np.random.default_rng(seed_of("belt", style))
    axis = np.arange(TILE_SIZE, dtype=np.float32) * np.float32(2 * np.pi / weave_px)
    across, along = np.meshgrid(axis, axis, indexing="ij")
    weave = np.sin(across + np.sin(along) * 0.6) * np.sin(along)
    tile = 1.0 + 0.20 * weave
    tile += 0.10 * _smooth_noise(rng, 9, 7)
    tile += 0.14 * _smooth_noise(rng, 220, 5)
    tile += 0.10 * _smooth_noise(rng, 512, 512)
    speckles = rng.random((TILE_SIZE, TILE_SIZE)) > 0.9992
    dust = Image.fromarray((speckles * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.9))
    tile += np.asarray(dust, dtype=np.float32) / 255.0 * 3.0
    limited: Floats = np.clip(tile, 0.45, 2.2).astype(np.float32)
    return limited


def cut_belt(
    style: str, height: int, width: int, *, weave_px: int, rng: np.random.Generator
) -> Floats:
    """Returns a random (height, width) piece of belt."""
    tile = belt_tile(style, weave_px)
    top = int(rng.integers(TILE_SIZE))
    left = int(rng.integers(TILE_SIZE))
    rows = np.arange(top, top + height) % TILE_SIZE
    columns = np.arange(left, left + width) % TILE_SIZE
    piece: Floats = tile[rows[:, None], columns[None, :]]
    return piece
