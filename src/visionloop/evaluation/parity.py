"""Whether an exported graph gives what its checkpoint gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from visionloop.evaluation.entities import Scores

# Two correct float32 programs differ by about 1e-6 a layer, 1e-5 after fifty layers and a
# softmax. Ten times that still changes no decision, and a wrong graph misses it by far.
TOLERANCE: Final = 1e-4


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
    1e-3 between correct programs; the whole vector, relative to its length, does not.
    """
    probabilities = np.abs(found.probabilities - expected.probabilities).max()
    distance = np.linalg.norm(found.embeddings - expected.embeddings, axis=1)
    length = np.linalg.norm(expected.embeddings, axis=1)
    embeddings = (distance / np.maximum(length, 1e-6)).max()
    # Python's max drops NaN, and a graph that returns NaN must not pass as small; numpy keeps it.
    worst = float(np.maximum(probabilities, embeddings))
    difference = worst if np.isfinite(worst) else float(np.finfo(np.float32).max)
    return Parity(difference, TOLERANCE, len(expected.probabilities))
