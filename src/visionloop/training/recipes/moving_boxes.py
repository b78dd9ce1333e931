"""Move images together with the boxes of their objects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from visionloop.training.recipes.augmentation import STRENGTHS, draw_motion, move, recolor

# Letterbox grey: what lies beyond the border must not look like repeated objects.
_GROUND = 114 / 255
# An object of which less is left is not one that anybody would label.
_MIN_VISIBLE = 0.3


@dataclass(frozen=True)
class BoxAugmentation:
    """How images with boxes are changed; "none" as name changes nothing but the flips.

    Objects may come much nearer or farther than whole photos of a classifier: scale, in both
    directions, is what detectors learn most from.
    """

    name: str
    horizontal_flip: bool
    vertical_flip: bool
    rotation: float = 0.0
    scale: float = 0.4
    shift: float = 0.15


def draw_matrices(count: int, augmentation: BoxAugmentation, generator: Generator) -> Tensor:
    """Draw (N, 2, 3) matrices from the new image to the old one."""
    if augmentation.name == "none":
        matrix = torch.zeros(count, 2, 3)
        matrix[:, 0, 0] = matrix[:, 1, 1] = 1.0
    else:
        strength = replace(
            STRENGTHS[augmentation.name],
            rotation=augmentation.rotation,
            scale=augmentation.scale,
            shift=augmentation.shift,
        )
        matrix = draw_motion(count, strength, generator, flip=False)
    for flips, column in ((augmentation.horizontal_flip, 0), (augmentation.vertical_flip, 1)):
        mirrored = torch.rand(count, generator=generator) < 0.5
        if flips:
            matrix[mirrored, :, column] *= -1.0
    return matrix


def change_images(
    images: Tensor, matrix: Tensor, augmentation: BoxAugmentation, generator: Generator
) -> Tensor:
    """Move and recolour (N, 3, H, W) images in [0, 1]."""
    moved = move(images - _GROUND, matrix, padding="zeros") + _GROUND
    if augmentation.name == "none":
        return moved
    return recolor(moved, STRENGTHS[augmentation.name], generator)


def move_boxes(boxes: Tensor, matrix: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Move the boxes of one image; the hull of a turned box stands for it.

    Args:
        boxes: (G, 4) xyxy, pixels of the square old image.
        matrix: (2, 3) from the new image to the old one, sides from -1 to 1.
        size: side of the image.

    Returns:
        (K, 4) boxes that are still to be seen, and their (K,) rows.
    """
    if not len(boxes):
        return boxes, torch.zeros(0, dtype=torch.int64)
    x1, y1, x2, y2 = (boxes / size * 2.0 - 1.0).T
    corners = torch.stack([x1, y1, x2, y1, x2, y2, x1, y2], dim=1).view(-1, 4, 2)
    back = torch.linalg.inv(matrix[:, :2])
    moved = (corners - matrix[:, 2]) @ back.T
    low, high = moved.amin(dim=1), moved.amax(dim=1)
    whole = (high - low).prod(dim=1)
    low, high = low.clamp(-1.0, 1.0), high.clamp(-1.0, 1.0)
    seen = (high - low).prod(dim=1)
    kept = (seen >= _MIN_VISIBLE * whole).nonzero().squeeze(1)
    hull = torch.cat([low, high], dim=1)[kept]
    return (hull + 1.0) / 2.0 * size, kept
