"""Which images to label next: probably wrong, unlike each other, and some by chance.

The audit slice is drawn first, uniformly, so that it estimates the model's accuracy without bias
and no ranking can hide a mistake for ever. The rest goes to the head of the ranking by probability
of error, clustered so that the budget is not spent on one mistake seen many times.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from visionloop.labeling.active.entities import ActiveChoice, Outcome, ScoredImages

FloatArray = NDArray[np.float64]

HEAD_FACTOR: Final = 2.5
MIN_ERRORS: Final = 10


def describe(probabilities: FloatArray) -> FloatArray:
    """Return (N, 3) confidence, margin to the runner-up, and normalised entropy."""
    ordered = np.sort(probabilities, axis=1)
    confidence = ordered[:, -1]
    margin = confidence - ordered[:, -2] if probabilities.shape[1] > 1 else confidence
    logs = np.log(np.clip(probabilities, 1e-9, 1.0))
    entropy = -(probabilities * logs).sum(axis=1) / max(np.log(probabilities.shape[1]), 1e-9)
    return np.column_stack([confidence, margin, entropy])


def predict_errors(probabilities: FloatArray, outcomes: Sequence[Outcome]) -> FloatArray:
    """Return (N,) probability that the model is wrong about each image.

    Learned from what it said about images that people labeled later; with fewer than ten of
    either outcome, one minus the margin ranks, which needs no learning.

    Args:
        probabilities: (N, C).
        outcomes: of earlier batches.
    """
    signals = describe(probabilities)
    wrong = np.array([outcome.is_wrong for outcome in outcomes], dtype=bool)
    if min(int(wrong.sum()), int((~wrong).sum())) < MIN_ERRORS:
        return np.asarray(1.0 - signals[:, 1])
    known = np.array([[o.confidence, o.margin, o.entropy] for o in outcomes])
    model = LogisticRegression(C=1.0).fit(known, wrong)
    return np.asarray(model.predict_proba(signals)[:, 1])


def choose_images(
    scored: ScoredImages, p_error: FloatArray, *, size: int, audit_share: float, seed: int
) -> list[ActiveChoice]:
    """Spend a budget of labels on ranked and on uniformly drawn images.

    Args:
        scored: the candidates.
        p_error: (N,) made by `predict_errors`.
        size: images to choose at most.
        audit_share: share of them drawn uniformly.
        seed: of the draw and the clustering.

    Returns:
        Choices, the most probable errors first.
    """
    size = min(size, len(scored))
    if size == 0:
        return []
    rng = np.random.default_rng(seed)
    num_audit = min(size, max(1, round(size * audit_share)) if audit_share > 0 else 0)
    audit = rng.choice(len(scored), num_audit, replace=False)
    rest = np.setdiff1d(np.arange(len(scored)), audit)
    ranked = rest[np.argsort(-p_error[rest], kind="stable")]
    picked = _diversify(scored.embeddings, ranked, size - num_audit, seed)
    chosen = [ActiveChoice(i, float(p_error[i]), False) for i in picked]
    chosen += [ActiveChoice(i, float(p_error[i]), True) for i in audit.tolist()]
    return sorted(chosen, key=lambda choice: (-choice.p_error, choice.index))


def _diversify(
    embeddings: FloatArray, ranked: NDArray[np.int64], count: int, seed: int
) -> list[int]:
    head = ranked[: max(count, int(HEAD_FACTOR * count))]
    if count <= 0 or len(head) <= count:
        return [int(index) for index in head[: max(count, 0)]]
    norms = np.linalg.norm(embeddings[head], axis=1, keepdims=True)
    unit = embeddings[head] / np.maximum(norms, 1e-12)
    kmeans = KMeans(n_clusters=count, n_init=1, max_iter=30, random_state=seed)
    with warnings.catch_warnings():
        # Copies of one image make fewer clusters than asked for; the rest is filled below.
        warnings.simplefilter("ignore", ConvergenceWarning)
        clusters = kmeans.fit_predict(unit)
    _, first = np.unique(clusters, return_index=True)
    taken = [int(head[place]) for place in np.sort(first)]
    left = [int(index) for index in head if int(index) not in set(taken)]
    return [*taken, *left[: count - len(taken)]]
