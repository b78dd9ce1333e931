"""Class activation maps from an exported graph, without the framework it was trained in.

Grad-CAM (Selvaraju et al. 2017) weighs feature map k by the gradient of the score, summed over the
map. That sum is the derivative of the score when the whole map is raised at once, so a central
difference on the part of the graph behind the map gives it. EigenCAM (Muhammad and Yeasin 2020) is
the first principal component of the maps and needs no class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.evaluation.explanations.graphs import SplitGraph
from visionloop.evaluation.explanations.masking import rescale

_STEP = 0.05
_BATCH = 128


def explain_by_gradient(
    graph: SplitGraph, image: NDArray[np.uint8], target: int
) -> NDArray[np.float32]:
    """Return the Grad-CAM saliency of a class, (H, W) in [0, 1].

    Args:
        graph: the classifier, cut behind its last feature map.
        image: (H, W, 3) uint8 at the model's input size.
        target: index of the class.
    """
    maps = graph.read_features(image[None])[0]
    weights = _channel_gradients(graph, maps, target)
    weighted = np.maximum(np.tensordot(weights, maps, axes=1), 0.0)
    return _enlarge(weighted, image.shape[:2])


def explain_by_component(graph: SplitGraph, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the EigenCAM saliency, (H, W) in [0, 1]."""
    maps = graph.read_features(image[None])[0].astype(np.float64)
    flat = maps.reshape(len(maps), -1)
    centred = flat - flat.mean(axis=1, keepdims=True)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    first = components[0]
    # The sign of a component is arbitrary: let it agree with where activations are strong.
    if np.dot(first, flat.sum(axis=0) - flat.sum(axis=0).mean()) < 0:
        first = -first
    return _enlarge(np.maximum(first.reshape(maps.shape[1:]), 0.0), image.shape[:2])


def _channel_gradients(
    graph: SplitGraph, maps: NDArray[np.float32], target: int
) -> NDArray[np.float64]:
    scale = np.maximum(np.abs(maps).max(axis=(1, 2)), 1e-3) * _STEP
    gradients = np.empty(len(maps))
    for start in range(0, len(maps), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(maps)))
        raised = _log_score(graph, _shifted(maps, rows, scale[rows]), target)
        lowered = _log_score(graph, _shifted(maps, rows, -scale[rows]), target)
        gradients[rows] = (raised - lowered) / (2 * scale[rows])
    return gradients


def _shifted(
    maps: NDArray[np.float32], rows: NDArray[np.int64], by: NDArray[np.floating]
) -> NDArray[np.float32]:
    copies = np.repeat(maps[None], len(rows), axis=0)
    copies[np.arange(len(rows)), rows] += by[:, None, None].astype(np.float32)
    return copies


def _log_score(graph: SplitGraph, maps: NDArray[np.float32], target: int) -> NDArray[np.float64]:
    probabilities = graph.read_head(maps)[:, target].astype(np.float64)
    # The logarithm, since a probability near one has no slope left.
    odds: NDArray[np.float64] = np.log(
        np.maximum(probabilities, 1e-12) / np.maximum(1 - probabilities, 1e-12)
    )
    return odds


def _enlarge(saliency: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.float32]:
    picture = PillowImage.fromarray(rescale(saliency))
    large = picture.resize((size[1], size[0]), PillowImage.Resampling.BICUBIC)
    return rescale(np.clip(np.asarray(large, dtype=np.float32), 0.0, 1.0))
