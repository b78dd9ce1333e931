"""Pure decisions of monitoring, by truth table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from visionloop.monitoring import rules
from visionloop.monitoring.entities import AlertKind, MonitorSettings, PerformanceEstimate


@pytest.mark.parametrize("flags", list(product([False, True], repeat=3)))
def test_alert_needs_two_of_three(flags: tuple[bool, ...]) -> None:
    assert rules.is_alarming(flags) == (sum(flags) >= 2)


@pytest.mark.parametrize(
    ("flags", "alarming"),
    [
        ([], False),
        ([True], False),
        ([True, True], True),
        ([True, False], False),
        ([True, True, False, False], False),
        ([False, False, True, False, True], True),
    ],
)
def test_alert_looks_at_the_newest_windows(flags: list[bool], alarming: bool) -> None:
    assert rules.is_alarming(flags) == alarming


@pytest.mark.parametrize(
    ("flags", "recovered"),
    [
        ([], False),
        ([False, False], False),
        ([False, False, False], True),
        ([True, False, False, False], True),
        ([False, True, False, False], False),
    ],
)
def test_recovery_takes_three_clean_windows(flags: list[bool], recovered: bool) -> None:
    assert rules.has_recovered(flags) == recovered


def estimate(value: float, high: float, *, extrapolating: bool = False) -> PerformanceEstimate:
    return PerformanceEstimate(value, value - 0.05, high, 0.95, "regressor", extrapolating)


def test_drop_must_be_sure_and_large() -> None:
    assert rules.has_dropped(estimate(0.7, 0.8), 0.1)
    assert not rules.has_dropped(estimate(0.7, 0.93), 0.1)
    assert not rules.has_dropped(estimate(0.88, 0.89), 0.1)
    assert not rules.has_dropped(estimate(0.5, 0.6, extrapolating=True), 0.1)
    assert not rules.has_dropped(None, 0.1)


def test_due_after_enough_requests() -> None:
    assert not rules.is_due(120, 100, 25)
    assert rules.is_due(125, 100, 25)


def test_problems_of_endpoints() -> None:
    facts = {"max_latency_p95_ms": 100.0, "num_requests": 50}
    find = rules.find_problem
    assert find(is_alive=False, latency_p95_ms=None, **facts) == AlertKind.ENDPOINT_DOWN
    assert find(is_alive=True, latency_p95_ms=150.0, **facts) == AlertKind.LATENCY
    assert find(is_alive=True, latency_p95_ms=50.0, **facts) is None
    assert find(is_alive=True, latency_p95_ms=None, **facts) is None
    few = facts | {"num_requests": 5}
    assert find(is_alive=True, latency_p95_ms=150.0, **few) is None


def test_restarts_are_bounded_per_hour() -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    ago = [now - timedelta(minutes=minutes) for minutes in (10, 50, 70)]
    assert rules.may_restart(ago, now, 3)
    assert not rules.may_restart(ago, now, 2)
    assert not rules.may_restart([], now, 0)


@pytest.mark.parametrize(
    ("budget", "share", "expected"),
    [(50, 0.15, (42, 8)), (1, 0.5, (1, 0)), (4, 0.1, (3, 1)), (10, 0.0, (10, 0))],
)
def test_budget_split(budget: int, share: float, expected: tuple[int, int]) -> None:
    assert rules.split_budget(budget, share) == expected


def test_settings_are_checked() -> None:
    assert rules.find_setting_problem(MonitorSettings()) is None
    assert "window_size" in str(rules.find_setting_problem(MonitorSettings(window_size=10)))
    assert "alpha" in str(rules.find_setting_problem(replace(MonitorSettings(), alpha=0.5)))
