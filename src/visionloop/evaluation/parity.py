"""Whether an exported graph gives what its checkpoint gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import Scores

# Two correct float32 programs differ by about 1e-6 a layer, 1e-5 after fifty layers and a
# softmax. Ten times that still changes no decision, and a wrong graph misses it by far.
TOLERANCE: Final = 1e-4
# Below this score nobody looks at an object, and ties decide which ones are returned.
_MIN_SCORE: Final = 0.05
# An overlap of exactly the limit can fall to either side by rounding, and takes others with it.
_MAX_FLIPS: Final = 0.005
# Where two classes are equally likely, rounding decides.
_MAX_PIXEL_FLIPS: Final = 1e-3
_MAX_LEVELS: Final = 2
_BOX_UNIT_PIXELS: Final = 1_000.0


@dataclass(frozen=True)
class Parity:
    """How far the graph is from the checkpoint on the same images."""

    max_abs_difference: float
    tolerance: float
    num_images: int

    @property
    def passed(self) -> bool:
        """Tell whether the difference is rounding."""
        return self.max_abs_difference <= self.tolerance


def compare_scores(found: Scores, expected: Scores) -> Parity:
    """Measure the largest difference of a probability, or of an embedding to its own length.

    Embeddings have no fixed scale, and single values of a badly conditioned network differ by
    1e-3 between correct programs; the whole vector, relative to its length, does not. Objects are
    compared by score and by place, where a tenth of a pixel weighs like 1e-4 of a score.
    """
    differences = [
        np.abs(found.probabilities - expected.probabilities).max(),
        _relative_distance(found.embeddings, expected.embeddings),
    ]
    differences.append(compare_extras(found, expected))
    # Python's max drops NaN, and a graph that returns NaN must not pass as small; numpy keeps it.
    worst = float(np.maximum.reduce(differences))
    difference = worst if np.isfinite(worst) else float(np.finfo(np.float32).max)
    return Parity(difference, TOLERANCE, len(expected.probabilities))


def compare_extras(found: Scores, expected: Scores) -> float:
    """Return how far apart what the task adds is; 0 where it adds nothing."""
    if "mask" in expected.extras:
        return _region_difference(found.extras["mask"], expected.extras["mask"])
    if "boxes" not in expected.extras:
        return 0.0
    objects = _object_difference(found, expected)
    return (
        max(objects, _mask_difference(found, expected)) if "masks" in expected.extras else objects
    )


def _mask_difference(found: Scores, expected: Scores) -> float:
    """Return how many mask pixels differ by more than rounding, of objects in the same place."""
    scores = expected.extras["scores"]
    same = (
        (scores >= _MIN_SCORE)
        & (np.abs(found.extras["scores"] - scores) <= TOLERANCE)
        & (found.extras["classes"] == expected.extras["classes"])
    )
    if not same.any():
        return 0.0
    levels = [item.extras["masks"][same].astype(np.int16) for item in (found, expected)]
    differing = float((np.abs(levels[0] - levels[1]) > _MAX_LEVELS).mean())
    return 0.0 if differing <= _MAX_PIXEL_FLIPS else differing


def _region_difference(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """Return the share of pixels with another class, less what ties at borders explain."""
    differing = float((found != expected).mean())
    return 0.0 if differing <= _MAX_PIXEL_FLIPS else differing


def _relative_distance(found: NDArray[Any], expected: NDArray[Any]) -> float:
    distance = np.linalg.norm(found - expected, axis=1)
    length = np.linalg.norm(expected, axis=1)
    worst: np.float64 = (distance / np.maximum(length, 1e-6)).max()
    return float(worst)


def _object_difference(found: Scores, expected: Scores) -> float:
    """Return how far objects are from their partners; infinite where too many have none."""
    distances = []
    for row in range(len(expected.probabilities)):
        mine, theirs = _table(expected, row), _table(found, row)
        if not len(mine):
            continue
        if not len(theirs):
            distances.append(np.full(len(mine), np.inf))
            continue
        apart = np.abs(mine[:, None, :5] - theirs[None, :, :5])
        apart[..., :4] /= _BOX_UNIT_PIXELS
        apart[mine[:, None, 5] != theirs[None, :, 5]] = np.inf
        distances.append(apart.max(axis=2).min(axis=1))
    if not distances:
        return 0.0
    every = np.concatenate(distances)
    near = every <= TOLERANCE
    if (~near).mean() > _MAX_FLIPS:
        return float(every[~near].max())
    return float(every[near].max())


def _table(scores: Scores, row: int) -> NDArray[np.float64]:
    """Return (K, 6): box, score and class of the objects that matter."""
    confidence = scores.extras["scores"][row]
    columns = [
        scores.extras["boxes"][row],
        confidence[:, None],
        scores.extras["classes"][row][:, None],
    ]
    table: NDArray[np.float64] = np.concatenate(columns, axis=1).astype(np.float64)
    shown: NDArray[np.float64] = table[confidence >= _MIN_SCORE]
    return shown
