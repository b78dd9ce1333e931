"""Pure decisions about quality: when a test is due, what a score says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from scipy.stats import binomtest

from visionloop.labeling.quality.entities import Interval, Score, ScoreKind

RIGHT_FROM: Final = 0.7
PRIOR_QUALITY: Final = 0.8
PRIOR_WEIGHT: Final = 4.0


def is_gold_due(worker: str, queue: str, *, num_done: int, num_gold: int, share: float) -> bool:
    """Decide whether a person's next task is a hidden test.

    Spread so that nobody can tell which comes next, and that the share is kept in the long run.

    Args:
        worker: who works.
        queue: where.
        num_done: tasks this person handed in there, tests included.
        num_gold: tests among them.
        share: of tests among all tasks.
    """
    if share <= 0.0:
        return False
    digest = hashlib.sha256(f"{worker}/{queue}/{num_done}".encode()).digest()
    jitter = int.from_bytes(digest[:4]) / 2**32
    return num_gold < int(share * (num_done + 1) + jitter)


def is_right(value: float) -> bool:
    """Tell whether an agreement counts as a right answer."""
    return value >= RIGHT_FROM


def estimate_quality(values: Sequence[float]) -> float:
    """Return the mean of scores, drawn towards what is usual while they are few."""
    return (sum(values) + PRIOR_WEIGHT * PRIOR_QUALITY) / (len(values) + PRIOR_WEIGHT)


def wilson(right: int, total: int) -> Interval | None:
    """Return a share with its 95 % Wilson interval; None of nothing."""
    if total == 0:
        return None
    bounds = binomtest(right, total).proportion_ci(0.95, method="wilson")
    return Interval(right / total, float(bounds.low), float(bounds.high))


def qualities_of(scores: Sequence[Score]) -> dict[str, float]:
    """Return the quality of every annotator with scores; hidden tests count twice.

    A test has a known answer; agreement with what was decided partly agrees with itself.
    """
    found: dict[str, list[float]] = {}
    for score in scores:
        times = 2 if score.kind is ScoreKind.GOLD else 1
        found.setdefault(score.annotator, []).extend([score.value] * times)
    return {name: estimate_quality(values) for name, values in found.items()}
