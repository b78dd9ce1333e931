"""How sure an estimate is: intervals for shares, differences and paired comparisons.

References:
    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    Newcombe (1998), "Interval estimation for the difference between independent proportions",
    method 10.
    Bonett and Price (2012), "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from scipy.stats import t as student

from visionloop.evaluation.entities import Measure

CONFIDENCE = 0.95


def wilson(successes: int, total: int, *, confidence: float = CONFIDENCE) -> Measure:
    """Estimate a share; sound for few images and for shares near 0 and 1.

    With no image at all the share is undefined: the value is 0 and the interval is [0, 1].
    """
    if total == 0:
        return Measure(0.0, 0.0, 1.0)
    z = _quantile(confidence)
    share = successes / total
    centre = share + z * z / (2 * total)
    margin = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if successes == 0 else (centre - margin) / scale
    high = 1.0 if successes == total else (centre + margin) / scale
    return Measure(share, low, high)


def difference(
    first: tuple[int, int], second: tuple[int, int], *, confidence: float = CONFIDENCE
) -> Measure:
    """Estimate the first share minus the second, of independent images.

    Args:
        first: (successes, total).
        second: (successes, total).
        confidence: of the interval.
    """
    one = wilson(*first, confidence=confidence)
    two = wilson(*second, confidence=confidence)
    value = one.value - two.value
    below = math.hypot(one.value - one.low, two.high - two.value)
    above = math.hypot(one.high - one.value, two.value - two.low)
    return Measure(value, max(-1.0, value - below), min(1.0, value + above))


def mean_estimate(values: NDArray[np.float64]) -> Measure:
    """Estimate the mean of scores in [0, 1]."""
    value = float(values.mean())
    margin = _margin(values)
    return Measure(value, max(0.0, value - margin), min(1.0, value + margin))


def mean_difference(first: NDArray[np.float64], second: NDArray[np.float64]) -> Measure:
    """Estimate the first mean minus the second, of independent images (Welch)."""
    value = float(first.mean() - second.mean())
    margin = math.hypot(_margin(first), _margin(second))
    return Measure(value, max(-1.0, value - margin), min(1.0, value + margin))


def paired_difference(
    num_gained: int, num_lost: int, total: int, *, confidence: float = CONFIDENCE
) -> Measure:
    """Estimate how much more often the second of two judges of the same images is right.

    Args:
        num_gained: images that only the second gets right.
        num_lost: images that only the first gets right.
        total: all images.
        confidence: of the interval.
    """
    if total == 0:
        return Measure(0.0, -1.0, 1.0)
    gained, lost = (num_gained + 1) / (total + 2), (num_lost + 1) / (total + 2)
    centre = gained - lost
    margin = _quantile(confidence) * math.sqrt((gained + lost - centre**2) / (total + 2))
    value = (num_gained - num_lost) / total
    return Measure(value, max(-1.0, centre - margin), min(1.0, centre + margin))


def mcnemar(num_gained: int, num_lost: int) -> float:
    """Exact p-value of the hypothesis that both judges are equally often right."""
    discordant = num_gained + num_lost
    if discordant == 0:
        return 1.0
    return float(binomtest(num_gained, discordant, 0.5).pvalue)


def bootstrap(
    statistic: Callable[[NDArray[np.int64]], float],
    total: int,
    *,
    num_resamples: int = 1000,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Measure:
    """Estimate any statistic of images by resampling them.

    Args:
        statistic: maps chosen image positions (total,) to a number.
        total: number of images.
        num_resamples: more make the interval smoother.
        seed: fixes the resampling.
        confidence: of the percentile interval.
    """
    random = np.random.default_rng(seed)
    values = [statistic(random.integers(0, total, total)) for _ in range(num_resamples)]
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, (tail, 1 - tail))
    return Measure(statistic(np.arange(total)), float(low), float(high))


def control_false_discoveries(p_values: list[float]) -> list[float]:
    """Turn p-values into q-values (Benjamini and Hochberg, 1995)."""
    order = np.argsort(p_values)
    total = len(p_values)
    q_values: NDArray[Any] = np.empty(total)
    smallest = 1.0
    for rank in range(total, 0, -1):
        position = order[rank - 1]
        smallest = min(smallest, p_values[position] * total / rank)
        q_values[position] = smallest
    return [float(value) for value in q_values]


def _margin(values: NDArray[np.float64]) -> float:
    """Half of the 95 % interval of a mean; everything is possible after one value."""
    count = len(values)
    if count < 2:
        return 1.0
    return float(student.ppf(0.975, count - 1) * values.std(ddof=1) / math.sqrt(count))


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
