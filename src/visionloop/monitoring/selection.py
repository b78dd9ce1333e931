"""Which production images a person should look at: those most likely wrong, and an audit.

Gradient boosting learns P(error) from signals of validation images, clean and corrupted, and
is weighed together with a second opinion that follows the shift (see `opinion`);
the head of the ranking is clustered so that the budget is not spent on one mistake seen
many times; a uniform draw keeps the estimates unbiased. Least confidence is kept as the
rival that the learned ranking must beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier

from visionloop.monitoring.opinion import SecondOpinion, doubt_predictions, fit_opinion
from visionloop.monitoring.rules import split_budget
from visionloop.monitoring.samples import Baseline, FloatArray, IntArray, Samples

NUM_NEIGHBOURS: Final = 10
HEAD_FACTOR: Final = 1.25
OPINION_WEIGHT: Final = 0.75
MIN_ERRORS: Final = 10


@dataclass(frozen=True)
class Ranker:
    """Learned P(error), with the clean reference that neighbours are looked up in.

    Attributes:
        model: None where the baseline shows too few errors to learn from; least
            confidence ranks then.
    """

    model: HistGradientBoostingClassifier | None
    embeddings: FloatArray
    labels: IntArray
    image_ids: NDArray[np.str_]
    center: FloatArray
    whitener: FloatArray
    class_means: FloatArray
    statistics_mean: FloatArray
    statistics_std: FloatArray
    opinion: SecondOpinion


@dataclass(frozen=True)
class Choice:
    """One chosen image: where it stands among the candidates, and why it was chosen."""

    index: int
    rank: int
    p_error: float
    least_confidence: float
    is_audit: bool
    selection_probability: float | None


def fit_ranker(baseline: Baseline, *, seed: int = 0) -> Ranker:
    """Learn P(error) from a labeled baseline.

    Args:
        baseline: clean rows are the neighbours; all rows are examples.
        seed: of the boosting.
    """
    clean = baseline.is_clean
    samples = baseline.samples.take(clean)
    center, whitener = _whiten(samples.embeddings)
    white = (samples.embeddings - center) @ whitener
    labels = baseline.labels[clean]
    num_classes = samples.probabilities.shape[1]
    means = np.stack(
        [
            white[labels == c].mean(axis=0) if (labels == c).any() else white.mean(axis=0)
            for c in range(num_classes)
        ]
    )
    deviations = samples.statistics.std(axis=0)
    ranker = Ranker(
        model=None,
        embeddings=_unit(samples.embeddings),
        labels=labels,
        image_ids=baseline.image_ids[clean],
        center=center,
        whitener=whitener,
        class_means=means,
        statistics_mean=samples.statistics.mean(axis=0),
        statistics_std=np.maximum(
            deviations, np.maximum(np.abs(samples.statistics.mean(axis=0)) * 0.05, 1e-6)
        ),
        opinion=fit_opinion(samples, labels),
    )
    wrong = ~baseline.correct
    if min(int(wrong.sum()), int((~wrong).sum())) < MIN_ERRORS:
        return ranker
    signals = describe_images(ranker, baseline.samples, image_ids=baseline.image_ids)
    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=20,
        l2_regularization=1.0, random_state=seed,
    )  # fmt: skip
    return Ranker(**(vars(ranker) | {"model": model.fit(signals, wrong)}))


def predict_errors(
    ranker: Ranker, samples: Samples, *, is_shifted: NDArray[np.bool_] | None = None
) -> FloatArray:
    """Return (N,) probability that the prediction on each image is wrong.

    Args:
        ranker: made by `fit_ranker`.
        samples: images to judge.
        is_shifted: (N,) which of them drifted, as the drift tests say; None for none.
    """
    if ranker.model is None:
        learned = least_confidence(samples)
    else:
        learned = ranker.model.predict_proba(describe_images(ranker, samples))[:, 1]
    doubt = doubt_predictions(ranker.opinion, samples, is_shifted)
    return np.asarray((1.0 - OPINION_WEIGHT) * learned + OPINION_WEIGHT * doubt)


def least_confidence(samples: Samples) -> FloatArray:
    """Return (N,) 1 - highest probability: the rival ranking."""
    return np.asarray(1.0 - samples.probabilities.max(axis=1))


def choose_for_review(
    p_error: FloatArray, samples: Samples, *, budget: int, audit_share: float, seed: int
) -> list[Choice]:
    """Spend a review budget on ranked and on uniformly drawn images.

    The audit is drawn first, from all candidates, so that its selection probability does
    not depend on the ranking.

    Args:
        p_error: (N,) made by `predict_errors`.
        samples: distinct candidates, near-duplicates removed.
        budget: images to choose at most.
        audit_share: share of the budget drawn uniformly.
        seed: of the draw.

    Returns:
        Choices in order of rank, audit draws included.
    """
    if len(samples) == 0:
        return []
    rng = np.random.default_rng(seed)
    num_ranked, num_audit = split_budget(min(budget, len(samples)), audit_share)
    rival = least_confidence(samples)
    order = np.lexsort((-rival, -p_error))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    audit = set(rng.choice(len(samples), num_audit, replace=False).tolist())
    head = [int(index) for index in order if int(index) not in audit]
    chosen = _diversify(samples, np.array(head, dtype=np.int64), num_ranked, seed)
    probability = num_audit / len(samples)
    return sorted(
        (
            Choice(
                index=index,
                rank=int(rank[index]),
                p_error=float(p_error[index]),
                least_confidence=float(rival[index]),
                is_audit=index in audit,
                selection_probability=probability if index in audit else None,
            )
            for index in [*chosen, *audit]
        ),
        key=lambda choice: choice.rank,
    )


def describe_images(
    ranker: Ranker, samples: Samples, *, image_ids: NDArray[np.str_] | None = None
) -> FloatArray:
    """Return (N, 10) signals of each image for the P(error) model.

    Args:
        ranker: holds the clean reference.
        samples: images to describe.
        image_ids: given for reference rows, so that an image is not its own neighbour.
    """
    probabilities = np.clip(samples.probabilities, 1e-9, 1.0)
    ordered = np.sort(probabilities, axis=1)
    logs = np.log(probabilities)
    entropy = -(probabilities * logs).sum(axis=1)
    distance, disagreement, density = _neighbourhood(ranker, samples, image_ids)
    white = (samples.embeddings - ranker.center) @ ranker.whitener
    to_means = ((white[:, None] - ranker.class_means[None]) ** 2).sum(axis=2)
    to_predicted = to_means[np.arange(len(samples)), samples.predicted]
    z = np.abs((samples.statistics - ranker.statistics_mean) / ranker.statistics_std)
    return np.column_stack(
        [
            ordered[:, -1],
            ordered[:, -1] - ordered[:, -2] if ordered.shape[1] > 1 else ordered[:, -1],
            entropy,
            -logs.mean(axis=1),
            distance,
            disagreement,
            density,
            np.sqrt(to_predicted),
            to_predicted - to_means.min(axis=1),
            np.clip(z.max(axis=1), 0.0, 10.0),
        ]
    )


def _neighbourhood(
    ranker: Ranker, samples: Samples, image_ids: NDArray[np.str_] | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Distance to the nearest, label disagreement and mean distance of the k nearest."""
    similarity = _unit(samples.embeddings) @ ranker.embeddings.T
    if image_ids is not None:
        similarity[image_ids[:, None] == ranker.image_ids[None, :]] = -np.inf
    count = min(NUM_NEIGHBOURS, similarity.shape[1] - 1)
    nearest = np.argpartition(-similarity, count, axis=1)[:, :count]
    near = np.take_along_axis(similarity, nearest, axis=1)
    disagreement = (ranker.labels[nearest] != samples.predicted[:, None]).mean(axis=1)
    finite = np.where(np.isfinite(near), near, -1.0)
    return 1.0 - finite.max(axis=1), disagreement, 1.0 - finite.mean(axis=1)


