"""Accuracy without labels: near the truth on known shifts, honest on unknown ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.monitoring.synthetic import World, make_baseline
from visionloop.monitoring.performance import Estimator, estimate_performance, fit_estimator


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    return fit_estimator(make_baseline())


def test_clean_windows_are_estimated_by_cbpe(estimator: Estimator) -> None:
    errors, covered = [], 0
    for seed in range(20):
        window, labels, _ = World.make().draw(40, 5, np.random.default_rng(seed))
        truth = (window.predicted == labels).mean()
        estimate = estimate_performance(estimator, window, is_drifted=False)
        assert estimate.method == "cbpe"
        errors.append(abs(estimate.value - truth))
        covered += estimate.low <= truth <= estimate.high
    assert np.mean(errors) < 0.04
    assert covered >= 15


def test_drifted_windows_are_estimated_by_the_regressor(estimator: Estimator) -> None:
    better = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        window, labels, _ = World.make().draw(40, 5, rng, shift=0.55, noise=1.9)
        truth = (window.predicted == labels).mean()
        learned = estimate_performance(estimator, window, is_drifted=True)
        naive = estimate_performance(estimator, window, is_drifted=False)
        assert learned.method == "regressor"
        assert learned.low <= learned.value <= learned.high
        better.append(abs(learned.value - truth) < abs(naive.value - truth))
    assert np.mean(better) >= 0.7


def test_unseen_shift_is_called_extrapolation(estimator: Estimator) -> None:
    window, _, _ = World.make().draw(40, 5, np.random.default_rng(1), shift=6.0)
    estimate = estimate_performance(estimator, window, is_drifted=True)
    assert estimate.is_extrapolating
    usual, _, _ = World.make().draw(40, 5, np.random.default_rng(1), shift=0.5, noise=1.7)
    known = estimate_performance(estimator, usual, is_drifted=True)
    assert not known.is_extrapolating
    assert estimate.high - estimate.low > known.high - known.low


def test_without_corrupted_rows_drift_is_extrapolation() -> None:
    baseline = make_baseline()
    clean = baseline.is_clean
    only_clean = replace(
        baseline,
        samples=baseline.samples.take(clean),
        **{
            name: getattr(baseline, name)[clean]
            for name in ("labels", "image_ids", "splits", "corruptions", "groups")
        },
    )
    window, _, _ = World.make().draw(40, 5, np.random.default_rng(1), shift=1.0)
    estimate = estimate_performance(fit_estimator(only_clean), window, is_drifted=True)
    assert estimate.method == "cbpe"
    assert estimate.is_extrapolating
