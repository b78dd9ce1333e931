"""The audit estimate is unbiased, covers the truth and gains from a good model of errors."""

from __future__ import annotations

import numpy as np
import pytest

from visionloop.monitoring.audit import Audit, estimate_accuracy
from visionloop.monitoring.entities import AuditEstimate


def simulate(
    seed: int, *, informed: bool, accuracy: float = 0.8, size: int = 60
) -> tuple[AuditEstimate, float]:
    rng = np.random.default_rng(seed)
    strength = 6.0 if informed else 0.0
    p_correct = np.where(rng.random(500) < accuracy, 0.5 + strength / 12.5, 0.5 - strength / 12.5)
    correct = rng.random(500) < (p_correct if informed else accuracy)
    estimated = p_correct if informed else rng.random(500)
    audited = rng.choice(500, size, replace=False)
    audit = Audit(estimated[audited], correct[audited], np.full(size, size / 500))
    estimate = estimate_accuracy(audit, mean_p_correct=float(estimated.mean()), num_predictions=500)
    assert estimate is not None
    return estimate, float(correct.mean())


@pytest.mark.parametrize("informed", [True, False])
def test_estimate_is_unbiased_and_covers(informed: bool) -> None:
    results = [simulate(seed, informed=informed) for seed in range(200)]
    errors = [estimate.value - truth for estimate, truth in results]
    covered = [estimate.low <= truth <= estimate.high for estimate, truth in results]
    assert abs(np.mean(errors)) < 0.015
    assert np.mean(covered) >= 0.9


def test_good_model_narrows_the_interval() -> None:
    estimates = [simulate(seed, informed=True)[0] for seed in range(50)]
    assert all(e.method == "difference" for e in estimates)
    widths = [(e.high - e.low, e.mean_high - e.mean_low) for e in estimates]
    assert np.mean([own for own, _ in widths]) < 0.7 * np.mean([mean for _, mean in widths])


def test_useless_model_falls_back_to_the_mean() -> None:
    estimates = [simulate(seed, informed=False)[0] for seed in range(20)]
    assert all(e.method == "mean" and e.value == e.mean_value for e in estimates)


def test_too_few_labels_are_no_estimate() -> None:
    audit = Audit(np.ones(4), np.ones(4, dtype=bool), np.ones(4))
    assert estimate_accuracy(audit, mean_p_correct=0.9, num_predictions=100) is None


def test_flawless_audit_keeps_a_width() -> None:
    audit = Audit(np.full(20, 0.95), np.ones(20, dtype=bool), np.full(20, 0.1))
    estimate = estimate_accuracy(audit, mean_p_correct=0.95, num_predictions=200)
    assert estimate is not None
    assert estimate.high - estimate.low > 0.02
    assert estimate.low < 0.98
