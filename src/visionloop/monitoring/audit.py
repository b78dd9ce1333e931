"""True accuracy from few labels: unbiased whatever the model says, narrower where it helps.

The difference estimator of survey sampling, which prediction-powered inference
(Angelopoulos et al. 2023) generalises: the mean of an estimate over all predictions, plus
the mean correction that audited images show, weighted by one over their probability of
being drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.monitoring.entities import AuditEstimate
from visionloop.monitoring.samples import FloatArray


@dataclass(frozen=True)
class Audit:
    """Audited predictions.

    Attributes:
        p_correct: (K,) estimated probability of being right.
        is_correct: (K,) what people found.
        probabilities: (K,) probability with which each was drawn, known beforehand.
    """

    p_correct: FloatArray
    is_correct: NDArray[np.bool_]
    probabilities: FloatArray


_Z95: Final = 1.959964
MIN_AUDITED: Final = 5


def estimate_accuracy(
    audited: Audit, *, mean_p_correct: float, num_predictions: int
) -> AuditEstimate | None:
    """Estimate the accuracy over all predictions from a random audit.

    Args:
        audited: what the audit found.
        mean_p_correct: mean estimated probability of being right over all predictions that
            the audit was drawn from.
        num_predictions: how many those are.

    Returns:
        The narrower of the difference estimate and the weighted mean, or None for fewer
        than five labels. Choosing on width and not on value keeps the choice honest.
    """
    num_audited = len(audited.is_correct)
    if num_audited < MIN_AUDITED:
        return None
    weights = 1.0 / audited.probabilities
    weights = weights / weights.sum()
    truth = audited.is_correct.astype(np.float64)
    mean = float(weights @ truth)
    # Wilson keeps the interval sensible near 0 and 1, where the normal one collapses.
    mean_low, mean_high = _wilson(mean, 1.0 / float((weights**2).sum()))
    correction, half = _weighted_mean(truth - audited.p_correct, weights)
    half = max(half, _Z95 * 0.5 / (num_audited + 4))
    value = mean_p_correct + correction
    use_difference = 2 * half < mean_high - mean_low
    low, high = (value - half, value + half) if use_difference else (mean_low, mean_high)
    return AuditEstimate(
        value=float(np.clip(value if use_difference else mean, 0, 1)),
        low=float(np.clip(low, 0, 1)),
        high=float(np.clip(high, 0, 1)),
        method="difference" if use_difference else "mean",
        num_audited=num_audited,
        num_predictions=num_predictions,
        mean_value=mean,
        mean_low=mean_low,
        mean_high=mean_high,
    )


def _weighted_mean(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Mean and half width of its 95 % interval; weights add up to 1."""
    mean = float(weights @ values)
    count = len(values)
    variance = float((weights**2) @ (values - mean) ** 2) * count / max(count - 1, 1)
    return mean, _Z95 * float(np.sqrt(variance))


def _wilson(share: float, count: float) -> tuple[float, float]:
    """Score interval of a share among `count` (effective) observations."""
    square = _Z95**2
    center = (share + square / (2 * count)) / (1 + square / count)
    spread = share * (1 - share) / count + square / (4 * count**2)
    half = _Z95 * float(np.sqrt(spread)) / (1 + square / count)
    return max(0.0, center - half), min(1.0, center + half)
