"""Random changes of training images, a batch at a time, reproducible by a generator.

Own functions on tensors: drawing one random number per image and change keeps a whole batch in
a few vectorised calls, a tenth of the cost of a library that treats images one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

# Gaussian of sigma 1 pixel, as binomial weights.
_BLUR = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16.0


@dataclass(frozen=True)
class AugmentationStrength:
    """How far images are changed; each value is drawn uniformly up to these limits.

    Attributes:
        rotation: degrees to either side.
        scale, stretch: relative change of size and of aspect ratio.
        shift: share of the side.
        brightness, contrast, color: relative changes; color is per channel.
        min_saturation: 0 allows grey images.
        gamma: change of the exponent's logarithm.
        blur: share of images that are blurred.
        noise: largest standard deviation, of values in [0, 1].
    """

    rotation: float = 15.0
    scale: float = 0.15
    stretch: float = 0.08
    shift: float = 0.1
    brightness: float = 0.2
    contrast: float = 0.2
    color: float = 0.06
    min_saturation: float = 0.5
    gamma: float = 0.0
    blur: float = 0.1
    noise: float = 0.0


# "light" is the default because it gave the best accuracy on new photos of a known camera;
# the stronger ones trade some of it for robustness to light and lens (bench/drill_recipe.py).
STRENGTHS = {
    "light": AugmentationStrength(),
    "standard": AugmentationStrength(
        brightness=0.3, contrast=0.35, color=0.12, blur=0.3, noise=0.04
    ),
    "strong": AugmentationStrength(
        rotation=25.0, scale=0.25, shift=0.12, brightness=0.45, contrast=0.5, color=0.25,
        min_saturation=0.0, gamma=0.5, blur=0.3, noise=0.04,
    ),
}  # fmt: skip


def augment(
    images: Tensor, strength: AugmentationStrength, generator: Generator, *, flip: bool = False
) -> Tensor:
    """Change every image of a batch in its own way.

    Args:
        images: (N, 3, H, W) float32 in [0, 1].
        strength: limits of the changes.
        generator: source of randomness.
        flip: mirror half of the images.

    Returns:
        A new batch of the same shape and range.
    """
    matrix = draw_motion(len(images), strength, generator, flip=flip)
    return recolor(move(images, matrix), strength, generator)


def recolor(images: Tensor, strength: AugmentationStrength, generator: Generator) -> Tensor:
    """Change colours, blur and add noise; nothing moves."""
    recolored = _recolor(images, strength, generator)
    return _degrade(recolored, strength, generator).clamp(0.0, 1.0)


def draw_motion(
    count: int, strength: AugmentationStrength, generator: Generator, *, flip: bool
) -> Tensor:
    """Draw a rotation, scale, stretch, shift and mirroring for each image.

    Returns:
        (N, 2, 3) matrices from places in the new image to places in the old one, where the sides
        of an image run from -1 to 1.
    """
    angle = _uniform(generator, count, strength.rotation) * (math.pi / 180.0)
    size = 1.0 + _uniform(generator, count, strength.scale)
    stretch = 1.0 + _uniform(generator, count, strength.stretch)
    mirror = torch.ones(count)
    if flip:
        mirror[torch.rand(count, generator=generator) < 0.5] = -1.0
    matrix = torch.zeros(count, 2, 3)
    matrix[:, 0, 0] = angle.cos() * size * stretch * mirror
    matrix[:, 0, 1] = -angle.sin() * size
    matrix[:, 1, 0] = angle.sin() * size * mirror
    matrix[:, 1, 1] = angle.cos() * size / stretch
    # Coordinates run from -1 to 1, so a share of the side counts twice.
    matrix[:, :, 2] = 2.0 * _uniform(generator, count, strength.shift, columns=2)
    return matrix


def move(
    images: Tensor, matrix: Tensor, *, mode: str = "bilinear", padding: str = "reflection"
) -> Tensor:
    """Move every image in one resampling.

    Args:
        images: (N, C, H, W).
        matrix: (N, 2, 3), see `draw_motion`.
        mode: "nearest" for masks.
        padding: "zeros" where nothing may be repeated beyond the border.
    """
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(
        images, grid, mode=mode, padding_mode=padding, align_corners=False
    )


def _recolor(images: Tensor, strength: AugmentationStrength, generator: Generator) -> Tensor:
    """Change contrast, saturation, gamma, brightness and white balance."""
    count = len(images)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    images = (images - mean) * (1.0 + _gain(generator, count, strength.contrast)) + mean
    grey = images.mean(dim=1, keepdim=True)
    low, high = strength.min_saturation, 1.6
    saturation = low + (high - low) * torch.rand(count, 1, 1, 1, generator=generator)
    images = grey + (images - grey) * saturation
    if strength.gamma:
        exponent = torch.exp(_gain(generator, count, strength.gamma))
        images = images.clamp(1e-3, 1.0) ** exponent
    images = images * (1.0 + _gain(generator, count, strength.brightness))
    return images * (1.0 + _gain(generator, count, strength.color, channels=3))


def _degrade(images: Tensor, strength: AugmentationStrength, generator: Generator) -> Tensor:
    """Blur some images and add noise."""
    count = len(images)
    chosen = torch.rand(count, generator=generator) < strength.blur
    if chosen.any():
        images[chosen] = _blur(images[chosen])
    if strength.noise:
        level = strength.noise * torch.rand(count, 1, 1, 1, generator=generator)
        images = images + torch.randn(images.shape, generator=generator) * level
    return images


def _blur(images: Tensor) -> Tensor:
    padded = functional.pad(images, (2, 2, 2, 2), mode="reflect")
    across = functional.conv2d(padded, _BLUR.view(1, 1, 1, 5).repeat(3, 1, 1, 1), groups=3)
    return functional.conv2d(across, _BLUR.view(1, 1, 5, 1).repeat(3, 1, 1, 1), groups=3)


def _uniform(generator: Generator, count: int, limit: float, *, columns: int = 0) -> Tensor:
    shape = (count, columns) if columns else (count,)
    return (torch.rand(shape, generator=generator) * 2.0 - 1.0) * limit


def _gain(generator: Generator, count: int, limit: float, *, channels: int = 1) -> Tensor:
    return (torch.rand(count, channels, 1, 1, generator=generator) * 2.0 - 1.0) * limit