def _diversify(samples: Samples, head: IntArray, count: int, seed: int) -> list[int]:
    """Cluster the head of the ranking and take the worst image of each cluster.

    The head is at most a quarter longer than the budget: measured, a longer one buys
    diversity with images that are right.
    """
    head = head[: max(count, int(HEAD_FACTOR * count))]
    if count <= 0 or len(head) <= count:
        return [int(index) for index in head[: max(count, 0)]]
    kmeans = KMeans(n_clusters=count, n_init=1, max_iter=30, random_state=seed)
    clusters = kmeans.fit_predict(_unit(samples.embeddings[head]))
    _, first = np.unique(clusters, return_index=True)  # head is ordered: first is worst
    chosen = [int(head[position]) for position in np.sort(first)]
    taken = set(chosen)
    rest = [int(index) for index in head if int(index) not in taken]
    return [*chosen, *rest[: count - len(chosen)]]


def _whiten(embeddings: FloatArray) -> tuple[FloatArray, FloatArray]:
    center = embeddings.mean(axis=0)
    _, values, directions = np.linalg.svd(embeddings - center, full_matrices=False)
    rank = min(24, len(values), max(2, len(embeddings) // 10))
    spread = np.maximum(values[:rank] / np.sqrt(len(embeddings)), 1e-9)
    return center, directions[:rank].T / spread


def _unit(embeddings: FloatArray) -> FloatArray:
    norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
    scaled: FloatArray = embeddings / np.maximum(norms, 1e-12)
    return scaled
