"""Whether an explanation says the truth: deletion, insertion and a check with shuffled weights.

Deletion and insertion after Petsiuk et al. 2018; the sanity check after Adebayo et al. 2018,
"Sanity checks for saliency maps".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFilter
from scipy.stats import spearmanr

from visionloop.evaluation.explanations.masking import Pixels, Score

NUM_STEPS = 16


@dataclass(frozen=True)
class Faithfulness:
    """Areas under the score, 0 to 1, while pixels vanish or appear in the order of a map."""

    deletion: float
    insertion: float


def measure_faithfulness(
    image: Pixels, saliency: NDArray[np.float32], score: Score, *, num_steps: int = NUM_STEPS
) -> Faithfulness:
    """Remove and bring in the most salient pixels step by step.

    Args:
        image: (H, W, 3) uint8 at the model's input size.
        saliency: (H, W).
        score: how much the model says the target.
        num_steps: of equal numbers of pixels.
    """
    order = np.argsort(-saliency, axis=None, kind="stable")
    return Faithfulness(
        deletion=_area(image, _flat(image), order, score, num_steps),
        insertion=_area(_blurred(image), image, order, score, num_steps),
    )


def measure_random_order(image: Pixels, score: Score, *, seed: int = 0) -> Faithfulness:
    """Do the same in an order that knows nothing: what an explanation must beat."""
    height, width = image.shape[:2]
    coarse = np.random.default_rng(seed).random((8, 8)).astype(np.float32)
    picture = PillowImage.fromarray(coarse).resize((width, height), PillowImage.Resampling.BICUBIC)
    return measure_faithfulness(image, np.asarray(picture, dtype=np.float32), score)


def rank_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return how alike two maps order the pixels, -1 to 1; 0 where one of them is flat."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(spearmanr(first.ravel(), second.ravel()).statistic)


def _area(
    start: Pixels, end: Pixels, order: NDArray[np.int64], score: Score, num_steps: int
) -> float:
    pictures = [start.copy()]
    current = start.copy().reshape(-1, 3)
    target = end.reshape(-1, 3)
    for part in np.array_split(order, num_steps):
        current[part] = target[part]
        pictures.append(current.reshape(start.shape).copy())
    values = np.clip(score(np.stack(pictures)), 0.0, 1.0)
    return float(np.trapezoid(values, dx=1.0 / num_steps))


def _flat(image: Pixels) -> Pixels:
    return np.full_like(image, round(float(image.mean())))


def _blurred(image: Pixels) -> Pixels:
    radius = 0.1 * min(image.shape[:2])
    picture = PillowImage.fromarray(image).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(picture, dtype=np.uint8)
