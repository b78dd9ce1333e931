"""Vectors as points of a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visionloop.data.embeddings.entities import ProjectionMethod

_COMPONENTS = 50
_MIN_TSNE = 10


def project_vectors(
    matrix: NDArray[np.float32], method: ProjectionMethod = "tsne"
) -> NDArray[np.float32]:
    """Lay vectors out on a plane; equal vectors give equal points, run after run.

    t-SNE (van der Maaten and Hinton 2008) starts from the principal components, so that the map
    of slightly more images resembles that of fewer.

    Args:
        matrix: (N, D) float32.
        method: "pca" keeps large distances, "tsne" neighbourhoods.

    Returns:
        (N, 2) float32 in [-1, 1], the origin in the middle.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    rows, dimension = matrix.shape
    if rows < 3:
        return np.linspace([-0.5, 0.0], [0.5, 0.0], rows, dtype=np.float32)
    components = min(2 if method == "pca" else _COMPONENTS, dimension, rows - 1)
    points = PCA(components, random_state=0, svd_solver="full").fit_transform(matrix)
    if method == "tsne" and rows >= _MIN_TSNE:
        perplexity = min(30.0, (rows - 1) / 3)
        tsne = TSNE(2, perplexity=perplexity, init="pca", random_state=0, n_jobs=1)
        points = tsne.fit_transform(points)
    return _centred(points[:, :2])


def _centred(points: NDArray[np.floating]) -> NDArray[np.float32]:
    if points.shape[1] < 2:
        points = np.column_stack([points, np.zeros(len(points))])
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    reach = float(np.abs(points - middle).max()) or 1.0
    return np.asarray((points - middle) / reach, dtype=np.float32)
