"""Fourteen statistics that describe how an image looks: light, colour, detail and shape.

They feed slices, quality flags and drift tests alike, so the same function measures
images at ingest, at evaluation and behind every request. Large images are
stride-subsampled (at most 96 rows and columns); detail is measured on a central crop
at full resolution, since subsampling would invent it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# The mean of green follows from luminance, red and blue, so it is left out: a redundant
# statistic would only cost a drift test power under Bonferroni.
STATISTIC_NAMES: Final[tuple[str, ...]] = (
    "luminance_mean",
    "luminance_std",
    "red_mean",
    "blue_mean",
    "red_std",
    "green_std",
    "blue_std",
    "luminance_p01",
    "luminance_p99",
    "entropy",
    "laplacian_variance",
    "laplacian_mean_absolute",
    "aspect",
    "area",
)
NUM_STATISTICS: Final = len(STATISTIC_NAMES)

SAMPLE_SIDE: Final = 96
CROP_SIDE: Final = 96
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_LEVELS = np.arange(256, dtype=np.float64)


def measure_image(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure one decoded image; order and meaning as in `STATISTIC_NAMES`.

    Args:
        rgb: (H, W, 3) uint8, upright, at the resolution it was stored in.

    Returns:
        (14,) float32. Levels in [0, 255], entropy in bits, aspect = width / height,
        area in pixels.
    """
    height, width = rgb.shape[:2]
    sample = np.ascontiguousarray(rgb[:: _stride(height), :: _stride(width)], dtype=np.float32)
    pixels = sample.reshape(-1, 3)
    counts = np.bincount((pixels @ _LUMA + 0.5).astype(np.uint8), minlength=256)
    pixels -= 128.0
    means, deviations = _mean_and_std(pixels)
    measured = np.empty(NUM_STATISTICS, dtype=np.float32)
    measured[0:2], measured[7:9], measured[9] = _describe_histogram(counts)
    measured[2], measured[3] = means[0], means[2]
    measured[4:7] = deviations
    measured[10], measured[11] = _measure_detail(rgb)
    measured[12], measured[13] = width / height, width * height
    return measured


def _stride(side: int) -> int:
    return -(-side // SAMPLE_SIDE)


def _mean_and_std(pixels: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column, from strided dot products.

    The columns of `pixels` are shifted by 128, which keeps float32 sums of squares exact
    enough (relative error below 1e-4).
    """
    ones = np.ones(len(pixels), dtype=np.float32)
    columns = [pixels[:, channel] for channel in range(3)]
    means = np.array([column @ ones for column in columns], dtype=np.float64) / len(pixels)
    squares = np.array([column @ column for column in columns], dtype=np.float64) / len(pixels)
    return means + 128.0, np.sqrt(np.maximum(squares - means**2, 0.0))


def _describe_histogram(
    counts: NDArray[np.int64],
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Mean and deviation, 1st and 99th percentile, and entropy of 256 level counts."""
    shares = counts / counts.sum()
    mean = float(shares @ _LEVELS)
    deviation = float(np.sqrt(max(0.0, float(shares @ (_LEVELS - mean) ** 2))))
    cumulative = np.cumsum(shares)
    low, high = np.searchsorted(cumulative, (0.01, 0.99))
    present = shares[shares > 0]
    entropy = float(-(present @ np.log2(present)))
    return (mean, deviation), (float(low), float(min(high, 255))), abs(entropy)


def _measure_detail(rgb: NDArray[np.uint8]) -> tuple[float, float]:
    """Variance and mean absolute value of the Laplacian on the central crop."""
    height, width = rgb.shape[:2]
    if height < 3 or width < 3:
        return 0.0, 0.0
    top, left = max(0, (height - CROP_SIDE) // 2), max(0, (width - CROP_SIDE) // 2)
    crop = rgb[top : top + CROP_SIDE, left : left + CROP_SIDE]
    grey = np.ascontiguousarray(crop, dtype=np.float32) @ _LUMA
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1]
    laplacian += grey[1:-1, :-2]
    laplacian += grey[1:-1, 2:]
    laplacian -= 4.0 * grey[1:-1, 1:-1]
    flat = laplacian.ravel()
    mean = float(flat.mean())
    variance = float(np.dot(flat, flat)) / flat.size - mean * mean
    return max(0.0, variance), float(np.abs(flat).mean())
