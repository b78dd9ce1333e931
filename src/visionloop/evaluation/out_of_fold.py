"""Probabilities from models that have not learned from the image they judge.

A network that was trained on a wrong label has learned to repeat it. A linear classifier on its
embeddings is cheap enough to be trained once a fold, on everything but the fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

NUM_FOLDS: Final = 5
_MAX_DIMENSIONS: Final = 64
_MAX_ITERATIONS: Final = 500


def out_of_fold_probabilities(
    embeddings: NDArray[np.floating[Any]],
    labels: NDArray[np.integer[Any]],
    groups: Sequence[str],
    *,
    num_classes: int,
    num_folds: int = NUM_FOLDS,
) -> NDArray[np.float64]:
    """Judge every image by a linear classifier that saw neither it nor its group.

    Args:
        embeddings: (N, D) of the network.
        labels: (N,) class indices as labeled.
        groups: N keys; images that share one are in one fold, or near-duplicates would repeat
            each other's wrong labels.
        num_classes: C; a class that a fold's training lacks has probability 0 there.
        num_folds: as many models are trained; fewer where there are fewer groups.

    Returns:
        (N, C) probabilities; uniform where nothing can be learned.
    """
    found = np.full((len(labels), num_classes), 1.0 / num_classes)
    num_folds = min(num_folds, len(set(groups)))
    if num_folds < 2:
        return found
    folds = GroupKFold(num_folds, shuffle=True, random_state=0)
    for train, held_out in folds.split(embeddings, labels, np.asarray(groups)):
        known = np.unique(labels[train])
        if len(known) < 2:
            continue
        model = _classifier(min(_MAX_DIMENSIONS, embeddings.shape[1], len(train) - 1))
        model.fit(embeddings[train], labels[train])
        found[held_out] = 0.0
        found[np.ix_(held_out, known)] = model.predict_proba(embeddings[held_out])
    return found


def _classifier(num_dimensions: int) -> Any:
    return make_pipeline(
        StandardScaler(),
        PCA(num_dimensions, random_state=0),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=_MAX_ITERATIONS),
    )
