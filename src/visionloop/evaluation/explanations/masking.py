"""Explain any model from outside: hide parts of the image and watch the score.

RISE for classifiers (Petsiuk et al. 2018); with a score that compares detections with a target it
is D-RISE (Petsiuk et al. 2021), so that it explains any detector.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

Pixels = NDArray[np.uint8]
Score = Callable[[Pixels], NDArray[np.float64]]
"""Maps (M, H, W, 3) uint8 images to (M,): how much the model says the target of each."""

_BATCH = 64


def explain_by_masking(
    image: Pixels,
    score: Score,
    *,
    num_masks: int = 600,
    grid: int = 8,
    visible: float = 0.5,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return the saliency of each pixel, (H, W) in [0, 1].

    Args:
        image: (H, W, 3) uint8 at the model's input size.
        score: see ``Score``.
        num_masks: more give a smoother map; error falls with the root.
        grid: cells a side of the coarse masks.
        visible: share of the cells that a mask leaves visible.
        seed: fixes the masks.
    """
    height, width = image.shape[:2]
    random = np.random.default_rng(seed)
    grey = np.float32(image.mean())
    total = np.zeros((height, width), dtype=np.float64)
    shown = np.zeros((height, width), dtype=np.float64)
    scores_sum = 0.0
    for start in range(0, num_masks, _BATCH):
        count = min(_BATCH, num_masks - start)
        masks = _draw_masks(random, count, (height, width), grid=grid, visible=visible)
        blended = image * masks[..., None] + grey * (1 - masks[..., None])
        values = score(np.clip(blended + 0.5, 0, 255).astype(np.uint8))
        total += np.tensordot(values, masks, axes=1)
        shown += masks.sum(axis=0)
        scores_sum += float(values.sum())
    # What a pixel adds beyond the mean over all masks; dividing by how often it was shown removes
    # the bias that random masks leave.
    saliency = total / np.maximum(shown, 1e-9) - scores_sum / num_masks
    return rescale(saliency)


def rescale(saliency: NDArray[np.floating]) -> NDArray[np.float32]:
    """Stretch a map to [0, 1]; a flat one becomes zero."""
    low, high = float(saliency.min()), float(saliency.max())
    if high - low < 1e-12:
        return np.zeros(saliency.shape, dtype=np.float32)
    return ((saliency - low) / (high - low)).astype(np.float32)


def _draw_masks(
    random: np.random.Generator,
    count: int,
    size: tuple[int, int],
    *,
    grid: int,
    visible: float,
) -> NDArray[np.float32]:
    height, width = size
    cell = (-(-height // grid), -(-width // grid))
    grown = ((grid + 1) * cell[1], (grid + 1) * cell[0])
    masks = np.empty((count, height, width), dtype=np.float32)
    for position in range(count):
        coarse = (random.random((grid, grid)) < visible).astype(np.uint8) * 255
        picture = PillowImage.fromarray(coarse).resize(grown, PillowImage.Resampling.BILINEAR)
        top, left = random.integers(0, cell[0]), random.integers(0, cell[1])
        fine = np.asarray(picture, dtype=np.float32)[top : top + height, left : left + width]
        masks[position] = fine / 255
    return masks
