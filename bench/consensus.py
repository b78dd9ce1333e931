"""Labels merged from simulated annotators against the best of them, for every kind of shape.

python bench/consensus.py

Four annotators with known error rates answer; the merged labels and each single answer are scored
against the truth (soft Dice over matched objects with the right class). The quality estimate knows
no truth: it is the mean agreement with what was merged, as the product computes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.stats import kendalltau

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.simulated_annotators import KINDS, TEAM, answer, make_class_truth, make_truth
from visionloop.labeling.agreement.proposals import agree, propose
from visionloop.labeling.agreement.reliability import Rating, estimate_reliability
from visionloop.labeling.quality.rules import estimate_quality

NUM_IMAGES = 60
SEEDS = (0, 1, 2)


def main() -> None:
    """Measure and print."""
    print(f"{NUM_IMAGES} images x {len(SEEDS)} seeds, {len(TEAM)} annotators an image")
    header = "".join(f"{who.name:>9}" for who in TEAM)
    print(f"{'labels':<12}{header}{'merged':>9}{'gain':>8}{'rank tau':>10}")
    for kind in ("class", *KINDS):
        single, merged, taus = _measure(kind)
        cells = "".join(f"{value:>9.3f}" for value in single)
        gain = merged - max(single)
        print(f"{kind:<12}{cells}{merged:>9.3f}{gain:>+8.3f}{np.mean(taus):>10.2f}")
    print("\nclasses after Dawid and Skene, no truth known:")
    right, accuracy = _measure_classes()
    print(f"  right {right:.3f}; estimated accuracy " + ", ".join(accuracy))
    print("target: gain above 0 and rank tau 1 in every row")


def _measure(kind: str) -> tuple[list[float], float, list[float]]:
    single = np.zeros(len(TEAM))
    merged, taus = [], []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        agreed: dict[str, list[float]] = {who.name: [] for who in TEAM}
        for _ in range(NUM_IMAGES):
            truth = make_class_truth(rng) if kind == "class" else make_truth(kind, rng)
            said = {who.name: answer(truth, who, rng) for who in TEAM}
            qualities = {name: estimate_quality(values) for name, values in agreed.items()}
            drafts = propose(said, is_single=kind == "class", qualities=qualities).drafts
            merged.append(agree(drafts, truth, is_single=kind == "class"))
            for index, (name, own) in enumerate(said.items()):
                single[index] += agree(own, truth, is_single=kind == "class")
                agreed[name].append(agree(own, drafts, is_single=kind == "class"))
        estimates = [estimate_quality(agreed[who.name]) for who in TEAM]
        taus.append(float(kendalltau(estimates, range(len(TEAM), 0, -1)).statistic))
    return (single / (NUM_IMAGES * len(SEEDS))).tolist(), float(np.mean(merged)), taus


def _measure_classes() -> tuple[float, list[str]]:
    rng = np.random.default_rng(0)
    truths, ratings = {}, []
    for number in range(NUM_IMAGES * len(SEEDS)):
        truth = make_class_truth(rng)
        truths[str(number)] = truth[0].category
        for who in TEAM:
            ratings.append(Rating(str(number), who.name, answer(truth, who, rng)[0].category))
    found = estimate_reliability(ratings)
    right = np.mean([truths[unit] == name for unit, name in found.truth().items()])
    rows = [
        f"{who.name} {found.accuracy[who.name]:.2f} ({1 - who.wrong_class:.2f})" for who in TEAM
    ]
    return float(right), rows


if __name__ == "__main__":
    main()
