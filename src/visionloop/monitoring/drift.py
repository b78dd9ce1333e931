"""Drift tests whose thresholds come from the reference itself.

Three families of Kolmogorov-Smirnov tests (image statistics, predictions, embedding) ask
whether single features moved; a ridge classifier that tells window from reference asks
about all of them together. The reference is split 200 times into a mock window and a mock
reference, whole groups at a time, so that the usual difference between persons, tracks or
days is not called drift. The p-value of a family comes from a Gumbel distribution fitted
to its mock values, and the smallest of the four is judged against its own mock values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.monitoring.entities import DriftResult, FamilyResult, FeatureShift
from visionloop.monitoring.samples import FloatArray, IntArray, Samples

FAMILIES: Final = ("statistics", "predictions", "embedding", "domain_classifier")
NUM_RESPLITS: Final = 200
NUM_COMPONENTS: Final = 16
MIN_REFERENCE: Final = 100
_RIDGE_PENALTY: Final = 0.05
_EULER: Final = 0.5772156649015329
_MIN_P: Final = 1e-12


@dataclass(frozen=True)
class Projection:
    """Turns samples into the columns that are tested; fixed by the reference.

    Attributes:
        center: (D,) mean embedding.
        components: (K, D) principal directions.
        mean: (F,) and `scale` (F,): standardise all columns together.
        names: F column names.
        family: (F,) index of each column's family.
    """

    center: FloatArray
    components: FloatArray
    mean: FloatArray
    scale: FloatArray
    names: tuple[str, ...]
    family: IntArray

    def columns(self, samples: Samples) -> FloatArray:
        """Return (N, F) raw columns: statistics, predictions, embedding components."""
        parts = _prediction_columns(samples.probabilities)
        embedding = (samples.embeddings - self.center) @ self.components.T
        return np.hstack([samples.statistics, parts, embedding])


@dataclass(frozen=True)
class Calibration:
    """What clean windows look like; made once for each model, and cached as arrays.

    Attributes:
        reference: (M, F) raw columns of the reference.
        sizes: window sizes that were mocked, ascending.
        location, spread: (S, 4) Gumbel parameters of each family's statistic.
        combined_location, combined_spread: (S,) the same for the combined statistic.
    """

    projection: Projection
    reference: FloatArray
    sizes: tuple[int, ...]
    location: FloatArray
    spread: FloatArray
    combined_location: FloatArray
    combined_spread: FloatArray


def calibrate(
    reference: Samples,
    *,
    groups: IntArray | None = None,
    splits: NDArray[np.str_] | None = None,
    sizes: Sequence[int] = (50, 100, 200),
    seed: int = 0,
) -> Calibration:
    """Learn from the reference alone how far clean windows stray.

    Args:
        reference: clean labeled images that the model was not trained on.
        groups: (M,) what belongs together (person, track); None makes every image its own.
        splits: (M,) name of the split of each image, where groups are not known: what two
            splits usually differ by then sets a floor.
        sizes: window sizes to mock; a real window uses the largest that is not above it.
        seed: of the re-splits; the same reference gives the same calibration.

    Returns:
        The calibration.
    """
    projection = _fit_projection(reference)
    columns = projection.columns(reference)
    rng = np.random.default_rng(seed)
    members = np.arange(len(reference)) if groups is None else groups
    floor = None if splits is None else _split_floor(projection, columns, splits)
    fits = [_mock(projection, columns, members, size=size, floor=floor, rng=rng) for size in sizes]
    return Calibration(
        projection=projection,
        reference=columns,
        sizes=tuple(sizes),
        location=np.array([fit[0] for fit in fits]),
        spread=np.array([fit[1] for fit in fits]),
        combined_location=np.array([fit[2] for fit in fits]),
        combined_spread=np.array([fit[3] for fit in fits]),
    )


def detect_drift(calibration: Calibration, window: Samples, *, alpha: float = 0.01) -> DriftResult:
    """Test a window of distinct images against the reference.

    Args:
        calibration: made by `calibrate`.
        window: newest images, near-duplicates removed.
        alpha: probability of calling a clean window drifted.

    Returns:
        The result, without images (see `rank_shifted`); features by distance, largest first.
    """
    projection, columns = calibration.projection, calibration.projection.columns(window)
    chosen = _size_index(calibration.sizes, len(window))
    location, spread = calibration.location[chosen], calibration.spread[chosen]
    distances = ks_distances(calibration.reference, columns)
    values, auc = _family_values(projection, calibration.reference, columns, distances)
    p_values = _gumbel_tail(values, location, spread)
    combined = float(-np.log(p_values.min()))
    p_value = float(
        _gumbel_tail(
            np.array([combined]),
            calibration.combined_location[chosen : chosen + 1],
            calibration.combined_spread[chosen : chosen + 1],
        )[0]
    )
    thresholds = _gumbel_quantile(alpha / len(FAMILIES), location, spread)
    families = tuple(
        FamilyResult(name, float(value), float(threshold), float(p))
        for name, value, threshold, p in zip(FAMILIES, values, thresholds, p_values, strict=True)
    )
    return DriftResult(
        p_value=p_value,
        alpha=alpha,
        auc=auc,
        is_drifted=p_value < alpha,
        num_images=len(window),
        num_reference=len(calibration.reference),
        families=families,
        features=_describe_features(calibration, columns, distances),
        images=(),
    )


def rank_shifted(calibration: Calibration, window: Samples) -> tuple[IntArray, FloatArray]:
    """Order window images by how little they look like the reference.

    Returns:
        Indices, most shifted first, and (N,) domain scores in [0, 1] in window order.
    """
    columns = calibration.projection.columns(window)
    scores = _domain_scores(calibration.projection, calibration.reference, columns)
    shown = np.clip(scores[len(calibration.reference) :], 0.0, 1.0)
    return np.argsort(-shown, kind="stable").astype(np.int64), shown


def ks_distances(reference: FloatArray, window: FloatArray) -> FloatArray:
    """Two-sample Kolmogorov-Smirnov distance of every column.

    Args:
        reference: (M, F).
        window: (N, F).

    Returns:
        (F,) largest gap between the two empirical distribution functions.
    """
    pooled = np.vstack([reference, window])
    order = np.argsort(pooled, axis=0, kind="stable")
    is_window = np.arange(len(pooled)) >= len(reference)
    return _gaps(order, _last_of_ties(pooled, order), is_window)


def _gaps(order: IntArray, is_last: NDArray[np.bool_], is_window: NDArray[np.bool_]) -> FloatArray:
    """KS distances from sort orders, so that re-splits need no sorting."""
    num_window = int(is_window.sum())
    steps = np.where(is_window, 1.0 / num_window, -1.0 / (len(is_window) - num_window))
    gaps = np.abs(np.cumsum(steps[order], axis=0))
    return np.asarray(np.where(is_last, gaps, 0.0).max(axis=0))


def _last_of_ties(pooled: FloatArray, order: IntArray) -> NDArray[np.bool_]:
    ordered = np.take_along_axis(pooled, order, axis=0)
    is_last = np.ones(ordered.shape, dtype=bool)
    is_last[:-1] = ordered[1:] != ordered[:-1]
    return is_last


def _prediction_columns(probabilities: FloatArray) -> FloatArray:
    largest = probabilities.max(axis=1, keepdims=True)
    safe = np.clip(probabilities, 1e-12, 1.0)
    entropy = -(safe * np.log(safe)).sum(axis=1, keepdims=True)
    return np.hstack([largest, entropy, probabilities])


def _fit_projection(reference: Samples) -> Projection:
    center = reference.embeddings.mean(axis=0)
    _, _, directions = np.linalg.svd(reference.embeddings - center, full_matrices=False)
    components = directions[: min(NUM_COMPONENTS, len(directions), len(reference) // 10)]
    num_classes = reference.probabilities.shape[1]
    names = (
        *STATISTIC_NAMES[: reference.statistics.shape[1]],
        *("highest_probability", "entropy_of_probabilities"),
        *(f"probability_{index}" for index in range(num_classes)),
        *(f"embedding_{index}" for index in range(len(components))),
    )
    sizes = (reference.statistics.shape[1], num_classes + 2, len(components))
    family = np.repeat(np.arange(3), sizes)
    unscaled = Projection(center, components, np.zeros(1), np.ones(1), names, family)
    columns = unscaled.columns(reference)
    deviations = columns.std(axis=0)
    # A column that never varies in the reference still counts when it changes.
    scale = np.where(deviations > 1e-9, deviations, np.maximum(np.abs(columns.mean(axis=0)), 1e-6))
    return Projection(center, components, columns.mean(axis=0), scale, names, family)


def _domain_scores(projection: Projection, reference: FloatArray, window: FloatArray) -> FloatArray:
    """Leave-one-out outputs of a ridge classifier: about 0 for reference, 1 for window."""
    pooled = (np.vstack([reference, window]) - projection.mean) / projection.scale
    # Bounded columns, so that one absurd image cannot tilt the plane.
    design = np.hstack([np.clip(pooled, -6.0, 6.0), np.ones((len(pooled), 1))])
    target = np.zeros(len(pooled))
    target[len(reference) :] = 1.0
    weights = np.where(target > 0, 0.5 / len(window), 0.5 / len(reference))
    weighted = design * weights[:, None]
    gram = weighted.T @ design
    penalty = np.full(len(gram), _RIDGE_PENALTY)
    penalty[-1] = 1e-9
    inverse = np.linalg.inv(gram + np.diag(penalty))
    fitted = design @ (inverse @ (weighted.T @ target))
    leverage = np.einsum("ij,jk,ik->i", design, inverse, weighted, optimize=True)
    scores: FloatArray = (fitted - leverage * target) / np.maximum(1.0 - leverage, 1e-6)
    return scores


def area_under_curve(negatives: FloatArray, positives: FloatArray) -> float:
    """Probability that a positive scores above a negative; ties count half."""
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    up_to = np.searchsorted(ordered, positives, side="right")
    return float((below + up_to).mean() / (2 * len(negatives)))


def _family_values(
    projection: Projection, reference: FloatArray, window: FloatArray, distances: FloatArray
) -> tuple[FloatArray, float]:
    """The statistic of each family: scaled KS maxima and the classifier's AUC."""
    effective = np.sqrt(len(reference) * len(window) / (len(reference) + len(window)))
    scores = _domain_scores(projection, reference, window)
    auc = area_under_curve(scores[: len(reference)], scores[len(reference) :])
    maxima = [effective * distances[projection.family == index].max() for index in range(3)]
    return np.array([*maxima, auc]), auc


