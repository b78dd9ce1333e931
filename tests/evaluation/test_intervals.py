"""Intervals: known values, coverage by simulation, exact tests."""

from __future__ import annotations

import numpy as np
import pytest

from visionloop.evaluation.intervals import (
    bootstrap,
    control_false_discoveries,
    difference,
    mcnemar,
    paired_difference,
    wilson,
)


def test_wilson_gives_the_published_value():
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662.
    measure = wilson(81, 263)
    assert (measure.low, measure.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_wilson_is_sound_at_the_ends():
    assert wilson(0, 0).high == 1.0
    assert wilson(0, 10).low == 0.0
    assert wilson(10, 10).high == 1.0
    assert wilson(10, 10).low == pytest.approx(0.7225, abs=5e-4)


def test_difference_gives_the_published_value():
    # Newcombe (1998), part II, table II, method 10, case (a): 56/70 - 48/80.
    measure = difference((56, 70), (48, 80))
    assert measure.value == pytest.approx(0.2)
    assert (measure.low, measure.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(("share", "total"), [(0.9, 50), (0.97, 100), (0.5, 30)])
def test_wilson_covers_the_truth(share: float, total: int):
    random = np.random.default_rng(0)
    drawn = random.binomial(total, share, 3000)
    intervals = [wilson(int(count), total) for count in drawn]
    covered = np.mean([item.low <= share <= item.high for item in intervals])
    assert 0.92 <= covered <= 0.985


def test_difference_covers_the_truth():
    random = np.random.default_rng(0)
    pairs = zip(random.binomial(60, 0.9, 3000), random.binomial(80, 0.75, 3000), strict=True)
    found = [difference((int(a), 60), (int(b), 80)) for a, b in pairs]
    assert 0.93 <= np.mean([item.low <= 0.15 <= item.high for item in found]) <= 0.98


def test_paired_difference_covers_the_truth():
    random = np.random.default_rng(0)
    drawn = random.multinomial(120, [0.08, 0.03, 0.89], 3000)
    found = [paired_difference(int(gained), int(lost), 120) for gained, lost, _ in drawn]
    assert 0.93 <= np.mean([item.low <= 0.05 <= item.high for item in found]) <= 0.985


def test_mcnemar_is_the_exact_binomial_test():
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 0) == pytest.approx(2 * 0.5**5)
    assert mcnemar(3, 3) == 1.0


def test_bootstrap_covers_a_mean():
    random = np.random.default_rng(0)
    values = random.normal(2.0, 1.0, 400)
    measure = bootstrap(lambda rows: float(values[rows].mean()), 400, num_resamples=500)
    assert measure.low < 2.0 < measure.high
    assert measure.high - measure.low == pytest.approx(2 * 1.96 / 20, rel=0.2)


def test_false_discoveries_are_controlled_as_benjamini_and_hochberg_say():
    q_values = control_false_discoveries([0.01, 0.04, 0.03, 0.005])
    assert q_values == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert control_false_discoveries([]) == []
