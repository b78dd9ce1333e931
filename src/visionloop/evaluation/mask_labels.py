"""Masks that a segmenter doubts: per-pixel self-confidence, pooled by softmin.

Source: Lad, Mueller (2023), "Estimating label quality and errors in semantic segmentation data via
any model".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mask_quality(
    labels: NDArray[np.integer[Any]],
    probabilities: NDArray[np.floating[Any]],
    *,
    temperature: float = 0.1,
) -> float:
    """Score the mask of one image, in [0, 1]; low means that it is likely wrong somewhere.

    Args:
        labels: (H, W) class indices as labeled.
        probabilities: (C, H, W) of a model that did not learn from the image.
        temperature: the lower, the more the worst pixels count.
    """
    own = np.take_along_axis(probabilities, labels[None], axis=0)[0].astype(np.float64)
    weights = np.exp((own.min() - own) / temperature)
    return float((weights * own).sum() / weights.sum())
