"""How reliable each annotator is about classes, and what is true, learned from each other.

Expectation maximisation after Dawid and Skene (1979): every annotator has a confusion matrix,
every unit a hidden true class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MAX_ROUNDS: Final = 100
TOLERANCE: Final = 1e-6
# Pseudo-counts that keep few ratings from claiming certainty; the diagonal is favoured because
# annotators are right more often than not.
PRIOR_RIGHT: Final = 2.0
PRIOR_WRONG: Final = 0.5


@dataclass(frozen=True)
class Rating:
    """One annotator's class for one unit."""

    unit: str
    annotator: str
    category: str


@dataclass(frozen=True)
class Reliability:
    """What the ratings say together.

    Attributes:
        posterior: (units, classes) probability of the true class.
        confusion: (annotators, true classes, given classes), rows sum to 1.
        accuracy: annotator to expected share of right answers.
    """

    units: tuple[str, ...]
    annotators: tuple[str, ...]
    classes: tuple[str, ...]
    posterior: FloatArray
    confusion: FloatArray
    accuracy: dict[str, float]

    def truth(self) -> dict[str, str]:
        """Return the most probable class of every unit."""
        best = self.posterior.argmax(axis=1)
        return {unit: self.classes[k] for unit, k in zip(self.units, best.tolist(), strict=True)}


def estimate_reliability(ratings: Sequence[Rating]) -> Reliability:
    """Estimate true classes and annotators' confusion matrices from ratings alone.

    Args:
        ratings: at least one; an annotator need not rate every unit.
    """
    units = tuple(sorted({rating.unit for rating in ratings}))
    annotators = tuple(sorted({rating.annotator for rating in ratings}))
    classes = tuple(sorted({rating.category for rating in ratings}))
    given = np.zeros((len(units), len(annotators), len(classes)))
    at = [{name: i for i, name in enumerate(names)} for names in (units, annotators, classes)]
    for rating in ratings:
        given[at[0][rating.unit], at[1][rating.annotator], at[2][rating.category]] += 1
    posterior = _normalise(given.sum(axis=1))
    confusion, prior = _learn(given, posterior)
    for _ in range(MAX_ROUNDS):
        updated = _infer(given, confusion, prior)
        change = float(np.abs(updated - posterior).max())
        posterior = updated
        confusion, prior = _learn(given, posterior)
        if change < TOLERANCE:
            break
    right = np.einsum("ajj,j->a", confusion, prior)
    accuracy = {name: float(right[i]) for i, name in enumerate(annotators)}
    return Reliability(units, annotators, classes, posterior, confusion, accuracy)


def _learn(given: FloatArray, posterior: FloatArray) -> tuple[FloatArray, FloatArray]:
    count = given.shape[2]
    pseudo = np.full((count, count), PRIOR_WRONG / max(count - 1, 1))
    np.fill_diagonal(pseudo, PRIOR_RIGHT)
    confusion = np.einsum("uj,uac->ajc", posterior, given) + pseudo
    return _normalise(confusion), _normalise(posterior.sum(axis=0) + 1.0)


def _infer(given: FloatArray, confusion: FloatArray, prior: FloatArray) -> FloatArray:
    logs = np.log(prior) + np.einsum("uac,ajc->uj", given, np.log(confusion))
    return _normalise(np.exp(logs - logs.max(axis=1, keepdims=True)))


def _normalise(values: FloatArray) -> FloatArray:
    return np.asarray(values / values.sum(axis=-1, keepdims=True))