def _mock(
    projection: Projection,
    columns: FloatArray,
    groups: IntArray,
    *,
    size: int,
    floor: FloatArray | None,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, float, float]:
    """Gumbel parameters of every family's statistic over mock windows of one size."""
    order = np.argsort(columns, axis=0, kind="stable")
    is_last = _last_of_ties(columns, order)
    values = np.empty((NUM_RESPLITS, len(FAMILIES)))
    for index in range(NUM_RESPLITS):
        is_window = _draw_window(groups, min(size, len(columns) // 2), rng)
        distances = _gaps(order, is_last, is_window)
        values[index], _ = _family_values(
            projection, columns[~is_window], columns[is_window], distances
        )
    if floor is not None:
        # One draw of the difference between groups is known; taken for the usual one.
        values *= np.maximum(1.0, floor / np.median(values, axis=0))
    location, spread = _fit_gumbel(values)
    combined = -np.log(_gumbel_tail(values, location, spread).min(axis=1))
    combined_location, combined_spread = _fit_gumbel(combined[:, None])
    return location, spread, float(combined_location[0]), float(combined_spread[0])


def _draw_window(groups: IntArray, size: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Mark a mock window of whole groups; only the last may be cut."""
    names, codes = np.unique(groups, return_inverse=True)
    rank = rng.permutation(len(names))[codes]
    within = rng.random(len(groups))
    chosen = np.lexsort((within, rank))[:size]
    is_window = np.zeros(len(groups), dtype=bool)
    is_window[chosen] = True
    return is_window


def _split_floor(
    projection: Projection, columns: FloatArray, splits: NDArray[np.str_]
) -> FloatArray | None:
    """What the two labeled splits differ by: clean windows differ as much."""
    names = np.unique(splits)
    if len(names) != 2:
        return None
    first, second = columns[splits == names[0]], columns[splits == names[1]]
    if min(len(first), len(second)) < MIN_REFERENCE // 4:
        return None
    values, _ = _family_values(projection, first, second, ks_distances(first, second))
    return values


def _fit_gumbel(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fit a Gumbel distribution to each column by L-moments (Hosking 1990)."""
    ordered = np.sort(values, axis=0)
    ranks = np.arange(len(values))[:, None]
    first = ordered.mean(axis=0)
    second = 2.0 * (ranks / (len(values) - 1) * ordered).mean(axis=0) - first
    spread = np.maximum(second / np.log(2.0), 1e-6)
    return first - _EULER * spread, spread


def _gumbel_tail(values: FloatArray, location: FloatArray, spread: FloatArray) -> FloatArray:
    """Probability of a value at least this large."""
    scaled = np.clip((values - location) / spread, -20.0, 700.0)
    return np.clip(-np.expm1(-np.exp(-scaled)), _MIN_P, 1.0)


def _gumbel_quantile(tail: float, location: FloatArray, spread: FloatArray) -> FloatArray:
    return np.asarray(location - spread * np.log(-np.log1p(-tail)))


def _size_index(sizes: Sequence[int], num_images: int) -> int:
    return max(int(np.searchsorted(sizes, num_images, side="right")) - 1, 0)


def _describe_features(
    calibration: Calibration, columns: FloatArray, distances: FloatArray
) -> tuple[FeatureShift, ...]:
    """Statistics and confidence of the window, most drifted first."""
    projection = calibration.projection
    means = columns.mean(axis=0)
    shown = [
        index
        for index, name in enumerate(projection.names)
        if not name.startswith(("embedding_", "probability_"))
    ]
    shown.sort(key=lambda index: -distances[index])
    return tuple(
        FeatureShift(
            name=projection.names[index],
            distance=float(distances[index]),
            shift=float((means[index] - projection.mean[index]) / projection.scale[index]),
            reference_mean=float(projection.mean[index]),
            window_mean=float(means[index]),
        )
        for index in shown
    )
