"""The signals of many images side by side: what the pure monitor core computes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from visionloop.data.hashing import near_duplicate_groups

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SAME_SCENE_COSINE: Final = 0.98


@dataclass(frozen=True)
class Samples:
    """Signals of N images.

    Attributes:
        statistics: (N, 14), order of `STATISTIC_NAMES`.
        probabilities: (N, C) calibrated softmax.
        embeddings: (N, D).
    """

    statistics: FloatArray
    probabilities: FloatArray
    embeddings: FloatArray

    def __len__(self) -> int:
        return len(self.statistics)

    @classmethod
    def from_rows(
        cls,
        statistics: Sequence[Sequence[float]],
        probabilities: Sequence[Sequence[float]],
        embeddings: Sequence[Sequence[float]],
    ) -> Samples:
        """Stack lists of equal length into arrays."""
        return cls(_matrix(statistics), _matrix(probabilities), _matrix(embeddings))

    def take(self, indices: NDArray[Any]) -> Samples:
        """Return the chosen images, by index or by mask."""
        return Samples(
            self.statistics[indices], self.probabilities[indices], self.embeddings[indices]
        )

    @property
    def predicted(self) -> IntArray:
        """(N,) index of the most probable class."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class Baseline:
    """The labeled reference of a model: validation and test images, and their corruptions.

    Attributes:
        samples: signals of all M rows.
        labels: (M,) true class index.
        image_ids: (M,) sha256 of the original image; a corrupted copy keeps it.
        splits: (M,) "val" or "test".
        corruptions: (M,) "none" or the family of the corruption.
        groups: (M,) number of the person, track or near-duplicate cluster an image is from.
        has_groups: False where the package told no groups and every image is its own.
    """

    samples: Samples
    labels: IntArray
    image_ids: NDArray[np.str_]
    splits: NDArray[np.str_]
    corruptions: NDArray[np.str_]
    groups: IntArray
    has_groups: bool

    @property
    def is_clean(self) -> NDArray[np.bool_]:
        """(M,) mask of uncorrupted rows: the reference proper."""
        return np.asarray(self.corruptions == "none")

    @property
    def correct(self) -> NDArray[np.bool_]:
        """(M,) whether the prediction is right."""
        return np.asarray(self.samples.predicted == self.labels)


def newest_distinct(hashes: Sequence[str], embeddings: FloatArray, limit: int) -> IntArray:
    """Choose the newest images of which no two are near-duplicates.

    Repeats of one scene are no new evidence: a clean stream that shows every image five
    times would otherwise raise an alarm with every test. Hashes propose near-duplicates and
    embeddings confirm them, because a plain background makes different scenes hash alike.

    Args:
        hashes: perceptual hashes, oldest first.
        embeddings: (N, D) of the same images.
        limit: choose at most this many.

    Returns:
        Indices of the chosen images, oldest first.
    """
    groups = near_duplicate_groups(hashes)
    norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = embeddings / np.maximum(norms, 1e-12)
    kept: list[int] = []
    by_group: dict[int, list[int]] = {}
    for index in range(len(hashes) - 1, -1, -1):
        rivals = by_group.setdefault(int(groups[index]), [])
        if rivals and float((unit[rivals] @ unit[index]).max()) > SAME_SCENE_COSINE:
            continue
        rivals.append(index)
        kept.append(index)
        if len(kept) == limit:
            break
    return np.array(kept[::-1], dtype=np.int64)


def _matrix(rows: Sequence[Sequence[float]]) -> FloatArray:
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), -1)
