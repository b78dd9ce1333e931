"""Accuracy without labels: CBPE where nothing drifts, a learned regressor where something does.

CBPE (confidence-based performance estimation, NannyML) averages the calibrated probability
of being right; it holds as long as confidence keeps its meaning. Under drift it does not,
so a regressor learns from synthetic windows, mixed from corrupted validation images, how
accuracy follows the shift of every signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.isotonic import IsotonicRegression

from visionloop.monitoring.entities import PerformanceEstimate
from visionloop.monitoring.samples import Baseline, FloatArray, Samples

COVERAGE: Final = 0.90
NUM_WINDOWS: Final = 400
MIN_CORRUPTED: Final = 100
_Z90: Final = 1.6449
_NAMES: Final = (
    "cbpe",
    "atc",
    "energy",
    "entropy",
    "embedding_shift",
    "statistic_shift",
    "class_shift",
)


@dataclass(frozen=True)
class Estimator:
    """Everything learned from a baseline that estimating needs.

    Attributes:
        threshold: ATC threshold (Garg et al. 2022) on the highest probability.
        residual: half width of the regressor's 90 % interval, from held-out corruptions.
        lowest, highest: (F,) range of each input among synthetic windows.
        regressor: None where the baseline has no corrupted rows to learn from.
    """

    isotonic: IsotonicRegression
    threshold: float
    reference: float
    num_reference: int
    center: FloatArray
    components: FloatArray
    spread: FloatArray
    statistics_mean: FloatArray
    statistics_std: FloatArray
    class_shares: FloatArray
    regressor: GradientBoostingRegressor | None
    residual: float
    lowest: FloatArray
    highest: FloatArray


def fit_estimator(baseline: Baseline, *, window_size: int = 200, seed: int = 0) -> Estimator:
    """Learn to estimate accuracy from labeled clean and corrupted images.

    Args:
        baseline: clean rows calibrate CBPE; corrupted rows train the regressor.
        window_size: images in a synthetic window.
        seed: of the synthetic windows.

    Returns:
        The estimator.
    """
    clean = baseline.is_clean
    partial = _fit_clean(baseline.samples.take(clean), baseline.correct[clean])
    if int((~clean).sum()) < MIN_CORRUPTED:
        return partial
    rng = np.random.default_rng(seed)
    inputs, targets, families = _synthetic_windows(partial, baseline, window_size, rng)
    errors = []
    for family in np.unique(families[families != "none"]):
        held_out = families == family
        model = _new_regressor(seed).fit(inputs[~held_out], targets[~held_out])
        errors.append(np.abs(model.predict(inputs[held_out]) - targets[held_out]))
    regressor = _new_regressor(seed).fit(inputs, targets)
    return Estimator(
        **(
            vars(partial)
            | {
                "regressor": regressor,
                "residual": float(np.quantile(np.concatenate(errors), COVERAGE)),
                "lowest": inputs.min(axis=0),
                "highest": inputs.max(axis=0),
            }
        )
    )


def estimate_performance(
    estimator: Estimator, window: Samples, *, is_drifted: bool
) -> PerformanceEstimate:
    """Estimate the accuracy on a window, always with a 90 % interval.

    Args:
        estimator: made by `fit_estimator`.
        window: distinct images without labels.
        is_drifted: what the drift tests say; it decides on the method.

    Returns:
        The estimate; `is_extrapolating` where the window lies outside all synthetic ones.
    """
    inputs = describe_window(estimator, window)
    calibrated = estimator.isotonic.predict(window.probabilities.max(axis=1))
    sampling = float(np.sqrt((calibrated * (1 - calibrated)).mean() / len(window)))
    if not is_drifted or estimator.regressor is None:
        known = np.sqrt(estimator.reference * (1 - estimator.reference) / estimator.num_reference)
        value, half = float(inputs[0]), _Z90 * float(np.hypot(sampling, known))
        return _clipped(estimator, value, half, "cbpe", is_extrapolating=is_drifted)
    value = float(estimator.regressor.predict(inputs[None])[0])
    margin = 0.25 * (estimator.highest - estimator.lowest)
    outside = (inputs < estimator.lowest - margin) | (inputs > estimator.highest + margin)
    half = float(np.hypot(estimator.residual, _Z90 * sampling))
    is_extrapolating = bool(outside.any())
    if is_extrapolating:
        half *= 2
    return _clipped(estimator, value, half, "regressor", is_extrapolating=is_extrapolating)


def describe_window(estimator: Estimator, window: Samples) -> FloatArray:
    """Sum a window up in the inputs of the regressor (see `_NAMES`)."""
    probabilities = np.clip(window.probabilities, 1e-6, 1 - 1e-6)
    confidence = probabilities.max(axis=1)
    projected = (window.embeddings - estimator.center) @ estimator.components.T / estimator.spread
    shift = (window.statistics - estimator.statistics_mean) / estimator.statistics_std
    shares = window.probabilities.mean(axis=0)
    return np.array(
        [
            estimator.isotonic.predict(confidence).mean(),
            (confidence >= estimator.threshold).mean(),
            logit(confidence).mean(),
            -(probabilities * np.log(probabilities)).sum(axis=1).mean(),
            np.sqrt((projected.mean(axis=0) ** 2).mean()),
            np.sqrt((np.clip(shift.mean(axis=0), -10, 10) ** 2).mean()),
            0.5 * np.abs(shares - estimator.class_shares).sum(),
        ]
    )


def _fit_clean(clean: Samples, correct: NDArray[np.bool_]) -> Estimator:
    confidence = clean.probabilities.max(axis=1)
    isotonic = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    isotonic.fit(confidence, correct.astype(float))
    center = clean.embeddings.mean(axis=0)
    _, values, directions = np.linalg.svd(clean.embeddings - center, full_matrices=False)
    rank = min(16, len(values))
    deviations = clean.statistics.std(axis=0)
    floor = np.maximum(np.abs(clean.statistics.mean(axis=0)) * 0.05, 1e-6)
    return Estimator(
        isotonic=isotonic,
        threshold=float(np.quantile(confidence, 1 - correct.mean())),
        reference=float(correct.mean()),
        num_reference=len(correct),
        center=center,
        components=directions[:rank],
        spread=np.maximum(values[:rank] / np.sqrt(len(correct)), 1e-9),
        statistics_mean=clean.statistics.mean(axis=0),
        statistics_std=np.maximum(deviations, floor),
        class_shares=clean.probabilities.mean(axis=0),
        regressor=None,
        residual=0.5,
        lowest=np.full(len(_NAMES), -np.inf),
        highest=np.full(len(_NAMES), np.inf),
    )


def _new_regressor(seed: int) -> GradientBoostingRegressor:
    return GradientBoostingRegressor(
        n_estimators=80, max_depth=3, learning_rate=0.08, subsample=0.7, random_state=seed
    )


def _synthetic_windows(
    estimator: Estimator, baseline: Baseline, window_size: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, NDArray[np.str_]]:
    """Windows mixed from clean rows and one family of corruption each."""
    correct = baseline.correct.astype(float)
    clean = np.flatnonzero(baseline.is_clean)
    families: Sequence[str] = [*np.unique(baseline.corruptions[~baseline.is_clean])]
    inputs, targets, names = [], [], []
    for index in range(NUM_WINDOWS):
        family = "none" if index % 8 == 0 else families[index % len(families)]
        share = 0.0 if family == "none" else rng.uniform(0.1, 1.0)
        corrupted = np.flatnonzero(baseline.corruptions == family)
        num_corrupted = round(share * window_size)
        rows = np.concatenate(
            [
                rng.choice(clean, window_size - num_corrupted),
                rng.choice(corrupted, num_corrupted) if num_corrupted else clean[:0],
            ]
        )
        inputs.append(describe_window(estimator, baseline.samples.take(rows)))
        targets.append(correct[rows].mean())
        names.append(family)
    return np.array(inputs), np.array(targets), np.array(names)


def _clipped(
    estimator: Estimator, value: float, half: float, method: str, *, is_extrapolating: bool
) -> PerformanceEstimate:
    return PerformanceEstimate(
        value=float(np.clip(value, 0, 1)),
        low=float(np.clip(value - half, 0, 1)),
        high=float(np.clip(value + half, 0, 1)),
        reference=estimator.reference,
        method=method,
        is_extrapolating=is_extrapolating,
    )
