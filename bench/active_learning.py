"""Accuracy against labels spent: active batches beside random ones, on handwritten digits.

python bench/active_learning.py

The digits come with scikit-learn. Each round trains logistic regression on what is labeled, then
chooses the next batch as the product does: learned probability of error, diversity, and an audit
slice by chance; the rival draws all of it by chance.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from visionloop.labeling.active import rules
from visionloop.labeling.active.entities import Outcome, ScoredImages
from visionloop.labeling.active.learning import AUDIT_SHARE

BATCH = 30
FIRST = 30
ROUNDS = 8
SEEDS = (0, 1, 2, 3, 4)


def main() -> None:
    """Measure and print."""
    active = np.array([list(_learn(seed, is_active=True, rounds=ROUNDS)) for seed in SEEDS])
    chance = np.array([list(_learn(seed, is_active=False, rounds=ROUNDS)) for seed in SEEDS])
    print(f"digits, {len(SEEDS)} seeds, batches of {BATCH}, audit share {AUDIT_SHARE}")
    print(f"{'labels':>7}{'active':>9}{'random':>9}{'gain':>8}")
    for number in range(ROUNDS + 1):
        one, two = active[:, number].mean(), chance[:, number].mean()
        print(f"{FIRST + number * BATCH:>7}{one:>9.3f}{two:>9.3f}{one - two:>+8.3f}")
    gain = (active[:, 1:] - chance[:, 1:]).mean() * 100
    print(f"mean gain {gain:+.1f} points   target >= 1.2")


def compare_strategies(seeds: Sequence[int], rounds: int) -> tuple[float, float]:
    """Return the mean accuracy after the first round of active and of random batches."""
    means = []
    for is_active in (True, False):
        curves = [list(_learn(seed, is_active=is_active, rounds=rounds))[1:] for seed in seeds]
        means.append(float(np.mean(curves)))
    return means[0], means[1]


def _learn(seed: int, *, is_active: bool, rounds: int) -> Iterator[float]:
    images, labels = load_digits(return_X_y=True)
    images = images / 16.0
    order = np.random.default_rng(seed).permutation(len(images))
    test, pool = order[:600], order[600:]
    known = list(pool[:FIRST])
    outcomes: list[Outcome] = []
    for number in range(rounds + 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it need not converge to be compared
            model = LogisticRegression(max_iter=200).fit(images[known], labels[known])
        yield float(model.score(images[test], labels[test]))
        rest = np.setdiff1d(pool, known)
        probabilities = model.predict_proba(images[rest])
        if is_active:
            scored = ScoredImages(
                tuple(map(str, rest)), (), probabilities, images[rest], f"digits:{number}"
            )
            p_error = rules.predict_errors(probabilities, outcomes)
            chosen = rules.choose_images(
                scored, p_error, size=BATCH, audit_share=AUDIT_SHARE, seed=seed
            )
            picked = [choice.index for choice in chosen]
        else:
            picked = list(np.random.default_rng(seed + number).choice(len(rest), BATCH, False))
        wrong = model.predict(images[rest[picked]]) != labels[rest[picked]]
        signals = rules.describe(probabilities[picked])
        outcomes += [
            Outcome(*row, is_wrong=bool(bad)) for row, bad in zip(signals, wrong, strict=True)
        ]
        known += list(rest[picked])


if __name__ == "__main__":
    main()
